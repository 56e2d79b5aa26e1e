"""What has changed since somebody's last visit, told from public events (design §5).

Notes and rungs are the desk's own business: their events are never read here, and an incident that
moved by them alone stays where it was (B1). One's own acts are no news.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Company, User
from foundation.prepared import Prepared
from foundation.wording import near_instant
from tickets.enums import Act, Origin, Side, Status
from tickets.models import Ticket
from tickets.queries.sentences import sentence_of
from tickets.queries.told import Entry, Fact, Person
from tickets.queries.told import named as person

# Acts that a customer is told of. What is not named here stays untold.
TOLD = (
    Act.DECLARE, Act.ACKNOWLEDGE, Act.ASSIGN, Act.MESSAGE, Act.CALL, Act.WAIT_CUSTOMER,
    Act.WAIT_VENDOR, Act.RESUME, Act.RESOLVE, Act.ACCEPT, Act.CLOSE, Act.REOPEN, Act.CANCEL,
    Act.REQUALIFY, Act.RESTATE, Act.CORRECT, Act.ADD_COPY, Act.MERGE, Act.UNMERGE,
    Act.ESCALATE, Act.ANSWER_ESCALATION, Act.ASK_SEVERITY, Act.DECLINE_SEVERITY,
    Act.REMIND, Act.CLOSE_UNANSWERED, Act.SPLIT,
)  # fmt: skip
# Somebody who has never been here is told of a week; nobody of more than a month.
WITHOUT_VISIT = timedelta(days=7)
AT_MOST = timedelta(days=30)
# Incidents looked at first, of those that moved; enough unless most moved by notes alone.
LOOKED_AT = 50
EVENTS_MAX = 60
INCIDENTS_MAX = 8
OF_ONE_MAX = 2


@dataclass(frozen=True, slots=True)
class Since:
    """From when on changes are told, and how that is said."""

    at: datetime
    words: str


@dataclass(frozen=True, slots=True)
class Change:
    """What happened, by whom, and when."""

    sentence: str
    when: str


@dataclass(slots=True)
class Changed:
    """An incident with its last changes, newest first, and how many more there are."""

    reference: str
    title: str
    company: str
    changes: list[Change] = field(default_factory=list)
    number: int = 0

    @property
    def others(self) -> int:
        """How many changes are not shown."""
        return self.number - len(self.changes)


def since_of(user: User, at: datetime) -> Since:
    """The last time that this person said they had seen everything, or signed in before."""
    seen, login = user.seen_until, user.previous_login
    earliest = at - AT_MOST
    last = max(filter(None, (seen, login)), default=None)
    if last is None:
        return Since(at - WITHOUT_VISIT, _("depuis 7\u00a0jours"))
    if last < earliest:
        return Since(earliest, _("depuis 30\u00a0jours"))
    if last == seen:
        return Since(last, _("depuis que vous avez tout vu, %s") % near_instant(last, at))
    return Since(last, _("depuis votre connexion précédente, %s") % near_instant(last, at))


def changes_since(
    user: User, company: Company | None, since: datetime, at: datetime
) -> list[Changed]:
    """Incidents with what others did on them, the newest change first.

    Of a company or of all the person's own; only what they may see (A2). Two queries, nearly
    always: the events of the incidents that moved last, and names of people. Notes move incidents
    too, so when those looked at cannot tell the newest changes, more are looked at (B1).
    """
    most = LOOKED_AT
    while True:
        rows = _rows(user, company, since, most, at)
        told = [row for row in rows if row.event is not None]
        if rows[0].looked_at < most or _are_newest(told, rows[0].oldest):
            return _by_incident(told, at)
        most *= 8


class _Row(NamedTuple):
    """What the statement gives: an event and its incident, or none; how far it looked."""

    looked_at: int
    oldest: datetime
    event: int | None
    ticket: int
    reference: str
    title: str
    company: str
    act: str
    side: str
    origin: str
    actor: int | None
    status_before: str
    status_after: str
    facts: str
    recorded_at: datetime
    effective_at: datetime


_TOLD = """
WITH moved AS MATERIALIZED (
    SELECT ticket.id, ticket.last_event_at, ticket.reference, ticket.title, company.name
    FROM unnest(ARRAY({hits})) AS hit (id)
    JOIN tickets_ticket AS ticket ON ticket.id = hit.id
    JOIN accounts_company AS company ON company.id = ticket.company_id
)
SELECT edge.number, edge.oldest, told.*
FROM (SELECT count(*) AS number, min(last_event_at) AS oldest FROM moved) AS edge
LEFT JOIN LATERAL (
    SELECT event.id, moved.id AS ticket, moved.reference, moved.title, moved.name, event.act,
        event.side, event.origin, event.actor_id, event.status_before, event.status_after,
        event.facts::text, event.recorded_at, event.effective_at
    FROM moved JOIN tickets_ticketevent AS event ON event.ticket_id = moved.id
    WHERE event.recorded_at > %s AND event.act = ANY(%s) AND event.actor_id IS DISTINCT FROM %s
        AND NOT (event.act = 'message' AND EXISTS (
            SELECT FROM tickets_message AS held WHERE held.ticket_id = event.ticket_id
            AND held.visible_from > %s AND held.id = (event.facts->>'message')::bigint))
    ORDER BY event.recorded_at DESC, event.id DESC LIMIT %s
) AS told ON true
ORDER BY told.recorded_at DESC, told.id DESC
"""


def _rows(
    user: User, company: Company | None, since: datetime, most: int, at: datetime
) -> list[_Row]:
    values: dict[str, int | datetime] = {"user": user.pk, "since": since}
    if company is not None:
        values["company"] = company.pk
    hits, parameters = _moved(company is not None, most).text(**values)
    told = [act.value for act in TOLD]
    with connection.cursor() as cursor:
        cursor.execute(_TOLD.format(hits=hits), [*parameters, since, told, user.pk, at, EVENTS_MAX])
        return [_Row(*row) for row in cursor.fetchall()]


@lru_cache(maxsize=8)
def _moved(has_company: bool, most: int) -> Prepared[Ticket]:
    """The ids of the incidents that moved last, of those that a customer may see."""

    def build(user: int, since: datetime, **values: int) -> QuerySet[Ticket, Any]:
        found = Ticket.objects.visible_to(User(pk=user)).filter(last_event_at__gt=since, **values)
        return found.order_by("-last_event_at", "-pk").values_list("pk")[:most]

    types: dict[str, type] = {"user": int, "since": datetime}
    return Prepared(build, **types | ({"company": int} if has_company else {}))


def _are_newest(told: list[_Row], oldest: datetime) -> bool:
    """Whether as many incidents as are shown changed after the others last moved at all."""
    newer = {row.ticket for row in told if row.recorded_at >= oldest}
    return len(newer) >= INCIDENTS_MAX


def _by_incident(told: list[_Row], at: datetime) -> list[Changed]:
    found: dict[int, Changed] = {}
    shown: list[tuple[Changed, _Row, Fact]] = []
    for row in told:
        if row.ticket not in found:
            if len(found) == INCIDENTS_MAX:
                continue
            found[row.ticket] = Changed(row.reference, row.title, row.company)
        changed = found[row.ticket]
        if changed.number < OF_ONE_MAX:
            fact = Fact(Act(row.act), row.origin, row.status_before, json.loads(row.facts))
            shown.append((changed, row, fact))
        changed.number += 1
    people = _people({pk for _changed, row, fact in shown for pk in (row.actor, _named(fact))})
    for changed, row, fact in shown:
        said = _sentence(row, fact, people, at)
        changed.changes.append(Change(said, near_instant(row.effective_at, at)))
    return list(found.values())


def _named(fact: Fact) -> int | None:
    """Who the sentence of an event names, besides who did it."""
    found: int | None = None
    if fact.act is Act.ADD_COPY:
        found = fact.facts["user"]
    elif fact.act is Act.DECLARE and fact.origin == Origin.PHONE:
        found = fact.facts["requester"]
    elif fact.act is Act.CALL:
        found = fact.facts["caller"]
    elif fact.act is Act.ASSIGN:
        found = fact.facts["assignee"][1]
    return found


_PEOPLE = "SELECT id, first_name, last_name, email FROM accounts_user WHERE id = ANY(%s)"


def _people(ids: set[int | None]) -> dict[int | None, Person]:
    if not (known := ids - {None}):
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, [list(known)])
        return {row[0]: person(*row) for row in cursor.fetchall()}


def _sentence(row: _Row, fact: Fact, people: dict[int | None, Person], at: datetime) -> str:
    author, side = people.get(row.actor), Side(row.side)
    if fact.act is Act.MESSAGE and author is not None:
        said = _("%s a répondu") if side is Side.ENGINEER else _("%s a écrit")
        return said % author.full_name
    entry = Entry(
        sequence=0, at=row.effective_at, side=side, author=author, event=fact,
        status_after=Status(row.status_after), body="", message_id=None,
        named=people.get(_named(fact)),
    )  # fmt: skip
    return sentence_of(entry, at)
