"""The desk's side of what customers ask for: seen by all of ours, answered by whom it falls to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import unsent
from accounts.models import User
from sla.enums import Severity
from tests.factories.cast import Cast
from tests.factories.tickets import TUESDAY_10, make_ticket
from tests.tickets.pages import at, body, main_text, signed_in
from tickets import operations
from tickets.models import Ask, Ticket

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
LATER = TUESDAY_10 + 20 * MINUTE
NOW = LATER + 30 * MINUTE


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    found = make_ticket(company=cast.company, requester=cast.alice, copies=[cast.bob])
    return operations.acknowledge(ticket_id=found.pk, actor=cast.ines, at=TUESDAY_10 + MINUTE)


@pytest.fixture
def escalation(ticket: Ticket, cast: Cast) -> Ask:
    return operations.escalate(
        ticket_id=ticket.pk, actor=cast.alice, reason="Le chantier est arrêté.", at=LATER
    )


@pytest.fixture
def request_(ticket: Ticket, cast: Cast) -> Ask:
    return operations.ask_severity(
        ticket_id=ticket.pk, actor=cast.alice, severity=Severity.BLOCKING,
        reason="Toute l’équipe est arrêtée.", at=LATER,
    )  # fmt: skip


def address(ticket: Ticket, act: str = "ticket") -> str:
    return reverse(f"desk:{act}", args=[ticket.reference])


def workspace(user: User, ticket: Ticket) -> str:
    with at(NOW):
        return body(signed_in(user).get(address(ticket)))


def send(user: User, ticket: Ticket, act: str, **data: Any) -> Any:
    with at(NOW):
        return signed_in(user).post(address(ticket, act), {"form_token": str(uuid4()), **data})


def queue(user: User) -> str:
    with at(NOW):
        return main_text(signed_in(user).get("/admin/"))


# --- escalations ----------------------------------------------------------------------------------


def test_c29_the_queue_marks_an_escalated_incident_until_it_is_answered(
    ticket: Ticket, escalation: Ask, cast: Cast
) -> None:
    make_ticket(company=cast.company, requester=cast.bob)
    assert queue(cast.ines).count("escaladé") == 1
    operations.answer_escalation(ticket_id=ticket.pk, actor=cast.marc, answer="Oui.", at=NOW)
    assert "escaladé, répondu" in queue(cast.ines)


def test_q1_the_mark_costs_the_queue_no_query(ticket: Ticket, cast: Cast) -> None:
    client = signed_in(cast.ines)

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get("/admin/")
        return len(captured)

    cost()
    before = cost()
    operations.escalate(ticket_id=ticket.pk, actor=cast.alice, reason="Arrêt.", at=LATER)
    assert cost() == before


@pytest.mark.parametrize(("who", "is_offered"), [("ines", False), ("marc", True), ("adele", True)])
def test_j1_the_answer_is_offered_to_managers_and_seen_by_all_of_ours(
    ticket: Ticket, escalation: Ask, cast: Cast, who: str, is_offered: bool
) -> None:
    page = workspace(getattr(cast, who), ticket)
    assert "Escaladé par Alice" in page
    assert "Le chantier est arrêté." in page
    assert (f'action="{address(ticket, "answer-escalation")}"' in page) is is_offered


def test_a_managers_answer_reaches_the_customers_page(
    ticket: Ticket, escalation: Ask, cast: Cast
) -> None:
    answer = send(cast.marc, ticket, "answer-escalation", answer="Un renfort arrive.")
    assert answer.status_code == 302
    with at(NOW):
        page = main_text(signed_in(cast.alice).get(ticket.get_absolute_url()))
    assert "Un renfort arrive." in page
    assert "un responsable doit répondre" not in workspace(cast.marc, ticket)


def test_j1_an_engineers_answer_is_refused_and_its_text_kept(
    ticket: Ticket, escalation: Ask, cast: Cast
) -> None:
    answer = send(cast.ines, ticket, "answer-escalation", answer="Je réponds quand même.")
    assert answer.status_code == 409
    assert "Seul un responsable répond à une escalade." in main_text(answer)
    assert "Je réponds quand même." in body(answer)
    escalation.refresh_from_db()
    assert not escalation.is_answered


def test_g3_the_second_manager_reads_who_answered_and_keeps_the_text(
    ticket: Ticket, escalation: Ask, cast: Cast
) -> None:
    send(cast.marc, ticket, "answer-escalation", answer="Un renfort arrive.")
    second = send(cast.adele, ticket, "answer-escalation", answer="Je m’en charge.")
    assert second.status_code == 409
    assert "a déjà répondu" in main_text(second)
    assert "Je m’en charge." in body(second)


def test_an_empty_answer_is_refused_beside_its_field(
    ticket: Ticket, escalation: Ask, cast: Cast
) -> None:
    answer = send(cast.marc, ticket, "answer-escalation", answer=" ")
    assert answer.status_code == 400
    assert "Rien n’a été enregistré" in main_text(answer)


def test_an_answer_typed_after_the_session_ended_is_in_its_form_again(
    ticket: Ticket, escalation: Ask, cast: Cast
) -> None:
    client = Client()
    client.post(
        address(ticket, "answer-escalation"),
        {
            "form_token": str(uuid4()), "answer": "Un renfort arrive.",
            unsent.MARK: unsent.mark(cast.marc, address(ticket)),
        },
    )  # fmt: skip
    client.force_login(cast.marc)
    assert "Un renfort arrive.</textarea>" in body(client.get(address(ticket)))


# --- another severity -----------------------------------------------------------------------------


def test_the_workspace_shows_the_request_with_both_answers(
    ticket: Ticket, request_: Ask, cast: Cast
) -> None:
    page = workspace(cast.ines, ticket)
    banner = page.split('id="criticite-demandee"')[1].split("</section>")[0]
    assert "Gênant → Bloquant" in banner
    assert "Toute l’équipe est arrêtée." in banner
    assert f'action="{address(ticket, "requalify")}"' in banner
    assert f'action="{address(ticket, "decline-severity")}"' in banner
    assert "Demande d’Alice" in banner


def test_s7_accepting_is_requalifying_and_the_customer_reads_that_it_was_granted(
    ticket: Ticket, request_: Ask, cast: Cast
) -> None:
    answer = send(cast.ines, ticket, "requalify", severity="blocking", reason="Demande acceptée.")
    assert answer.status_code == 302
    ticket.refresh_from_db()
    request_.refresh_from_db()
    assert (ticket.severity, request_.is_granted) == (Severity.BLOCKING, True)
    assert "criticite-demandee" not in workspace(cast.ines, ticket)


def test_declining_needs_a_reason_and_changes_nothing_else(
    ticket: Ticket, request_: Ask, cast: Cast
) -> None:
    assert send(cast.ines, ticket, "decline-severity", ask_id=request_.pk).status_code == 400
    answer = send(
        cast.ines, ticket, "decline-severity", ask_id=request_.pk, reason="Un détour existe."
    )
    assert answer.status_code == 302
    ticket.refresh_from_db()
    assert ticket.severity == Severity.IMPAIRING
    assert "Un détour existe." in workspace(cast.ines, ticket)


def test_g4_declining_what_a_colleague_has_granted_keeps_the_reason(
    ticket: Ticket, request_: Ask, cast: Cast
) -> None:
    send(cast.ines, ticket, "requalify", severity="blocking", reason="Demande acceptée.")
    answer = send(
        cast.marc, ticket, "decline-severity", ask_id=request_.pk, reason="Un détour existe."
    )
    assert answer.status_code == 409
    assert "a déjà répondu" in main_text(answer)
    assert "Un détour existe." in body(answer)


@pytest.mark.parametrize("ask_id", ["", "0", "-1", "x", str(2**70), "999999"])
def test_d5_a_wrong_request_number_is_a_sentence(
    ticket: Ticket, request_: Ask, cast: Cast, ask_id: str
) -> None:
    answer = send(cast.ines, ticket, "decline-severity", ask_id=ask_id, reason="Non.")
    assert answer.status_code in {400, 409}


def test_the_thread_of_the_desk_tells_each_step(
    ticket: Ticket, escalation: Ask, request_: Ask, cast: Cast
) -> None:
    send(cast.ines, ticket, "decline-severity", ask_id=request_.pk, reason="Un détour existe.")
    with at(NOW):
        text = main_text(signed_in(cast.ines).get(address(ticket)))
    assert "Criticité demandée : Gênant → Bloquant" in text
    assert "Criticité refusée : Bloquant, reste Gênant" in text
    assert "Escalade · Alice" in text
