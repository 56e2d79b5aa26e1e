"""S18: merging an incident into another of its company, and undoing it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier

import pytest
from django.db import connections

from accounts.models import User
from foundation.refusals import Refusal
from sla.enums import CommitmentKind, Severity
from sla.hours import OpeningHours
from tests.factories.accounts import make_contact, make_referent
from tests.factories.cast import Cast, make_cast
from tests.factories.tickets import TUESDAY_10, make_ticket, promise
from tickets import operations, promises
from tickets.enums import Act, Outcome, PauseKind, Status
from tickets.models import Commitment, Copy, Message, Pause, Rung, Ticket, TicketEvent
from tickets.promises import Promise
from tickets.queries.clocks import ledger_of, pauses_of
from tickets.verification import verify

ACKNOWLEDGEMENT, RESOLUTION = CommitmentKind.ACKNOWLEDGEMENT, CommitmentKind.RESOLUTION
HOUR = timedelta(hours=1)
WEEK = ("mon", "tue", "wed", "thu", "fri")


def at(minutes: int) -> datetime:
    """Minutes after Tuesday 10:00 in Paris."""
    return TUESDAY_10 + timedelta(minutes=minutes)


def taken(cast: Cast, requester: User, **facts: object) -> Ticket:
    """An incident in progress since 10:00; its resolution is promised in 9 working hours."""
    ticket = make_ticket(company=cast.company, requester=requester, **facts)  # type: ignore[arg-type]  # the factory's own keywords
    return operations.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=TUESDAY_10)


def merge(cast: Cast, ticket: Ticket, into: Ticket, minutes: int = 60) -> Ticket:
    return operations.merge(
        ticket_id=ticket.pk, into_id=into.pk, actor=cast.ines, reason="Même panne.", at=at(minutes)
    )


def unmerge(cast: Cast, ticket: Ticket, minutes: int = 180) -> Ticket:
    return operations.unmerge(
        ticket_id=ticket.pk, actor=cast.ines, reason="Deux pannes.", at=at(minutes)
    )


def again(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def event_of(ticket: Ticket, act: Act) -> TicketEvent:
    return TicketEvent.objects.get(ticket=ticket, act=act)


def rows_of(ticket: Ticket) -> list[object]:
    return list(Commitment.objects.filter(ticket=ticket).order_by("pk").values())


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def older(cast: Cast) -> Ticket:
    """Bob's, the one that survives."""
    return taken(cast, cast.bob, title="Revit plante")


@pytest.fixture
def ticket(cast: Cast, older: Ticket) -> Ticket:
    """Alice's, about the same thing."""
    return taken(cast, cast.alice, title="Revit se ferme")


# --- merging: states and promises ---------------------------------------------------------------


def test_s18_merged_with_an_older_incident(cast: Cast, ticket: Ticket, older: Ticket) -> None:
    merge(cast, ticket, older)
    found = again(ticket)
    assert (found.state, found.merged_into, found.cancelled_at) == (
        Status.CANCELLED, older, at(60),
    )  # fmt: skip


def test_s18_an_open_promise_ends_void(cast: Cast, ticket: Ticket, older: Ticket) -> None:
    merge(cast, ticket, older)
    outcomes = [promise(ticket, kind).outcome for kind in (ACKNOWLEDGEMENT, RESOLUTION)]
    assert outcomes == [Outcome.MET, Outcome.VOID]


def test_s18_what_already_fell_due_is_recorded(cast: Cast, older: Ticket) -> None:
    ticket = taken(cast, cast.alice, severity=Severity.BLOCKING)
    merge(cast, ticket, older, minutes=300)
    row = promise(ticket, RESOLUTION)
    assert (row.breached_at, row.voided_at, row.stopped_at) == (at(240), None, at(300))


def test_s18_the_clocks_of_the_surviving_incident_do_not_move(
    cast: Cast, ticket: Ticket, older: Ticket
) -> None:
    before = rows_of(older)
    merge(cast, ticket, older)
    assert rows_of(older) == before


def test_s18_both_incidents_keep_the_act(cast: Cast, ticket: Ticket, older: Ticket) -> None:
    merge(cast, ticket, older)
    facts = (event_of(ticket, Act.MERGE).facts["into"], event_of(older, Act.ABSORB).facts["merged"])
    assert facts == (older.pk, ticket.pk)


def test_s18_messages_stay_where_they_are(cast: Cast, ticket: Ticket, older: Ticket) -> None:
    before = Message.objects.filter(ticket=older).count()
    merge(cast, ticket, older)
    assert (Message.objects.filter(ticket=older).count(), ticket.messages.count()) == (before, 2)


