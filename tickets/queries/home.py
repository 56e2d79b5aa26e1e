"""What a customer's home shows of their incidents: what needs them, what goes on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from accounts.models import Company, User
from tickets.enums import Status, Turn
from tickets.lifecycle import turn
from tickets.queries.customer import LIVE_STATUSES, Filters, hits
from tickets.queries.lines import Line, lines_of

YOURS_MAX = 6
OURS_MAX = 10
# Nobody reads further, and counting further would cost.
COUNTED = 300

_WITH_STATUS = """
SELECT hit.id, ticket.status
FROM unnest(ARRAY({hits})) WITH ORDINALITY AS hit (id, place)
JOIN tickets_ticket AS ticket ON ticket.id = hit.id
ORDER BY hit.place
"""
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
    """« À vous » first: answers awaited, then solutions to accept, the newest first; then what
    is ours to do, the nearest deadline first.
    """

    yours: Going
    ours: Going


def going_on(user: User, company: Company | None, at: datetime) -> GoingOn:
    """Open incidents, and solutions that wait to be accepted. Two queries."""
    filters = Filters(statuses=LIVE_STATUSES, by_due=True)
    text, parameters = hits(user, company, filters, COUNTED)
    with connection.cursor() as cursor:
        cursor.execute(_WITH_STATUS.format(hits=text), parameters)
        rows = cursor.fetchall()
    awaited = [pk for pk, status in rows if status == Status.WAITING_CUSTOMER]
    proposed = [pk for pk, status in rows if status == Status.RESOLVED]
    yours = [*awaited, *proposed]
    ours = [pk for pk, status in rows if status not in _YOURS]
    shown = lines_of([*yours[:YOURS_MAX], *ours[:OURS_MAX]], at)
    cut = min(len(yours), YOURS_MAX)
    return GoingOn(Going(shown[:cut], len(yours)), Going(shown[cut:], len(ours)))
