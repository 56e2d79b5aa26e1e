"""The clocks of an incident as pages show them, and their ledger (S15).

Customers and engineers read the same figures from here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.utils.translation import gettext as _

from accounts.models import User
from foundation.wording import paris
from sla.enums import CommitmentKind, Severity
from sla.hours import Stretch, StretchKind
from sla.queries import hours_of
from tickets import promises
from tickets.clocks import earlier_of, earlier_terms_of, pauses_for, to_promise, with_restated
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


class LedgerLine(NamedTuple):
    """One stretch of wall time: `length` of it, `counted` or not, why, and by whom (S15)."""

    start: datetime
    end: datetime
    kind: StretchKind
    label: str
    reason: str
    by: str

    @property
    def length(self) -> timedelta:
        # In UTC: two instants of one zone are subtracted by their wall clocks, an hour wrong
        # across a clock change (C4).
        return self.end.astimezone(UTC) - self.start.astimezone(UTC)

    @property
    def counted(self) -> bool:
        return self.kind is StretchKind.COUNTED


@dataclass(frozen=True)
class PromiseShown:
    """A promise of an incident's page: its clock, and the ledger behind it (S15)."""

    clock: ClockFacts
    ledger: list[LedgerLine]


def pauses_of(ticket: Ticket) -> list[Pause]:
    """The pauses of an incident with who asked for them, by start."""
    pauses = Pause.objects.filter(ticket=ticket).select_related("began_by")
    return list(pauses.order_by("began_at", "pk"))


def promises_shown(ticket: Ticket, pauses: list[Pause], at: datetime) -> list[PromiseShown]:
    """Every promise of every cycle with its ledger, the TPC first in each. One query, and one
    more for each promise whose terms changed on the way (S12).
    """
    rows = with_restated(Commitment.objects.filter(ticket=ticket)).select_related(
        "calendar_version"
    )
    return [
        PromiseShown(clock_facts(row, pauses, at), ledger_of(row, at, pauses))
        for row in rows.order_by("cycle", "kind")
    ]


def clocks_for_list(tickets: Iterable[Ticket], at: datetime) -> dict[int, list[ClockFacts]]:
    """Both clocks of each incident of a page: two queries whatever their number."""
    cycles = {ticket.pk: ticket.cycle for ticket in tickets}
    pauses: dict[int, list[Pause]] = defaultdict(list)
    for pause in Pause.objects.filter(ticket__in=cycles, ended_at__isnull=True):
        pauses[pause.ticket_id].append(pause)
    found: dict[int, list[ClockFacts]] = {pk: [] for pk in cycles}
    for row in _rows_of(cycles):
        if row.cycle == cycles[row.ticket_id]:
            found[row.ticket_id].append(clock_facts(row, pauses[row.ticket_id], at))
    return found


def _rows_of(ticket_ids: Iterable[int]) -> list[Commitment]:
    return list(
        Commitment.objects.filter(ticket__in=list(ticket_ids)).order_by("ticket", "cycle", "kind")
    )


def clock_facts(row: Commitment, pauses: Iterable[Pause], at: datetime) -> ClockFacts:
    """What a page says of one promise at `at`, whether or not the sweep has passed (S17)."""
    promise = to_promise(row)
    hours = hours_of(row.calendar_version_id)
    used = promises.used(promise, hours, at)
    overdue = not promise.is_over and promise.due_at is not None and promise.due_at < at
    remaining = None if promise.is_over or overdue else promise.target - used
    paused = _running_pause(promise, pauses)
    percent = min(100, int(100 * used / promise.target))
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


def ledger_of(row: Commitment, at: datetime, pauses: list[Pause]) -> list[LedgerLine]:
    """The stretches from the start of a promise to its end, or to its deadline, or to now.

    They add up exactly to the wall time. Reasons and authors of pauses, names of holidays are
    added here; a pause that nights cut in pieces gives its reason with the first one only.
    """
    promise = to_promise(row)
    end = promise.stopped_at or max(filter(None, (promise.due_at, at)))
    changes = earlier_terms_of(row)
    earlier = earlier_of(changes)
    found = pauses_for(promise, pauses, earlier)
    counted = [pause for _span, pause in found]
    clock = promises.clock_of(hours_of(row.calendar_version_id), earlier)
    stretches = clock.ledger(promise.started_at, end, [span for span, _pause in found])
    lines = _told_once(
        _line(stretch, counted, _holiday_names(row, changes, stretch.start))
        for stretch in stretches
    )
    return [_marked(line, changes) for line in lines]


def _holiday_names(row: Commitment, changes: list[EarlierTerms], at: datetime) -> dict[str, str]:
    """Those of the calendar that the promise counted by at that instant."""
    held = next((terms for terms in changes if at < terms.until), row)
    names: dict[str, str] = held.calendar_version.holiday_names
    return names


def _marked(line: LedgerLine, changes: list[EarlierTerms]) -> LedgerLine:
    """The first stretch under new conditions says so (S12)."""
    if all(line.start != terms.until for terms in changes):
        return line
    said = [line.reason, _("nouvelles conditions à partir d’ici")]
    return line._replace(reason=" · ".join(filter(None, said)))


def _told_once(lines: Iterable[LedgerLine]) -> list[LedgerLine]:
    told: set[str] = set()
    found = []
    for line in lines:
        found.append(line._replace(reason="") if line.reason in told else line)
        told.add(line.reason)
    return found


def _line(stretch: Stretch, pauses: list[Pause], holidays: dict[str, str]) -> LedgerLine:
    start, end, kind, index = stretch
    if kind is StretchKind.PAUSED and index is not None:
        pause = pauses[index]
        label = _("suspendu, %(why)s") % {"why": PauseKind(pause.kind).label}
        return LedgerLine(start, end, kind, label, pause.reason, _name(pause.began_by))
    if kind is StretchKind.HOLIDAY:
        name = holidays.get(start.date().isoformat(), _("jour férié"))
        return LedgerLine(start, end, kind, _("support fermé (%(day)s)") % {"day": name}, "", "")
    if kind is StretchKind.CLOSED:
        return LedgerLine(start, end, kind, _closed_label(start, end), "", "")
    return LedgerLine(start, end, kind, _("compté"), "", "")


def _closed_label(start: datetime, end: datetime) -> str:
    """« support fermé (week-end) », or « (nuit) », or just closed."""
    first, last = paris(start), paris(end)
    days = {(first.date() + timedelta(days=n)).weekday() for n in range((last - first).days + 1)}
    if days & {5, 6} and last - first > timedelta(hours=24):
        return _("support fermé (week-end)")
    if last.date() != first.date():
        return _("support fermé (nuit)")
    return _("support fermé")


def _name(person: User | None) -> str:
    return person.full_name if person else ""
