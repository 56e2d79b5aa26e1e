"""The engineers' queue: open incidents by next deadline, in tabs, one page at a time.

The number of queries never depends on the number of incidents, and without words to look for no
query reads more than a hundred rows per tab: the page costs the same at 1,000 and at 1,000,000.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import models
from django.db.models import BooleanField, Count, ExpressionWrapper, F, OuterRef, Q, Subquery, Value
from django.utils.translation import gettext_lazy as _

from accounts.models import Company, User
from foundation.text import tidy_line
from foundation.wording import NBSP
from licences.models import Product
from tickets.enums import Status
from tickets.models import Ask, Ticket, TicketQuerySet, holding
from tickets.queries.clocks import ClockFacts, clocks_for_list

PAGE_SIZE = 50
# A tab says « 99+ » beyond this: nobody reads further, and counting further would cost.
COUNTED = 99
SEARCH_MAX = 200
SEARCH_WORDS_MAX = 8

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CURSOR = re.compile(r"(x|[0-9]{1,16})-([0-9]{1,18})")
# The most pressing first: it colours the line.
_URGENCY = ("late", "soon", "calm", "paused")


class Tab(models.TextChoices):
    """The queue's tabs; the value stands in the address."""

    ALL = "tous", _("Tous")
    TO_TAKE = "a-prendre", _("À prendre")
    MINE = "les-miens", _("Les miens")
    AGENCY = "mon-agence", _("Mon agence")
    WAITING = "en-attente", _("En attente")
    LATE = "en-retard", _("En retard")


