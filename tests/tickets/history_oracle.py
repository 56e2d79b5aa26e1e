"""A slow, obvious judge of the life of an incident (SEMANTICS S1–S19).

It lives through a history as a clerk with a stop-watch would: minute by minute, by the wall clock
of `tests.sla.oracle`, each promise loses what is left of its time while the desk is open and
nothing stops it. It knows no deadlines in advance, no database and none of `tickets.promises`,
`tickets.clocks` and `sla.hours`: a deadline is the instant at which nothing was left.

An act that is not named in `Judge._acts` is a programming error; to add one (a merge, a logged
call), give it a name there and a method that returns False when SEMANTICS refuses it.

Where SEMANTICS leaves two readings, the one taken here is marked « Reading ».
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sla.enums import CommitmentKind, Severity
from tests.sla.oracle import Oracle
from tickets.enums import Status

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
MINUTE = 60_000_000
ACKNOWLEDGEMENT, RESOLUTION = CommitmentKind.ACKNOWLEDGEMENT, CommitmentKind.RESOLUTION
WORKED_ON = {Status.IN_PROGRESS, Status.WAITING_CUSTOMER, Status.WAITING_VENDOR}
OPEN = {Status.DECLARED, *WORKED_ON}
WINDOW_DAYS = 10
# Decision 0021: working days of waiting until each reminder, then until the announced closure.
REMINDED_AFTER = (2, 5)
ANSWERED_WITHIN = 5
# They leave no event when nothing falls due: the incident's clock does not follow them.
EVENTLESS = {"sweep", "assign", "contract", "level"}


def stamp(at: datetime) -> int:
    """Microseconds since 1970: the only instants that the judge knows."""
    return (at - EPOCH) // MICROSECOND


def instant(at: int) -> datetime:
    """The same as a datetime in UTC."""
    return EPOCH + at * MICROSECOND


class Done(NamedTuple):
    """One act of a history. `moment`: when a call began, or the instant that a correction gives."""

    what: str
    at: datetime
    by: str = "engineer"
    severity: Severity | None = None
    moment: datetime | None = None
    on_call: bool = False


@dataclass(frozen=True)
class Promised:
    """The terms: a calendar's dict, working minutes per promise and severity, vendor pauses."""

    calendar: dict[str, Any]
    minutes: dict[tuple[CommitmentKind, Severity], int]
    pauses_on_vendor: bool

    def target(self, kind: CommitmentKind, severity: Severity) -> int:
        return self.minutes[kind, severity] * MINUTE


