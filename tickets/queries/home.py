"""What a customer's home shows of their incidents: what needs them, what goes on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from accounts.models import Company, User
from tickets.enums import Status, Turn
from tickets.lifecycle import turn
from tickets.models import Ticket
from tickets.queries.customer import LIVE_STATUSES
from tickets.queries.lines import Line, lines_of

YOURS_MAX = 6
OURS_MAX = 10
# Nobody reads further, and counting further would cost.
COUNTED = 300

_YOURS = {status for status in Status if turn(status) is Turn.YOURS}


@dataclass(frozen=True, slots=True)
class Going:
    """Some lines, and how many there are in all (never more than COUNTED)."""

    lines: list[Line]
    total: int

    @property
    def others(self) -> int:
        """How many are not shown."""
        return self.total - len(self.lines)


@dataclass(frozen=True, slots=True)
class GoingOn:
    """« À vous » first: answers awaited, then solutions to accept, the oldest first; then what
    is ours to do, the nearest deadline first.
    """

    yours: Going
    ours: Going


def going_on(user: User, company: Company | None, at: datetime) -> GoingOn:
    """Open incidents, and solutions that wait to be accepted. Two queries."""
    found = Ticket.objects.visible_to(user).filter(status__in=LIVE_STATUSES)
    if company is not None:
        found = found.filter(company=company)
    order = (F("next_due_at").asc(nulls_last=True), "received_at", "pk")
    rows = list(found.order_by(*order).values_list("pk", "status")[:COUNTED])
    awaited = [pk for pk, status in rows if status == Status.WAITING_CUSTOMER]
    proposed = [pk for pk, status in rows if status == Status.RESOLVED]
    yours = [*awaited, *proposed]
    ours = [pk for pk, status in rows if status not in _YOURS]
    shown = lines_of([*yours[:YOURS_MAX], *ours[:OURS_MAX]], at)
    cut = min(len(yours), YOURS_MAX)
    return GoingOn(Going(shown[:cut], len(yours)), Going(shown[cut:], len(ours)))
