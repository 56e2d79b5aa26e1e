"""The engineers' queue: open incidents by next deadline, in tabs, one page at a time.

The number of queries never depends on the number of incidents, and without words to look for no
query reads more than a hundred rows per tab: the page costs the same at 1,000 and at 1,000,000.
Statements without words differ by their values only, and are worded once (decision 0019).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from django.db import connection, models
from django.db.models import BooleanField, ExpressionWrapper, F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.enums import StaffRole
from accounts.models import User
from foundation.prepared import Prepared
from foundation.wording import NBSP
from tickets.enums import Status
from tickets.models import Ticket, TicketEvent, TicketQuerySet
from tickets.queries.queue_lines import Line, lines_of
from tickets.queries.queue_words import Sought, arms_of, narrowed, sought

PAGE_SIZE = 50
# A tab says « 99+ » beyond this: nobody reads further, and counting further would cost.
COUNTED = 99
# Of what is found by words, this many are told apart by tab; beyond, a smaller number is not known.
FOUND = 100

Statement = tuple[str, Sequence[Any]]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CURSOR = re.compile(r"(x|[0-9]{1,16})-([0-9]{1,18})")
# One of ours sees every incident: no statement depends on which one asks.
_OURS = User(staff_role=StaffRole.ENGINEER)
_ORDER = (F("next_due_at").asc(nulls_last=True), "pk")
# An arm is a part of the answer that an index gives in order: together they are put in order again.
_IN_ORDER = """
SELECT {columns} FROM ({arms}) AS arm (id, due_at{tabs})
ORDER BY arm.due_at NULLS LAST, arm.id LIMIT {most}
"""


_NUMBER = "(SELECT count(*) FROM ({rows}) AS tab)"


class Tab(models.TextChoices):
    """The queue's tabs; the value stands in the address."""

    ALL = "tous", _("Tous")
    TO_TAKE = "a-prendre", _("À prendre")
    MINE = "les-miens", _("Les miens")
    AGENCY = "mon-agence", _("Mon agence")
    WAITING = "en-attente", _("En attente")
    LATE = "en-retard", _("En retard")


# These name open statuses themselves. Said twice, PostgreSQL would multiply the chances, expect a
# handful of incidents and sort them all instead of reading an index in order.
_OPEN_ALREADY = frozenset({Tab.TO_TAKE, Tab.WAITING})


@dataclass(frozen=True, slots=True)
class Criteria:
    """What the filter keeps; empty values keep everything. `engineer` 0: nobody's."""

    words: str = ""
    severity: str = ""
    status: str = ""
    product: int | None = None
    engineer: int | None = None
    agency: int | None = None

    @property
    def values(self) -> dict[str, Any]:
        """What is compared, by field: the same in every statement but for its value."""
        compared = {
            "severity": self.severity,
            "status": self.status,
            "product_id": self.product,
            "assignee_id": self.engineer,
            "agency_id": self.agency,
        }
        return {name: value for name, value in compared.items() if value}


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins: after this deadline and id (None: among those without a deadline)."""

    due_at: datetime | None
    pk: int

    @classmethod
    def read(cls, text: str) -> Cursor | None:
        """The cursor of an address; None for anything else (the first page)."""
        found = _CURSOR.fullmatch(text)
        if found is None:
            return None
        due = None if found[1] == "x" else _EPOCH + timedelta(microseconds=int(found[1]))
        return cls(due, int(found[2]))

    def __str__(self) -> str:
        if self.due_at is None:
            return f"x-{self.pk}"
        return f"{(self.due_at - _EPOCH) // timedelta(microseconds=1)}-{self.pk}"


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Lines in the order of their next deadline, and where the next page begins."""

    lines: list[Line]
    after: Cursor | None


class Found(NamedTuple):
    """The first that words find, in their order: id, then whether each tab holds it. `is_cut`:
    there are more.
    """

    rows: list[tuple[Any, ...]]
    is_cut: bool

    def held(self, place: int) -> list[int]:
        """The ids of those that the tab of this place holds."""
        return [row[0] for row in self.rows if row[place + 1]]


@dataclass(frozen=True)
class Queue:
    """What is asked of the queue: whose, what is kept, at which instant."""

    user: User
    criteria: Criteria
    at: datetime
    sought: Sought | None

    @cached_property
    def found(self) -> Found:
        """What the words find, whatever the tab. One query, for the numbers and for the page."""
        return _found(self)

    @property
    def tabs(self) -> list[Tab]:
        """Those that mean something to this person: who has no agency has no « mon agence »."""
        return [tab for tab in Tab if tab is not Tab.AGENCY or self.user.agency_id is not None]


