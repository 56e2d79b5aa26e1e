"""Who is told of an act: computed at the act, frozen in its event (P5, C34).

Customers: the requester, the people in copy, and référents who asked to be told of all. Never
the author of the act, except for the receipt of a declaration. Each person once. Those in copy
may have asked not to be told of what changes no status (decision 0024).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from accounts.enums import CompanyRole
from accounts.models import Agency, Membership, User
from accounts.queries import on_duty, stand_ins
from foundation.prepared import PlannedRows
from foundation.wording import paris
from tickets.enums import CONVERSATION, Act, Side
from tickets.models import Copy, Ticket

# Acts that customers are told of. The others are the desk's own business, or change nothing.
_TOLD_TO_CUSTOMERS = {
    Act.DECLARE,
    Act.ACKNOWLEDGE,
    Act.MESSAGE,
    Act.CALL,
    Act.WAIT_CUSTOMER,
    Act.WAIT_VENDOR,
    Act.RESUME,
    Act.RESOLVE,
    Act.ACCEPT,
    Act.CLOSE,
    Act.REOPEN,
    Act.CANCEL,
    Act.REQUALIFY,
    Act.RESTATE,
    Act.MERGE,
    Act.UNMERGE,
    Act.ANSWER_ESCALATION,
    Act.DECLINE_SEVERITY,
    Act.CLOSE_UNANSWERED,
}
# Acts of a colleague that the assignee must know: the others show on the page.
_TOLD_TO_ASSIGNEE = {Act.ASSIGN, Act.CALL, Act.ABSORB, Act.RELEASE, Act.ANSWER_ESCALATION}


class Member(NamedTuple):
    """An open membership of a company. `is_reached`: the person and the company are open too."""

    user_id: int
    told_of_all: bool
    role: str
    is_reached: bool
    mutes_copies: bool


_MEMBER = (
    "user_id", "told_of_all", "role", "user__is_active", "company__is_active",
    "user__mutes_copies",
)  # fmt: skip


def members_of(company_id: int) -> list[Member]:
    """The open memberships of a company. One query."""
    rows: list[Any] = _MEMBERS(company=company_id)
    return [member(*row) for row in rows]


def members_text(company_id: int) -> tuple[str, list[Any]]:
    """The same as a statement and its values, for one that holds it; a row is `member(*row)`."""
    return _MEMBERS.text(company=company_id)


def member(  # noqa: PLR0917  (a row, spread)
    user_id: int,
    told_of_all: bool,
    role: str,
    person_is_open: bool,
    company_is_open: bool,
    mutes_copies: bool,
) -> Member:
    """A member as `members_text` gives one."""
    return Member(user_id, told_of_all, role, person_is_open and company_is_open, mutes_copies)


def _members(company: int) -> Any:
    return Membership.objects.filter(company=company, is_active=True).values_list(*_MEMBER)


_MEMBERS: PlannedRows[Any] = PlannedRows(_members, company=int)


def told_among(
    members: Iterable[Member], ticket: Ticket, followers: Set[int], *, is_conversation: bool = False
) -> set[int]:
    """Ids of the customers who follow the incident, or asked to be told of all (P5).

    Of a conversation, those in copy may have asked to be told nothing (decision 0024).
    """
    return {
        member.user_id
        for member in members
        if member.is_reached
        and (
            _follows(member, ticket, followers, is_conversation=is_conversation)
            or (member.told_of_all and member.role == CompanyRole.MANAGER and not ticket.is_private)
        )
    }


def _follows(member: Member, ticket: Ticket, followers: Set[int], *, is_conversation: bool) -> bool:
    if member.user_id == ticket.requester_id:
        return True
    return member.user_id in followers and not (is_conversation and member.mutes_copies)


def customers_of(ticket: Ticket, *, is_conversation: bool = False) -> set[int]:
    """Ids of the customers who are told and may still see it: of a change, or of a message or
    call that changes no status.
    """
    copied = Copy.objects.filter(ticket=ticket).values_list("user_id", flat=True)
    return told_among(
        members_of(ticket.company_id),
        ticket,
        {ticket.requester_id, *copied},
        is_conversation=is_conversation,
    )


def told_of_each(tickets: Sequence[Ticket], act: Act, actor: User) -> dict[int, set[int]]:
    """Ids of the customers whom this act of one of ours tells, by incident. Two queries.

    What `recipients_of` gives for each, the assignee apart: a preview for many.
    """
    if act not in _TOLD_TO_CUSTOMERS:
        return {ticket.pk: set() for ticket in tickets}
    followers = {ticket.pk: {ticket.requester_id} for ticket in tickets}
    for pk, user in Copy.objects.filter(ticket__in=tickets).values_list("ticket_id", "user_id"):
        followers[pk].add(user)
    members: dict[int, list[Member]] = defaultdict(list)
    rows = Membership.objects.filter(
        company__in={ticket.company_id for ticket in tickets}, is_active=True
    )
    for company, *row in rows.values_list("company_id", *_MEMBER):
        members[company].append(member(*row))
    return {
        ticket.pk: told_among(
            members[ticket.company_id],
            ticket,
            followers[ticket.pk],
            is_conversation=act in CONVERSATION,
        )
        - {actor.pk}
        for ticket in tickets
    }


def viewers_of(ticket: Ticket) -> QuerySet[User]:
    """The customers who may see this incident: `visible_to`, asked from its side. One query."""
    sees = Q(user=ticket.requester_id) | Q(
        user__in=Copy.objects.filter(ticket=ticket).values("user")
    )
    if not ticket.is_private:
        sees |= Q(role=CompanyRole.MANAGER)
    memberships = Membership.objects.filter(
        sees, company=ticket.company_id, company__is_active=True, is_active=True
    )
    people: QuerySet[User] = User.objects.filter(
        pk__in=memberships.values("user"), is_active=True, staff_role=""
    )
    return people.order_by("last_name", "first_name", "pk")


def recipients_of(
    ticket: Ticket, act: Act, *, actor: User | None, side: Side, changed_status: bool
) -> list[int]:
    """Ids of the people who are told of this act, in a stable order."""
    people: set[int] = set()
    if act in _TOLD_TO_CUSTOMERS or changed_status:
        is_conversation = act in CONVERSATION and not changed_status
        people |= customers_of(ticket, is_conversation=is_conversation)
    if ticket.assignee_id and (side is not Side.ENGINEER or act in _TOLD_TO_ASSIGNEE):
        people.add(ticket.assignee_id)
    if actor is not None and act is not Act.DECLARE:
        people.discard(actor.pk)
    return sorted(people)


@dataclass
class Roster:
    """Who is alerted: asked once per agency, person and day, for as many incidents as needed.

    For one pass or one act: kept longer, it would not see who came back or left.
    """

    _on_duty: dict[tuple[int, date], set[int]] = field(default_factory=dict)
    _stand_ins: dict[tuple[int, date], set[int] | None] = field(default_factory=dict)
    _managers: set[int] | None = None

    def on_duty(self, agency: Agency, day: date) -> set[int]:
        """Ids of those on duty in an agency on a day (S11)."""
        key = (agency.pk, day)
        if key not in self._on_duty:
            self._on_duty[key] = {person.pk for person in on_duty(agency, day)}
        return self._on_duty[key]

    def stand_ins(self, engineer: User, day: date) -> set[int] | None:
        """Ids of the substitutes of an engineer who is absent that day; None: present."""
        key = (engineer.pk, day)
        if key not in self._stand_ins:
            found = stand_ins(engineer, day)
            self._stand_ins[key] = None if found is None else {person.pk for person in found}
        return self._stand_ins[key]

    def managers(self) -> set[int]:
        """Ids of our managers."""
        if self._managers is None:
            self._managers = set(User.objects.managers().values_list("pk", flat=True))
        return self._managers

    def alerted(self, ticket: Ticket, day: date) -> set[int]:
        """The assignee, with the substitute when absent; else those on duty.

        A warning must reach somebody: an assignee whose account was closed is nobody, and one
        who is away without a substitute reads nothing in time.
        """
        assignee = ticket.assignee
        if assignee is None or not assignee.is_active:
            return self.on_duty(ticket.agency, day)
        instead = self.stand_ins(assignee, day)
        if instead is None:
            return {assignee.pk}
        return {assignee.pk} | (instead or self.on_duty(ticket.agency, day))


def recipients_of_rung(
    ticket: Ticket, percent: int, leaves_at: datetime, roster: Roster
) -> list[int]:
    """S10, S11: 50 % nobody; 75 % the assignee or those on duty; 100 % those and the managers;
    150 % the managers again. Never a customer.

    Who is on duty, or absent, is judged on the day when the mail leaves.
    """
    people: set[int] = set()
    if percent in {75, 100}:
        people |= roster.alerted(ticket, paris(leaves_at).date())
    if percent in {100, 150}:
        people |= roster.managers()
    return sorted(people)


def recipients_of_ask(ticket: Ticket, act: Act, at: datetime, roster: Roster) -> list[int]:
    """Whom a customer's request reaches at once: those whom a warning would (S11), and the
    managers too for an escalation. Never a customer: their page shows it.
    """
    people = set(roster.alerted(ticket, paris(at).date()))
    if act is Act.ESCALATE:
        people |= roster.managers()
    return sorted(people)
