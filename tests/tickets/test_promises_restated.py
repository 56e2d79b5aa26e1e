"""S12 on pure promises: what holds for all targets, calendars and instants."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from sla.enums import CommitmentKind, Severity
from sla.hours import OpeningHours
from tickets import promises
from tickets.enums import PauseKind
from tickets.promises import Earlier, Promise

START = datetime(2026, 9, 15, 8, tzinfo=UTC)
ZERO = timedelta(0)
DAYS = ("mon", "tue", "wed", "thu", "fri")
lawful = settings(max_examples=200, deadline=None)
targets = st.integers(1, 3_000).map(lambda minutes: timedelta(minutes=minutes))
instants = st.integers(0, 6 * 24 * 3600).map(lambda seconds: START + timedelta(seconds=seconds))
hours_typed = st.sampled_from(
    [("09:00", "18:00"), ("00:00", "24:00"), ("07:00", "12:30"), ("13:00", "13:15")]
)


def calendar(window: tuple[str, str]) -> OpeningHours:
    weekly = {day: [list(window)] for day in DAYS}
    return OpeningHours.from_dict({"tz": "Europe/Paris", "weekly": weekly, "holidays": []})


def started(target: timedelta, hours: OpeningHours, *, vendor: bool = False) -> Promise:
    return promises.begin(
        kind=CommitmentKind.RESOLUTION, cycle=1, severity=Severity.IMPAIRING, target=target,
        pauses_on_vendor=vendor, hours=hours, at=START,
    )  # fmt: skip


def restated(
    promise: Promise,
    old: OpeningHours,
    new: OpeningHours,
    target: timedelta,
    *,
    at: datetime,
    waiting: PauseKind | None = None,
) -> Promise:
    return promises.restate(
        promise, hours=old, new_hours=new, target=target, pauses_on_vendor=False,
        waiting=waiting, at=at,
    )  # fmt: skip


@lawful
@given(targets, targets, hours_typed, hours_typed, instants)
def test_s12_what_remains_is_the_new_target_less_what_was_used(
    target: timedelta,
    other: timedelta,
    before: tuple[str, str],
    after: tuple[str, str],
    at: datetime,
) -> None:
    """Counted on the new calendar from the act; decided or used up, it stays as it is."""
    old, new = calendar(before), calendar(after)
    promise = started(target, old)
    if promise.due_at is not None and promise.due_at < at:
        promise = promises.breach(promise)
    used = promises.used(promise, old, at)
    found = restated(promise, old, new, other, at=at)
    if promise.breached_at is not None or used >= other:
        assert found == promise
        return
    assert found.due_at is not None
    left = new.elapsed(at, found.due_at)
    assert (left, found.target, promises.used(found, new, at)) == (other - used, other, used)


@lawful
@given(targets, hours_typed, instants)
def test_s12_the_same_conditions_move_nothing(
    target: timedelta, window: tuple[str, str], at: datetime
) -> None:
    hours = calendar(window)
    promise = started(target, hours)
    assert restated(promise, hours, hours, target, at=at).due_at == promise.due_at


@lawful
@given(targets, targets, st.tuples(hours_typed, hours_typed), instants, st.integers(0, 90))
def test_s15_the_counted_stretches_of_both_calendars_are_what_was_used(
    target: timedelta,
    other: timedelta,
    windows: tuple[tuple[str, str], tuple[str, str]],
    at: datetime,
    later: int,
) -> None:
    old, new = (calendar(window) for window in windows)
    promise = started(target, old)
    found = restated(promise, old, new, other, at=at)
    if found is promise:
        return
    clock = promises.clock_of(new, [Earlier(at, old, False)])
    end = at + timedelta(hours=later)
    assert clock.elapsed(START, end) == promises.used(found, new, end)


@lawful
@given(targets, targets, hours_typed, instants)
def test_s12_paused_or_running_the_same_time_remains(
    target: timedelta, other: timedelta, window: tuple[str, str], at: datetime
) -> None:
    """Paused at the act and resumed at the same instant: as if it had been running."""
    old, new = calendar(("09:00", "18:00")), calendar(window)
    promise = started(target, old)
    if promise.due_at is None or promise.due_at <= at:
        return
    running = restated(promise, old, new, other, at=at)
    paused = promises.suspend(promise, old, at)
    changed = restated(paused, old, new, other, at=at, waiting=PauseKind.CUSTOMER)
    if running is promise:
        assert changed is paused
        return
    assert changed.due_at is None
    assert promises.resume(changed, new, at) == running
