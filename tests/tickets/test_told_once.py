"""D2, D3, D11: one coherent statement of each change, on the page and in the mails."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from notifications.messages import compose
from notifications.models import Delivery
from notifications.operations import derive_pending
from sla.enums import Severity
from tests.factories.cast import Cast
from tests.factories.licences import make_product
from tests.factories.tickets import TUESDAY_10, make_ticket
from tests.tickets.pages import at, main_text, signed_in
from tickets import operations
from tickets.enums import Act, Origin
from tickets.models import Ticket, TicketEvent

pytestmark = pytest.mark.django_db
BEGAN = TUESDAY_10
LATE = TUESDAY_10 + timedelta(hours=3)


def logged(cast: Cast, *, taken: bool) -> Ticket:
    """A call that ended three hours before it was typed."""
    return operations.declare(
        actor=cast.ines, requester=cast.alice, company=cast.company, product=make_product(),
        severity=Severity.BLOCKING, title="Appel", body="Revit se ferme.", at=LATE,
        began_at=BEGAN, acknowledged_on_call=taken, copies=[cast.bob], form_token=uuid4(),
        origin=Origin.PHONE,
    )  # fmt: skip


def receipt(ticket: Ticket, cast: Cast, reader: str) -> str:
    event = TicketEvent.objects.get(ticket=ticket, act=Act.DECLARE)
    return compose(event, getattr(cast, reader)).text.replace("\u00a0", " ")


@pytest.mark.parametrize("reader", ["alice", "bob"])
def test_d2_the_receipt_of_a_call_says_that_it_is_taken_in_charge(cast: Cast, reader: str) -> None:
    mail = receipt(logged(cast, taken=True), cast, reader)
    missing = [
        part
        for part in ("Statut : En cours", "Prise en charge : faite le mar. 15 sept. 2026 à 10 h 00",
                     f"{cast.ines.full_name} l’a pris en charge pendant l’appel")
        if part not in mail
    ]  # fmt: skip
    assert (missing, "dépassée depuis le mar. 15 sept. 2026 à 10 h 30" in mail) == ([], False)


def test_d2_p5_both_changes_are_one_mail_per_person(cast: Cast) -> None:
    logged(cast, taken=True)
    derive_pending(at=LATE, limit=20)
    told = Delivery.objects.order_by("recipient__email").values_list(
        "recipient__email", "event__act"
    )
    assert list(told) == [("alice@acier.test", Act.DECLARE), ("bob@acier.test", Act.DECLARE)]


def test_d2_without_the_tick_the_receipt_says_what_stands(cast: Cast) -> None:
    mail = receipt(logged(cast, taken=False), cast, "alice")
    assert "Statut : Déclaré" in mail
    assert "Un ingénieur le prend en charge" in mail


def test_d3_the_receipt_says_which_steps_are_not_mailed(cast: Cast) -> None:
    mail = receipt(make_ticket(requester=cast.alice, company=cast.company), cast, "alice")
    assert "un e-mail à chaque changement de statut, sauf ceux que vous faites vous-même" in mail


def reopened(cast: Cast) -> Ticket:
    ticket = make_ticket(requester=cast.alice, company=cast.company)
    operations.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=BEGAN)
    operations.resolve(ticket_id=ticket.pk, actor=cast.ines, solution="Fait.", at=BEGAN)
    return operations.reopen(ticket_id=ticket.pk, actor=cast.alice, reason="Toujours là.", at=LATE)


def test_d3_a_reopened_incident_says_since_when_and_its_new_deadlines(cast: Cast) -> None:
    ticket = reopened(cast)
    with at(LATE):
        page = main_text(signed_in(cast.alice).get(ticket.get_absolute_url()))
    said = "Rouvert aujourd’hui à 13 h 00, avec de nouvelles échéances : prise en charge"
    assert f"{said} aujourd’hui à 14 h 00, résolution " in page
    assert "Reçu aujourd’hui" not in page


def answered(cast: Cast) -> Ticket:
    ticket = make_ticket(requester=cast.alice, company=cast.company)
    operations.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=BEGAN)
    operations.wait_for_customer(
        ticket_id=ticket.pk, actor=cast.ines, reason="Le journal ?", until=None, at=BEGAN
    )
    operations.post_message(
        ticket_id=ticket.pk, actor=cast.alice, body="Le voici.", at=LATE, form_token=uuid4()
    )
    return ticket


@pytest.mark.parametrize(
    ("reader", "address", "said"),
    [
        ("alice", "/incidents/{}/", "Le traitement reprend : En attente client → En cours"),
        ("ines", "/admin/incidents/{}/", "Le traitement reprend En attente client → En cours"),
    ],
)
def test_d11_the_answer_that_ends_a_wait_shows_the_change(
    cast: Cast, reader: str, address: str, said: str
) -> None:
    ticket = answered(cast)
    with at(LATE):
        page = main_text(signed_in(getattr(cast, reader)).get(address.format(ticket.reference)))
    assert page.count(said) == 1


def test_d11_a_message_that_changes_nothing_shows_no_change(cast: Cast) -> None:
    ticket = answered(cast)
    operations.post_message(
        ticket_id=ticket.pk, actor=cast.alice, body="Encore.", at=LATE, form_token=uuid4()
    )
    with at(LATE):
        page = main_text(signed_in(cast.alice).get(ticket.get_absolute_url()))
    assert page.count("Le traitement reprend") == 1
