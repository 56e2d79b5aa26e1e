"""Compliance from the promises themselves: what is at risk now, what was decided when.

A promise belongs to the month in which it was decided, met or breached, whichever came first
(S19). Open and void ones are outside the denominator, and the page says how many. Costs follow
the open incidents and the months shown, never the whole history.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    Count,
    DateTimeField,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    QuerySet,
    TextField,
    Value,
)

from foundation.wording import PARIS, paris
from sla.enums import CommitmentKind, Severity
from tickets.models import Commitment, Rung
from tickets.queries.clocks import PromiseShown, promises_told

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
    """The figures of a month, the total last, and what stands outside their denominator."""

    rows: list[Row]
    open_count: int
    void_count: int

    @property
    def missed(self) -> int:
        """Promises missed in the month, of both kinds."""
        return self.rows[-1].acknowledgement.missed + self.rows[-1].resolution.missed


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
    """At risk (75 % passed, still in time), missed and still open, paused. Four queries."""
    running = Commitment.objects.filter(stopped_at__isnull=True)
    warned = Exists(Rung.objects.filter(commitment=OuterRef("pk"), percent=75))
    in_time = running.filter(breached_at__isnull=True)
    at_risk = in_time.filter(warned, counting_since__isnull=False)
    missed = running.filter(breached_at__isnull=False)
    paused = in_time.filter(counting_since__isnull=True)
    numbers = _tally(at_risk=at_risk, missed=missed, paused=paused)
    return Now(
        _shown(at_risk, "due_at"),
        numbers["at_risk"],
        _shown(missed, "due_at"),
        numbers["missed"],
        _shown(paused, "started_at"),
        numbers["paused"],
    )


def _shown(rows: QuerySet[Commitment], order: str) -> list[Commitment]:
    return list(
        rows.select_related("ticket__company", "ticket__assignee").order_by(order, "pk")[:SHOWN]
    )


def _tally(**parts: QuerySet[Commitment]) -> Counter[str]:
    """How many rows each part holds: one query, each part read from its own index."""
    counted = [
        rows.order_by()
        .annotate(part=Value(name, output_field=TextField()))
        .values_list("part")
        .annotate(number=Count("*"))
        for name, rows in parts.items()
    ]
    return Counter(dict(_together(counted)))


def _together(parts: Sequence[QuerySet[Commitment, Any]]) -> QuerySet[Commitment, Any]:
    first, *others = parts
    return first.union(*others, all=True)


def _missed_in(span: Span) -> QuerySet[Commitment]:
    """Promises breached in a span, whatever was done afterwards (S19)."""
    return Commitment.objects.filter(breached_at__gte=span.start, breached_at__lt=span.end)


def _met_in(span: Span) -> QuerySet[Commitment]:
    """Promises met in a span without having been breached (S19)."""
    return Commitment.objects.filter(
        breached_at__isnull=True, met_at__gte=span.start, met_at__lt=span.end
    )


def month_figures(first: date) -> Month:
    """Met and missed by severity and kind, with the total; two queries."""
    span = month_span(first)
    scores: dict[tuple[str, str], Score] = defaultdict(Score)
    met = _met_in(span).values_list("kind", "severity").annotate(met=Count("*"), missed=Value(0))
    missed = (
        _missed_in(span).values_list("kind", "severity").annotate(met=Value(0), missed=Count("*"))
    )
    for kind, severity, *numbers in _together([met.order_by(), missed.order_by()]):
        scores[kind, severity] += Score(*numbers)
    rows = [_row(scores, [severity], severity) for severity in Severity]
    rows.append(_row(scores, list(Severity), None))
    outside = _tally(
        open=Commitment.objects.filter(
            stopped_at__isnull=True, breached_at__isnull=True, started_at__lt=span.end
        ),
        void=Commitment.objects.filter(voided_at__gte=span.start, voided_at__lt=span.end),
    )
    return Month(rows, outside["open"], outside["void"])


def _row(
    scores: dict[tuple[str, str], Score], severities: list[Severity], label: Severity | None
) -> Row:
    def total(kind: CommitmentKind) -> Score:
        return sum((scores[kind.value, severity.value] for severity in severities), Score())

    return Row(label, total(CommitmentKind.ACKNOWLEDGEMENT), total(CommitmentKind.RESOLUTION))


def weekly_scores(at: datetime) -> list[Week]:
    """The last twelve weeks, the present one included; one query."""
    today = paris(at).date()
    monday = today - timedelta(days=today.weekday())
    mondays = [monday - timedelta(weeks=n) for n in reversed(range(WEEKS))]
    begins = [_midnight(day) for day in mondays]
    span = Span(begins[0], _midnight(monday + timedelta(weeks=1)))
    met = _by_week(_met_in(span), "met_at", begins).annotate(met=Count("*"), missed=Value(0))
    missed = _by_week(_missed_in(span), "breached_at", begins).annotate(
        met=Value(0), missed=Count("*")
    )
    scores: dict[tuple[str, int], Score] = defaultdict(Score)
    for kind, week, *numbers in _together([met, missed]):
        scores[kind, week] += Score(*numbers)
    return [
        Week(week, *(scores[kind, number] for kind in CommitmentKind.values))
        for number, week in enumerate(mondays, start=1)
    ]


def _by_week(
    rows: QuerySet[Commitment], instant: str, begins: list[datetime]
) -> QuerySet[Commitment, Any]:
    """Grouped by kind and number of the week, from one; the weeks begin when Paris's do."""
    week = Func(
        F(instant),
        Value(begins, output_field=ArrayField(DateTimeField())),
        function="width_bucket",
        output_field=IntegerField(),
    )
    return rows.order_by().annotate(week=week).values_list("kind", "week")


def misses(first: date, at: datetime) -> list[PromiseShown]:
    """The promises missed in a month with their ledgers (S15), newest first, as many as a page
    shows. Two queries.
    """
    rows = _missed_in(month_span(first)).order_by("-breached_at", "-pk")
    facts = rows.select_related("ticket__company", "ticket__assignee", "calendar_version")
    return promises_told(facts[:MISSES_SHOWN], at)


def months_back(at: datetime, number: int) -> Iterator[date]:
    """The first days of this month and of the ones before it."""
    first = paris(at).date().replace(day=1)
    for _month in range(number):
        yield first
        first = (first - timedelta(days=1)).replace(day=1)
