"""Customers’ lists of incidents: their page, their home, their search.

Everything starts from `visible_to`: no row, no count of what a person may not see (A2). Nothing
is ordered or counted by a value that an internal note would move (B1).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

from django.db.models import F, Q, QuerySet, Value
from django.db.models.lookups import Contains

from accounts.models import Company, User
from foundation.prepared import Prepared
from foundation.text import tidy_line
from licences.models import Licence
from sla.enums import Severity
from tickets.enums import OPEN_STATUSES, Status, Turn
from tickets.lifecycle import turn
from tickets.models import Message, Ticket, TicketQuerySet, holding
from tickets.queries.lines import Line, Statement, page_of

# What people type in a search box; past this it is not a search (Q2).
SEARCH_MAX = 100
SEARCH_WORDS_MAX = 8
OF_LICENCE_MAX = 10
# Incidents of a list that can be paged through; older ones are found by filtering (Q1).
LIST_MAX = 1_000

# Statuses of what goes on: open incidents, and solutions that wait to be accepted.
LIVE_STATUSES = (*OPEN_STATUSES, Status.RESOLVED)

_NEWEST = ("-received_at", "-pk")
_NEAREST = (F("next_due_at").asc(nulls_last=True), *_NEWEST)
# No incident has this status.
_NONE = (cast("Status", ""),)
# « 123 », « n° 123 », « INC-2026-123 »: a number as people say it.
_NUMBER = re.compile(r"(?:inc-)?(?:(?P<year>[0-9]{4})-)?0*(?P<digits>[0-9]{1,12})", re.IGNORECASE)
_NUMBER_SIGN = re.compile(r"\bn[°ºo]\s*(?=[0-9])", re.IGNORECASE)


@dataclass(frozen=True)
class Filters:
    """What a list keeps. Empty values keep everything; `by_due` puts the nearest deadline first."""

    text: str = ""
    turn: Turn | None = None
    statuses: tuple[Status, ...] = ()
    severity: Severity | None = None
    product_id: int | None = None
    site_id: int | None = None
    requester_id: int | None = None
    received_from: datetime | None = None
    received_before: datetime | None = None
    by_due: bool = False


def incidents(user: User, company: Company | None, filters: Filters) -> TicketQuerySet:
    """The incidents that this person may see, of one company if given: newest first, or by their
    next deadline.

    The first order is that of an index and never moves: a page stays the same page.
    """
    conditions = _conditions(filters)
    found = _of(user, company).filter(**conditions)
    if statuses := _kept(filters):
        found = found.filter(status__in=statuses)
    order = _NEAREST if filters.by_due else _NEWEST
    return _with_words(found, filters.text).order_by(*order)


def hits(user: User, company: Company | None, filters: Filters, most: int) -> Statement:
    """The statement of the first `most` of these incidents' ids, in their order.

    Wording it takes the ORM longer than PostgreSQL needs to answer: of customers' lists, which
    differ by their values only, it is worded once.
    """
    if user.is_staff:
        found = incidents(user, company, filters)[:most].values_list("pk")
        return found.query.sql_with_params()
    values: dict[str, Any] = {"user": user.pk, **_conditions(filters)}
    if company is not None:
        values["company"] = company.pk
    for number, (word, whole) in enumerate(searched(filters.text)):
        values[f"word{number}"] = word
        if whole:
            values[f"whole{number}"] = whole
    prepared = _prepared(tuple(sorted(values)), _kept(filters), filters.by_due, most)
    return prepared.text(**values)


@lru_cache(maxsize=256)
def _prepared(
    names: tuple[str, ...], statuses: tuple[Status, ...], by_due: bool, most: int
) -> Prepared[Ticket]:
    """The list with conditions of these names, whatever their values."""

    def build(user: int, **values: Any) -> QuerySet[Ticket, Any]:
        found = incidents(User(pk=user), None, Filters(statuses=statuses, by_due=by_due))
        for number in range(SEARCH_WORDS_MAX):
            if word := values.pop(f"word{number}", None):
                found = found.filter(holding_or_number(word, values.pop(f"whole{number}", "")))
        return found.filter(**values)[:most].values_list("pk")

    return Prepared(build, **{name: _type_of(name) for name in names})


def _type_of(name: str) -> type:
    return str if name.startswith(("word", "whole")) else _TYPES.get(name, int)


_TYPES = {"severity": str, "received_at__gte": datetime, "received_at__lt": datetime}


def _conditions(filters: Filters) -> dict[str, Any]:
    conditions = {
        "severity": filters.severity,
        "product_id": filters.product_id,
        "site_id": filters.site_id,
        "requester_id": filters.requester_id,
        "received_at__gte": filters.received_from,
        "received_at__lt": filters.received_before,
    }
    return {name: value for name, value in conditions.items() if value}


def _kept(filters: Filters) -> tuple[Status, ...]:
    """The statuses that are kept; all of them when empty."""
    if filters.turn is None:
        return filters.statuses
    of_turn = _statuses_of(filters.turn)
    if not filters.statuses:
        return tuple(of_turn)
    # None at all is a filter too: a status that is nobody's turn keeps no incident.
    return tuple(status for status in of_turn if status in filters.statuses) or _NONE


# What a line of the search says; the whole row has four times as many columns.
_FOUND = ("reference", "title", "severity", "status", "received_at")


def search(user: User, q: str, limit: int) -> list[Ticket]:
    """Incidents whose number or title holds every word of `q`, accents forgiven, newest first."""
    if not words_of(q):
        return []
    found = _with_words(_of(user, None), q).order_by(*_NEWEST)
    return list(found.only(*_FOUND)[:limit])


def of_licence(user: User, licence: Licence, at: datetime) -> list[Line]:
    """The last incidents about a licence, of those this person may see, newest first."""
    found = _of(user, None).filter(licence=licence).order_by(*_NEWEST)
    statement = found[:OF_LICENCE_MAX].values_list("pk").query.sql_with_params()
    return page_of(statement, at, start=0, size=OF_LICENCE_MAX).lines


def declared_with(user: User, form_token: UUID) -> Ticket | None:
    """The incident that this person has already declared with a form: it was sent twice."""
    return Ticket.objects.filter(form_token=form_token, requester=user).first()


def is_said_in(ticket: Ticket, title: str, body: str) -> bool:
    """Whether these words are the incident's own: nothing else was typed since it was sent."""
    return ticket.title == title and Message.objects.filter(ticket=ticket, body=body).exists()


