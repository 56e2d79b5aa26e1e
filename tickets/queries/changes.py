"""What has changed since somebody's last visit, told from public events (design §5).

Notes and rungs are the desk's own business: their events are never read here, and an incident that
moved by them alone stays where it was (B1). One's own acts are no news.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils.translation import gettext as _

from accounts.models import Company, User
from foundation.wording import near_instant
from tickets.enums import Act, Origin, Side, Status
from tickets.models import Ticket, TicketEvent
from tickets.queries.sentences import sentence_of
from tickets.queries.told import Entry, Fact, Person

# Acts that a customer is told of. What is not named here stays untold.
TOLD = (
    Act.DECLARE, Act.ACKNOWLEDGE, Act.ASSIGN, Act.MESSAGE, Act.CALL, Act.WAIT_CUSTOMER,
    Act.WAIT_VENDOR, Act.RESUME, Act.RESOLVE, Act.ACCEPT, Act.CLOSE, Act.REOPEN, Act.CANCEL,
    Act.REQUALIFY, Act.RESTATE, Act.CORRECT, Act.ADD_COPY, Act.MERGE, Act.UNMERGE,
    Act.ESCALATE, Act.ANSWER_ESCALATION, Act.ASK_SEVERITY, Act.DECLINE_SEVERITY,
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
    others: int = 0


def since_of(user: User, at: datetime) -> Since:
    """The last time that this person said they had seen everything, or signed in before."""
    seen, login = user.seen_until, user.previous_login
    earliest = at - AT_MOST
    last = max(filter(None, (seen, login)), default=None)
    if last is None:
        return Since(at - WITHOUT_VISIT, _("depuis 7 jours"))
    if last < earliest:
        return Since(earliest, _("depuis 30 jours"))
    if last == seen:
        return Since(last, _("depuis que vous avez tout vu, %s") % near_instant(last, at))
    return Since(last, _("depuis votre connexion précédente, %s") % near_instant(last, at))


def changes_since(
    user: User, company: Company | None, since: datetime, at: datetime
) -> list[Changed]:
    """Incidents with what others did on them, the newest change first.

    Of a company or of all the person's own; only what they may see (A2). Three queries, nearly
    always: the incidents that moved last, their events, names of people. Notes move incidents
    too, so when those looked at cannot tell the newest changes, more are looked at (B1).
    """
    visible = Ticket.objects.visible_to(user).filter(last_event_at__gt=since)
    if company is not None:
        visible = visible.filter(company=company)
    moved = visible.order_by("-last_event_at", "-pk").values_list(
        "pk", "last_event_at", "reference", "title", "company__name"
    )
    most = LOOKED_AT
    while True:
        tickets = [_Moved(*row) for row in moved[:most]]
        events = _events(user, [ticket.pk for ticket in tickets], since)
        if len(tickets) < most or _are_newest(events, tickets[-1].at):
            break
        most *= 8
    return _by_incident(events, {ticket.pk: ticket for ticket in tickets}, at)


class _Moved(NamedTuple):
    """An incident that something happened on, a note perhaps: `at` is never shown."""

    pk: int
    at: datetime
    reference: str
    title: str
    company: str


def _events(user: User, tickets: list[int], since: datetime) -> list[TicketEvent]:
    """What others did, newest first."""
    found = TicketEvent.objects.filter(ticket__in=tickets, recorded_at__gt=since, act__in=TOLD)
    shown = found.exclude(actor=user).order_by("-recorded_at", "-pk")
    return list(shown.defer("hash", "previous_hash", "recipients")[:EVENTS_MAX])


def _are_newest(events: list[TicketEvent], oldest: datetime) -> bool:
    """Whether as many incidents as are shown changed after the others last moved at all."""
    newer = {event.ticket_id for event in events if event.recorded_at >= oldest}
    return len(newer) >= INCIDENTS_MAX


def _people(events: Iterable[TicketEvent]) -> dict[int, Person]:
    ids = {event.actor_id for event in events} | {_pointed_at(event) for event in events}
    found = User.objects.filter(pk__in=ids - {None}).only("first_name", "last_name", "email")
    return {person.pk: Person(person.pk, person.full_name) for person in found}


def _pointed_at(event: TicketEvent) -> int | None:
    """Who the sentence of an event names, besides who did it."""
    found: int | None = None
    if event.act == Act.ADD_COPY:
        found = event.facts["user"]
    elif event.act == Act.DECLARE and event.origin == Origin.PHONE:
        found = event.facts["requester"]
    elif event.act == Act.CALL:
        found = event.facts["caller"]
    elif event.act == Act.ASSIGN:
        found = event.facts["assignee"][1]
    return found


def _by_incident(
    events: list[TicketEvent], tickets: dict[int, _Moved], at: datetime
) -> list[Changed]:
    people = _people(events)
    found: dict[int, Changed] = {}
    for event in events:
        if event.ticket_id not in found:
            if len(found) == INCIDENTS_MAX:
                continue
            ticket = tickets[event.ticket_id]
            found[ticket.pk] = Changed(ticket.reference, ticket.title, ticket.company)
        changed = found[event.ticket_id]
        if len(changed.changes) == OF_ONE_MAX:
            changed.others += 1
            continue
        said = _sentence(event, people, at)
        changed.changes.append(Change(said, near_instant(event.effective_at, at)))
    return list(found.values())


def _sentence(event: TicketEvent, people: dict[int, Person], at: datetime) -> str:
    author = people.get(event.actor_id or 0)
    if event.act == Act.MESSAGE and author is not None:
        said = _("%s a répondu") if event.side == Side.ENGINEER else _("%s a écrit")
        return said % author.full_name
    entry = Entry(
        sequence=event.sequence,
        at=event.effective_at,
        side=Side(event.side),
        author=author,
        event=Fact(Act(event.act), event.origin, event.status_before, event.facts),
        status_after=Status(event.status_after),
        body="",
        message_id=None,
        named=people.get(_pointed_at(event) or 0),
    )
    return sentence_of(entry, at)
