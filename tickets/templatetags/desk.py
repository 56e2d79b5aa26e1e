"""What the desk's templates ask for: the queue of the admin's index, and the desk's own links."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django import template
from django.http import HttpRequest
from django.template.context import Context
from django.utils.translation import gettext as _

from accounts.models import User
from foundation.wording import duration
from tickets.admin_forms.desk import QueueFilter
from tickets.models import Ticket
from tickets.queries import desk
from tickets.queries.clocks import ClockFacts
from tickets.queries.desk import Cursor, QueuePage, Tab
from tickets.rights import ACT_ON_TICKET, VIEW_TICKET

register = template.Library()


@dataclass(frozen=True, slots=True)
class TabLink:
    """A tab with its count in words."""

    tab: Tab
    count: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Queue:
    """All that the index shows of the queue."""

    tabs: list[TabLink]
    current: Tab
    filter: QueueFilter
    is_filtered: bool
    is_first: bool
    can_act: bool
    page: QueuePage


@register.simple_tag(takes_context=True)
def desk_queue(context: Context) -> Queue | None:
    """The queue that the address asks for; None for who may not see incidents."""
    request: HttpRequest = context["request"]
    user = request.user
    if not isinstance(user, User) or not user.has_perm(VIEW_TICKET):
        return None
    now = context["now"]
    narrowing = QueueFilter(request.GET)
    criteria = narrowing.criteria
    counts = desk.counts(user, criteria, now)
    current = _tab(request.GET.get("onglet", ""), list(counts))
    after = Cursor.read(request.GET.get("apres", ""))
    return Queue(
        tabs=[TabLink(tab, number, tab is current) for tab, number in counts.items()],
        current=current,
        filter=narrowing,
        is_filtered=bool(narrowing.chosen()),
        is_first=after is None,
        can_act=user.has_perm(ACT_ON_TICKET) and user.is_engineer,
        page=desk.page_of(desk.queue(current, user, criteria, now), after, now),
    )


def _tab(value: str, offered: list[Tab]) -> Tab:
    return next((tab for tab in offered if tab.value == value), Tab.ALL)


@register.filter
def left_in_words(clock: ClockFacts) -> str:
    """« dans 25 min », « dépassé de 7 h 46 », « suspendu à 2 h 39 », « tenu »: working time."""
    match clock.level:
        case "calm" | "soon":
            return _("dans %s") % duration(clock.target - clock.used)
        case "late":
            return _("dépassé de %s") % duration(max(clock.used - clock.target, timedelta(0)))
        case "paused":
            return _("suspendu à %s") % duration(max(clock.target - clock.used, timedelta(0)))
        case _:
            return str(clock.outcome.label)


@register.filter
def age(ticket: Ticket, now: datetime) -> str:
    """« 3 j »: how long ago the incident was received."""
    return desk.age(ticket, now)


@register.filter
def passed(since: datetime, now: datetime) -> str:
    """« 5 h »: how long ago something began to wait."""
    return desk.passed(since, now)