def queue_of(user: User, criteria: Criteria, at: datetime) -> Queue:
    """The queue of one of ours. One query when words are looked for, else none."""
    return Queue(user, criteria, at, sought(criteria.words))


def page_of(queue: Queue, tab: Tab, after: Cursor | None = None) -> QueuePage:
    """One page by next deadline; incidents that wait, without a deadline, come last. One query."""
    found = lines_of(_known(queue, tab, after) or _hits(queue, tab, after), queue.at)
    shown = found[:PAGE_SIZE]
    more = len(found) > PAGE_SIZE
    return QueuePage(shown, Cursor(shown[-1].next_due_at, shown[-1].pk) if more else None)


def counts(queue: Queue) -> dict[Tab, str]:
    """How many incidents each tab holds, « 99+ » beyond, in one query.

    Without words to look for, each tab is counted in its own index as far as is said. With words
    the first that are found are told apart by tab: if there are more, a number under a hundred is
    not known, and empty.
    """
    if queue.sought is None:
        return dict(zip(queue.tabs, map(_in_words, _read(queue)), strict=True))
    found = queue.found
    return {
        tab: _in_words(len(found.held(place)), at_least=found.is_cut)
        for place, tab in enumerate(queue.tabs)
    }


def number_of(queue: Queue, tab: Tab) -> str:
    """How many incidents one tab holds, said in the same way. One query."""
    if queue.sought is not None:
        return counts(queue)[tab]
    with connection.cursor() as cursor:
        text, values = _bounded(queue, tab)
        cursor.execute(_NUMBER.format(rows=text), values)
        return _in_words(cursor.fetchone()[0])


_LAST_EVENT = Prepared(lambda: TicketEvent.objects.order_by("-pk").only("pk")[:1])


def version_of(at: datetime) -> str:
    """What a page of the queue shows, in two figures that its polls compare: the last act on any
    incident, and the minute, since « dans 12 min » goes stale. One small query.
    """
    last = next(iter(_LAST_EVENT()), None)
    return f"{last.pk if last else 0}-{int(at.timestamp() // 60)}"


