"""The thread of an incident as somebody reads it: a window of it, in one statement.

For a customer no note, no rung, no trace of an incident that was merged into this one (B1, S11,
A2): what asks for one of ours says so (`DESK`). A page shows the first step and the last ones
whatever the length of the history (Q1); what lies between is fetched when it is asked for.

Written in SQL: the ORM would ask four times, and make a row of every table for each step.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from django.db.models import F

from files.models import StoredFile
from foundation.planned import PlannedSQL
from tickets.enums import Act, Origin, Side, Status

# The desk's own business, even when one of ours reads the page. That another incident was merged
# into this one, or stands above it, is told by its link, to who may see it.
UNTOLD: tuple[str, ...] = (
    Act.NOTE, Act.RUNG, Act.ABSORB, Act.RELEASE, Act.ATTACH, Act.DETACH, Act.WITHDRAW, Act.CHASE,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a thread is read for: the acts left out, and what a statement has more for them."""

    untold: tuple[str, ...]
    picks: str = ""
    text: str = ""
    joins: str = ""


# An answer of ours may still be taken back for some seconds: no customer sees it before.
CUSTOMERS = Reader(
    UNTOLD,
    picks="""AND NOT (act = 'message' AND (facts->>'message')::bigint = ANY (ARRAY(
    SELECT held.id FROM tickets_message held
    WHERE held.ticket_id = %(ticket)s AND held.visible_from > %(at)s)))""",
)
# All of it with the notes; the rung at 50 % is recorded and tells nobody (S10).
DESK = Reader(
    untold=(),
    picks="AND NOT (act = 'rung' AND facts->>'percent' = '50')",
    text="note.body,",
    joins="LEFT JOIN tickets_note note ON note.id = (picked.facts->>'note')::bigint",
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as the page names them. `agency` is empty for customers."""

    pk: int
    full_name: str
    agency: str = ""

    def __str__(self) -> str:
        return self.full_name


@dataclass(frozen=True, slots=True)
class Fact:
    """What an event says, without the rest of its row."""

    act: Act
    origin: str
    status_before: str
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """One dated line of the thread. `named` is the person that the event points at, if any."""

    sequence: int
    at: datetime
    side: Side
    author: Person | None
    event: Fact
    status_after: Status
    body: str
    message_id: int | None
    named: Person | None
    files: list[StoredFile] = field(default_factory=list)
    # Of an answer of ours: from when on customers see it (`Message.visible_from`).
    visible_from: datetime | None = None

    @property
    def is_call(self) -> bool:
        """One of ours noted what a customer said on the phone."""
        by_phone = self.event.act is Act.DECLARE and self.event.origin == Origin.PHONE
        return self.event.act is Act.CALL or by_phone

    @property
    def status_before(self) -> Status | None:
        return Status(self.event.status_before) if self.event.status_before else None

    @property
    def changed_status(self) -> bool:
        return self.event.status_before != self.status_after

    @property
    def has_resumed(self) -> bool:
        """A customer's words ended the waiting for them (S6)."""
        waited = self.event.status_before == Status.WAITING_CUSTOMER
        return waited and self.status_after is Status.IN_PROGRESS


@dataclass(frozen=True, slots=True)
class Window:
    """Some steps of the thread, oldest first, and how many stand before the first of `last`.

    `first` is the declaration when it is not among them.
    """

    first: Entry | None
    last: list[Entry]
    between: int


_PICKED = """
SELECT id, sequence, act, side, actor_id, origin, effective_at, status_before, status_after, facts,
       count(*) OVER () AS found
FROM tickets_ticketevent
WHERE ticket_id = %(ticket)s AND act <> ALL(%(untold)s) AND {which} {picks}
ORDER BY effective_at DESC, sequence DESC LIMIT %(limit)s
"""
_TOLD = """
WITH picked AS ({picked})
SELECT picked.sequence, picked.act, picked.side, picked.origin, picked.effective_at,
       picked.status_before, picked.status_after, picked.facts, picked.found,
       coalesce(message.body, pause.reason, {text} ''), message.id,
       EXISTS (SELECT FROM tickets_attachment a WHERE a.message_id = message.id),
       actor.id, actor.first_name, actor.last_name, actor.email,
       (SELECT name FROM accounts_agency g WHERE g.id = actor.agency_id),
       named.id, named.first_name, named.last_name, named.email, message.visible_from
FROM picked
LEFT JOIN tickets_message message ON message.id = (picked.facts->>'message')::bigint
LEFT JOIN tickets_pause pause ON pause.id = (picked.facts->>'pause')::bigint
  AND picked.act IN ('wait_customer', 'wait_vendor')
{joins}
LEFT JOIN accounts_user actor ON actor.id = picked.actor_id
LEFT JOIN accounts_user named ON named.id = (CASE picked.act
  WHEN 'add_copy' THEN picked.facts->>'user' WHEN 'remove_copy' THEN picked.facts->>'user'
  WHEN 'declare' THEN picked.facts->>'requester' WHEN 'call' THEN picked.facts->>'caller'
  WHEN 'assign' THEN picked.facts->'assignee'->>1 END)::bigint
ORDER BY picked.effective_at, picked.sequence
"""
_EDGE = "(effective_at, sequence) {sign} (SELECT effective_at, sequence FROM tickets_ticketevent"
_EDGE += " WHERE ticket_id = %(ticket)s AND sequence = %(edge)s)"
_BEFORE, _UP_TO = _EDGE.format(sign="<"), "sequence >= %(edge)s"


def latest(ticket_id: int, at: datetime, limit: int, reader: Reader = CUSTOMERS) -> Window:
    """The declaration and the last `limit` steps."""
    return _window(_Asked(ticket_id, at, reader, limit), "true")


def earlier(
    ticket_id: int, at: datetime, before: int, limit: int, reader: Reader = CUSTOMERS
) -> Window:
    """The `limit` steps that stand just before the step `before`, the declaration left out."""
    return _window(_Asked(ticket_id, at, reader, limit, before), f"{_BEFORE} AND sequence > 1")


def since(
    ticket_id: int, at: datetime, after: int, limit: int, reader: Reader = CUSTOMERS
) -> Window:
    """The step `after` itself and those recorded later, in the order of their instants."""
    return _window(_Asked(ticket_id, at, reader, limit, after), _UP_TO)


def whole(ticket_id: int, at: datetime, reader: Reader = CUSTOMERS) -> Window:
    """All of it, for a page that asks for all of it."""
    return _window(_Asked(ticket_id, at, reader), "true")


class _Asked(NamedTuple):
    """Whose thread, read by whom and when; how many steps, and the one that they go from."""

    ticket_id: int
    at: datetime
    reader: Reader
    limit: int | None = None
    edge: int = 0


def _window(asked: _Asked, which: str) -> Window:
    entries, found = _read(asked, which)
    between, first = found - len(entries), None
    if which == "true" and between:
        (first,), _one = _read(asked._replace(limit=1), "sequence = 1")
        between -= 1
    _put_files([*([first] if first else []), *entries])
    return Window(first, entries, between)


def _read(asked: _Asked, which: str) -> tuple[list[Entry], int]:
    values: dict[str, int | list[str] | datetime | None] = {
        "ticket": asked.ticket_id,
        "untold": list(asked.reader.untold),
        "limit": asked.limit,
        "edge": asked.edge,
        "at": asked.at,
    }
    rows = _told(which, asked.reader).rows(**values)
    return [_entry(row) for row in rows], rows[0][8] if rows else 0


@cache
def _told(which: str, reader: Reader) -> PlannedSQL:
    """The statement for one of the constants that say which steps, and for whom."""
    picked = _PICKED.format(which=which, picks=reader.picks)
    return PlannedSQL(_TOLD.format(picked=picked, text=reader.text, joins=reader.joins))


def _entry(row: Sequence[Any]) -> Entry:
    return Entry(
        sequence=row[0],
        at=row[4],
        side=Side(row[2]),
        author=named(*row[12:17]) if row[12] else None,
        event=Fact(Act(row[1]), row[3], row[5], _facts(row[7])),
        status_after=Status(row[6]),
        body=row[9],
        message_id=row[10] if row[11] else None,
        named=named(*row[17:21]) if row[17] else None,
        visible_from=row[21],
    )


def _facts(written: str) -> dict[str, Any]:
    """Django leaves the JSON of a cursor as it is written."""
    found: dict[str, Any] = json.loads(written)
    return found


def named(pk: int, first: str, last: str, email: str, agency: str | None = None) -> Person:
    """Somebody from the columns of their row."""
    return Person(pk, f"{first} {last}".strip() or email, agency or "")


def _put_files(entries: Iterable[Entry]) -> None:
    """The files of the messages that have some; no query when none has."""
    holders = {entry.message_id: entry for entry in entries if entry.message_id is not None}
    if not holders:
        return
    files = StoredFile.objects.filter(attachment__message__in=holders)
    for file in files.annotate(of=F("attachment__message_id")).order_by("attachment__pk"):
        holders[file.of].files.append(file)
