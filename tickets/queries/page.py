"""All that a customer’s page of one incident shows, in few queries (issue: at most 12 a page).

Written as a customer reads it: no note, no escalation, no number of an event, no address (B1, B2).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef

from accounts.models import User
from accounts.queries import colleagues
from sla.queries import hours_of
from tickets.clocks import window_end
from tickets.enums import Act, Side, Status
from tickets.models import Copy, Pause, Ticket
from tickets.queries.clocks import PromiseShown, pauses_of, promises_shown
from tickets.queries.sentences import people_of, sentence_of
from tickets.queries.thread import Entry, thread_of

_UNTOLD = {Act.RUNG, Act.ABSORB, Act.RELEASE}


@dataclass(frozen=True)
class Step:
    """One dated line of the thread, told to a customer. `is_ours`: the support speaks."""

    entry: Entry
    sentence: str
    text: str
    is_ours: bool

    @property
    def is_message(self) -> bool:
        """It has words or files of somebody; else one line says what happened."""
        return bool(self.text or self.entry.files)


@dataclass(frozen=True)
class IncidentPage:
    """What the page of an incident shows at an instant."""

    ticket: Ticket
    promises: list[PromiseShown]
    past_promises: list[PromiseShown]
    steps: list[Step]
    people: list[User]
    window_end: datetime | None
    may_reopen: bool
    merged_into: Ticket | None
    follows: Ticket | None
    followers: list[Ticket]
    merged_tickets: list[Ticket]

    @property
    def reopened_at(self) -> datetime | None:
        """When the present promises started anew (S9); None for an incident never reopened."""
        return self.promises[0].clock.started_at if self.ticket.cycle > 1 else None

    def offers(self, act: str) -> bool:
        """Whether the page offers this act, which asks why: `cancel`, `refuse` or `reopen`."""
        if act == "cancel":
            return self.ticket.state is Status.DECLARED
        return self.may_reopen or self.ticket.state is Status.RESOLVED

    @property
    def copies(self) -> list[User]:
        """Colleagues who follow the incident."""
        return [person for person in self.people if getattr(person, "in_copy", False)]

    @property
    def addable(self) -> list[User]:
        """Colleagues who could."""
        return [
            person
            for person in self.people
            if not getattr(person, "in_copy", False) and person.pk != self.ticket.requester_id
        ]


def page_of(ticket: Ticket, user: User, at: datetime) -> IncidentPage:
    """Read the page. The incident comes from `access.get_ticket`: it is visible to `user`."""
    pauses = pauses_of(ticket)
    shown = promises_shown(ticket, pauses, at)
    people = _people(ticket)
    end = _window_end(ticket, shown)
    ended = ticket.state in {Status.CLOSED, Status.CANCELLED}
    entries = thread_of(ticket, user)
    return IncidentPage(
        ticket=ticket,
        promises=[promise for promise in shown if promise.clock.cycle == ticket.cycle],
        past_promises=[promise for promise in shown if promise.clock.cycle != ticket.cycle],
        steps=_steps(ticket, entries, at, pauses, people),
        people=people,
        window_end=end,
        may_reopen=ticket.state is Status.CLOSED and end is not None and at <= end,
        merged_into=_linked(ticket.merged_into_id, user),
        follows=_linked(ticket.follows_id, user),
        followers=list(Ticket.objects.visible_to(user).filter(follows=ticket)) if ended else [],
        merged_tickets=_merged_tickets(ticket, entries, user),
    )


def _people(ticket: Ticket) -> list[User]:
    """Colleagues of the incident's company, those in copy marked `in_copy`."""
    in_copy = Copy.objects.filter(ticket=ticket, user=OuterRef("pk"))
    return list(colleagues(ticket.company).annotate(in_copy=Exists(in_copy)))


def _window_end(ticket: Ticket, shown: list[PromiseShown]) -> datetime | None:
    """Until when the solution may be refused or the incident reopened (S9)."""
    if ticket.resolved_at is None or not shown:
        return None
    calendar = shown[-1].clock.commitment.calendar_version_id
    return window_end(hours_of(calendar), ticket.resolved_at)


def _linked(ticket_id: int | None, user: User) -> Ticket | None:
    """Where a merged incident went, or what this one follows, if this person may see it (A2)."""
    if ticket_id is None:
        return None
    return Ticket.objects.visible_to(user).filter(pk=ticket_id).first()


def _merged_tickets(ticket: Ticket, entries: list[Entry], user: User) -> list[Ticket]:
    """What was merged into this one, of what this person may see; no query when nothing was."""
    if not any(entry.event and entry.event.act == Act.ABSORB for entry in entries):
        return []
    return list(Ticket.objects.visible_to(user).filter(merged_into=ticket).order_by("pk"))


# --- the thread, told to a customer ---------------------------------------------------------------


def _steps(
    ticket: Ticket, entries: list[Entry], at: datetime, pauses: list[Pause], people: list[User]
) -> list[Step]:
    entries = [entry for entry in entries if _is_told(entry)]
    reasons = {pause.pk: pause.reason for pause in pauses}
    names = _names(ticket, entries, people)
    return [_step(entry, reasons, names, at) for entry in entries]


def _is_told(entry: Entry) -> bool:
    """Notes and rungs are the desk's own business, even when one of ours reads the page.

    That another incident was merged into this one is told by its link, to who may see it.
    """
    return entry.kind != "note" and (entry.event is None or entry.event.act not in _UNTOLD)


def _step(entry: Entry, reasons: dict[int, str], names: dict[int, str], at: datetime) -> Step:
    event = entry.event
    text = entry.body
    if event is not None and event.act in {Act.WAIT_CUSTOMER, Act.WAIT_VENDOR}:
        text = reasons.get(event.facts.get("pause", 0), "")
    # What a caller said is theirs, whoever noted it.
    is_ours = entry.side is not Side.CUSTOMER and not entry.is_call
    return Step(entry, sentence_of(entry, names, at), text, is_ours)


def _names(ticket: Ticket, entries: Iterable[Entry], people: list[User]) -> dict[int, str]:
    """Names of the people that events point at; a query only for those not met yet."""
    met = [*people, ticket.requester, *(entry.author for entry in entries if entry.author)]
    if ticket.assignee is not None:
        met.append(ticket.assignee)
    names = {person.pk: person.full_name for person in met}
    wanted = {pk for entry in entries if entry.event for pk in people_of(entry.event)}
    if missing := wanted - set(names):
        names |= {person.pk: person.full_name for person in User.objects.filter(pk__in=missing)}
    return names
