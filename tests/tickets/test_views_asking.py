"""The customers' page: escalating once, asking for another severity, and what became of it."""

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


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    found = make_ticket(company=cast.company, requester=cast.alice, copies=[cast.bob])
    return operations.acknowledge(ticket_id=found.pk, actor=cast.ines, at=TUESDAY_10 + MINUTE)


def address(ticket: Ticket, act: str) -> str:
    return reverse(f"tickets:{act}", args=[ticket.reference])


def send(user: User, ticket: Ticket, act: str, **data: Any) -> Any:
    data = {"form_token": str(uuid4()), **data}
    with at(LATER):
        return signed_in(user).post(address(ticket, act), data)


def page(user: User, ticket: Ticket) -> str:
    with at(LATER + 30 * MINUTE):
        return main_text(signed_in(user).get(ticket.get_absolute_url()))


@pytest.mark.parametrize("who", ["alice", "bob", "rejane"])
def test_c29_who_may_write_on_the_incident_may_escalate_it(
    ticket: Ticket, cast: Cast, who: str
) -> None:
    answer = send(getattr(cast, who), ticket, "escalate", reason="Le chantier est arrêté.")
    assert answer.status_code == 302
    assert Ask.objects.get().asked_by == getattr(cast, who)


def test_c29_the_page_says_who_escalated_and_that_an_answer_is_awaited(
    ticket: Ticket, cast: Cast
) -> None:
    send(cast.alice, ticket, "escalate", reason="Le chantier est arrêté.")
    text = page(cast.bob, ticket)
    assert "Escaladé aujourd’hui à 10 h 20 par Alice" in text
    assert "réponse attendue" in text
    assert "a escaladé l’incident aux responsables du support" in text
    assert "Le chantier est arrêté." in text
    assert "Une seule fois par incident" not in text


def test_c29_the_page_then_shows_the_managers_answer(ticket: Ticket, cast: Cast) -> None:
    send(cast.alice, ticket, "escalate", reason="Le chantier est arrêté.")
    operations.answer_escalation(
        ticket_id=ticket.pk, actor=cast.marc, answer="Un renfort arrive.", at=LATER + MINUTE
    )
    text = page(cast.alice, ticket)
    assert "réponse attendue" not in text
    assert "a répondu aujourd’hui à 10 h 21 :" in text
    # In the panel and in the thread.
    assert text.count("Un renfort arrive.") == 2


def test_c29_a_colleague_who_escalates_second_reads_who_was_first_and_keeps_the_text(
    ticket: Ticket, cast: Cast
) -> None:
    send(cast.alice, ticket, "escalate", reason="Le chantier est arrêté.")
    answer = send(cast.bob, ticket, "escalate", reason="Plus rien ne marche.")
    assert answer.status_code == 409
    assert "Déjà escaladé par Alice" in main_text(answer)
    assert "Plus rien ne marche.</textarea>" in body(answer)


def test_a_reason_that_cannot_be_asked_any_more_can_leave_as_a_message(
    ticket: Ticket, cast: Cast
) -> None:
    send(cast.alice, ticket, "escalate", reason="Le chantier est arrêté.")
    html = body(send(cast.bob, ticket, "escalate", reason="Plus rien ne marche."))
    fold = html.split('id="demandes"')[1].split("</section>")[0].split("Escalader l’incident")[1]
    assert f'action="{address(ticket, "message")}"' in fold
    assert 'name="body"' in fold
    send(cast.bob, ticket, "message", body="Plus rien ne marche.")
    assert ticket.messages.filter(author=cast.bob, body="Plus rien ne marche.").count() == 1