def passed(since: datetime, at: datetime) -> str:
    """The time between two instants on the wall clock: « 12 min », « 5 h », « 3 j »."""
    minutes = max(0, int((at - since).total_seconds() // 60))
    if minutes < 60:
        return f"{minutes}{NBSP}min"
    if minutes < 48 * 60:
        return f"{minutes // 60}{NBSP}h"
    return f"{minutes // (24 * 60)}{NBSP}j"


def _in_words(number: int, *, at_least: bool = False) -> str:
    if number > COUNTED:
        return f"{COUNTED}+"
    return "" if at_least else str(number)


# --- numbers --------------------------------------------------------------------------------------


def _read(queue: Queue) -> Sequence[int]:
    statements = [_bounded(queue, tab) for tab in queue.tabs]
    numbers = ", ".join(_NUMBER.format(rows=text) for text, _values in statements)
    values = [value for _text, values in statements for value in values]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {numbers}", values)
        read: Sequence[int] = cursor.fetchone()
        return read


def _bounded(queue: Queue, tab: Tab) -> Statement:
    values = _values(queue, tab)
    shape = _Shape(tab, _nobodys(queue), most=COUNTED + 1)
    return _worded(shape, tuple(sorted(values))).text(**values)


def _found(queue: Queue) -> Found:
    text, values = _hits(queue, Tab.ALL, None, FOUND + 1, tuple(queue.tabs))
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        rows = cursor.fetchall()
    return Found(rows[:FOUND], len(rows) > FOUND)


def _known(queue: Queue, tab: Tab, after: Cursor | None) -> Statement | None:
    """The ids of a page that the numbers of the tabs have found already, if they have all of it."""
    if queue.sought is None or after is not None:
        return None
    held = queue.found.held(queue.tabs.index(tab))
    if queue.found.is_cut and len(held) <= PAGE_SIZE:
        return None
    return "SELECT unnest(%s::bigint[])", [held[: PAGE_SIZE + 1]]


# --- statements -----------------------------------------------------------------------------------


class _Shape(NamedTuple):
    """All that a statement is worded by, but for the names of its values. `part`: of what comes
    after a cursor; `arm`: of what words find; `tabs`: those that it tells apart.
    """

    tab: Tab
    nobodys: bool
    part: str = ""
    arm: str = ""
    tabs: tuple[Tab, ...] = ()
    most: int = PAGE_SIZE + 1


def _hits(
    queue: Queue,
    tab: Tab,
    after: Cursor | None,
    most: int = PAGE_SIZE + 1,
    tabs: tuple[Tab, ...] = (),
) -> Statement:
    """The statement of the ids of a page and of one more, in their order; with a column per tab
    that says whether it holds the incident.
    """
    statements = list(_arms(queue, _Shape(tab, _nobodys(queue), tabs=tabs, most=most), after))
    arms = " UNION ".join(f"({text})" for text, _values in statements)
    values = [value for _text, values in statements for value in values]
    names = "".join(f", {name}" for name in _columns(tabs))
    return _IN_ORDER.format(columns=f"arm.id{names}", arms=arms, tabs=names, most=most), values


def _arms(queue: Queue, shape: _Shape, after: Cursor | None) -> Iterator[Statement]:
    own: dict[str, Any] = {}
    for tab in (shape.tab, *shape.tabs):
        own |= _values(queue, tab)
    for part in _parts(after):
        for arm, words in arms_of(queue.sought):
            values = own | _begun(after, part) | words
            statement = _worded(shape._replace(part=part, arm=arm), tuple(sorted(values)))
            yield statement.text(**values)


def _columns(tabs: tuple[Tab, ...]) -> list[str]:
    return [f"of_{place}" for place in range(len(tabs))]


def _values(queue: Queue, tab: Tab) -> dict[str, Any]:
    """The values that the statement of a tab needs, by name."""
    own: dict[Tab, dict[str, Any]] = {
        Tab.MINE: {"user": queue.user.pk},
        Tab.AGENCY: {"agency": queue.user.agency_id},
        Tab.LATE: {"at": queue.at},
    }
    return own.get(tab, {}) | queue.criteria.values


def _nobodys(queue: Queue) -> bool:
    return queue.criteria.engineer == 0


def _parts(after: Cursor | None) -> tuple[str, ...]:
    """What comes after the cursor: each part is a stretch of an index."""
    if after is None:
        return ("",)
    return ("undated after",) if after.due_at is None else ("dated after", "undated")


def _begun(after: Cursor | None, part: str) -> dict[str, Any]:
    if after is None or part == "undated":
        return {}
    return {"last": after.pk} | ({"due": after.due_at} if part == "dated after" else {})


_TYPES: dict[str, type] = {"severity": str, "status": str, "at": datetime, "due": datetime}


@lru_cache(maxsize=512)
def _worded(shape: _Shape, names: tuple[str, ...]) -> Prepared[Ticket]:
    """The first of a tab with conditions of these names, whatever their values."""

    def build(**values: Any) -> QuerySet[Ticket, Any]:
        own = [values.pop(name, None) for name in ("user", "agency", "at")]
        flags = {
            name: ExpressionWrapper(_held_by(tab, *own), BooleanField())
            for name, tab in zip(_columns(shape.tabs), shape.tabs, strict=True)
        }
        found = _build(shape, _held_by(shape.tab, *own), values).annotate(**flags)
        return found.values_list("pk", "next_due_at", *flags).order_by(*_ORDER)[: shape.most]

    return Prepared(build, **{name: _type_of(name) for name in names})


def _type_of(name: str) -> type:
    if name.startswith(("word", "whole", "companies", "products")):
        return str
    return _TYPES.get(name, int)


def _build(shape: _Shape, held: Q, values: dict[str, Any]) -> TicketQuerySet:
    due, last = values.pop("due", None), values.pop("last", None)
    found = Ticket.objects.visible_to(_OURS)
    if shape.tab not in _OPEN_ALREADY:
        found = found.open()
    found = narrowed(found.filter(held), shape.arm, values).filter(**values)
    if shape.nobodys:
        found = found.filter(assignee__isnull=True)
    match shape.part:
        case "dated after":
            return found.filter(next_due_at__gte=due).exclude(next_due_at=due, pk__lte=last)
        case "undated after":
            return found.filter(next_due_at__isnull=True, pk__gt=last)
        case "undated":
            return found.filter(next_due_at__isnull=True)
    return found


def _held_by(tab: Tab, user: int | None, agency: int | None, at: datetime | None) -> Q:
    """What makes an open incident stand in a tab."""
    match tab:
        case Tab.TO_TAKE:
            return Q(status=Status.DECLARED)
        case Tab.MINE:
            return Q(assignee=user)
        case Tab.AGENCY:
            return Q(agency=agency)
        case Tab.WAITING:
            return Q(status__in=[Status.WAITING_CUSTOMER, Status.WAITING_VENDOR])
        case Tab.LATE:
            return Q(next_due_at__lt=at)
        case Tab.ALL:
            return Q()
