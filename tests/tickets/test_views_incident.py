"""The page of one incident: what a customer reads, and what they never read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from licences.models import Product
from sla.enums import CommitmentKind, Severity
from tests.factories.cast import Cast
from tests.factories.files import make_stored_file
from tests.factories.licences import make_contract
from tests.factories.tickets import TUESDAY_10, make_ticket, promise
from tests.tickets.pages import answer, at, body, main_text, signed_in, text
from tickets import operations
from tickets.models import Ticket
from tickets.queries.clocks import ledger_of, pauses_of

if TYPE_CHECKING:
    from tests.tickets.pages import Page

pytestmark = pytest.mark.django_db
NOW = TUESDAY_10 + timedelta(minutes=20)
ACTS = ["message", "accepter", "refuser", "rouvrir", "annuler", "copies"]
PARTS = ["depuis", "precedents", "engagements", "collegues", "imprimer"]


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with at(NOW):
        yield


@pytest.fixture
def ticket(cast: Cast, revit: Product) -> Ticket:
    return make_ticket(company=cast.company, requester=cast.alice, product=revit)


def page(user: User, ticket: Ticket) -> Page:
    response = signed_in(user).get(ticket.get_absolute_url())
    assert response.status_code == 200
    return response


def ledgers_page(user: User, ticket: Ticket) -> Page:
    response = signed_in(user).get(f"{ticket.get_absolute_url()}engagements/")
    assert response.status_code == 200
    return response


def taken(cast: Cast, ticket: Ticket, minutes: int = 10) -> Ticket:
    return operations.acknowledge(
        ticket_id=ticket.pk, actor=cast.ines, at=TUESDAY_10 + timedelta(minutes=minutes)
    )


# --- isolation ---------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["", *(f"{act}/" for act in [*ACTS, *PARTS])])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a1_a_foreign_incident_answers_as_a_missing_one(
    cast: Cast, ticket: Ticket, act: str, method: str
) -> None:
    charlie = signed_in(cast.charlie)
    answers = []
    for reference in (ticket.reference, "INC-2026-999999"):
        response = getattr(charlie, method)(f"/incidents/{reference}/{act}", {"reason": "x"})
        answers.append(answer(response, reference))
    assert answers[0] == answers[1]
    only_read = method == "post" and act.removesuffix("/") in {"", *PARTS}
    assert answers[0][0] == (405 if only_read else 404)


def test_a1_a_colleague_who_is_not_in_copy_sees_nothing(cast: Cast, ticket: Ticket) -> None:
    assert signed_in(cast.bob).get(ticket.get_absolute_url()).status_code == 404


def test_a1_a_private_incident_is_closed_to_the_referent(cast: Cast, revit: Product) -> None:
    private = make_ticket(
        company=cast.company, requester=cast.alice, product=revit, is_private=True
    )
    assert signed_in(cast.rejane).get(private.get_absolute_url()).status_code == 404


def test_a4_somebody_who_left_gets_a_404_at_the_next_click(
    cast: Cast, ticket: Ticket, alice: Client
) -> None:
    assert alice.get(ticket.get_absolute_url()).status_code == 200
    cast.alice.memberships.update(is_active=False)
    assert alice.get(ticket.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("reference", ["INC-2026-1", "inc-2026-000001", "INC-2026-0000%001", "x"])
def test_an_address_that_is_no_number_is_a_404(alice: Client, reference: str) -> None:
    assert alice.get(f"/incidents/{reference}/").status_code == 404


def test_staff_read_the_page_as_the_customer_does_and_act_elsewhere(
    cast: Cast, ticket: Ticket
) -> None:
    operations.add_note(
        ticket_id=ticket.pk, actor=cast.ines, body="CANARI", at=NOW, form_token=uuid4()
    )
    ines = signed_in(cast.ines)
    shown = body(ines.get(ticket.get_absolute_url()))
    assert "CANARI" not in shown
    assert f'action="{ticket.get_absolute_url()}' not in shown
    assert ines.post(f"{ticket.get_absolute_url()}message/", {"body": "x"}).status_code == 404


# --- what a customer never reads ---------------------------------------------------------------


def test_b1_a_note_leaves_no_trace_on_the_page(cast: Cast, ticket: Ticket) -> None:
    taken(cast, ticket)
    before = main_text(page(cast.alice, ticket))
    for minutes in (12, 14):
        operations.add_note(
            ticket_id=ticket.pk, actor=cast.marc, body="CANARI", form_token=uuid4(),
            at=TUESDAY_10 + timedelta(minutes=minutes),
        )  # fmt: skip
    assert main_text(page(cast.alice, ticket)) == before


def test_s11_a_rung_or_a_breach_is_no_line_of_the_thread(cast: Cast, ticket: Ticket) -> None:
    late = TUESDAY_10 + timedelta(hours=2)
    operations.sweep_deadlines(at=late)
    assert ticket.events.count() > 1
    with at(late):
        response = page(cast.alice, ticket)
    assert [step.sentence for step in response.context["page"].steps] == [
        "Vous avez déclaré l’incident"
    ]


def test_b2_no_engineers_address_no_alert_note_no_event_number(cast: Cast, ticket: Ticket) -> None:
    cast.company.alert_note = "CANARI impayés"
    cast.company.save()
    taken(cast, ticket)
    operations.assign(
        ticket_id=ticket.pk, actor=cast.ines, assignee=cast.marc, note="À toi.", at=NOW
    )
    shown = body(page(cast.alice, ticket))
    for secret in ("CANARI", cast.ines.email, cast.marc.email, "hash", "n° 3", "sequence"):
        assert secret not in shown


XSS = '"><img src=x onerror=alert(1)><script>alert(2)</script>'


def test_d1_nothing_typed_becomes_markup(cast: Cast, revit: Product) -> None:
    file = make_stored_file(name=f"plan{XSS.replace('/', '')}.pdf", actor=cast.alice)
    ticket = make_ticket(
        company=cast.company, requester=cast.alice, product=revit, title=XSS[:100],
        body=f"{XSS}\n\n[lien](javascript:alert(3)) ![](http://evil.example/x.png)", files=[file],
    )  # fmt: skip
    shown = body(page(cast.alice, ticket))
    for mark in ("<img", "<script>", 'href="javascript:', "onerror=alert(1)>"):
        assert mark not in shown


def test_d5_a_percent_sign_in_a_name_stays_itself(cast: Cast, ticket: Ticket) -> None:
    User.objects.filter(pk=cast.bob.pk).update(first_name="%(who)s", last_name="100 %")
    operations.add_copy(
        ticket_id=ticket.pk, actor=cast.alice, user=User.objects.get(pk=cast.bob.pk), at=NOW
    )
    assert "Vous avez mis %(who)s 100 % en copie" in text(page(cast.alice, ticket))


# --- the clocks --------------------------------------------------------------------------------


def test_both_clocks_are_told_in_words(cast: Cast, ticket: Ticket) -> None:
    shown = main_text(page(cast.alice, ticket))
    assert "Prise en charge en cours aujourd’hui à 11 h 00 dans 40 min ouvrées" in shown
    assert "Résolution en cours demain à 10 h 00 dans 8 h 40 ouvrées" in shown


def test_s5_a_paused_clock_says_why_and_what_is_left(cast: Cast, ticket: Ticket) -> None:
    taken(cast, ticket)
    operations.wait_for_customer(
        ticket_id=ticket.pk, actor=cast.ines, reason="Le journal, s’il vous plaît.",
        until=date(2026, 9, 17), at=TUESDAY_10 + timedelta(minutes=15),
    )  # fmt: skip
    shown = main_text(page(cast.alice, ticket))
    assert "Le support attend votre réponse Le journal, s’il vous plaît." in shown
    assert "Réponse souhaitée avant le jeu. 17 sept. 2026." in shown
    assert "Résolution suspendu Il reste 8 h 45 ouvrées" in shown
    assert "Prise en charge tenu" in shown


def test_a_missed_promise_says_so(cast: Cast, ticket: Ticket) -> None:
    with at(TUESDAY_10 + timedelta(minutes=90)):
        shown = main_text(page(cast.alice, ticket))
    assert "Prise en charge dépassé" in shown
    assert "dépassé de 30 min ouvrées" in shown


def test_s15_the_ledger_is_one_click_away(cast: Cast, ticket: Ticket) -> None:
    taken(cast, ticket)
    operations.wait_for_customer(
        ticket_id=ticket.pk, actor=cast.ines, reason="Journal", until=None,
        at=TUESDAY_10 + timedelta(hours=2),
    )  # fmt: skip
    later = TUESDAY_10 + timedelta(days=1)
    with at(later):
        shown = main_text(ledgers_page(cast.alice, ticket))
    lines = ledger_of(promise(ticket, CommitmentKind.RESOLUTION), later, pauses_of(ticket)).lines
    assert len(lines) >= 3
    for line in lines:
        assert (
            " ".join(f"{line.when} : {line.what if line.reason else line.words}".split()) in shown
        )


def test_s9_a_reopened_incident_shows_both_cycles(cast: Cast, ticket: Ticket) -> None:
    taken(cast, ticket)
    operations.resolve(ticket_id=ticket.pk, actor=cast.ines, solution="Fait.", at=NOW)
    operations.reopen(ticket_id=ticket.pk, actor=cast.alice, reason="Non.", at=NOW)
    response = page(cast.alice, ticket)
    assert [clock.cycle for clock in response.context["page"].clocks] == [2, 2]
    assert "Engagements avant la réouverture" in main_text(response)
    past = ledgers_page(cast.alice, ticket).context["past_promises"]
    assert [shown.clock.cycle for shown in past] == [1, 1]


def test_s14_a_corrected_acknowledgement_shows_both_instants(cast: Cast, ticket: Ticket) -> None:
    taken(cast, ticket, minutes=15)
    operations.correct_acknowledgement(
        ticket_id=ticket.pk, actor=cast.marc, reason="Erreur de saisie.", at=NOW,
        acknowledged_at=TUESDAY_10 + timedelta(minutes=4),
    )  # fmt: skip
    shown = main_text(page(cast.alice, ticket))
    assert "a corrigé la prise en charge : aujourd’hui à 10 h 04 au lieu d’aujourd’hui" in (
        shown.replace("au lieu de aujourd’hui", "au lieu d’aujourd’hui")
    )
    assert "Erreur de saisie." in shown


# --- the thread --------------------------------------------------------------------------------


def test_the_thread_tells_who_did_what_in_order(cast: Cast, ticket: Ticket) -> None:
    taken(cast, ticket)
    minute = timedelta(minutes=1)
    operations.requalify(
        ticket_id=ticket.pk, actor=cast.ines, severity=Severity.BLOCKING, reason="Arrêt",
        at=NOW - 3 * minute,
    )  # fmt: skip
    operations.post_message(
        ticket_id=ticket.pk, actor=cast.alice, body="Merci.", at=NOW - 2 * minute,
        form_token=uuid4(),
    )  # fmt: skip
    operations.resolve(ticket_id=ticket.pk, actor=cast.ines, solution="Fait.", at=NOW - minute)
    steps = page(cast.alice, ticket).context["page"].steps
    assert [(step.sentence, step.text, step.is_ours) for step in steps] == [
        ("Vous avez déclaré l’incident", ticket.messages.all()[0].body, False),
        (f"{cast.ines} a pris l’incident en charge", "", True),
        (f"{cast.ines} a changé la criticité\u00a0: de Gênant à Bloquant", "Arrêt", True),
        ("Vous", "Merci.", False),
        (f"{cast.ines} propose une solution", "Fait.", True),
    ]


def test_the_page_says_who_handles_it_and_the_agency(cast: Cast, ticket: Ticket) -> None:
    cast.agency.phone = "04 00 00 00 01"
    cast.agency.save()
    taken(cast, ticket)
    shown = main_text(page(cast.alice, ticket))
    assert f"Qui s’en occupe {cast.ines} Agence de Lyon" in shown
    assert "04 00 00 00 01" in shown


def test_messages_are_markdown_made_safe(cast: Cast, revit: Product) -> None:
    ticket = make_ticket(
        company=cast.company, requester=cast.alice, product=revit, body="Un **mot** fort"
    )
    assert "<strong>mot</strong>" in body(page(cast.alice, ticket))


def test_a_merged_incident_shows_where_it_went(cast: Cast, ticket: Ticket) -> None:
    other = make_ticket(
        company=cast.company, requester=cast.alice, product=ticket.product, title="Le même"
    )
    operations.cancel(ticket_id=ticket.pk, actor=cast.alice, reason="Doublon", at=NOW)
    Ticket.objects.filter(pk=ticket.pk).update(merged_into=other)
    response = page(cast.alice, ticket)
    assert f'href="{other.get_absolute_url()}"' in body(response)
    assert f"Fusionné dans {other.reference}" in text(response)


def test_a2_a_merged_incident_never_names_one_that_the_reader_may_not_see(
    cast: Cast, ticket: Ticket
) -> None:
    other = make_ticket(
        company=cast.company, requester=cast.bob, product=ticket.product, title="De Bob"
    )
    operations.cancel(ticket_id=ticket.pk, actor=cast.alice, reason="Doublon", at=NOW)
    Ticket.objects.filter(pk=ticket.pk).update(merged_into=other)
    shown = body(page(cast.alice, ticket))
    assert other.reference not in shown
    assert "De Bob" not in shown


# --- cost --------------------------------------------------------------------------------------


def _busy(cast: Cast, ticket: Ticket, messages: int) -> None:
    make_contract(cast.company)
    taken(cast, ticket)
    for number in range(messages):
        file = make_stored_file(actor=cast.alice)
        operations.post_message(
            ticket_id=ticket.pk, actor=cast.alice, body=f"n° {number}", at=NOW,
            form_token=uuid4(), files=[file],
        )  # fmt: skip
    operations.wait_for_customer(
        ticket_id=ticket.pk, actor=cast.ines, reason="Journal", until=None, at=NOW
    )
    operations.add_copy(ticket_id=ticket.pk, actor=cast.alice, user=cast.bob, at=NOW)


@pytest.mark.parametrize("messages", [1, 10])
def test_q1_the_page_makes_at_most_twelve_queries(
    cast: Cast, ticket: Ticket, alice: Client, messages: int
) -> None:
    _busy(cast, ticket, messages)
    alice.get(ticket.get_absolute_url())
    with CaptureQueriesContext(connection) as queries:
        alice.get(ticket.get_absolute_url())
    assert len(queries) <= 12, "\n".join(query["sql"][:160] for query in queries)


def test_the_page_stays_small(cast: Cast, ticket: Ticket, alice: Client) -> None:
    _busy(cast, ticket, 10)
    assert len(alice.get(ticket.get_absolute_url()).content) < 60_000


def test_a_winter_morning_before_opening(cast: Cast, revit: Product) -> None:
    sunday = datetime(2026, 11, 22, 20, tzinfo=UTC)
    ticket = make_ticket(company=cast.company, requester=cast.alice, product=revit, at=sunday)
    with at(sunday):
        shown = main_text(page(cast.alice, ticket))
    assert "Prise en charge en cours demain à 10 h 00 dans 1 h ouvrée" in shown


@pytest.mark.parametrize(
    ("reader", "told"),
    [("alice", "{bob} l’est par e-mail, selon ses choix."),
     ("bob", "{alice} l’est par e-mail, selon ses choix."),
     ("rejane", "{alice}, {bob} le sont par e-mail, selon leurs choix.")],
)  # fmt: skip
def test_the_composer_names_the_others_whom_a_message_may_be_told_to(
    reader: str, told: str, cast: Cast, revit: Product
) -> None:
    ticket = make_ticket(
        company=cast.company, requester=cast.alice, product=revit, copies=[cast.bob]
    )
    names = {"alice": cast.alice.full_name, "bob": cast.bob.full_name}
    shown = text(page(getattr(cast, reader), ticket))
    assert f"Le support est prévenu ; {told.format(**names)}" in shown
