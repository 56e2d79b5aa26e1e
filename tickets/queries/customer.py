"""Customers’ lists of incidents: their page, their home, their search.

Everything starts from `visible_to`: no row, no count of what a person may not see (A2). Nothing
is ordered or counted by a value that an internal note would move (B1).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from accounts.models import Company, User
from foundation.text import tidy_line
from licences.models import Licence
from sla.enums import Severity
from tickets.enums import OPEN_STATUSES, Status, Turn
from tickets.lifecycle import turn
from tickets.models import Message, Ticket, TicketQuerySet, holding
from tickets.queries.clocks import ClockFacts, clocks_for_list

# What people type in a search box; past this it is not a search (Q2).
SEARCH_MAX = 100
SEARCH_WORDS_MAX = 8
HOME_MAX = 30
OF_LICENCE_MAX = 10
# Incidents of a list that can be paged through; older ones are found by filtering (Q1).
LIST_MAX = 1_000

_FAR = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Filters:
    """What a list keeps. Empty values keep everything."""

    text: str = ""
    turn: Turn | None = None
    statuses: tuple[Status, ...] = ()
    severity: Severity | None = None
    product_id: int | None = None
    requester_id: int | None = None


@dataclass(frozen=True)
class Line:
    """An incident of a list, with its clocks."""

    ticket: Ticket
    clocks: list[ClockFacts]

    @property
    def turn(self) -> Turn:
        """Whose turn it is."""
        return self.ticket.turn

    @property
    def clock(self) -> ClockFacts | None:
        """The promise to watch: of those still awaited, the nearest deadline."""
        awaited = [clock for clock in self.clocks if clock.is_running]
        return min(awaited, key=lambda clock: clock.due_at or _FAR, default=None)


def incidents(user: User, company: Company | None, filters: Filters) -> TicketQuerySet:
    """The incidents that this person may see, newest first; of one company if given.

    The order is that of an index and never moves: a page stays the same page.
    """
    found = _of(user, company)
    if filters.statuses:
        found = found.filter(status__in=filters.statuses)
    if filters.turn is not None:
        found = found.filter(status__in=_statuses_of(filters.turn))
    if filters.severity is not None:
        found = found.filter(severity=filters.severity)
    if filters.product_id is not None:
        found = found.filter(product_id=filters.product_id)
    if filters.requester_id is not None:
        found = found.filter(requester_id=filters.requester_id)
    return _with_words(found, filters.text).order_by("-received_at", "-pk")


def lines(tickets: Iterable[Ticket], at: datetime) -> list[Line]:
    """The same incidents with their clocks: two queries whatever their number (Q1)."""
    shown = list(tickets)
    clocks = clocks_for_list(shown, at) if shown else {}
    return [Line(ticket, clocks[ticket.pk]) for ticket in shown]


def home_tickets(user: User, company: Company | None, at: datetime) -> list[Line]:
    """What goes on: « à vous » first, then the nearest deadlines. Three queries.

    Open incidents, and solutions that wait to be accepted.
    """
    found = _of(user, company).filter(status__in=[*OPEN_STATUSES, Status.RESOLVED])
    shown = lines(found.order_by("next_due_at", "-received_at", "-pk")[:HOME_MAX], at)
    return sorted(shown, key=_urgency)


def search(user: User, q: str, limit: int) -> list[Ticket]:
    """Incidents whose number or title holds every word of `q`, accents forgiven, newest first."""
    if not tidy_line(q[:SEARCH_MAX]):
        return []
    found = _with_words(_of(user, None), q)
    return list(found.order_by("-received_at", "-pk")[:limit])


def of_licence(user: User, licence: Licence) -> list[Ticket]:
    """The last incidents about a licence, of those this person may see, newest first."""
    found = _of(user, None).filter(licence=licence)
    return list(found.order_by("-received_at", "-pk")[:OF_LICENCE_MAX])


def declared_with(user: User, form_token: UUID) -> Ticket | None:
    """The incident that this person has already declared with a form: it was sent twice."""
    return Ticket.objects.filter(form_token=form_token, requester=user).first()


def is_said_in(ticket: Ticket, title: str, body: str) -> bool:
    """Whether these words are the incident's own: nothing else was typed since it was sent."""
    return ticket.title == title and Message.objects.filter(ticket=ticket, body=body).exists()


def was_said(ticket: Ticket, form_token: UUID) -> bool:
    """Whether the text of this form is already in the thread: it was sent twice."""
    return Message.objects.filter(ticket=ticket, form_token=form_token).exists()


def _of(user: User, company: Company | None) -> TicketQuerySet:
    found = Ticket.objects.visible_to(user).select_related("product", "requester", "company")
    return found.filter(company=company) if company is not None else found


def _statuses_of(whose: Turn) -> list[Status]:
    return [status for status in Status if turn(status) is whose]


def _with_words(found: TicketQuerySet, text: str) -> TicketQuerySet:
    """Each word in the number or the title."""
    for word in tidy_line(text[:SEARCH_MAX]).split()[:SEARCH_WORDS_MAX]:
        found = found.filter(holding(word))
    return found


def _urgency(line: Line) -> tuple[bool, datetime]:
    due_at = line.clock.due_at if line.clock else None
    return (line.turn is not Turn.YOURS, due_at or _FAR)
