"""The lines of the queue: what is shown of an incident, and nothing else, in one statement.

The same way as customers' lists (`tickets.queries.lines`, decisions 0018 and 0020): the scope comes
from the ORM, the columns from the statement around it. A line of the queue has both promises, its
engineer, and who spoke last.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from sla.enums import CommitmentKind
from tickets.clocks import Stored
from tickets.enums import AskKind, Side, Status, Turn
from tickets.lifecycle import turn
from tickets.models import NEVER
from tickets.queries.clocks import Tick, tick_of

_TURNS = {status: turn(status) for status in Status}
_STATUSES = {status.value: status for status in Status}
_SIDES = {side.value: side for side in Side}
# The most pressing first: it colours the line.
_URGENCY = ("late", "soon", "calm", "paused")

# As `User.full_name`.
_NAME = "COALESCE(NULLIF(btrim({who}.first_name || ' ' || {who}.last_name), ''), {who}.email)"
_PROMISE = ", ".join(f"{{name}}.{column}" for column in Stored._fields)
# The promises of the present cycle: every incident has both. Each table is looked up for a line on
# its own (« OFFSET 0 », subqueries): PostgreSQL would weigh the orders in which eight tables can be
# joined for longer than it reads them.
_TEXT = """
SELECT
    ticket.id, ticket.reference, ticket.title, ticket.severity, ticket.status,
    ticket.next_due_at, ticket.received_at, ticket.is_private, ticket.contract_id IS NULL,
    ticket.cycle, ticket.company_id, ticket.assignee_id, company.name, company.alert_note <> '',
    (SELECT product.name FROM licences_product AS product WHERE product.id = ticket.product_id),
    (
        SELECT {engineer} FROM accounts_user AS engineer
        WHERE engineer.id = ticket.assignee_id
    ),
    (
        SELECT ask.answered_at IS NULL FROM tickets_ask AS ask
        WHERE ask.ticket_id = ticket.id AND ask.kind = '{escalation}'
    ),
    word.side, word.written_at, word.speaker,
    {charge}, {solution}
FROM unnest((SELECT ARRAY({hits}))) WITH ORDINALITY AS hit (id, place)
JOIN tickets_ticket AS ticket ON ticket.id = hit.id
JOIN LATERAL (
    SELECT own.name, own.alert_note FROM accounts_company AS own
    WHERE own.id = ticket.company_id OFFSET 0
) AS company ON true
JOIN LATERAL (
    SELECT * FROM tickets_commitment AS own
    WHERE own.ticket_id = ticket.id AND own.cycle = ticket.cycle
        AND own.kind = '{acknowledgement}' OFFSET 0
) AS charge ON true
JOIN LATERAL (
    SELECT * FROM tickets_commitment AS own
    WHERE own.ticket_id = ticket.id AND own.cycle = ticket.cycle
        AND own.kind = '{resolution}' OFFSET 0
) AS solution ON true
LEFT JOIN LATERAL (
    SELECT
        message.side, message.written_at,
        (
            SELECT {speaker} FROM accounts_user AS speaker
            WHERE speaker.id = message.author_id
        ) AS speaker
    FROM tickets_message AS message
    WHERE message.ticket_id = ticket.id
        AND (message.visible_from IS NULL OR message.visible_from < '{never}')
    ORDER BY message.written_at DESC LIMIT 1
) AS word ON true
ORDER BY hit.place
"""
_STATEMENT = _TEXT.format(
    engineer=_NAME.format(who="engineer"),
    speaker=_NAME.format(who="speaker"),
    escalation=AskKind.ESCALATION.value,
    never=NEVER.isoformat(),
    acknowledgement=CommitmentKind.ACKNOWLEDGEMENT.value,
    resolution=CommitmentKind.RESOLUTION.value,
    charge=_PROMISE.format(name="charge"),
    solution=_PROMISE.format(name="solution"),
    hits="{hits}",
)


class _Row(NamedTuple):
    """The columns before the promises, in their order."""

    pk: int
    reference: str
    title: str
    severity: str
    status: str
    next_due_at: datetime | None
    received_at: datetime
    is_private: bool
    is_out_of_contract: bool
    cycle: int
    company_id: int
    assignee_id: int | None
    company: str
    has_alert: bool
    product: str
    assignee: str | None
    escalation_waits: bool | None
    side: str | None
    written_at: datetime | None
    speaker: str | None


_OF_TICKET, _OF_PROMISE = len(_Row._fields), len(Stored._fields)


class Word(NamedTuple):
    """Who spoke last to the other side, and when. Notes are not spoken."""

    side: Side
    speaker: str
    at: datetime


class Line(NamedTuple):
    """An incident of the queue. `escalation_waits`: null when it was never escalated."""

    pk: int
    reference: str
    title: str
    severity: str
    status: Status
    next_due_at: datetime | None
    received_at: datetime
    is_private: bool
    is_out_of_contract: bool
    is_reopened: bool
    escalation_waits: bool | None
    company_id: int
    company: str
    has_alert: bool
    product: str
    assignee_id: int | None
    assignee: str
    charge: Tick
    solution: Tick
    last_word: Word | None

    @property
    def turn(self) -> Turn:
        return _TURNS[self.status]

    @property
    def urgency(self) -> str:
        """The most pressing of both clocks; empty when neither runs nor waits."""
        levels = (self.charge.level, self.solution.level)
        return next((level for level in _URGENCY if level in levels), "")

    @property
    def can_be_taken(self) -> bool:
        return self.status is Status.DECLARED


def lines_of(hits: tuple[str, Sequence[Any]], at: datetime) -> list[Line]:
    """The lines of the ids that `hits` gives, in its order. One statement.

    `hits` comes from `visible_to` and has its limit; every value is a parameter.
    """
    text, parameters = hits
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENT.format(hits=text), parameters)
        return [_line(row, at) for row in cursor.fetchall()]


def _line(columns: Sequence[Any], at: datetime) -> Line:
    row = _Row(*columns[:_OF_TICKET])
    charge, solution = columns[_OF_TICKET:-_OF_PROMISE], columns[-_OF_PROMISE:]
    return Line(
        pk=row.pk,
        reference=row.reference,
        title=row.title,
        severity=row.severity,
        status=_STATUSES[row.status],
        next_due_at=row.next_due_at,
        received_at=row.received_at,
        is_private=row.is_private,
        is_out_of_contract=row.is_out_of_contract,
        is_reopened=row.cycle > 1,
        escalation_waits=row.escalation_waits,
        company_id=row.company_id,
        company=row.company,
        has_alert=row.has_alert,
        product=row.product,
        assignee_id=row.assignee_id,
        assignee=row.assignee or "",
        charge=tick_of(Stored(*charge), at),
        solution=tick_of(Stored(*solution), at),
        last_word=_word(row),
    )


def _word(row: _Row) -> Word | None:
    if row.side is None or row.written_at is None:
        return None
    return Word(_SIDES[row.side], row.speaker or "", row.written_at)
