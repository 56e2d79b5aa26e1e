"""An incident's workspace: what it shows to engineers, what it offers, whom it will tell."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from accounts.models import User
from sla.enums import Severity
from tests.factories.accounts import make_manager
from tests.factories.cast import Cast
from tests.factories.licences import make_contract, make_licence
from tests.factories.tickets import TUESDAY_10, make_ticket
from tickets import operations
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
LATER = TUESDAY_10 + timedelta(minutes=20)


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    return make_ticket(requester=cast.alice, copies=[cast.bob])


def page_of(ticket: Ticket, person: User) -> str:
    client = Client()
    client.force_login(person)
    response = client.get(reverse("desk:ticket", args=[ticket.reference]))
    assert response.status_code == 200
    return response.content.decode()


def acknowledged(ticket: Ticket, by: User) -> Ticket:
    return operations.acknowledge(ticket_id=ticket.pk, actor=by, at=LATER)


# --- who reaches it -------------------------------------------------------------------------


def test_a1_a_customer_reads_the_404_of_a_missing_page(cast: Cast, ticket: Ticket) -> None:
    client = Client()
    client.force_login(cast.alice)
    assert client.get(reverse("desk:ticket", args=[ticket.reference])).status_code == 404


def test_a_missing_incident_is_a_404(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.ines)
    assert client.get(reverse("desk:ticket", args=["INC-2026-999999"])).status_code == 404


def test_reading_changes_nothing(cast: Cast, ticket: Ticket) -> None:
    before = Ticket.objects.values().get(pk=ticket.pk)
    page_of(ticket, cast.ines)
    assert Ticket.objects.values().get(pk=ticket.pk) == before


# --- what it offers -------------------------------------------------------------------------


def offered(page: str, ticket: Ticket) -> set[str]:
    names = {
        "acknowledge", "assign", "reply", "note", "wait-customer", "wait-vendor", "resume",
        "resolve", "reopen", "cancel", "requalify", "correct", "add-copy",
    }  # fmt: skip
    return {name for name in names if has_form(page, ticket, name)}


def has_form(page: str, ticket: Ticket, name: str) -> bool:
    """Drawn with the page, or fetched when its fold opens."""
    drawn = reverse(f"desk:{name}", args=[ticket.reference])
    fetched = reverse("desk:pane", args=[ticket.reference, name])
    return f'action="{drawn}"' in page or f'hx-get="{fetched}?vu=' in page


def test_a_declared_incident_offers_what_the_table_allows(cast: Cast, ticket: Ticket) -> None:
    assert offered(page_of(ticket, cast.ines), ticket) == {
        "acknowledge", "assign", "reply", "note", "cancel", "requalify", "add-copy",
    }  # fmt: skip


def test_one_in_progress_offers_waiting_and_resolving(cast: Cast, ticket: Ticket) -> None:
    page = page_of(acknowledged(ticket, cast.ines), cast.ines)
    assert offered(page, ticket) == {
        "assign", "reply", "note", "wait-customer", "wait-vendor", "resolve", "cancel",
        "requalify", "add-copy",
    }  # fmt: skip


def test_s14_only_managers_are_offered_to_correct(cast: Cast, ticket: Ticket) -> None:
    assert "correct" in offered(page_of(ticket, cast.marc), ticket)


def test_a_resolved_one_offers_to_reopen_and_not_to_resolve(cast: Cast, ticket: Ticket) -> None:
    acknowledged(ticket, cast.ines)
    operations.resolve(ticket_id=ticket.pk, actor=cast.ines, solution="Fait.", at=LATER)
    found = offered(page_of(ticket, cast.ines), ticket)
    assert ("reopen" in found, "resolve" in found) == (True, False)


# --- what it shows ---------------------------------------------------------------------------


def test_b1_a_note_is_marked_as_internal(cast: Cast, ticket: Ticket) -> None:
    operations.add_note(
        ticket_id=ticket.pk, actor=cast.ines, body="Pas poli.", at=LATER, form_token=uuid4()
    )
    page = page_of(ticket, cast.ines)
    assert "note interne, jamais montrée au client" in page


def test_e6_the_recipients_are_named_before_sending(cast: Cast, ticket: Ticket) -> None:
    page = page_of(ticket, cast.ines)
    told = [name for name in (cast.alice, cast.bob, cast.rejane) if f'title="{name.email}"' in page]
    assert told == [cast.alice, cast.bob]


def test_e6_what_the_recipients_chose_is_said_before_sending(cast: Cast, ticket: Ticket) -> None:
    User.objects.filter(pk=cast.alice.pk).update(wants_digest=True, last_name="Zola")
    User.objects.filter(pk=cast.bob.pk).update(mutes_copies=True, last_name="Abel")
    page = page_of(ticket, cast.ines)
    # The requester first, whatever she chose.
    assert page.index("Alice Zola <span") < page.index("Bob Abel <span")
    assert "(demandeur, messages au prochain récapitulatif)" in page
    assert "(en copie, changements de statut seulement)" in page


def test_texts_of_customers_are_inert(cast: Cast) -> None:
    attack = "<script>alert(1)</script>"
    page = page_of(make_ticket(requester=cast.alice, title=attack, body=attack), cast.ines)
    assert (attack in page, escape(attack) in page) == (False, True)


def test_what_is_awaited_stands_on_the_page_and_in_the_thread(cast: Cast, ticket: Ticket) -> None:
    acknowledged(ticket, cast.ines)
    operations.wait_for_customer(
        ticket_id=ticket.pk, actor=cast.ines, reason="La maquette allégée", until=None, at=LATER
    )
    assert page_of(ticket, cast.ines).count("La maquette allégée") >= 2


def test_the_thread_says_from_what_to_what_a_severity_changed(cast: Cast, ticket: Ticket) -> None:
    operations.requalify(
        ticket_id=ticket.pk, actor=cast.ines, severity=Severity.BLOCKING, reason="Arrêt.", at=LATER
    )
    assert "Criticité\u00a0: Gênant → Bloquant" in page_of(ticket, cast.ines)


def test_the_thread_says_to_whom_an_incident_was_handed(cast: Cast, ticket: Ticket) -> None:
    operations.assign(
        ticket_id=ticket.pk, actor=cast.ines, assignee=cast.marc, note="À toi.", at=LATER
    )
    assert f"Affecté à {cast.marc.full_name}" in page_of(ticket, cast.ines)


def test_s11_the_thread_shows_reached_rungs_to_engineers(cast: Cast, ticket: Ticket) -> None:
    operations.record_due(ticket_id=ticket.pk, at=TUESDAY_10 + timedelta(hours=3))
    page = page_of(ticket, cast.ines)
    assert "75\u00a0% du délai de prise en charge" in page


def test_the_ledger_of_each_promise_is_at_hand(cast: Cast, ticket: Ticket) -> None:
    assert page_of(ticket, cast.ines).count('class="fold ledger-fold"') == 2


def test_the_customer_context_names_contract_park_and_neighbours(cast: Cast) -> None:
    contract = make_contract(cast.company, number="CS-2026-77")
    ticket = make_ticket(requester=cast.alice)
    make_licence(cast.company, product=ticket.product, version="2027.3")
    other = make_ticket(requester=cast.bob, title="L’imprimante plie les plans")
    page = page_of(ticket, cast.ines)
    assert [text in page for text in (contract.number, "2027.3", other.title)] == [True] * 3


# --- cost ------------------------------------------------------------------------------------


def queries_of(ticket: Ticket, person: User) -> int:
    client = Client()
    client.force_login(person)
    address = reverse("desk:ticket", args=[ticket.reference])
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        client.get(address)
    return len(captured)


def test_q1_a_long_thread_costs_what_a_short_one_costs(cast: Cast, ticket: Ticket) -> None:
    acknowledged(ticket, cast.ines)
    one = _written(ticket, cast.ines, times=1)
    assert _written(ticket, cast.ines, times=3) == one


def _written(ticket: Ticket, engineer: User, *, times: int) -> int:
    for _number in range(times):
        operations.post_message(
            ticket_id=ticket.pk, actor=engineer, body="Vu.", at=LATER, form_token=uuid4()
        )
        operations.add_note(
            ticket_id=ticket.pk, actor=engineer, body="Vu.", at=LATER, form_token=uuid4()
        )
    return queries_of(ticket, make_manager())


# --- changes show both values -----------------------------------------------------------------


def test_s14_a_correction_shows_both_instants_and_why(cast: Cast, ticket: Ticket) -> None:
    acknowledged(ticket, cast.ines)
    operations.correct_acknowledgement(
        ticket_id=ticket.pk, actor=make_manager(), reason="Pris en charge par téléphone",
        acknowledged_at=TUESDAY_10 + timedelta(minutes=5), at=LATER + timedelta(hours=1),
    )  # fmt: skip
    page = page_of(ticket, cast.ines).replace("\u00a0", " ")
    told = (
        "Prise en charge corrigée : mar. 15 sept. 2026 à 10 h 20 → mar. 15 sept. 2026 à 10 h 05",
        "Pris en charge par téléphone",
    )
    assert [text for text in told if text not in page] == []


def test_s7_a_requalification_shows_both_severities_and_why(cast: Cast, ticket: Ticket) -> None:
    operations.requalify(
        ticket_id=ticket.pk, actor=cast.ines, severity=Severity.BLOCKING,
        reason="Toute l’agence est arrêtée", at=LATER,
    )  # fmt: skip
    page = page_of(ticket, cast.ines).replace("\u00a0", " ")
    told = ("Criticité : Gênant → Bloquant", escape("Toute l’agence est arrêtée"))
    assert [text for text in told if text not in page] == []
