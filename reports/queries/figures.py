"""Compliance from the promises themselves: what is at risk now, what was decided when.

A promise belongs to the month in which it was decided, met or breached, whichever came first
(S19). Open and void ones are outside the denominator, and the page says how many. A month's
figures are those that stood at its end: corrections recorded later are taken back out of them and
listed beside (docs/decisions/0012-rehearsal.md). Costs follow the open incidents, the months
shown and, for an older month, what was decided since; never the whole history.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from operator import attrgetter
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

from foundation.wording import paris
from reports.queries.changes import Correction, Decision, corrections_from, lowered_in, raised_in
from reports.queries.spans import Span, midnight, month_span
from sla.enums import CommitmentKind, Severity
from tickets.enums import Outcome
from tickets.models import Commitment, Rung

WEEKS = 12
SHOWN = 12
MISSES_SHOWN = 50
# Kept beside the scores of kinds and severities: what is counted and never divided by.
_OPEN, _VOID, _RAISED, _LOWERED = ("open", ""), ("void", ""), ("raised", ""), ("lowered", "")
# Places of a corrected promise that concern no figure of a month.
_OUTSIDE = {None, Outcome.RUNNING}


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


Scores = dict[tuple[str, str], Score]


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
    """The figures of a month as they stood at its end, the total last, and what stands beside."""

    rows: list[Row]
    open_count: int
    void_count: int
    raised_count: int
    lowered_count: int
    corrections: list[Correction]
    # Recorded after the month's end and not applied above, with the total they would give.
    since: list[Correction]
    today: Row

    @property
    def missed(self) -> int:
        """Promises missed in the month, of both kinds, corrections since applied."""
        return self.today.acknowledgement.missed + self.today.resolution.missed

    @property
    def changed_count(self) -> int:
        """Corrections made in the month that changed an outcome."""
        return sum(correction.changed_outcome for correction in self.corrections)


class Week(NamedTuple):
    """The scores of a week that begins on `monday`."""

    monday: date
    acknowledgement: Score
    resolution: Score


def now_figures() -> Now:
    """At risk (75 % passed, still in time), missed and still open, paused. Two queries."""
    running = Commitment.objects.filter(stopped_at__isnull=True)
    warned = Exists(Rung.objects.filter(commitment=OuterRef("pk"), percent=75))
    in_time = running.filter(breached_at__isnull=True)
    at_risk = in_time.filter(warned, counting_since__isnull=False)
    missed = running.filter(breached_at__isnull=False)
    paused = in_time.filter(counting_since__isnull=True)
    numbers = _tally(at_risk=at_risk, missed=missed, paused=paused)
    shown = _shown(at_risk=(at_risk, "due_at"), missed=(missed, "due_at"),
                   paused=(paused, "started_at"))  # fmt: skip
    return Now(
        shown["at_risk"],
        numbers["at_risk"],
        shown["missed"],
        numbers["missed"],
        shown["paused"],
        numbers["paused"],
    )


def _shown(**parts: tuple[QuerySet[Commitment], str]) -> dict[str, list[Commitment]]:
    """The first rows of each part in its own order: one query, each part read from its index."""
    first = [
        rows.select_related("ticket__company", "ticket__assignee")
        .annotate(part=Value(name, output_field=TextField()))
        .order_by(order, "pk")[:SHOWN]
        for name, (rows, order) in parts.items()
    ]
    found: dict[str, list[Commitment]] = {name: [] for name in parts}
    for row in _together(first):
        found[row.part].append(row)
    # A union promises no order.
    for name, (_rows, order) in parts.items():
        found[name].sort(key=attrgetter(order, "pk"))
    return found


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


def _together(parts: Sequence[QuerySet[Any, Any]]) -> QuerySet[Any, Any]:
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
    """Met and missed by severity and kind, with the total, and all beside; two queries."""
    span = month_span(first)
    scores = _scores(span)
    today = _total(scores)
    corrections = corrections_from(span.start)
    since = _concerning(span, [row for row in corrections if row.at >= span.end])
    _take_back(scores, span, since)
    rows = [_row(scores, [severity], severity) for severity in Severity]
    return Month(
        rows=[*rows, _total(scores)],
        open_count=scores[_OPEN].met,
        void_count=scores[_VOID].met,
        raised_count=scores[_RAISED].met,
        lowered_count=scores[_LOWERED].met,
        corrections=[row for row in corrections if row.at < span.end],
        since=since,
        today=today,
    )


def _scores(span: Span) -> Scores:
    """By kind and severity, as the promises stand today; what is only counted comes as met."""
    met = _met_in(span).values_list("kind", "severity").annotate(met=Count("*"), missed=Value(0))
    missed = (
        _missed_in(span).values_list("kind", "severity").annotate(met=Value(0), missed=Count("*"))
    )
    begun = Commitment.objects.filter(started_at__lt=span.end)
    parts = [
        (_OPEN, begun.filter(stopped_at__isnull=True, breached_at__isnull=True)),
        # Open when the month ended, decided since: the month's figure does not change for that.
        (_OPEN, begun.filter(breached_at__gte=span.end)),
        (_OPEN, begun.filter(breached_at__isnull=True, met_at__gte=span.end)),
        (_OPEN, begun.filter(voided_at__gte=span.end)),
        (_VOID, Commitment.objects.filter(voided_at__gte=span.start, voided_at__lt=span.end)),
        (_RAISED, raised_in(span)),
        (_LOWERED, lowered_in(span)),
    ]
    counted = [_counted(key, rows) for key, rows in parts]
    scores: Scores = defaultdict(Score)
    for kind, severity, *numbers in _together([met.order_by(), missed.order_by(), *counted]):
        scores[kind, severity] += Score(*numbers)
    return scores


def _counted(key: tuple[str, str], rows: QuerySet[Any]) -> QuerySet[Any, Any]:
    """How many rows, in the columns of a score."""
    first, second = (Value(text, output_field=TextField()) for text in key)
    named = rows.order_by().annotate(first=first, second=second).values_list("first", "second")
    scores: QuerySet[Any, Any] = named.annotate(met=Count("*"), missed=Value(0))
    return scores


# --- the month as it was issued (S19) -------------------------------------------------------------


def _concerning(span: Span, corrections: list[Correction]) -> list[Correction]:
    """Those of promises that the month counts, or would count without them."""
    return [
        correction
        for first, last in _ends(corrections)
        if {_place(span, first, first.was), _place(span, last, last.now)} - _OUTSIDE
        for correction in corrections
        if _promise(correction) == _promise(first)
    ]


def _take_back(scores: Scores, span: Span, since: list[Correction]) -> None:
    """Each corrected promise counts where it did before the first correction after the end."""
    for first, last in _ends(since):
        for place, number in (
            (_place(span, last, last.now), -1), (_place(span, first, first.was), 1),
        ):  # fmt: skip
            kind = CommitmentKind.ACKNOWLEDGEMENT.value
            if place is Outcome.MET:
                scores[kind, first.severity.value] += Score(met=number)
            elif place is Outcome.BREACHED:
                scores[kind, first.severity.value] += Score(missed=number)
            elif place is not None:
                scores[_VOID if place is Outcome.VOID else _OPEN] += Score(met=number)


def _ends(corrections: list[Correction]) -> list[tuple[Correction, Correction]]:
    """The first and the last correction of each promise; they come oldest first."""
    found: dict[tuple[int, int], tuple[Correction, Correction]] = {}
    for row in corrections:
        first, _last = found.get(_promise(row), (row, row))
        found[_promise(row)] = (first, row)
    return list(found.values())


def _promise(correction: Correction) -> tuple[int, int]:
    return correction.ticket.pk, correction.cycle


def _place(span: Span, correction: Correction, decision: Decision) -> Outcome | None:
    """Where a month counts a promise that was decided so; None is in another month."""
    if decision.at is None or decision.at >= span.end:
        return Outcome.RUNNING if correction.started_at < span.end else None
    return decision.outcome if span.holds(decision.at) else None


def _total(scores: Scores) -> Row:
    return _row(scores, list(Severity), None)


def _row(scores: Scores, severities: list[Severity], label: Severity | None) -> Row:
    def total(kind: CommitmentKind) -> Score:
        return sum((scores[kind.value, severity.value] for severity in severities), Score())

    return Row(label, total(CommitmentKind.ACKNOWLEDGEMENT), total(CommitmentKind.RESOLUTION))


def weekly_scores(at: datetime) -> list[Week]:
    """The last twelve weeks, the present one included; one query."""
    today = paris(at).date()
    monday = today - timedelta(days=today.weekday())
    mondays = [monday - timedelta(weeks=n) for n in reversed(range(WEEKS))]
    begins = [midnight(day) for day in mondays]
    span = Span(begins[0], midnight(monday + timedelta(weeks=1)))
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


def misses(first: date) -> list[Commitment]:
    """The promises missed in a month, newest first, as many as a page shows. One query.

    The ledger of each is fetched when its line is opened (S15).
    """
    rows = _missed_in(month_span(first)).order_by("-breached_at", "-pk")
    return list(rows.select_related("ticket__company", "ticket__assignee")[:MISSES_SHOWN])


def months_back(at: datetime, number: int) -> Iterator[date]:
    """The first days of this month and of the ones before it."""
    first = paris(at).date().replace(day=1)
    for _month in range(number):
        yield first
        first = (first - timedelta(days=1)).replace(day=1)
