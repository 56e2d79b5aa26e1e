"""The arithmetic of a promise, pure: start, pause, meet, breach, requalify (S1–S18).

A `Promise` is a frozen value. Operations change it through these functions and copy the result
into its `Commitment` row; `tickets.history` folds the events through the same functions and
compares. All instants are aware; durations are working time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sla.enums import CommitmentKind, Severity
from sla.hours import Hours, OpeningHours, SuccessiveHours
from tickets.enums import PauseKind

Span = tuple[datetime, datetime | None]

PERCENTS = (50, 75, 100, 150)
# A promise is met at its due instant; the breach exists just after it (S17: met_at <= due_at).
AN_INSTANT = timedelta(microseconds=1)
ZERO = timedelta(0)


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise of one cycle, as it stands."""

    kind: CommitmentKind
    cycle: int
    severity: Severity
    target: timedelta
    pauses_on_vendor: bool
    started_at: datetime
    counted: timedelta
    counting_since: datetime | None
    due_at: datetime | None
    met_at: datetime | None = None
    breached_at: datetime | None = None
    voided_at: datetime | None = None
    stopped_at: datetime | None = None

    @property
    def is_over(self) -> bool:
        return self.stopped_at is not None

    @property
    def is_decided(self) -> bool:
        """Its due, target and rungs never move again (S17)."""
        return self.is_over or self.breached_at is not None


# What `meet`, `suspend`, `resume` and `void` are: a promise, its hours, an instant.
Change = Callable[[Promise, Hours, datetime], Promise]


def _reach(
    hours: Hours, start: datetime, duration: timedelta, pauses: Sequence[Span] = ()
) -> datetime | None:
    """When `duration` of working time is used up, in UTC.

    Two instants of one zone are compared by their wall clocks, which is wrong in the hour that
    occurs twice; in UTC no instant does.
    """
    found = hours.add(start, duration, pauses)
    return found.astimezone(UTC) if found else None


class DueRung(NamedTuple):
    """A rung and the instant at which it falls (S10)."""

    percent: int
    at: datetime


def begin(
    *,
    kind: CommitmentKind,
    cycle: int,
    severity: Severity,
    target: timedelta,
    pauses_on_vendor: bool,
    hours: Hours,
    at: datetime,
) -> Promise:
    """A promise that starts counting at `at` (S3)."""
    return Promise(
        kind=kind,
        cycle=cycle,
        severity=severity,
        target=target,
        pauses_on_vendor=pauses_on_vendor,
        started_at=at,
        counted=ZERO,
        counting_since=at,
        due_at=_reach(hours, at, target),
    )


def stops_for(promise: Promise, kind: PauseKind) -> bool:
    """Whether this kind of pause stops this promise's clock (S4, S5, S18)."""
    if promise.kind is CommitmentKind.ACKNOWLEDGEMENT:
        return False
    return kind is not PauseKind.VENDOR or promise.pauses_on_vendor


class Earlier(NamedTuple):
    """Terms by which a promise counted until an instant, before it was given others (S12)."""

    until: datetime
    hours: OpeningHours
    pauses_on_vendor: bool


def clock_of(hours: OpeningHours, earlier: Sequence[Earlier]) -> Hours:
    """What a promise counts by: its calendar, after those that it had before."""
    if not earlier:
        return hours
    return SuccessiveHours(tuple((terms.until, terms.hours) for terms in earlier), hours)


def stopped_by(
    promise: Promise, kind: PauseKind, span: Span, earlier: Sequence[Earlier] = ()
) -> list[Span]:
    """The parts of a pause during which this promise's clock stands still (S4, S5).

    Pauses belong to the incident; whether one stops the clock is said, at each instant, by the
    terms of that instant (S12): a part before a change and one after it are judged apart.
    """
    began, ended = span
    if ended is not None and ended <= promise.started_at:
        return []
    if kind is not PauseKind.VENDOR or not earlier:
        return [span] if stops_for(promise, kind) else []
    if promise.kind is CommitmentKind.ACKNOWLEDGEMENT:
        return []
    found: list[Span] = []
    for terms in earlier:
        until = terms.until if ended is None else min(terms.until, ended)
        if began < until:
            if terms.pauses_on_vendor:
                found.append((began, until))
            began = until
    if promise.pauses_on_vendor and (ended is None or began < ended):
        found.append((began, ended))
    return found


