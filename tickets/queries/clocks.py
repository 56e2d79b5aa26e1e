"""The clocks of an incident as pages show them, and their ledger (S15).

Customers and engineers read the same figures from here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils.translation import gettext as _

from accounts.models import User
from foundation.wording import exact_duration
from sla.enums import CommitmentKind, Severity
from sla.ledger import Hold, Ledger, Segment, ledger
from sla.queries import hours_of
from tickets import promises
from tickets.clocks import (
    Stored,
    earlier_of,
    earlier_terms_of,
    pauses_for,
    spans_for,
    to_promise,
    with_restated,
)
from tickets.enums import Outcome, PauseKind
from tickets.models import Commitment, EarlierTerms, Pause, Ticket

# From this share of the working time on, a clock that runs says « bientôt ».
SOON_PERCENT = 75


@dataclass(frozen=True)
class ClockFacts:
    """One promise, ready to be shown. Durations are working time."""

    commitment: Commitment
    kind: CommitmentKind
    severity: Severity
    cycle: int
    outcome: Outcome
    level: str
    target: timedelta
    used: timedelta
    remaining: timedelta | None
    percent: int
    started_at: datetime
    due_at: datetime | None
    met_at: datetime | None
    breached_at: datetime | None
    stopped_at: datetime | None
    paused_since: datetime | None
    paused_reason: str

    @property
    def label(self) -> str:
        return str(self.kind.label)

    @property
    def is_running(self) -> bool:
        """Somebody still has to act for this promise."""
        return self.stopped_at is None

    @property
    def is_late(self) -> bool:
        """Its deadline has passed, and the act has still not been done."""
        return self.level == "late"


@dataclass(frozen=True, slots=True)
class Awaited:
    """The promise that a list watches: what `foundation.clockface` says in words."""

    label: str
    outcome: Outcome
    due_at: datetime | None
    used: timedelta
    target: timedelta
    met_at: datetime | None = None
    paused_reason: str = ""


class Tick(NamedTuple):
    """A promise in a line of the queue. `used` is known while it is awaited only: what is over
    says how it ended.
    """

    level: str
    target: timedelta
    used: timedelta
    due_at: datetime | None


@dataclass(frozen=True)
class PromiseShown:
    """A promise as pages show it: its clock, and the ledger behind it (S15).

    `adjusted` says what the clock keeps of what was counted, when its terms changed (S7).
    """

    clock: ClockFacts
    ledger: Ledger
    adjusted: str = ""


def pauses_of(ticket: Ticket) -> list[Pause]:
    """The pauses of an incident with who asked for them, by start."""
    pauses = Pause.objects.filter(ticket=ticket).select_related("began_by")
    return list(pauses.order_by("began_at", "pk"))


def promises_shown(
    ticket: Ticket, pauses: list[Pause], at: datetime, *, for_staff: bool = False
) -> list[PromiseShown]:
    """Every promise of every cycle with its ledger, the TPC first in each. One query, and one
    more for each promise whose terms changed on the way (S12). `for_staff`: whom it is told to.
    """
    rows = with_restated(Commitment.objects.filter(ticket=ticket)).select_related(
        "calendar_version"
    )
    return [_shown(row, pauses, at, for_staff=for_staff) for row in rows.order_by("cycle", "kind")]


def _shown(row: Commitment, pauses: list[Pause], at: datetime, *, for_staff: bool) -> PromiseShown:
    clock = clock_facts(row, pauses, at)
    lines = ledger_of(row, at, pauses, for_staff=for_staff)
    return PromiseShown(clock, lines, _adjusted(clock, pauses, at))


def awaited(
    promise: promises.Promise, calendar_version_id: int, label: str, at: datetime
) -> Awaited:
    """The same facts as `clock_facts`, of a promise that is not over, for one line of a list."""
    outcome = Outcome.RUNNING if promise.counting_since is not None else Outcome.PAUSED
    if promise.breached_at is not None or is_overdue(promise, at):
        outcome = Outcome.BREACHED
    used = promises.used(promise, hours_of(calendar_version_id), at)
    return Awaited(label, outcome, promise.due_at, used, promise.target)


def tick_of(row: Stored, at: datetime) -> Tick:
    """The same facts again, for a line of the queue: it shows every promise of its cycle."""
    if row.stopped_at is not None:
        level = "missed" if row.breached_at else "met" if row.met_at else "void"
        return Tick(level, timedelta(minutes=row.target_minutes), timedelta(0), row.due_at)
    promise = to_promise(row)
    used = promises.used(promise, hours_of(row.calendar_version_id), at)
    level = _level(promise, _percent(used, promise), overdue=is_overdue(promise, at))
    return Tick(level, promise.target, used, promise.due_at)


def is_overdue(promise: promises.Promise, at: datetime) -> bool:
    """Its deadline has passed without the act, whether or not the sweep has seen it (S17)."""
    return not promise.is_over and promise.due_at is not None and promise.due_at < at


def clock_facts(row: Commitment, pauses: Iterable[Pause], at: datetime) -> ClockFacts:
    """What a page says of one promise at `at`, whether or not the sweep has passed (S17)."""
    promise = to_promise(row)
    hours = hours_of(row.calendar_version_id)
    used = promises.used(promise, hours, at)
    overdue = is_overdue(promise, at)
    remaining = None if promise.is_over or overdue else promise.target - used
    paused = _running_pause(promise, pauses)
    percent = _percent(used, promise)
    return ClockFacts(
        commitment=row,
        kind=promise.kind,
        severity=promise.severity,
        cycle=promise.cycle,
        outcome=Outcome.BREACHED if overdue else row.outcome,
        level=_level(promise, percent, overdue=overdue),
        target=promise.target,
        used=used,
        remaining=remaining,
        percent=percent,
        started_at=promise.started_at,
        due_at=promise.due_at,
        met_at=promise.met_at,
        breached_at=promise.due_at if overdue else promise.breached_at,
        stopped_at=promise.stopped_at,
        paused_since=paused.began_at if paused else None,
        paused_reason=paused.reason if paused else "",
    )


def _running_pause(promise: promises.Promise, pauses: Iterable[Pause]) -> Pause | None:
    if promise.is_over:
        return None
    for pause in pauses:
        if pause.ended_at is None and promises.stops_for(promise, PauseKind(pause.kind)):
            return pause
    return None


def _percent(used: timedelta, promise: promises.Promise) -> int:
    """How much of what was promised is used up, 100 at most."""
    return min(100, int(100 * used / promise.target))


def _level(promise: promises.Promise, percent: int, *, overdue: bool) -> str:
    """calm, soon, late, paused; met, missed, void once it is over. A word for the page's colour."""
    if promise.is_over:
        if promise.breached_at:
            return "missed"
        return "met" if promise.met_at else "void"
    if overdue or promise.breached_at:
        return "late"
    if promise.counting_since is None:
        return "paused"
    return "soon" if percent >= SOON_PERCENT else "calm"