@pytest.mark.parametrize("kind", ["customer", "vendor"])
def test_s18_a_waiting_incident_merges_and_awaits_nothing(
    cast: Cast, ticket: Ticket, older: Ticket, kind: str
) -> None:
    wait(cast, ticket, kind)
    merge(cast, ticket, older)
    pause = Pause.objects.get(ticket=ticket)
    assert (again(ticket).waiting_reason, pause.ended_at, list(verify())) == ("", at(60), [])


def wait(cast: Cast, ticket: Ticket, kind: str, minutes: int = 30) -> None:
    operation = {
        "customer": operations.wait_for_customer, "vendor": operations.wait_for_vendor,
    }[kind]  # fmt: skip
    operation(
        ticket_id=ticket.pk, actor=cast.ines, reason="Le journal.", until=date(2026, 9, 18),
        at=at(minutes),
    )  # fmt: skip


# --- undoing, in arithmetic (pure) ---------------------------------------------------------------


HOURS = OpeningHours.from_dict(
    {"tz": "Europe/Paris", "weekly": {day: [["09:00", "18:00"]] for day in WEEK}, "holidays": []}
)


def begun(target: timedelta = 4 * HOUR) -> Promise:
    return promises.begin(
        kind=RESOLUTION, cycle=1, severity=Severity.BLOCKING, target=target,
        pauses_on_vendor=False, hours=HOURS, at=at(0),
    )  # fmt: skip


def test_s18_what_remained_remains() -> None:
    ended = promises.void(begun(), HOURS, at(60))
    back = promises.unvoid(ended, HOURS, at(180))
    assert (back.counted, back.counting_since, back.due_at, back.is_over) == (
        HOUR, at(180), at(360), False,
    )  # fmt: skip


def test_s18_undoing_is_a_pause_of_the_same_length() -> None:
    undone = promises.unvoid(promises.void(begun(), HOURS, at(60)), HOURS, at(60 * 24))
    paused = promises.resume(promises.suspend(begun(), HOURS, at(60)), HOURS, at(60 * 24))
    assert undone == paused


def test_s17_a_breach_stays_at_its_instant() -> None:
    late = promises.void(promises.breach(begun()), HOURS, at(300))
    back = promises.unvoid(late, HOURS, at(330))
    assert (back.due_at, back.breached_at, back.counted) == (at(240), at(240), 5 * HOUR)


def test_s17_a_deadline_reached_at_the_merge_itself_does_not_move() -> None:
    back = promises.unvoid(promises.void(begun(), HOURS, at(240)), HOURS, at(300))
    assert (back.due_at, back.breached_at) == (at(240), None)


@pytest.mark.parametrize("minutes", [60, 300])
def test_s18_a_promise_that_was_met_is_left_alone(minutes: int) -> None:
    met = promises.meet(begun(), HOURS, at(minutes))
    assert promises.unvoid(met, HOURS, at(400)) == met


def test_s18_a_promise_that_runs_is_left_alone() -> None:
    assert promises.unvoid(begun(), HOURS, at(60)) == begun()


# --- undoing ------------------------------------------------------------------------------------


def test_s18_undoing_restores_the_state(cast: Cast, ticket: Ticket, older: Ticket) -> None:
    merge(cast, ticket, older)
    found = unmerge(cast, ticket)
    assert (found.state, found.merged_into, found.cancelled_at, found.assignee) == (
        Status.IN_PROGRESS, None, None, cast.ines,
    )  # fmt: skip


def test_s18_undoing_gives_the_promise_what_remained(
    cast: Cast, ticket: Ticket, older: Ticket
) -> None:
    due_at = promise(ticket, RESOLUTION).due_at
    merge(cast, ticket, older, minutes=60)
    unmerge(cast, ticket, minutes=180)
    row = promise(ticket, RESOLUTION)
    found = (row.outcome, int(row.counted_seconds), row.counting_since, row.due_at)
    assert due_at is not None
    assert found == (Outcome.RUNNING, 3600, at(180), due_at + 2 * HOUR)


def test_s18_undoing_counts_the_gap_as_a_pause(cast: Cast, ticket: Ticket, older: Ticket) -> None:
    merge(cast, ticket, older, minutes=60)
    unmerge(cast, ticket, minutes=180)
    pause = Pause.objects.get(ticket=ticket)
    found = (pause.kind, pause.began_at, pause.ended_at)
    assert found == (PauseKind.MERGED, at(60), at(180))