def used(promise: Promise, hours: Hours, at: datetime) -> timedelta:
    """Working time counted at `at`, in the terms of the present target."""
    if promise.counting_since is None:
        return promise.counted
    return promise.counted + hours.elapsed(promise.counting_since, at)


def suspend(promise: Promise, hours: Hours, at: datetime) -> Promise:
    """The clock stands still from `at`. No deadline while it does, unless already reached (C8)."""
    if promise.is_over or promise.counting_since is None:
        return promise
    counted = used(promise, hours, at)
    reached = promise.breached_at is not None or counted >= promise.target
    return replace(
        promise,
        counted=counted,
        counting_since=None,
        due_at=promise.due_at if reached else None,
    )


def resume(promise: Promise, hours: Hours, at: datetime) -> Promise:
    """The clock runs again from `at`, with what remained."""
    if promise.is_over or promise.counting_since is not None:
        return promise
    due_at = promise.due_at or _reach(hours, at, promise.target - promise.counted)
    return replace(promise, counting_since=at, due_at=due_at)


def meet(promise: Promise, hours: Hours, at: datetime) -> Promise:
    """The promised act happened at `at`: met, or fulfilled late if it was breached before."""
    if promise.is_over:
        return promise
    return replace(
        promise,
        counted=used(promise, hours, at),
        counting_since=None,
        met_at=at,
        stopped_at=at,
    )


def void(promise: Promise, hours: Hours, at: datetime) -> Promise:
    """The incident ended without the act: void, unless it was breached before (S18)."""
    if promise.is_over:
        return promise
    return replace(
        promise,
        counted=used(promise, hours, at),
        counting_since=None,
        voided_at=None if promise.breached_at else at,
        stopped_at=at,
    )


def unvoid(promise: Promise, hours: Hours, at: datetime) -> Promise:
    """The end is undone at `at` (S18): what remained when it ended remains, from `at` on.

    As if the clock had stood still meanwhile: a deadline that was reached stays where it was. A
    promise that was met is none of this.
    """
    if promise.met_at is not None or not promise.is_over:
        return promise
    reached = promise.breached_at is not None or promise.counted >= promise.target
    standing = replace(
        promise, voided_at=None, stopped_at=None, due_at=promise.due_at if reached else None
    )
    return resume(standing, hours, at)


def breach(promise: Promise) -> Promise:
    """Its due instant passed: the breach stands at that instant, whenever it is found (S17)."""
    if promise.is_over or promise.breached_at or promise.due_at is None:
        return promise
    return replace(promise, breached_at=promise.due_at)


def requalify(
    promise: Promise,
    *,
    hours: Hours,
    severity: Severity,
    target: timedelta,
    pauses: Sequence[Span],
    at: datetime,
) -> Promise:
    """S7. Raising: remaining = min(remaining, new target). Lowering: the later of two deadlines.

    Only open promises change. Works while paused too: the remaining time is what changes.
    """
    if promise.is_decided or severity == promise.severity:
        return promise
    before = remaining = promise.target - used(promise, hours, at)
    if severity.rank > promise.severity.rank:
        remaining = min(remaining, target)
    else:
        since_start = hours.elapsed(promise.started_at, at, pauses)
        remaining = max(remaining, target - since_start)
    running = promise.counting_since is not None
    due_at = promise.due_at
    # At the deadline itself nothing remains: adding nothing at the closing instant would give
    # the next opening (C3), a promise that was raised would win a night. A pause that began at that
    # very instant had kept the deadline as reached (C8): given time, it is not.
    if remaining != before:
        due_at = _reach(hours, at, remaining) if running else None
    return replace(
        promise,
        severity=severity,
        target=target,
        counted=target - remaining,
        counting_since=at if running else None,
        due_at=due_at,
    )


