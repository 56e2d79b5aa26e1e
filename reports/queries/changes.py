"""What people changed afterwards: requalifications (S7) and corrected acknowledgements (S14).

Both are rare and stand in the history, so each is read from its event: who, when, before, after,
and the reason that the customer read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from reports.queries.spans import Span, month_span
from sla.enums import CommitmentKind, Severity
from tickets.enums import Act, Outcome
from tickets.models import Commitment, Message, Ticket, TicketEvent

SHOWN = 100


class Decision(NamedTuple):
    """How an acknowledgement stood, and since when; None while nothing decided it."""

    outcome: Outcome
    at: datetime | None = None


@dataclass(frozen=True)
class Change:
    """One act: on which incident, by whom, when, why."""

    ticket: Ticket
    who: str
    at: datetime
    reason: str


@dataclass(frozen=True)
class Requalification(Change):
    """Another severity was retained (S7)."""

    before: Severity
    after: Severity


@dataclass(frozen=True)
class Correction(Change):
    """Another instant of acknowledgement holds (S14); `before` is None where there was none."""

    before: datetime | None
    after: datetime
    was: Decision
    now: Decision
    cycle: int
    severity: Severity
    started_at: datetime

    @property
    def changed_outcome(self) -> bool:
        return self.was.outcome is not self.now.outcome


class Changes(NamedTuple):
    """Those of a month: as many as a page shows of each, newest first, and how many in all."""

    raised: list[Requalification]
    raised_count: int
    lowered: list[Requalification]
    lowered_count: int
    corrections: list[Correction]


def changes_of(first: date) -> Changes:
    """The changes recorded in a month; five queries."""
    span = month_span(first)
    raised, lowered = raised_in(span), lowered_in(span)
    corrections = [row for row in corrections_from(span.start) if row.at < span.end]
    return Changes(
        _requalifications(raised),
        raised.count(),
        _requalifications(lowered),
        lowered.count(),
        corrections[::-1],
    )


# --- requalifications -----------------------------------------------------------------------------


def raised_in(span: Span) -> QuerySet[TicketEvent]:
    """A more severe one was retained."""
    return _moved(span, [(a, b) for a in Severity for b in Severity if a.rank < b.rank])


def lowered_in(span: Span) -> QuerySet[TicketEvent]:
    """A less severe one was retained."""
    return _moved(span, [(a, b) for a in Severity for b in Severity if a.rank > b.rank])


def _moved(span: Span, moves: list[tuple[Severity, Severity]]) -> QuerySet[TicketEvent]:
    return TicketEvent.objects.filter(
        act=Act.REQUALIFY,
        recorded_at__gte=span.start,
        recorded_at__lt=span.end,
        facts__severity__in=[[before.value, after.value] for before, after in moves],
    )


def _requalifications(events: QuerySet[TicketEvent]) -> list[Requalification]:
    rows = _with_reason(events).order_by("-recorded_at", "-pk")[:SHOWN]
    return [
        Requalification(
            **_common(row),
            before=Severity(row.facts["severity"][0]),
            after=Severity(row.facts["severity"][1]),
        )
        for row in rows
    ]


# --- corrections ----------------------------------------------------------------------------------


def corrections_from(start: datetime) -> list[Correction]:
    """Those recorded at or after an instant, oldest first; one query."""
    events = TicketEvent.objects.filter(act=Act.CORRECT, recorded_at__gte=start)
    corrected = Commitment.objects.filter(
        ticket=OuterRef("ticket"), kind=CommitmentKind.ACKNOWLEDGEMENT, cycle=OuterRef("in_cycle")
    )
    rows = _with_reason(events).annotate(
        in_cycle=Cast(KT("facts__cycle"), IntegerField()),
        promised_as=Subquery(corrected.values("severity")[:1]),
        promised_at=Subquery(corrected.values("started_at")[:1]),
    )
    return [_correction(row) for row in rows.order_by("recorded_at", "pk")]


def _correction(row: Any) -> Correction:
    before, after = (
        datetime.fromisoformat(value) if value else None
        for value in row.facts["acknowledged_at"]
    )  # fmt: skip
    if after is None:
        raise ValueError(f"event {row.pk}: a correction gives an instant")
    # The deadline is no correction's to move: the event's is the one that both values meet.
    due_at = row.acknowledgement_due_at
    return Correction(
        **_common(row),
        before=before,
        after=after,
        was=_decided(due_at, before) or _undone(due_at, row),
        now=_decided(due_at, after) or Decision(Outcome.RUNNING),
        cycle=row.in_cycle,
        severity=Severity(row.promised_as),
        started_at=row.promised_at,
    )


def _decided(due_at: datetime | None, met_at: datetime | None) -> Decision | None:
    """Met if and only if `met_at <= due_at`, else missed at its due instant (S17)."""
    if met_at is None or due_at is None:
        return None
    return Decision(Outcome.MET, met_at) if met_at <= due_at else Decision(Outcome.BREACHED, due_at)


def _undone(due_at: datetime | None, row: TicketEvent) -> Decision:
    """Where no acknowledgement was recorded: void, missed or still open at the correction."""
    ended = row.ticket.cancelled_at
    if ended is not None and ended <= row.recorded_at and (due_at is None or ended <= due_at):
        return Decision(Outcome.VOID, ended)
    if due_at is not None and due_at < row.recorded_at:
        return Decision(Outcome.BREACHED, due_at)
    return Decision(Outcome.RUNNING)


# --- common to both -------------------------------------------------------------------------------


def _with_reason(events: QuerySet[TicketEvent]) -> QuerySet[Any]:
    message = Message.objects.filter(pk=OuterRef("message_pk"))
    return events.select_related("ticket__company", "actor").annotate(
        message_pk=Cast(KT("facts__message"), BigIntegerField()),
        reason=Subquery(message.values("body")[:1]),
    )


def _common(row: Any) -> dict[str, Any]:
    return {
        "ticket": row.ticket,
        "who": row.actor.full_name if row.actor else "",
        "at": row.recorded_at,
        "reason": row.reason or "",
    }