def test_s15_the_ledger_shows_the_gap(cast: Cast, ticket: Ticket, older: Ticket) -> None:
    merge(cast, ticket, older, minutes=60)
    unmerge(cast, ticket, minutes=180)
    lines = ledger_of(promise(ticket, RESOLUTION), at(180), pauses_of(ticket)).lines
    gaps = [(line.start, line.end) for line in lines if "fusionné" in line.what]
    assert gaps == [(at(60), at(180))]


def test_s15_the_ledger_adds_up_after_undoing(cast: Cast, ticket: Ticket, older: Ticket) -> None:
    wait(cast, ticket, "customer")
    merge(cast, ticket, older, minutes=60)
    unmerge(cast, ticket, minutes=180)
    operations.resume(ticket_id=ticket.pk, actor=cast.ines, at=at(200))
    row = promise(ticket, RESOLUTION)
    lines = ledger_of(row, at(200), pauses_of(ticket)).lines
    counted = sum((line.length for line in lines if line.counted), timedelta(0))
    assert counted == timedelta(minutes=row.target_minutes)


@pytest.mark.parametrize("kind", ["customer", "vendor"])
def test_s18_an_incident_that_waited_waits_again_for_the_same(
    cast: Cast, ticket: Ticket, older: Ticket, kind: str
) -> None:
    wait(cast, ticket, kind)
    merge(cast, ticket, older)
    found = unmerge(cast, ticket)
    kinds = list(Pause.objects.filter(ticket=ticket).values_list("kind", "ended_at"))
    assert (found.status, found.waiting_reason, found.waiting_until, kinds) == (
        f"waiting_{kind}", "Le journal.", date(2026, 9, 18),
        [(kind, at(60)), ("merged", at(180)), (kind, None)],
    )  # fmt: skip


def test_s18_a_promise_breached_before_stays_breached(cast: Cast, older: Ticket) -> None:
    ticket = taken(cast, cast.alice, severity=Severity.BLOCKING)
    merge(cast, ticket, older, minutes=300)
    unmerge(cast, ticket, minutes=330)
    row = promise(ticket, RESOLUTION)
    assert (row.due_at, row.breached_at, row.stopped_at) == (at(240), at(240), None)


def test_s18_the_rungs_of_a_restored_promise_skip_the_gap(
    cast: Cast, ticket: Ticket, older: Ticket
) -> None:
    merge(cast, ticket, older, minutes=60)
    unmerge(cast, ticket, minutes=180)
    operations.record_due(ticket_id=ticket.pk, at=at(60 * 24 * 7))
    reached = dict(
        Rung.objects.filter(commitment=promise(ticket, RESOLUTION)).values_list(
            "percent", "reached_at"
        )
    )
    # 4 h 30 of 9 h: one before the gap, three and a half after it.
    assert reached[50] == at(180 + 210)


def test_s18_in_the_second_cycle_only_its_own_promises_come_back(
    cast: Cast, ticket: Ticket, older: Ticket
) -> None:
    operations.resolve(ticket_id=ticket.pk, actor=cast.ines, solution="Fait.", at=at(10))
    operations.reopen(ticket_id=ticket.pk, actor=cast.alice, reason="Revenu.", at=at(20))
    operations.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=at(30))
    first = rows_of(ticket)[:2]
    merge(cast, ticket, older)
    unmerge(cast, ticket)
    outcomes = [promise(ticket, kind).outcome for kind in (ACKNOWLEDGEMENT, RESOLUTION)]
    assert (rows_of(ticket)[:2], outcomes, list(verify())) == (
        first, [Outcome.MET, Outcome.RUNNING], [],
    )  # fmt: skip


def test_s18_merged_undone_and_merged_again(cast: Cast, ticket: Ticket, older: Ticket) -> None:
    for start in (60, 120):
        merge(cast, ticket, older, minutes=start)
        unmerge(cast, ticket, minutes=start + 30)
    row = promise(ticket, RESOLUTION)
    assert (int(row.counted_seconds), row.counting_since) == (5400, at(150))


def test_s14_a_correction_meanwhile_stands_after_undoing(
    cast: Cast, ticket: Ticket, older: Ticket
) -> None:
    merge(cast, ticket, older)
    operations.correct_acknowledgement(
        ticket_id=ticket.pk, actor=cast.marc, acknowledged_at=at(7), reason="Noté trop tôt.",
        at=at(90),
    )  # fmt: skip
    assert unmerge(cast, ticket).acknowledged_at == at(7)


