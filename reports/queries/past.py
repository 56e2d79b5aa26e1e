"""Rehearsing other targets on the real history: columns in order, side by side, no objects.

Four statements whatever the number of incidents; promises, pauses and the events of incidents that
must be told again come in the order of incidents, and are read once.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import date
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any, Generic, NamedTuple, TypeVar

from django.db.models import Exists, OuterRef, Q, QuerySet

from reports.queries.figures import Score
from reports.queries.retelling import TELLING_ACTS, deadlines
from reports.rehearsal import (
    Asked,
    Cell,
    Fate,
    Past,
    Paused,
    Tally,
    Window,
    as_it_was,
    would_be_due,
    would_have_been,
)
from sla.enums import CommitmentKind, Severity
from sla.models import ServiceLevel, ServiceLevelVersion
from sla.queries import hours_of
from tickets.history import EventRow
from tickets.models import Commitment, Pause, TicketEvent

CHUNK = 5000
_END = sys.maxsize
_DECIDED = (Fate.MET, Fate.MISSED)
T = TypeVar("T")


class Line(NamedTuple):
    """One promise and severity (None: all of them): as it was, as it would have been."""

    kind: CommitmentKind
    severity: Severity | None
    was: Score
    would: Score
    # Promises that would change sides, and missed ones that would still wait for a decision.
    won: int
    lost: int
    undecided: int


class Rehearsal(NamedTuple):
    """What a rehearsal says, with what stands outside its denominators."""

    lines: list[Line]
    open_count: int
    open_missed: int
    void_count: int
    void_missed: int
    undecided: int
    read: int


def rehearse(asked: Asked, window: Window, level: ServiceLevel | None = None) -> Rehearsal:
    """The promises decided in the period, decided again with other targets."""
    tally = tally_of(asked, window, level)
    cells = [(kind.value, severity.value) for kind in CommitmentKind for severity in Severity]
    return Rehearsal(
        lines=[_line(tally, kind, severity) for kind in CommitmentKind for severity in _lines()],
        open_count=tally.of(cells, [Fate.OPEN]),
        open_missed=tally.of(cells, [Fate.OPEN], [Fate.MISSED]),
        void_count=tally.of(cells, [Fate.VOID]),
        void_missed=tally.of(cells, [Fate.VOID], [Fate.MISSED]),
        undecided=tally.of(cells, [Fate.MISSED], [Fate.OPEN]),
        read=tally.read,
    )


def _lines() -> list[Severity | None]:
    return [*Severity, None]


def _line(tally: Tally, kind: CommitmentKind, severity: Severity | None) -> Line:
    severities = [severity] if severity else list(Severity)
    cells: list[Cell] = [(kind.value, each.value) for each in severities]
    return Line(
        kind=kind,
        severity=severity,
        was=Score(tally.of(cells, [Fate.MET]), tally.of(cells, [Fate.MISSED])),
        would=Score(
            tally.of(cells, _DECIDED, [Fate.MET]), tally.of(cells, _DECIDED, [Fate.MISSED])
        ),
        won=tally.of(cells, [Fate.MISSED], [Fate.MET]),
        lost=tally.of(cells, [Fate.MET], [Fate.MISSED]),
        undecided=tally.of(cells, [Fate.MISSED], [Fate.OPEN]),
    )


def tally_of(asked: Asked, window: Window, level: ServiceLevel | None = None) -> Tally:
    """Each promise of the period with its fate, and the one that the asked targets give."""
    rows = _concerned(window, level)
    events, pauses = _events_beside(rows), _pauses_beside(rows)
    told: dict[tuple[str, int], Any] = {}
    told_of = -1
    tally = Tally()
    columns = rows.order_by("ticket_id", "cycle", "kind").values_list(*Past._fields)
    for past in map(Past._make, columns.iterator(chunk_size=CHUNK)):
        was = would = as_it_was(past, window)
        target = asked.get((past.kind, past.severity))
        story = events.of(past.ticket_id)
        if story and told_of != past.ticket_id:
            told, told_of = deadlines(story, asked), past.ticket_id
        if story:
            would = would_have_been(past, was, told[past.kind, past.cycle], window)
        elif target is not None:
            hours = hours_of(past.calendar_version_id)
            due_at = would_be_due(past, target, hours, pauses.of(past.ticket_id))
            would = would_have_been(past, was, due_at, window)
        tally.count(past, was, would)
    return tally


# --- reading --------------------------------------------------------------------------------------


def _concerned(window: Window, level: ServiceLevel | None) -> QuerySet[Commitment]:
    """Decided or void in the period, or begun before its end and then open."""
    start, end = window.start, window.end
    missed = Q(breached_at__gte=start)
    met = Q(breached_at__isnull=True, met_at__gte=start)
    void = Q(voided_at__gte=start)
    running = Q(stopped_at__isnull=True, breached_at__isnull=True)
    rows = Commitment.objects.filter(missed | met | void | running, started_at__lt=end)
    return rows.filter(service_level_version__service_level=level) if level else rows


def _events_beside(rows: QuerySet[Commitment]) -> Beside[EventRow]:
    """All events of the incidents that must be told again."""
    telling = TicketEvent.objects.filter(act__in=TELLING_ACTS, ticket__in=rows.values("ticket"))
    events = TicketEvent.objects.filter(ticket__in=telling.values("ticket"))
    columns = events.order_by("ticket_id", "sequence").values_list(*EventRow._fields)
    stories = map(EventRow._make, columns.iterator(chunk_size=CHUNK))
    return Beside(stories, attrgetter("ticket_id"))


def _pauses_beside(rows: QuerySet[Commitment]) -> Beside[Paused]:
    same = rows.filter(ticket=OuterRef("ticket"))
    pauses = Pause.objects.filter(Exists(same)).order_by("ticket_id", "began_at", "pk")
    columns = pauses.values_list("ticket_id", "kind", "began_at", "ended_at")
    return Beside(columns.iterator(chunk_size=CHUNK), itemgetter(0))


class Beside(Generic[T]):
    """Rows read along with others that come in the same order of incidents."""

    def __init__(self, rows: Iterator[T], ticket_of: Callable[[T], int]) -> None:
        self._groups = groupby(rows, ticket_of)
        self._at = -1
        self._rows: list[T] = []

    def of(self, ticket_id: int) -> list[T]:
        """Those of one incident; incidents must be asked for in their order."""
        while self._at < ticket_id:
            self._at, rows = next(self._groups, (_END, iter(())))
            self._rows = list(rows)
        return self._rows if self._at == ticket_id else []


def targets_in_force(level: ServiceLevel | None, day: date) -> dict[Cell, int | None]:
    """The minutes promised on a day, by kind and severity; None where the levels differ."""
    versions = ServiceLevelVersion.objects.filter(effective_from__lte=day)
    if level is not None:
        versions = versions.filter(service_level=level)
    newest = list(
        versions.order_by("service_level_id", "-effective_from").distinct("service_level_id")
    )
    found: dict[Cell, int | None] = {}
    for kind in CommitmentKind:
        for severity in Severity:
            minutes = {version.target_minutes(kind, severity) for version in newest}
            found[kind.value, severity.value] = minutes.pop() if len(minutes) == 1 else None
    return found
