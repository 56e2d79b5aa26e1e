"""E4 and decision 0021: reminders to a customer who is awaited, then the announced closure."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connections

from notifications.enums import DeliveryState
from notifications.messages import compose
from notifications.models import Delivery
from notifications.operations import derive_pending
from sla.enums import CommitmentKind, Severity
from tests.factories.cast import Cast, make_cast
from tests.factories.tickets import TUESDAY_10, make_ticket, promise
from tests.tickets.pages import at, signed_in, text
from tickets import operations
from tickets.enums import Act, Outcome, Status
from tickets.models import EventToTell, Pause, Ticket, TicketEvent
from tickets.verification import verify

ROUNDS = 200 if os.environ.get("PORTAL_TORTURE") == "1" else 4
# Asked on Tuesday: two working days end on Thursday evening, five on the next Tuesday's.
FIRST = datetime(2026, 9, 18, 7, 0, tzinfo=UTC)
SECOND = datetime(2026, 9, 23, 7, 0, tzinfo=UTC)
# Announced on Wednesday: the fifth working day after it closes on Wednesday at 18:00.
CLOSES = datetime(2026, 9, 30, 16, 0, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def awaited(cast: Cast, *, until: date | None = None, **facts: object) -> Ticket:
    """An incident that has waited for Alice since Tuesday 10:00."""
    ticket = make_ticket(company=cast.company, requester=cast.alice, **facts)  # type: ignore[arg-type]  # the factory's own keywords
    operations.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=TUESDAY_10)
    return operations.wait_for_customer(
        ticket_id=ticket.pk, actor=cast.ines, reason="Le journal ?", until=until, at=TUESDAY_10
    )


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    return awaited(cast)


def again(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def sweep(*instants: datetime) -> None:
    for instant in instants:
        operations.sweep_deadlines(at=instant)


def reminded(ticket: Ticket) -> list[datetime]:
    events = TicketEvent.objects.filter(ticket=ticket, act=Act.REMIND).order_by("sequence")
    return [event.effective_at for event in events]


def last(ticket: Ticket) -> TicketEvent:
    return TicketEvent.objects.filter(ticket=ticket).latest("sequence")


def answer(cast: Cast, ticket: Ticket, moment: datetime) -> None:
    operations.post_message(
        ticket_id=ticket.pk, actor=cast.alice, body="Le voici.", at=moment, form_token=uuid4()
    )


# --- reminders ------------------------------------------------------------------------------------


def test_e4_the_customer_is_reminded_on_the_morning_after_two_and_five_working_days(
    ticket: Ticket,
) -> None:
    sweep(FIRST - MINUTE, FIRST, FIRST + MINUTE, SECOND - MINUTE, SECOND + MINUTE)
    assert reminded(ticket) == [FIRST, SECOND]


def test_e4_days_count_from_the_date_that_was_asked_for(cast: Cast) -> None:
    ticket = awaited(cast, until=date(2026, 9, 17))
    sweep(FIRST)
    assert reminded(ticket) == []
    # Thursday is the date itself: Friday and Monday are the two days.
    sweep(datetime(2026, 9, 22, 7, 0, tzinfo=UTC))
    assert reminded(ticket) == [datetime(2026, 9, 22, 7, 0, tzinfo=UTC)]


def test_p5_the_customers_are_told_and_nobody_of_ours(cast: Cast, ticket: Ticket) -> None:
    sweep(FIRST)
    event = last(ticket)
    assert (event.recipients, event.actor, event.facts["number"]) == ([cast.alice.pk], None, 1)
    assert EventToTell.objects.filter(event=event).exists()
    mail = compose(event, cast.alice)
    assert "Le journal ?" in mail.text
    assert ("clos" in mail.text, "Rappel" in mail.subject) == (False, True)


def test_e4_the_last_reminder_announces_the_closure(cast: Cast, ticket: Ticket) -> None:
    sweep(FIRST, SECOND)
    mail = compose(last(ticket), cast.alice)
    assert (
        "Sans réponse de votre part d’ici au mer.\u00a030\u00a0sept. 2026 à 18\u00a0h\u00a000"
        in mail.text
    )
    with at(SECOND + MINUTE):
        page = text(signed_in(cast.alice).get(ticket.get_absolute_url()))
    assert "sans réponse de votre part, l’incident sera clos le mer. 30 sept. 2026" in page
    with at(SECOND + MINUTE):
        desk = text(signed_in(cast.ines).get(f"/admin/incidents/{ticket.reference}/"))
    assert "Sans réponse, l’incident sera clos le mer. 30 sept. 2026" in desk


def test_e4_an_answer_ends_the_reminders(cast: Cast, ticket: Ticket) -> None:
    sweep(FIRST)
    answer(cast, ticket, FIRST + MINUTE)
    sweep(SECOND, CLOSES + MINUTE)
    assert (reminded(ticket), again(ticket).state) == ([FIRST], Status.IN_PROGRESS)


def test_e4_an_answer_that_comes_before_the_sweep_makes_the_reminder_pointless(
    cast: Cast, ticket: Ticket
) -> None:
    answer(cast, ticket, FIRST + MINUTE)
    assert reminded(ticket) == []


def test_e4_a_reminder_kept_for_the_opening_goes_with_the_answer(
    cast: Cast, ticket: Ticket
) -> None:
    late = FIRST.replace(hour=19)
    sweep(late)
    answer(cast, ticket, late + MINUTE)
    derive_pending(at=late + timedelta(days=4), limit=50)
    (row,) = Delivery.objects.filter(event__act=Act.REMIND)
    assert (row.state, row.server_answer) == (
        DeliveryState.DROPPED, "l’attente a pris fin avant l’envoi"
    )  # fmt: skip


def test_e4_waiting_anew_counts_anew(cast: Cast, ticket: Ticket) -> None:
    sweep(FIRST)
    answer(cast, ticket, FIRST + MINUTE)
    operations.wait_for_customer(
        ticket_id=ticket.pk, actor=cast.ines, reason="Et la maquette ?", until=None,
        at=FIRST + 2 * MINUTE,
    )  # fmt: skip
    sweep(SECOND)
    assert reminded(ticket) == [FIRST, SECOND]
    assert last(ticket).facts["number"] == 1


def test_e4_the_vendor_is_not_reminded(cast: Cast, ticket: Ticket) -> None:
    operations.wait_for_vendor(
        ticket_id=ticket.pk, actor=cast.ines, reason="Dossier 42.", until=None, at=TUESDAY_10
    )
    sweep(FIRST, SECOND, CLOSES + MINUTE)
    assert (reminded(ticket), again(ticket).state) == ([], Status.WAITING_VENDOR)


def test_a_sweep_that_was_down_sends_one_mail_and_takes_no_day_from_the_customer(
    cast: Cast, ticket: Ticket
) -> None:
    late = datetime(2026, 10, 12, 7, 30, tzinfo=UTC)
    sweep(late)
    events = TicketEvent.objects.filter(ticket=ticket, act=Act.REMIND).order_by("sequence")
    assert [event.recipients for event in events] == [[], [cast.alice.pk]]
    assert [event.effective_at for event in events] == [FIRST, SECOND]
    assert Pause.objects.get(ticket=ticket).closes_at == datetime(2026, 10, 19, 16, 0, tzinfo=UTC)


# --- the closure ----------------------------------------------------------------------------------


def test_e4_an_unanswered_incident_closes_at_the_instant_announced(
    cast: Cast, ticket: Ticket
) -> None:
    sweep(FIRST, SECOND, CLOSES)
    assert again(ticket).state is Status.WAITING_CUSTOMER
    sweep(CLOSES + timedelta(hours=3))
    found, event = again(ticket), last(ticket)
    assert (found.state, found.closed_at, found.resolved_at) == (Status.CLOSED, CLOSES, CLOSES)
    assert (event.act, event.effective_at) == (Act.CLOSE_UNANSWERED, CLOSES)
    assert event.recipients == sorted([cast.alice.pk, cast.ines.pk])
    assert list(verify()) == []


def test_e4_what_was_promised_ends_without_object_not_kept(ticket: Ticket) -> None:
    sweep(FIRST, SECOND, CLOSES + INSTANT)
    row = promise(ticket, CommitmentKind.RESOLUTION)
    assert (row.outcome, row.met_at, row.voided_at) == (Outcome.VOID, None, CLOSES)


def test_s17_what_was_breached_before_stays_breached(cast: Cast) -> None:
    ticket = make_ticket(
        company=cast.company, requester=cast.alice, severity=Severity.BLOCKING
    )  # fmt: skip
    operations.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=TUESDAY_10)
    operations.wait_for_customer(
        ticket_id=ticket.pk, actor=cast.ines, reason="?", until=None,
        at=TUESDAY_10 + timedelta(hours=5),
    )  # fmt: skip
    sweep(FIRST, SECOND, CLOSES + INSTANT)
    assert promise(ticket, CommitmentKind.RESOLUTION).outcome is Outcome.BREACHED
    assert list(verify()) == []


def test_s17_an_answer_at_the_last_instant_keeps_it_open(cast: Cast, ticket: Ticket) -> None:
    sweep(FIRST, SECOND)
    answer(cast, ticket, CLOSES)
    assert again(ticket).state is Status.IN_PROGRESS


def call(cast: Cast, ticket: Ticket, began_at: datetime, typed_at: datetime) -> None:
    operations.log_call(
        ticket_id=ticket.pk, actor=cast.ines, caller=cast.alice, began_at=began_at,
        body="Elle envoie le journal.", at=typed_at, form_token=uuid4(),
    )  # fmt: skip


def test_s6_a_call_that_began_before_it_keeps_it_open_though_it_is_noted_after(
    cast: Cast, ticket: Ticket
) -> None:
    sweep(FIRST, SECOND)
    call(cast, ticket, CLOSES - 10 * MINUTE, CLOSES + 5 * MINUTE)
    assert again(ticket).state is Status.IN_PROGRESS
    assert list(verify()) == []


def test_s6_a_call_that_began_after_it_finds_it_closed(cast: Cast, ticket: Ticket) -> None:
    sweep(FIRST, SECOND)
    call(cast, ticket, CLOSES + MINUTE, CLOSES + 5 * MINUTE)
    assert again(ticket).state is Status.CLOSED


def test_s17_an_act_after_it_finds_it_closed_whenever_the_sweep_runs(
    cast: Cast, ticket: Ticket
) -> None:
    sweep(FIRST, SECOND)
    answer(cast, ticket, CLOSES + INSTANT)
    acts = TicketEvent.objects.filter(ticket=ticket).order_by("-sequence")[:2]
    assert [event.act for event in acts] == [Act.MESSAGE, Act.CLOSE_UNANSWERED]
    assert again(ticket).state is Status.CLOSED


def test_s9_it_may_be_reopened_for_ten_working_days(cast: Cast, ticket: Ticket) -> None:
    sweep(FIRST, SECOND, CLOSES + MINUTE)
    operations.reopen(
        ticket_id=ticket.pk, actor=cast.alice, reason="Voici enfin.",
        at=datetime(2026, 10, 14, 16, 0, tzinfo=UTC),
    )  # fmt: skip
    found = again(ticket)
    assert (found.state, found.cycle, found.resolved_at) == (Status.DECLARED, 2, None)
    assert list(verify()) == []


def test_the_mail_of_the_closure_says_why_and_how_to_go_on(cast: Cast, ticket: Ticket) -> None:
    sweep(FIRST, SECOND, CLOSES + MINUTE)
    mail = compose(last(ticket), cast.alice)
    for part in ("Le journal ?", "comme annoncé", "mer.\u00a014\u00a0oct. 2026", "sans objet"):
        assert part in mail.text
    assert "Clôture sans réponse" in compose(last(ticket), cast.ines).text


def test_nothing_closes_while_the_customer_awaits_an_answer_of_ours(
    cast: Cast, ticket: Ticket
) -> None:
    sweep(FIRST, SECOND)
    operations.escalate(ticket_id=ticket.pk, actor=cast.alice, reason="Et alors ?", at=SECOND)
    sweep(CLOSES + MINUTE, CLOSES + timedelta(days=30))
    assert again(ticket).state is Status.WAITING_CUSTOMER


def test_nothing_closes_that_could_be_announced_to_nobody(cast: Cast, ticket: Ticket) -> None:
    cast.alice.is_active = False
    cast.alice.save()
    sweep(FIRST, SECOND, CLOSES + MINUTE)
    assert again(ticket).state is Status.WAITING_CUSTOMER
    assert again(ticket).next_check_at is None


@pytest.mark.usefixtures("committed_db")
def test_g6_two_beats_remind_and_close_once() -> None:
    cast = make_cast()
    for _ in range(ROUNDS):
        ticket = awaited(cast)
        for moment in (FIRST, SECOND, CLOSES + MINUTE):
            twice_at_once(moment)
        acts = TicketEvent.objects.filter(ticket=ticket, act__in=[Act.REMIND, Act.CLOSE_UNANSWERED])
        assert [event.act for event in acts.order_by("sequence")] == [
            Act.REMIND, Act.REMIND, Act.CLOSE_UNANSWERED,
        ]  # fmt: skip


def twice_at_once(moment: datetime) -> None:
    barrier = Barrier(2, timeout=60)

    def beat(_number: int) -> int:
        barrier.wait()
        try:
            return operations.sweep_deadlines(at=moment)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(beat, range(2)))


# --- the vendor -----------------------------------------------------------------------------------


def with_vendor(cast: Cast, until: date | None = None) -> Ticket:
    """An incident that has waited for the vendor since Tuesday 10:00."""
    found = make_ticket(company=cast.company, requester=cast.alice)
    operations.acknowledge(ticket_id=found.pk, actor=cast.ines, at=TUESDAY_10)
    return operations.wait_for_vendor(
        ticket_id=found.pk, actor=cast.ines, reason="Un correctif", until=until, at=TUESDAY_10
    )


def chased(ticket: Ticket) -> list[datetime]:
    events = TicketEvent.objects.filter(ticket=ticket, act=Act.CHASE).order_by("sequence")
    return [event.effective_at for event in events]


@pytest.mark.parametrize(
    ("until", "instant"),
    [(date(2026, 9, 17), datetime(2026, 9, 18, 7, tzinfo=UTC)),
     (date(2026, 9, 18), datetime(2026, 9, 21, 7, tzinfo=UTC)), (None, SECOND)],
)  # fmt: skip
def test_e3_ours_are_told_once_when_the_vendor_is_late(
    cast: Cast, until: date | None, instant: datetime
) -> None:
    found = with_vendor(cast, until)
    sweep(instant - MINUTE, instant, instant + MINUTE, instant + timedelta(days=30))
    assert chased(found) == [instant]
    event = TicketEvent.objects.get(ticket=found, act=Act.CHASE)
    mail = compose(event, cast.ines)
    assert event.recipients == [cast.ines.pk]
    assert ("Éditeur à relancer" in mail.subject, "Un correctif" in mail.text) == (True, True)
    assert list(verify()) == []


def test_e3_an_end_of_the_wait_makes_it_pointless(cast: Cast) -> None:
    found = with_vendor(cast, date(2026, 9, 17))
    operations.resume(ticket_id=found.pk, actor=cast.ines, at=FIRST - MINUTE)
    sweep(FIRST, FIRST + timedelta(days=30))
    assert chased(found) == []


def test_e3_another_date_counts_anew(cast: Cast) -> None:
    found = with_vendor(cast, date(2026, 9, 17))
    sweep(FIRST)
    operations.resume(ticket_id=found.pk, actor=cast.ines, at=FIRST + MINUTE)
    operations.wait_for_vendor(
        ticket_id=found.pk, actor=cast.ines, reason="Le correctif", until=date(2026, 9, 22),
        at=FIRST + MINUTE,
    )  # fmt: skip
    sweep(SECOND - MINUTE, SECOND)
    assert chased(found) == [FIRST, SECOND]


def test_b1_customers_read_nothing_of_it(cast: Cast) -> None:
    found = with_vendor(cast, date(2026, 9, 17))
    sweep(FIRST)
    with at(FIRST + MINUTE):
        page = text(signed_in(cast.alice).get(found.get_absolute_url()))
        desk = text(signed_in(cast.ines).get(f"/admin/incidents/{found.reference}/"))
    assert ("relancer" in page, "Éditeur à relancer" in desk) == (False, True)
