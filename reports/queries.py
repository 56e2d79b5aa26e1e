"""Compliance from the promises themselves: what is at risk now, what was decided when.

A promise belongs to the month in which it was decided, met or breached, whichever came first
(S19). Open and void ones are outside the denominator, and the page says how many. Costs follow
the open incidents and the months shown, never the whole history.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import TruncWeek

from foundation.wording import PARIS, paris
from sla.enums import CommitmentKind, Severity
from tickets.models import Commitment, Rung

WEEKS = 12
SHOWN = 12
MISSES_SHOWN = 50


@dataclass(frozen=True)
class Score:
    """How many promises were decided, and how many of them were met."""

    met: int = 0
    missed: int = 0

    @property
    def decided(self) -> int:
        return self.met + self.missed

    @property
    def percent(self) -> float | None:
        """None when nothing was decided: « – » is not 0 % and not 100 %."""
        return 100 * self.met / self.decided if self.decided else None

    def __add__(self, other: Score) -> Score:
        return Score(self.met + other.met, self.missed + other.missed)


class Now(NamedTuple):
    """What a manager can still act on, nearest deadline first, with how many there are in all."""

    at_risk: list[Commitment]
    at_risk_count: int
    missed: list[Commitment]
    missed_count: int
    paused: list[Commitment]
    paused_count: int


class Row(NamedTuple):
    """One severity of the month's table; None is the total."""

    severity: Severity | None
    acknowledgement: Score
    resolution: Score


class Month(NamedTuple):
    """The figures of a month, and what stands outside their denominator."""

    rows: list[Row]
    open_count: int
    void_count: int


class Week(NamedTuple):
    """The scores of a week that begins on `monday`."""

    monday: date
    acknowledgement: Score
    resolution: Score


class Span(NamedTuple):
    """`[start, end)`, instants."""

    start: datetime
    end: datetime


def month_span(first: date) -> Span:
    """A month of Paris."""
    following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    return Span(_midnight(first), _midnight(following))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=PARIS)


def now_figures() -> Now:
    """At risk (75 % passed, still in time), missed and still open, paused. Six queries."""
    running = Commitment.objects.filter(stopped_at__isnull=True)
    warned = Exists(Rung.objects.filter(commitment=OuterRef("pk"), percent=75))
    in_time = running.filter(breached_at__isnull=True)
    at_risk = in_time.filter(warned, counting_since__isnull=False)
    missed = running.filter(breached_at__isnull=False)
    paused = in_time.filter(counting_since__isnull=True)
    return Now(*_shown(at_risk, "due_at"), *_shown(missed, "due_at"), *_shown(paused, "started_at"))


def _shown(rows: QuerySet[Commitment], order: str) -> tuple[list[Commitment], int]:
    facts = rows.select_related("ticket__company", "ticket__assignee").order_by(order, "pk")
    return list(facts[:SHOWN]), rows.count()


def decided_in(span: Span) -> Q:
    """Promises decided in a span: breached in it, or met in it without having been breached."""
    return Q(breached_at__gte=span.start, breached_at__lt=span.end) | Q(
        breached_at__isnull=True, met_at__gte=span.start, met_at__lt=span.end
    )


def month_figures(first: date) -> Month:
    """Met and missed by severity and kind, with the total; three queries."""
    span = month_span(first)
    scores: dict[tuple[str, str], Score] = defaultdict(Score)
    counted = (
        Commitment.objects.filter(decided_in(span))
        .values_list("kind", "severity")
        .annotate(missed=Count("pk", filter=Q(breached_at__isnull=False)), decided=Count("pk"))
        .order_by()
    )
    for kind, severity, missed, decided in counted:
        scores[kind, severity] = Score(decided - missed, missed)
    rows = [_row(scores, [severity], severity) for severity in Severity]
    rows.append(_row(scores, list(Severity), None))
    return Month(
        rows,
        Commitment.objects.filter(
            stopped_at__isnull=True, breached_at__isnull=True, started_at__lt=span.end
        ).count(),
        Commitment.objects.filter(voided_at__gte=span.start, voided_at__lt=span.end).count(),
    )


def _row(
    scores: dict[tuple[str, str], Score], severities: list[Severity], label: Severity | None
) -> Row:
    def total(kind: CommitmentKind) -> Score:
        return sum((scores[kind.value, severity.value] for severity in severities), Score())

    return Row(label, total(CommitmentKind.ACKNOWLEDGEMENT), total(CommitmentKind.RESOLUTION))


def weekly_scores(at: datetime) -> list[Week]:
    """The last twelve weeks, the present one included; two queries."""
    today = paris(at).date()
    monday = today - timedelta(days=today.weekday())
    mondays = [monday - timedelta(weeks=n) for n in reversed(range(WEEKS))]
    span = Span(_midnight(mondays[0]), _midnight(monday + timedelta(weeks=1)))
    missed = _by_week("breached_at", Q(breached_at__gte=span.start, breached_at__lt=span.end))
    met = _by_week(
        "met_at", Q(breached_at__isnull=True, met_at__gte=span.start, met_at__lt=span.end)
    )
    return [
        Week(
            week,
            *(Score(met[kind, week], missed[kind, week]) for kind in CommitmentKind.values),
        )
        for week in mondays
    ]


def _by_week(instant: str, condition: Q) -> dict[tuple[str, date], int]:
    counted = (
        Commitment.objects.filter(condition)
        .annotate(week=TruncWeek(instant, tzinfo=PARIS))
        .values_list("kind", "week")
        .annotate(number=Count("pk"))
        .order_by()
    )
    found: dict[tuple[str, date], int] = defaultdict(int)
    for kind, week, number in counted:
        found[kind, week.date()] = number
    return found


def misses(first: date) -> tuple[list[Commitment], int]:
    """The promises missed in a month, newest first, and how many there are."""
    span = month_span(first)
    rows = Commitment.objects.filter(breached_at__gte=span.start, breached_at__lt=span.end)
    facts = rows.select_related("ticket__company", "ticket__assignee", "calendar_version")
    return list(facts.order_by(F("breached_at").desc(), "pk")[:MISSES_SHOWN]), rows.count()


def months_back(at: datetime, number: int) -> Iterator[date]:
    """The first days of this month and of the ones before it."""
    first = paris(at).date().replace(day=1)
    for _month in range(number):
        yield first
        first = (first - timedelta(days=1)).replace(day=1)