class Desk:
    """The opening hours, walked."""

    def __init__(self, data: dict[str, Any]) -> None:
        self._oracle = Oracle(data)
        self._zone = ZoneInfo(data["tz"])

    def pieces(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The open minutes from `start` to `end`, the first and the last cut."""
        if end <= start:
            return
        for minute in range(start // MINUTE, -(-end // MINUTE)):
            if self._oracle.is_open_minute(minute):
                yield max(start, minute * MINUTE), min(end, (minute + 1) * MINUTE)

    def counted(self, start: int, end: int) -> int:
        """Open time between two instants."""
        return sum(b - a for a, b in self.pieces(start, end))

    def used_up(self, start: int, duration: int) -> int:
        """The earliest instant at which a duration of open time is over (C2)."""
        left, day = duration, start
        while True:
            for a, b in self.pieces(day, day + 1440 * MINUTE):
                if left <= b - a:
                    return a + left
                left -= b - a
            day += 1440 * MINUTE

    def end_of_working_day(self, after: int, days: int) -> int:
        """The last closing of the n-th local date with an opening, the date itself apart."""
        minute, seen = after // MINUTE, [self._date(after // MINUTE)]
        closing = after
        while True:
            minute += 1
            if not self._oracle.is_open_minute(minute):
                continue
            if (date := self._date(minute)) != seen[-1]:
                if len(seen) > days:
                    return closing
                seen.append(date)
            closing = (minute + 1) * MINUTE

    def _date(self, minute: int) -> object:
        return datetime.fromtimestamp(minute * 60, self._zone).date()


@dataclass
class Watch:
    """One promise of one cycle under the stop-watch."""

    kind: CommitmentKind
    cycle: int
    severity: Severity
    target: int
    started: int
    left: int  # what remains of the promised time; negative once late
    whole: int  # open time from the start to the deadline, as it stands
    lived: int = 0  # open time since the start; pauses removed until the deadline was reached
    due: int | None = None  # once reached, or once the promise ended
    met: int | None = None
    breached: int | None = None
    voided: int | None = None
    ended: int | None = None
    rungs: dict[int, int] = field(default_factory=dict)
    # Rungs of 100 % and more exist from just after their instant on: met at the due instant is met.
    # Reading: 150 % likewise does not exist for a promise that ended at its very instant.
    about_to_fall: dict[int, int] = field(default_factory=dict)

    @property
    def used(self) -> int:
        """Working time used, in the terms of the present target."""
        return self.target - self.left

    def pass_open_time(self, a: int, b: int, paused: bool) -> None:
        """The desk was open from `a` to `b`."""
        if paused and self.due is None:
            return
        for percent in (50, 75, 150):
            edge = self._edge(percent)
            if self.lived < edge <= self.lived + b - a:
                self._fall(percent, a + edge - self.lived)
        self.lived += b - a
        if not paused:
            if 0 < self.left <= b - a:
                self.due = a + self.left
                self.about_to_fall[100] = self.due
            self.left -= b - a

    def time_is(self, now: int) -> None:
        """What was about to fall before now has fallen."""
        for percent, at in sorted(self.about_to_fall.items()):
            if at < now and self.ended is None:
                self.rungs[percent] = self.about_to_fall.pop(percent)
                if percent == 100:
                    self.breached = at

    def requalify(self, severity: Severity, target: int, now: int) -> None:
        """S7, in working time."""
        if self.ended is not None or self.breached is not None:
            return
        if severity.rank > self.severity.rank:
            self.left = min(self.left, target)
        elif (longer := target - self.lived) > self.left:
            self.left = longer
            self.due = None
            self.about_to_fall.clear()
        self.severity, self.target = severity, target
        self.whole = self.lived + self.left
        for percent in (50, 75):
            if self._edge(percent) <= self.lived:
                self.rungs.setdefault(percent, now)

    def _edge(self, percent: int) -> int:
        return round(Fraction(self.whole * percent, 100))

    def _fall(self, percent: int, at: int) -> None:
        if percent > 100:
            self.about_to_fall[percent] = at
        else:
            self.rungs.setdefault(percent, at)


class Judge:
    """One incident, lived through. `apply` says whether an act is accepted; the rest is state."""

    def __init__(self, promised: Promised) -> None:
        self.promised = promised
        self.desk = Desk(promised.calendar)
        self.status = Status.DECLARED
        self.severity = Severity.BLOCKING
        self.cycle = 0
        self.watches: list[Watch] = []
        self.pause: str | None = None
        self.now = 0  # how far the walk came
        self.recorded = 0  # no act stands before the last one
        self.ended_at: int | None = None  # resolved or cancelled
        # What a customer asked for: it moves nothing (S6), and its answer is owed once.
        self.is_escalated = False
        self.is_answered = False
        self.wants_severity = False
        self._window: int | None = None
        self.awaited_since = 0
        self.reminders = 0
        self.closes_at: int | None = None

    def apply(self, done: Done) -> bool:
        """Live until the act, then act. False: SEMANTICS refuses it, and nothing happened."""
        if done.what == "declare":
            return self._declare(done)
        self.live_until(max(stamp(done.at), self.recorded))
        accepted = self._acts()[done.what](done)
        if accepted and done.what not in EVENTLESS:
            self.recorded = self.now
        return accepted

    def live_until(self, then: int) -> None:
        """Time passes: minutes count, rungs fall, a solution nobody refused is closed."""
        assert then >= self.now, "the judge cannot live a minute twice"
        if self.closes_at is not None and then > self.closes_at:
            self._close_unanswered(self.closes_at)
        running = [watch for watch in self.watches if watch.ended is None]
        if running:
            for a, b in self.desk.pieces(self.now, then):
                for watch in running:
                    watch.pass_open_time(a, b, self._stops(watch))
            for watch in running:
                watch.time_is(then)
        self.now = then
        if self.status is Status.RESOLVED and then > self.window_end():
            self.status = Status.CLOSED

    def _close_unanswered(self, at: int) -> None:
        """Nobody answered; not while the customer awaits an answer of ours."""
        self.closes_at = None
        if (self.is_escalated and not self.is_answered) or self.wants_severity:
            return
        self.live_until(at)
        self._cancel(Done("close", instant(at)))
        self.status, self._window = Status.CLOSED, None

    def next_reminder(self) -> int | None:
        """When the customer is reminded next: at the opening after so many working days."""
        if self.pause != "customer" or self.reminders == len(REMINDED_AFTER):
            return None
        days = REMINDED_AFTER[self.reminders]
        return self.desk.used_up(self.desk.end_of_working_day(self.awaited_since, days), 0)

    def _sweep(self, done: Done) -> bool:
        """Reminders are the sweep's; an announced closure leaves its days from the mail on."""
        while (at := self.next_reminder()) is not None and at <= self.now:
            self.reminders += 1
            if self.reminders == len(REMINDED_AFTER):
                told_at = self.desk.used_up(self.now, 0)
                self.closes_at = self.desk.end_of_working_day(told_at, ANSWERED_WITHIN)
        return True

    def window_end(self) -> int:
        """Until when a solution may be refused, that instant included."""
        if self.ended_at is None:
            raise AssertionError("no solution was given")
        if self._window is None:
            self._window = self.desk.end_of_working_day(self.ended_at, WINDOW_DAYS)
        return self._window

    def due(self, watch: Watch) -> int | None:
        """The deadline as it stands; none while a pause stops the clock before it (C8)."""
        if watch.due is not None:
            return watch.due
        if self._stops(watch):
            return None
        return self.desk.used_up(self.now, watch.left)

    def current(self, kind: CommitmentKind) -> Watch:
        return next(w for w in self.watches if (w.kind, w.cycle) == (kind, self.cycle))

    def is_running(self, watch: Watch) -> bool:
        return watch.ended is None and not self._stops(watch)

    def _stops(self, watch: Watch) -> bool:
        """S4, S5: the acknowledgement is never paused; the vendor's pause only if promised."""
        if watch.kind is ACKNOWLEDGEMENT or self.pause is None:
            return False
        return self.pause == "customer" or self.promised.pauses_on_vendor

    # --- acts -------------------------------------------------------------------------------------

    def _acts(self) -> dict[str, Callable[[Done], bool]]:
        return {
            "acknowledge": self._acknowledge,
            "wait_customer": lambda done: self._wait("customer"),
            "wait_vendor": lambda done: self._wait("vendor"),
            "resume": self._resume,
            "message": self._message,
            "note": lambda done: True,
            "assign": lambda done: self.status in OPEN,
            "requalify": self._requalify,
            "resolve": self._resolve,
            "accept": self._accept,
            "reopen": self._reopen,
            "cancel": self._cancel,
            "correct": self._correct,
            "escalate": self._escalate,
            "answer": self._answer,
            "ask_severity": self._ask_severity,
            "decline": self._decline,
            # S12, S13: neither a new contract nor a new level moves anything.
            "contract": lambda done: True,
            "level": lambda done: True,
            "sweep": self._sweep,
        }

    def _declare(self, done: Done) -> bool:
        assert done.severity is not None
        self.severity = done.severity
        self.now = stamp(done.moment or done.at)
        self._begin_cycle()
        if done.on_call:
            self._acknowledge(done)
        self.live_until(stamp(done.at))
        self.recorded = self.now
        return True

    def _begin_cycle(self) -> None:
        self.cycle += 1
        for kind in CommitmentKind:
            target = self.promised.target(kind, self.severity)
            self.watches.append(
                Watch(kind, self.cycle, self.severity, target, self.now, target, target)
            )

    def _acknowledge(self, done: Done) -> bool:
        if self.status is not Status.DECLARED:
            return False
        self._meet(self.current(ACKNOWLEDGEMENT))
        self.status = Status.IN_PROGRESS
        return True

    def _meet(self, watch: Watch) -> None:
        watch.due = self.due(watch)
        watch.met = watch.ended = self.now

    def _wait(self, kind: str) -> bool:
        waiting = Status.WAITING_CUSTOMER if kind == "customer" else Status.WAITING_VENDOR
        if self.status not in WORKED_ON - {waiting}:
            return False
        self.pause, self.status = kind, waiting
        self.awaited_since, self.reminders, self.closes_at = self.now, 0, None
        return True

    def _resume(self, done: Done) -> bool:
        if self.pause is None:
            return False
        self.pause, self.status, self.closes_at = None, Status.IN_PROGRESS, None
        return True

    def _message(self, done: Done) -> bool:
        """S6: a customer's words end « En attente client », and no other pause."""
        if done.by == "customer" and self.pause == "customer":
            self._resume(done)
        return True

    def _requalify(self, done: Done) -> bool:
        assert done.severity is not None
        if self.status not in OPEN or done.severity == self.severity:
            return False
        self.severity = done.severity
        self.wants_severity = False
        for kind in CommitmentKind:
            target = self.promised.target(kind, done.severity)
            self.current(kind).requalify(done.severity, target, self.now)
        return True

    def _resolve(self, done: Done) -> bool:
        if self.status not in WORKED_ON:
            return False
        self.pause = self.closes_at = None
        self._meet(self.current(RESOLUTION))
        self.status, self.ended_at, self._window = Status.RESOLVED, self.now, None
        return True

    def _accept(self, done: Done) -> bool:
        if self.status is not Status.RESOLVED:
            return False
        self.status = Status.CLOSED
        return True

    def _reopen(self, done: Done) -> bool:
        if self.status not in {Status.RESOLVED, Status.CLOSED} or self.now > self.window_end():
            return False
        self.status, self.ended_at = Status.DECLARED, None
        self._begin_cycle()
        return True

    def _cancel(self, done: Done) -> bool:
        """S18: what fell due stays, what was open ends void."""
        if self.status not in (OPEN if done.by == "engineer" else {Status.DECLARED}):
            return False
        self.pause = self.closes_at = None
        for watch in (self.current(kind) for kind in CommitmentKind):
            if watch.ended is None:
                watch.due = self.due(watch)
                watch.ended = self.now
                watch.voided = None if watch.breached is not None else self.now
        self.status, self.ended_at = Status.CANCELLED, self.now
        return True

    def _correct(self, done: Done) -> bool:
        """S14. Reading: the deadline stands as it is, a requalification after the corrected
        instant included (then nothing may have been used); of the rungs, only 100 % is added.
        """
        assert done.moment is not None
        watch, moment = self.current(ACKNOWLEDGEMENT), stamp(done.moment)
        latest = self.now if self.ended_at is None else self.ended_at
        if done.by != "manager" or not watch.started <= moment <= latest:
            return False
        due = self.due(watch)
        assert due is not None
        watch.due, watch.met, watch.ended, watch.voided = due, moment, moment, None
        left = self.desk.counted(moment, due) - self.desk.counted(due, moment)
        watch.left = min(left, watch.target)
        watch.breached = due if moment > due else None
        if watch.breached is not None:
            watch.rungs.setdefault(100, due)
        if self.status is Status.DECLARED:
            self.status = Status.IN_PROGRESS
        return True

    def _escalate(self, done: Done) -> bool:
        """Once per incident, by a customer, while it is open."""
        if done.by != "customer" or self.status not in OPEN or self.is_escalated:
            return False
        self.is_escalated = True
        return True

    def _answer(self, done: Done) -> bool:
        """By a manager, whatever the incident became."""
        if done.by != "manager" or not self.is_escalated or self.is_answered:
            return False
        self.is_answered = True
        return True

    def _ask_severity(self, done: Done) -> bool:
        """Another one than the one retained, one request at a time, by a customer."""
        if done.by != "customer" or self.status not in OPEN:
            return False
        if done.severity == self.severity or self.wants_severity:
            return False
        self.wants_severity = True
        return True

    def _decline(self, done: Done) -> bool:
        if self.status not in OPEN or not self.wants_severity:
            return False
        self.wants_severity = False
        return True