@pytest.mark.parametrize(
    ("act", "data"),
    [
        ("escalate", {"reason": "Une fois."}),
        ("ask_severity", {"reason": "Une fois.", "severity": "blocking"}),
    ],
)
def test_one_form_sent_twice_asks_once(
    ticket: Ticket, cast: Cast, act: str, data: dict[str, str]
) -> None:
    token = str(uuid4())
    answers = [send(cast.alice, ticket, act, form_token=token, **data) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert Ask.objects.count() == 1


def test_an_empty_reason_is_said_beside_its_field(ticket: Ticket, cast: Cast) -> None:
    answer = send(cast.alice, ticket, "escalate", reason="  ")
    html = body(answer)
    assert 'href="#escalate_reason"' in html
    assert 'aria-describedby="escalate_reason_error"' in html
    assert Ask.objects.count() == 0


def test_a_reason_that_is_too_long_comes_back_whole(ticket: Ticket, cast: Cast) -> None:
    answer = send(cast.alice, ticket, "escalate", reason="x" * 2_001)
    assert "x" * 2_001 in body(answer)
    assert Ask.objects.count() == 0


def test_a_request_without_a_severity_keeps_its_reason(ticket: Ticket, cast: Cast) -> None:
    answer = send(cast.alice, ticket, "ask_severity", reason="Toute l’équipe.")
    assert "Choisissez la criticité qui convient." in main_text(answer)
    assert "Toute l’équipe.</textarea>" in body(answer)


def test_a_request_shows_pending_then_granted(ticket: Ticket, cast: Cast) -> None:
    send(cast.alice, ticket, "ask_severity", reason="Toute l’équipe.", severity="blocking")
    pending = page(cast.bob, ticket)
    assert "« Bloquant » demandé aujourd’hui à 10 h 20 par Alice" in pending
    assert "Les délais ne changent pas d’ici là." in pending
    operations.requalify(
        ticket_id=ticket.pk, actor=cast.ines, severity=Severity.BLOCKING, reason="Vu.",
        at=LATER + MINUTE,
    )  # fmt: skip
    assert "accepté aujourd’hui à 10 h 21 par Inès" in page(cast.bob, ticket)


def test_a_declined_request_shows_what_was_retained_and_may_be_made_again(
    ticket: Ticket, cast: Cast
) -> None:
    send(cast.alice, ticket, "ask_severity", reason="Toute l’équipe.", severity="blocking")
    operations.decline_severity(
        ticket_id=ticket.pk, actor=cast.ines, ask_id=Ask.objects.get().pk, reason="Un détour.",
        at=LATER + MINUTE,
    )  # fmt: skip
    text = page(cast.alice, ticket)
    assert "a retenu « Gênant » aujourd’hui à 10 h 21" in text
    assert "Un détour." in text
    assert "Demander une autre criticité" in text


def test_g2_an_incident_that_is_over_offers_neither(ticket: Ticket, cast: Cast) -> None:
    operations.cancel(ticket_id=ticket.pk, actor=cast.ines, reason="Doublon.", at=LATER)
    assert "Escalade et criticité" not in page(cast.alice, ticket)
    answer = send(cast.alice, ticket, "escalate", reason="Encore ceci.")
    assert answer.status_code == 409
    assert "Encore ceci.</textarea>" in body(answer)


def test_one_of_ours_reads_the_state_and_is_offered_no_form(ticket: Ticket, cast: Cast) -> None:
    send(cast.alice, ticket, "escalate", reason="Le chantier est arrêté.")
    with at(LATER + MINUTE):
        html = body(signed_in(cast.ines).get(ticket.get_absolute_url()))
    assert "réponse attendue" in html
    assert "<form" not in html.split('id="demandes"')[1].split("</section>")[0]


def test_a1_a_stranger_cannot_ask(ticket: Ticket, cast: Cast) -> None:
    for act in ("escalate", "ask_severity"):
        assert send(cast.charlie, ticket, act, reason="Moi.").status_code == 404


def test_the_panel_costs_one_query(ticket: Ticket, cast: Cast) -> None:
    send(cast.alice, ticket, "escalate", reason="Le chantier est arrêté.")
    client = signed_in(cast.alice)
    with at(LATER + MINUTE):
        client.get(ticket.get_absolute_url())
        with CaptureQueriesContext(connection) as queries:
            client.get(ticket.get_absolute_url())
    assert sum('FROM "tickets_ask"' in query["sql"] for query in queries) == 1


# --- a session that ended -------------------------------------------------------------------------


def test_what_was_typed_after_the_session_ended_is_in_its_form_again(
    ticket: Ticket, cast: Cast
) -> None:
    client = Client()
    typed = {
        "form_token": str(uuid4()), "reason": "Toute l’équipe est arrêtée.",
        "severity": "blocking", unsent.MARK: unsent.mark(cast.alice),
    }  # fmt: skip
    client.post(address(ticket, "ask_severity"), typed)
    client.force_login(cast.alice)
    html = body(client.get(address(ticket, "ask_severity")))
    assert "Votre session avait expiré" in html
    assert "Toute l’équipe est arrêtée.</textarea>" in html
    assert 'value="blocking" checked' in html
    assert Ask.objects.count() == 0


def test_each_request_has_a_page_of_its_own_for_a_browser_without_javascript(
    ticket: Ticket, cast: Cast
) -> None:
    for act, field in (("escalate", "escalate_reason"), ("ask_severity", "ask_reason")):
        html = body(signed_in(cast.alice).get(address(ticket, act)))
        assert (f'id="{field}"' in html, "<main" in html) == (True, True)
        assert f'action="{address(ticket, act)}"' in html


def test_a_fold_that_opens_asks_for_the_form_alone(ticket: Ticket, cast: Cast) -> None:
    html = body(signed_in(cast.alice).get(ticket.get_absolute_url()))
    assert f'hx-get="{address(ticket, "escalate")}"' in html
    assert "escalate_reason" not in html
    part = signed_in(cast.alice).get(address(ticket, "escalate"), headers={"HX-Request": "true"})
    assert ('id="escalate_reason"' in body(part), "<main" in body(part)) == (True, False)


def test_k2_a_request_that_is_not_offered_any_more_leads_to_the_incident(
    ticket: Ticket, cast: Cast
) -> None:
    send(cast.bob, ticket, "escalate", reason="Le chantier est arrêté.")
    send(cast.bob, ticket, "ask_severity", reason="Toute l’équipe.", severity="blocking")
    for act in ("escalate", "ask_severity"):
        answer = signed_in(cast.alice).get(address(ticket, act))
        assert (answer.status_code, answer["Location"]) == (302, ticket.get_absolute_url())
        part = signed_in(cast.alice).get(address(ticket, act), headers={"HX-Request": "true"})
        assert part.status_code == 409