@dataclass(frozen=True, slots=True)
class Criteria:
    """What the filter keeps; empty values keep everything."""

    words: str = ""
    severity: str = ""
    product: int | None = None


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
class Line:
    """One incident of the queue, with its clocks read at one instant."""

    ticket: Ticket
    clocks: list[ClockFacts]
    age: str

    @property
    def urgency(self) -> str:
        """late, soon, calm or paused: that of its most pressing clock."""
        levels = {clock.level for clock in self.clocks}
        return next((level for level in _URGENCY if level in levels), "calm")

    @property
    def can_be_taken(self) -> bool:
        return self.ticket.state is Status.DECLARED


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Lines in the order of their next deadline, and where the next page begins."""

    lines: list[Line]
    after: Cursor | None


def tabs_of(user: User) -> list[Tab]:
    """The tabs that mean something to this person: one without an agency has no « mon agence »."""
    return [tab for tab in Tab if tab is not Tab.AGENCY or user.agency_id is not None]


def queue(tab: Tab, user: User, criteria: Criteria, at: datetime) -> TicketQuerySet:
    """The open incidents of a tab that the filter keeps, unordered."""
    tickets = Ticket.objects.visible_to(user)
    # These tabs name open statuses themselves. Said twice, PostgreSQL would multiply the chances,
    # expect a handful of incidents and sort them all instead of reading an index in order.
    if tab not in {Tab.TO_TAKE, Tab.WAITING}:
        tickets = tickets.open()
    return _matching(tickets.filter(_held_by(tab, user, at)), criteria)


def page_of(tickets: TicketQuerySet, after: Cursor | None, at: datetime) -> QueuePage:
    """One page by next deadline; incidents that wait, without a deadline, come last.

    Four queries: the incidents with what their line shows, their promises and their pauses.
    """
    ordered = tickets.order_by(F("next_due_at").asc(nulls_last=True), "pk")
    found = list(
        _beyond(ordered, after)
        .select_related("company", "product", "assignee")
        .annotate(escalation_waits=_escalation_waits())[: PAGE_SIZE + 1]
    )
    shown = found[:PAGE_SIZE]
    clocks = clocks_for_list(shown, at)
    more = len(found) > PAGE_SIZE
    return QueuePage(
        lines=[Line(ticket, clocks[ticket.pk], age(ticket, at)) for ticket in shown],
        after=Cursor(shown[-1].next_due_at, shown[-1].pk) if more else None,
    )


def counts(user: User, criteria: Criteria, at: datetime) -> dict[Tab, str]:
    """How many incidents each tab holds, « 99+ » beyond, in one query.

    Without words to look for, each tab is counted in its own index as far as is said. With words
    every open incident would be read once per tab: all tabs are counted in one passage instead.
    """
    tabs = tabs_of(user)
    found = _found(tabs, user, criteria, at) if criteria.words else _read(tabs, user, criteria, at)
    return {tab: _in_words(found[tab.value]) for tab in tabs}


def _read(tabs: list[Tab], user: User, criteria: Criteria, at: datetime) -> Counter[str]:
    first, *others = (
        queue(tab, user, criteria, at)
        .order_by()
        .annotate(tab=Value(tab.value, output_field=models.TextField()))
        .values_list("tab", flat=True)[: COUNTED + 1]
        for tab in tabs
    )
    return Counter(first.union(*others, all=True))


def _found(tabs: list[Tab], user: User, criteria: Criteria, at: datetime) -> Counter[str]:
    matching = _matching(Ticket.objects.visible_to(user).open(), criteria)
    numbers = {tab.name: Count("pk", filter=_held_by(tab, user, at)) for tab in tabs}
    found = matching.aggregate(**numbers)
    return Counter({tab.value: found[tab.name] for tab in tabs})


def _escalation_waits() -> Subquery:
    """Whether its escalation waits for a manager; null when it was never escalated.

    Read for the lines of the page only, by the index that keeps it to one (`ask_escalated_once`).
    """
    waits = ExpressionWrapper(Q(answered_at__isnull=True), output_field=BooleanField())
    return Subquery(
        Ask.objects.escalations()
        .filter(ticket=OuterRef("pk"))
        .order_by()
        .annotate(waits=waits)
        .values("waits")
    )


def age(ticket: Ticket, at: datetime) -> str:
    """How long ago it was received: « 12 min », « 5 h », « 3 j »."""
    return passed(ticket.received_at, at)


def passed(since: datetime, at: datetime) -> str:
    """The time between two instants on the wall clock, in its largest unit."""
    minutes = max(0, int((at - since).total_seconds() // 60))
    if minutes < 60:
        return f"{minutes}{NBSP}min"
    if minutes < 48 * 60:
        return f"{minutes // 60}{NBSP}h"
    return f"{minutes // (24 * 60)}{NBSP}j"


def _in_words(number: int) -> str:
    return f"{COUNTED}+" if number > COUNTED else str(number)


def _held_by(tab: Tab, user: User, at: datetime) -> Q:
    """What makes an open incident stand in a tab."""
    match tab:
        case Tab.TO_TAKE:
            return Q(status=Status.DECLARED)
        case Tab.MINE:
            return Q(assignee=user)
        case Tab.AGENCY:
            return Q(agency=user.agency_id)
        case Tab.WAITING:
            return Q(status__in=[Status.WAITING_CUSTOMER, Status.WAITING_VENDOR])
        case Tab.LATE:
            return Q(next_due_at__lt=at)
        case Tab.ALL:
            return Q()


def _matching(tickets: TicketQuerySet, criteria: Criteria) -> TicketQuerySet:
    """Every word in the number, the title, the company or the product, accents and case forgiven.

    Companies and products are few, and searched once each, not once per incident.
    """
    if criteria.severity:
        tickets = tickets.filter(severity=criteria.severity)
    if criteria.product is not None:
        tickets = tickets.filter(product=criteria.product)
    for word in _words(criteria.words):
        tickets = tickets.filter(
            Q(holding(word))
            | Q(company__in=Company.objects.filter(name__unaccent__icontains=word))
            | Q(product__in=Product.objects.filter(name__unaccent__icontains=word))
        )
    return tickets


def _words(text: str) -> Iterable[str]:
    return tidy_line(text[:SEARCH_MAX]).split()[:SEARCH_WORDS_MAX]


def _beyond(tickets: TicketQuerySet, after: Cursor | None) -> TicketQuerySet:
    """What comes after the cursor in the order of the queue."""
    if after is None:
        return tickets
    if after.due_at is None:
        return tickets.filter(next_due_at__isnull=True, pk__gt=after.pk)
    later = Q(next_due_at__gt=after.due_at) | Q(next_due_at=after.due_at, pk__gt=after.pk)
    return tickets.filter(later | Q(next_due_at__isnull=True))
