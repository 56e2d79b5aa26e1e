"""C26: the requester corrects the title or the product while nobody has taken charge; then the desk
does, with a reason."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts import unsent
from accounts.models import User
from foundation.text import digest
from licences.models import Product
from tests.factories.cast import Cast
from tests.factories.licences import make_licence, make_product
from tests.factories.tickets import TUESDAY_10, make_ticket
from tests.tickets.pages import at, body, main_text, signed_in
from tickets import operations
from tickets.enums import Act
from tickets.models import Commitment, Ticket, TicketEvent
from tickets.verification import verify

pytestmark = pytest.mark.django_db

LATER = TUESDAY_10 + timedelta(minutes=10)
TOKEN = uuid4()


@pytest.fixture
def ticket(cast: Cast, revit: Product) -> Ticket:
    return make_ticket(
        company=cast.company, requester=cast.alice, product=revit, title="Ca plante",
        copies=[cast.bob],
    )  # fmt: skip


@pytest.fixture
def autocad(cast: Cast) -> Product:
    found = make_product(name="AutoCAD")
    make_licence(cast.company, product=found)
    return found


def address(ticket: Ticket) -> str:
    return reverse("tickets:correct_subject", args=[ticket.reference])


def send(user: User, ticket: Ticket, **data: Any) -> Any:
    with at(LATER):
        return signed_in(user).post(address(ticket), data)


def corrections(ticket: Ticket) -> list[TicketEvent]:
    return list(TicketEvent.objects.filter(ticket=ticket, act=Act.CORRECT_SUBJECT))


def test_c26_title_product_and_licence_follow_and_the_history_keeps_no_title(
    ticket: Ticket, autocad: Product, cast: Cast
) -> None:
    before = list(Commitment.objects.values())
    licence = ticket.licence_id
    answer = send(cast.alice, ticket, title="AutoCAD se ferme", product=autocad.pk)
    assert answer.status_code == 302
    ticket.refresh_from_db()
    assert (ticket.title, ticket.product) == ("AutoCAD se ferme", autocad)
    assert ticket.licence is not None
    assert ticket.licence.product == autocad
    (event,) = corrections(ticket)
    assert event.facts == {
        "product": [Product.objects.get(name="Revit").pk, autocad.pk],
        "licence": [licence, ticket.licence_id],
        "title": [digest("Ca plante"), digest("AutoCAD se ferme")],
    }
    assert list(Commitment.objects.values()) == before
    assert list(verify([ticket.reference])) == []


def test_c26_the_same_values_record_nothing(ticket: Ticket, revit: Product, cast: Cast) -> None:
    answer = send(cast.alice, ticket, title="Ca plante", product=revit.pk)
    assert (answer.status_code, corrections(ticket)) == (302, [])


def test_c26_once_taken_in_charge_the_correction_is_asked_for(
    ticket: Ticket, revit: Product, cast: Cast
) -> None:
    operations.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=TUESDAY_10)
    answer = send(cast.alice, ticket, title="Revit se ferme", product=revit.pk)
    assert answer.status_code == 409
    assert "par un message" in main_text(answer)
    assert 'value="Revit se ferme"' in body(answer)


@pytest.mark.parametrize("who", ["bob", "rejane"])
def test_c26_a_colleague_does_not_correct_it(
    ticket: Ticket, revit: Product, cast: Cast, who: str
) -> None:
    person = getattr(cast, who)
    assert send(person, ticket, title="Autre", product=revit.pk).status_code == 409
    assert signed_in(person).get(address(ticket)).status_code == 302


def test_a1_a_product_that_the_company_does_not_hold_is_refused(ticket: Ticket, cast: Cast) -> None:
    foreign = make_product(name="Vault")
    make_licence(cast.other_company, product=foreign)
    answer = send(cast.alice, ticket, title="Ca plante", product=foreign.pk)
    assert "Choisissez un logiciel de votre société." in main_text(answer)
    assert corrections(ticket) == []


def test_d4_a_title_stays_one_line(ticket: Ticket, revit: Product, cast: Cast) -> None:
    send(cast.alice, ticket, title="Revit\r\nBcc: x@evil.test", product=revit.pk)
    ticket.refresh_from_db()
    assert ticket.title == "Revit Bcc: x@evil.test"


def test_c26_the_page_of_a_declared_incident_leads_there(ticket: Ticket, cast: Cast) -> None:
    with at(LATER):
        page = body(signed_in(cast.alice).get(ticket.get_absolute_url()))
        theirs = body(signed_in(cast.bob).get(ticket.get_absolute_url()))
    assert (address(ticket) in page, address(ticket) in theirs) == (True, False)


def test_c26_the_thread_says_what_was_corrected(ticket: Ticket, revit: Product, cast: Cast) -> None:
    send(cast.alice, ticket, title="Revit se ferme", product=revit.pk)
    with at(LATER):
        text = main_text(signed_in(cast.bob).get(ticket.get_absolute_url()))
    assert "a corrigé le titre de l’incident" in text


def test_what_was_typed_after_the_session_ended_is_there_again(
    ticket: Ticket, revit: Product, cast: Cast
) -> None:
    client = Client()
    typed = {"title": "Revit se ferme", "product": revit.pk, unsent.MARK: unsent.mark(cast.alice)}
    client.post(address(ticket), typed)
    client.force_login(cast.alice)
    html = body(client.get(address(ticket)))
    assert 'value="Revit se ferme"' in html
    assert "Votre session avait expiré" in html


# --- by the desk ---------------------------------------------------------------------------------


def correct(user: User, ticket: Ticket, **data: Any) -> Any:
    """The form of the workspace, as it was drawn when the incident had `seen` events."""
    with at(LATER):
        return signed_in(user).post(
            reverse("desk:correct-product", args=[ticket.reference]),
            {"form_token": str(TOKEN), "reason": "C’est AutoCAD qui se ferme.", **data},
        )


def test_the_desk_corrects_the_product_of_an_incident_in_progress(
    ticket: Ticket, autocad: Product, cast: Cast
) -> None:
    operations.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=TUESDAY_10)
    before = list(Commitment.objects.values())
    for _ in range(2):
        assert correct(cast.ines, ticket, product=autocad.pk).status_code == 302
    ticket.refresh_from_db()
    assert ticket.licence is not None
    assert (ticket.product, ticket.licence.product) == (autocad, autocad)
    (event,) = corrections(ticket)
    assert (event.recipients, event.text_digest) == ([], digest("C’est AutoCAD qui se ferme."))
    assert list(Commitment.objects.values()) == before
    assert list(verify([ticket.reference])) == []
    with at(LATER):
        text = main_text(signed_in(cast.bob).get(ticket.get_absolute_url()))
    assert "a corrigé le logiciel concerné" in text
    assert "C’est AutoCAD qui se ferme." in text


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"reason": " "}, (400, "obligatoire")),
        ({"product": "999999"}, (400, "Sélectionnez un choix valide")),
        ({"product": "the same"}, (409, "L’incident porte déjà sur ce produit.")),
    ],
)
def test_a_wrong_correction_of_the_product_changes_nothing_and_keeps_the_words(
    ticket: Ticket, autocad: Product, cast: Cast, changes: dict[str, str], expected: tuple[int, str]
) -> None:
    status, sentence = expected
    if changes.get("product") == "the same":
        changes = {"product": str(ticket.product_id)}
    answer = correct(cast.ines, ticket, **{"product": autocad.pk, **changes})
    assert (answer.status_code, corrections(ticket)) == (status, [])
    assert sentence in main_text(answer)
    if "reason" not in changes:
        assert "C’est AutoCAD qui se ferme.</textarea>" in body(answer)


def test_g2_the_product_of_an_incident_that_has_ended_stays(
    ticket: Ticket, autocad: Product, cast: Cast
) -> None:
    operations.cancel(ticket_id=ticket.pk, actor=cast.ines, reason="Un doublon.", at=TUESDAY_10)
    answer = correct(cast.ines, ticket, product=autocad.pk)
    assert (answer.status_code, corrections(ticket)) == (409, [])


def test_g4_a_product_that_a_colleague_has_just_corrected_is_said_first(
    ticket: Ticket, autocad: Product, cast: Cast
) -> None:
    seen = ticket.last_sequence
    assert correct(cast.marc, ticket, product=autocad.pk).status_code == 302
    late = correct(cast.ines, ticket, product=make_product().pk, seen=seen, form_token=str(uuid4()))
    assert (late.status_code, len(corrections(ticket))) == (409, 1)
    assert "Correction du sujet" in main_text(late)