def remaining_under(promise: Promise, hours: Hours, target: timedelta, at: datetime) -> timedelta:
    """S12: what would be left of another target at `at`; nothing or less when it is used up."""
    return target - used(promise, hours, at)


def restate(
    promise: Promise,
    *,
    hours: Hours,
    new_hours: OpeningHours,
    target: timedelta,
    pauses_on_vendor: bool,
    waiting: PauseKind | None,
    at: datetime,
) -> Promise:
    """S12: other terms from `at` on. Remaining = new target − used, counted on the new calendar.

    `waiting` is the incident's running pause: the new terms say whether it stops this clock from
    now on. Decided promises, and those with nothing left, stay as they are.
    """
    remaining = remaining_under(promise, hours, target, at)
    if promise.is_decided or remaining <= ZERO:
        return promise
    changed = replace(
        promise, target=target, counted=target - remaining, pauses_on_vendor=pauses_on_vendor
    )
    if waiting is not None and stops_for(changed, waiting):
        return replace(changed, counting_since=None, due_at=None)
    return replace(changed, counting_since=at, due_at=_reach(new_hours, at, remaining))


def correct(promise: Promise, hours: Hours, met_at: datetime) -> Promise:
    """S14: the acknowledgement instant was wrong. Re-decides the promise; due does not move.

    An acknowledgement is never paused: what it used is what was left, or gone, at its deadline.
    """
    due_at, counted = promise.due_at, promise.counted
    late = due_at is not None and met_at > due_at
    if due_at is not None:
        left, gone = hours.elapsed(met_at, due_at), hours.elapsed(due_at, met_at)
        counted = max(ZERO, promise.target - left + gone)
    return replace(
        promise,
        counted=counted,
        counting_since=None,
        met_at=met_at,
        breached_at=due_at if late else None,
        voided_at=None,
        stopped_at=met_at,
    )


def rungs(promise: Promise, hours: Hours, pauses: Sequence[Span]) -> list[DueRung]:
    """S10: add(start, p × elapsed(start, due, pauses)).

    Pauses that began after the deadline move nothing: a breached promise's rungs stand. While
    the clock stands still only the rungs before the pause have an instant: there are new ones
    when a requalification takes away time that was not used yet.
    """
    due_at = promise.due_at
    before = [span for span in pauses if due_at is None or span[0] < due_at]
    whole = _whole(promise, hours, before)
    found = []
    for percent in PERCENTS:
        at = (
            due_at
            if percent == 100
            else _reach(hours, promise.started_at, whole * percent / 100, before)
        )
        if at is not None:
            found.append(DueRung(percent, at))
    return found


def _whole(promise: Promise, hours: Hours, pauses: Sequence[Span]) -> timedelta:
    """Working time from the start to the deadline, or to the one that the pause puts off."""
    if promise.due_at is not None:
        return hours.elapsed(promise.started_at, promise.due_at, pauses)
    stopped = max(began for began, _ended in pauses)
    remaining = promise.target - promise.counted
    return hours.elapsed(promise.started_at, stopped, pauses) + remaining


def fallen(
    promise: Promise,
    hours: Hours,
    pauses: Sequence[Span],
    recorded: Iterable[int],
    at: datetime,
) -> list[DueRung]:
    """Rungs that fell at or before `at` and are not recorded yet, in their order."""
    if promise.is_over:
        return []
    known = set(recorded)
    return [
        rung
        for rung in rungs(promise, hours, pauses)
        if rung.percent not in known and look_at(rung) <= at
    ]


def look_at(rung: DueRung) -> datetime:
    """The first instant at which the rung has fallen."""
    return rung.at + AN_INSTANT if rung.percent >= 100 else rung.at


def next_look(
    promise: Promise, hours: Hours, pauses: Sequence[Span], recorded: Iterable[int]
) -> datetime | None:
    """When the sweep must look at this promise next, if ever."""
    if promise.is_over:
        return None
    known = set(recorded)
    ahead = [look_at(r) for r in rungs(promise, hours, pauses) if r.percent not in known]
    return min(ahead, default=None)