def test_s15_the_history_gives_the_stored_promises(
    cast: Cast, ticket: Ticket, older: Ticket
) -> None:
    wait(cast, ticket, "customer", minutes=10)
    merge(cast, ticket, older, minutes=20)
    unmerge(cast, ticket, minutes=50)
    operations.resume(ticket_id=ticket.pk, actor=cast.ines, at=at(55))
    merge(cast, ticket, older, minutes=70)
    unmerge(cast, ticket, minutes=60 * 24)
    operations.record_due(ticket_id=ticket.pk, at=at(60 * 24 * 20))
    assert list(verify()) == []


# --- refusals -----------------------------------------------------------------------------------


def refused(cast: Cast, ticket: Ticket, into: Ticket, match: str) -> None:
    before = (TicketEvent.objects.count(), Copy.objects.count(), Message.objects.count())
    with pytest.raises(Refusal, match=match):
        merge(cast, ticket, into, minutes=60)
    after = (TicketEvent.objects.count(), Copy.objects.count(), Message.objects.count())
    assert after == before


def test_g2_an_incident_never_merges_into_itself(cast: Cast, ticket: Ticket) -> None:
    refused(cast, ticket, ticket, "lui-même")


def test_g2_a_declared_incident_does_not_merge(cast: Cast, older: Ticket) -> None:
    refused(cast, make_ticket(requester=cast.alice), older, "pas possible")


def test_g2_a_resolved_incident_does_not_merge(cast: Cast, ticket: Ticket, older: Ticket) -> None:
    operations.resolve(ticket_id=ticket.pk, actor=cast.ines, solution="Fait.", at=at(10))
    refused(cast, ticket, older, "pas possible")


def test_g2_nothing_merges_into_a_merged_incident(
    cast: Cast, ticket: Ticket, older: Ticket
) -> None:
    other = taken(cast, cast.alice)
    merge(cast, ticket, older, minutes=50)
    refused(cast, other, ticket, "lui-même fusionné")


def test_g2_nothing_merges_into_a_cancelled_incident(
    cast: Cast, ticket: Ticket, older: Ticket
) -> None:
    operations.cancel(ticket_id=older.pk, actor=cast.ines, reason="Rien.", at=at(10))
    refused(cast, ticket, older, "Annulé")


def test_g2_nothing_merges_into_a_closed_incident(
    cast: Cast, ticket: Ticket, older: Ticket
) -> None:
    operations.resolve(ticket_id=older.pk, actor=cast.ines, solution="Fait.", at=at(10))
    operations.accept(ticket_id=older.pk, actor=cast.bob, at=at(20))
    refused(cast, ticket, older, "Clos")


def test_g2_no_circle_of_merged_incidents(cast: Cast, ticket: Ticket, older: Ticket) -> None:
    third = taken(cast, cast.rejane)
    merge(cast, ticket, older, minutes=40)
    merge(cast, older, third, minutes=50)
    refused(cast, third, ticket, "lui-même fusionné")


def test_a1_incidents_of_two_companies_do_not_merge(cast: Cast, ticket: Ticket) -> None:
    stranger = make_ticket(company=cast.other_company, requester=cast.charlie)
    refused(cast, ticket, stranger, "même société")


def test_g2_a_merge_says_why(cast: Cast, ticket: Ticket, older: Ticket) -> None:
    with pytest.raises(Refusal, match="motif"):
        operations.merge(
            ticket_id=ticket.pk, into_id=older.pk, actor=cast.ines, reason=" ", at=at(5)
        )


def test_g2_a_customer_does_not_merge(cast: Cast, ticket: Ticket, older: Ticket) -> None:
    with pytest.raises(Refusal):
        operations.merge(
            ticket_id=ticket.pk, into_id=older.pk, actor=cast.alice, reason="Même.", at=at(5)
        )


def test_g2_what_is_not_merged_is_not_undone(cast: Cast, ticket: Ticket) -> None:
    with pytest.raises(Refusal, match="pas fusionné"):
        unmerge(cast, ticket)


def test_g2_a_merged_incident_is_not_reopened(cast: Cast, ticket: Ticket, older: Ticket) -> None:
    merge(cast, ticket, older)
    with pytest.raises(Refusal):
        operations.reopen(ticket_id=ticket.pk, actor=cast.alice, reason="Revenu.", at=at(70))


# --- people -------------------------------------------------------------------------------------


def followers(ticket: Ticket) -> set[User]:
    return set(again(ticket).copies.all())


