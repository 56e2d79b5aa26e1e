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
from tickets.enums import Act, Side
from tickets.models import Ticket, TicketEvent
from tickets.queries.sentences import people_of, sentence_of
from tickets.queries.thread import Entry

# Acts that a customer is told of. What is not named here stays untold.
TOLD = (
    Act.DECLARE, Act.ACKNOWLEDGE, Act.ASSIGN, Act.MESSAGE, Act.CALL, Act.WAIT_CUSTOMER,
    Act.WAIT_VENDOR, Act.RESUME, Act.RESOLVE, Act.ACCEPT, Act.CLOSE, Act.REOPEN, Act.CANCEL,
    Act.REQUALIFY, Act.RESTATE, Act.CORRECT, Act.ADD_COPY, Act.MERGE, Act.UNMERGE,
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


def _people(events: Iterable[TicketEvent]) -> dict[int, User]:
    ids = {event.actor_id for event in events if event.actor_id}
    ids.update(pk for event in events for pk in people_of(event))
    found = User.objects.filter(pk__in=ids).only("first_name", "last_name", "email")
    return {person.pk: person for person in found}


def _by_incident(
    events: list[TicketEvent], tickets: dict[int, _Moved], at: datetime
) -> list[Changed]:
    people = _people(events)
    names = {pk: person.full_name for pk, person in people.items()}
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
        said = _sentence(event, people.get(event.actor_id or 0), names, at)
        changed.changes.append(Change(said, near_instant(event.effective_at, at)))
    return list(found.values())


def _sentence(event: TicketEvent, author: User | None, names: dict[int, str], at: datetime) -> str:
    if event.act == Act.MESSAGE and author is not None:
        said = _("%s a répondu") if event.side == Side.ENGINEER else _("%s a écrit")
        return said % author.full_name
    entry = Entry(
        at=event.effective_at, kind="event", title=str(Act(event.act).label), author=author,
        side=Side(event.side), event=event,
    )  # fmt: skip
    return sentence_of(entry, names, at)