# --- the ledger (S15) --------------------------------------------------------------------------


def ledger_of(
    row: Commitment, at: datetime, pauses: list[Pause], *, for_staff: bool = False
) -> Ledger:
    """The stretches from the start of a promise to its end, or to its deadline, or to now.

    They add up exactly to the wall time. Reasons and authors of pauses, names of holidays are
    given here; the words are those of `sla.ledger`. Who is waited for is « vous » to a customer,
    « le client » to staff.
    """
    promise = to_promise(row)
    end = promise.stopped_at or max(filter(None, (promise.due_at, at)))
    changes = earlier_terms_of(row)
    return ledger(
        _segments(row, changes, end),
        [
            _hold(span, pause, for_staff=for_staff)
            for span, pause in pauses_for(promise, pauses, earlier_of(changes))
        ],
        due_at=promise.due_at,
        now=None if promise.is_over else at,
        ended=_ended(row) if promise.is_over else "",
        seen_from=at,
    )


def _segments(row: Commitment, changes: list[EarlierTerms], end: datetime) -> list[Segment]:
    """The calendars that counted, one after the other; nearly every promise has one (S12)."""
    found, start = [], row.started_at
    for terms in changes:
        hours = hours_of(terms.calendar_version_id)
        names = terms.calendar_version.holiday_names
        found.append(Segment(start, terms.until, hours, names, _("nouvelles conditions ensuite")))
        start = terms.until
    version = row.calendar_version
    return [*found, Segment(start, end, hours_of(version.pk), version.holiday_names)]


def _hold(span: promises.Span, pause: Pause, *, for_staff: bool) -> Hold:
    kind = PauseKind(pause.kind)
    why = str(kind.label)
    if for_staff and kind is PauseKind.CUSTOMER:
        why = _("en attente de la réponse du client")
    label = _("suspendu, %(why)s") % {"why": why}
    return Hold(*span, label, pause.reason, _name(pause.began_by))


def _ended(row: Commitment) -> str:
    """What ended it, at the end of its last line."""
    if row.met_at is None:
        return _("incident terminé")
    acknowledged = row.kind == CommitmentKind.ACKNOWLEDGEMENT
    return _("prise en charge") if acknowledged else _("résolution")


def _adjusted(clock: ClockFacts, pauses: list[Pause], at: datetime) -> str:
    """What the clock keeps, when it is not the plain sum of what was counted.

    A change of severity gives time back or takes some away (S7): the stretches stay true, and
    the page says why its clock shows another figure.
    """
    row = clock.commitment
    earlier = earlier_of(earlier_terms_of(row))
    hours = promises.clock_of(hours_of(row.calendar_version_id), earlier)
    spans = spans_for(to_promise(row), pauses, earlier)
    counted = hours.elapsed(row.started_at, clock.stopped_at or at, spans)
    if counted == clock.used:
        return ""
    return _(
        "Le délai a changé en cours de route\u00a0: %(used)s sont retenues sur %(target)s."
    ) % {"used": exact_duration(clock.used), "target": exact_duration(clock.target)}


def _name(person: User | None) -> str:
    return person.full_name if person else ""