def test_s18_the_people_follow_the_surviving_incident(
    cast: Cast, ticket: Ticket, older: Ticket
) -> None:
    merge(cast, ticket, older)
    facts = event_of(older, Act.ABSORB).facts["added"]
    assert (followers(older), facts) == ({cast.alice}, [cast.alice.pk])


def test_p5_customers_of_the_merged_incident_are_told_once(cast: Cast, older: Ticket) -> None:
    ticket = taken(cast, cast.alice, copies=[cast.bob])
    merge(cast, ticket, older)
    told = [
        event.recipients
        for event in TicketEvent.objects.filter(act__in=[Act.MERGE, Act.ABSORB, Act.ADD_COPY])
    ]
    assert sorted(told) == [[], sorted([cast.alice.pk, cast.bob.pk])]


def test_s18_undoing_takes_back_whom_the_merge_brought(
    cast: Cast, ticket: Ticket, older: Ticket
) -> None:
    operations.add_copy(ticket_id=older.pk, actor=cast.ines, user=cast.rejane, at=at(5))
    merge(cast, ticket, older)
    unmerge(cast, ticket)
    assert followers(older) == {cast.rejane}


def test_s18_somebody_put_in_copy_by_hand_since_stays(
    cast: Cast, ticket: Ticket, older: Ticket
) -> None:
    merge(cast, ticket, older)
    operations.remove_copy(ticket_id=older.pk, actor=cast.ines, user=cast.alice, at=at(70))
    operations.add_copy(ticket_id=older.pk, actor=cast.ines, user=cast.alice, at=at(80))
    unmerge(cast, ticket)
    assert followers(older) == {cast.alice}


def test_s18_somebody_brought_by_another_merge_stays(
    cast: Cast, ticket: Ticket, older: Ticket
) -> None:
    other = taken(cast, cast.alice)
    merge(cast, ticket, older, minutes=60)
    merge(cast, other, older, minutes=70)
    unmerge(cast, ticket)
    assert followers(older) == {cast.alice}


def test_a_colleague_who_left_is_not_brought(cast: Cast, ticket: Ticket, older: Ticket) -> None:
    cast.alice.memberships.update(is_active=False)
    merge(cast, ticket, older)
    assert followers(older) == set()


# --- private incidents --------------------------------------------------------------------------


@pytest.mark.parametrize(("private", "other"), [(True, False), (False, True), (True, True)])
def test_a2_a_private_incident_merges_only_where_the_same_people_see_it(
    cast: Cast, private: bool, other: bool
) -> None:
    ticket = taken(cast, cast.alice, is_private=private)
    into = taken(cast, cast.bob, is_private=other)
    refused(cast, ticket, into, "privé")


def test_a2_two_private_incidents_seen_by_the_same_people_merge(cast: Cast) -> None:
    ticket = taken(cast, cast.alice, is_private=True, copies=[cast.bob])
    into = taken(cast, cast.bob, is_private=True, copies=[cast.alice])
    merge(cast, ticket, into)
    assert (again(ticket).merged_into, followers(into)) == (into, {cast.alice})


def test_a2_a_private_one_merges_into_an_open_one_that_nobody_else_sees(cast: Cast) -> None:
    cast.rejane.memberships.update(is_active=False)
    ticket = taken(cast, cast.alice, is_private=True)
    into = taken(cast, cast.alice)
    merge(cast, ticket, into)
    assert again(ticket).merged_into == into


def test_a2_a_new_referent_makes_the_difference(cast: Cast) -> None:
    cast.rejane.memberships.update(is_active=False)
    ticket, into = taken(cast, cast.alice, is_private=True), taken(cast, cast.alice)
    make_referent(cast.company)
    make_contact(cast.company)
    refused(cast, ticket, into, "privé")


# --- two at once --------------------------------------------------------------------------------


@pytest.mark.usefixtures("committed_db")
def test_g3_two_merges_into_each_other_at_once_make_one() -> None:
    cast = make_cast()
    pairs = [taken(cast, cast.alice), taken(cast, cast.bob)]
    barrier = Barrier(2, timeout=60)

    def send(number: int) -> bool:
        barrier.wait()
        try:
            operations.merge(
                ticket_id=pairs[number].pk, into_id=pairs[1 - number].pk, actor=cast.ines,
                reason="Même panne.", at=datetime.now(UTC),
            )  # fmt: skip
        except Refusal:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(2) as pool:
        done = sorted(pool.map(send, range(2)))
    merged = Ticket.objects.filter(merged_into__isnull=False).count()
    assert (done, merged, list(verify())) == ([False, True], 1, [])
