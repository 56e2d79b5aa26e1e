"""The lines of customers’ lists: what is shown of an incident, and nothing else, in one statement.

A list costs one statement whatever its number of lines (Q1): the scope and the filters come from
the ORM (`visible_to` and no other way, A2), the columns and the promise to watch from the
statement around it. docs/decisions/0018-lists-and-exports.md says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection

from tickets.clocks import Stored, to_promise
from tickets.enums import Status, Turn
from tickets.lifecycle import turn
from tickets.queries.clocks import Awaited, awaited

# A text made by the ORM, and its parameters.
Statement = tuple[str, Sequence[Any]]

_TURNS = {status: turn(status) for status in Status}
_STATUSES = {status.value: status for status in Status}

# Of the promises that are awaited, the one with the nearest deadline counts; while the clock stands
# still it has none.
_COLUMNS = """
    ticket.reference, ticket.title, ticket.status, ticket.severity, ticket.is_private,
    ticket.received_at, ticket.closed_at, ticket.cancelled_at,
    ticket.merged_into_id IS NOT NULL, ticket.waiting_reason, ticket.waiting_until,
    product.name, company.name, requester.first_name, requester.last_name,
    promise.kind, promise.cycle, promise.severity, promise.target_minutes,
    promise.pauses_on_vendor, promise.started_at, promise.counted_seconds,
    promise.counting_since, promise.due_at, promise.breached_at, promise.calendar_version_id
"""
_TABLES = """
LEFT JOIN tickets_ticket AS ticket ON ticket.id = hit.id
LEFT JOIN licences_product AS product ON product.id = ticket.product_id
LEFT JOIN accounts_company AS company ON company.id = ticket.company_id
LEFT JOIN accounts_user AS requester ON requester.id = ticket.requester_id
LEFT JOIN LATERAL (
    SELECT * FROM tickets_commitment AS own
    WHERE own.ticket_id = ticket.id AND own.cycle = ticket.cycle AND own.stopped_at IS NULL
    ORDER BY own.due_at NULLS LAST, own.id LIMIT 1
) AS promise ON true
ORDER BY hit.place
"""
# `ids` are in their order and no more than can be paged through; the page asked for is brought
# back to the last one. Without any hit there is one row of nulls, for the total.
_PAGE = """
WITH found AS MATERIALIZED (SELECT ARRAY({hits}) AS ids),
page AS (
    SELECT ids, LEAST(%s, GREATEST(cardinality(ids) - 1, 0) / %s * %s) AS start FROM found
)
SELECT cardinality(page.ids), page.start, {columns}
FROM page
LEFT JOIN LATERAL unnest(page.ids[page.start + 1 : page.start + %s])
    WITH ORDINALITY AS hit (id, place) ON true
{tables}
"""
_LISTED = "SELECT {columns} FROM unnest(%s::bigint[]) WITH ORDINALITY AS hit (id, place) {tables}"


@dataclass(frozen=True, slots=True)
class Line:
    """An incident of a list, with the promise to watch if one is awaited."""

    reference: str
    title: str
    status: Status
    severity: str
    is_private: bool
    received_at: datetime
    closed_at: datetime | None
    cancelled_at: datetime | None
    is_merged: bool
    waiting_reason: str
    waiting_until: date | None
    product: str
    company: str
    requester: str
    clock: Awaited | None

    @property
    def turn(self) -> Turn:
        """Whose turn it is."""
        return _TURNS[self.status]


class Page(NamedTuple):
    """Some lines of a list; `total` stops at what can be paged through."""

    lines: list[Line]
    total: int
    start: int


class _Row(NamedTuple):
    """The columns of the incident, in their order; those of its promise (`Stored`) come after."""

    reference: str
    title: str
    status: str
    severity: str
    is_private: bool
    received_at: datetime
    closed_at: datetime | None
    cancelled_at: datetime | None
    is_merged: bool
    waiting_reason: str
    waiting_until: date | None
    product: str
    company: str
    first_name: str
    last_name: str


_OF_TICKET = len(_Row._fields)


def page_of(hits: Statement, at: datetime, *, start: int, size: int) -> Page:
    """The `size` lines from the one at `start` on, of those that `hits` gives.

    `hits` gives ids in their order, comes from `visible_to` and has its limit. One statement.
    """
    text, parameters = hits
    rows = _rows(_PAGE, [*parameters, start, size, size, size], text)
    total, start = rows[0][:2]
    return Page([_line(row[2:], at) for row in rows] if total else [], total, start)


def lines_of(pks: Sequence[int], at: datetime) -> list[Line]:
    """The lines of these incidents, in this order. They come from `visible_to`. One statement."""
    return [_line(row, at) for row in _rows(_LISTED, [list(pks)])]


def _rows(statement: str, parameters: Sequence[Any], hits: str = "") -> list[tuple[Any, ...]]:
    """`hits` is made by the ORM; every value is a parameter."""
    with connection.cursor() as cursor:
        cursor.execute(statement.format(columns=_COLUMNS, tables=_TABLES, hits=hits), parameters)
        return list(cursor.fetchall())


def _line(columns: Sequence[Any], at: datetime) -> Line:
    row, promised = _Row(*columns[:_OF_TICKET]), columns[_OF_TICKET:]
    return Line(
        reference=row.reference,
        title=row.title,
        status=_STATUSES[row.status],
        severity=row.severity,
        is_private=row.is_private,
        received_at=row.received_at,
        closed_at=row.closed_at,
        cancelled_at=row.cancelled_at,
        is_merged=row.is_merged,
        waiting_reason=row.waiting_reason,
        waiting_until=row.waiting_until,
        product=row.product,
        company=row.company,
        requester=f"{row.first_name} {row.last_name}".strip(),
        clock=_clock(Stored(*promised), at) if promised[0] is not None else None,
    )


def _clock(row: Stored, at: datetime) -> Awaited:
    promise = to_promise(row)
    return awaited(promise, row.calendar_version_id, str(promise.kind.label), at)