def said_with(ticket: Ticket, form_token: UUID) -> Message | None:
    """The message that this form was sent for; None: it was not."""
    return Message.objects.filter(ticket=ticket, form_token=form_token).first()


def was_said(ticket: Ticket, form_token: UUID) -> bool:
    """Whether the text of this form is already in the thread: it was sent twice."""
    return said_with(ticket, form_token) is not None


def _of(user: User, company: Company | None) -> TicketQuerySet:
    found = Ticket.objects.visible_to(user)
    return found.filter(company=company) if company is not None else found


def _statuses_of(whose: Turn) -> list[Status]:
    return [status for status in Status if turn(status) is whose]


def _with_words(found: TicketQuerySet, text: str) -> TicketQuerySet:
    """Each word in the number or the title."""
    for word, whole in searched(text):
        found = found.filter(holding_or_number(word, whole))
    return found


def words_of(text: str) -> list[str]:
    """The words that are searched; « n° 123 » is one."""
    text = _NUMBER_SIGN.sub("", tidy_line(text[:SEARCH_MAX]))
    return text.split()[:SEARCH_WORDS_MAX]


def searched(text: str) -> list[tuple[str, str]]:
    """Each word, and if it is a number the end of the only reference that it stands for.

    A number finds its incident, and titles that hold it: not every number it is a part of. The
    year stands in all of a year's numbers: « 2026 » is looked for in titles alone.
    """
    found = []
    for word in words_of(text):
        number = _NUMBER.fullmatch(word)
        whole = f"{number['year'] or ''}-{number['digits']:0>6} " if number else ""
        found.append((word, whole))
    return found


def holding_or_number(word: str, whole: str) -> Q:
    """The condition for one of `searched`."""
    if not whole:
        return Q(holding(word))
    return Q(holding(whole)) | Q(holding(word)) & Q(Contains(F("title"), Value(word)))
