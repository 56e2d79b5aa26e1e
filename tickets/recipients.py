"""Who is told of an act: computed at the act, frozen in its event (P5, C34).

Customers: the requester, the people in copy, and référents who asked to be told of all. Never
the author of the act, except for the receipt of a declaration. Each person once.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from accounts.enums import CompanyRole
from accounts.models import Membership, User
from accounts.queries import on_duty
from foundation.wording import paris
from tickets.enums import Act, Side
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
    Act.MERGE,
    Act.UNMERGE,
}
# Acts of a colleague that the assignee must know: the others show on the page.
_TOLD_TO_ASSIGNEE = {Act.ASSIGN, Act.CALL, Act.ABSORB, Act.RELEASE}


def customers_of(ticket: Ticket) -> set[int]:
    """Ids of the customers who follow this incident and may still see it."""
    followers = {
        ticket.requester_id,
        *Copy.objects.filter(ticket=ticket).values_list("user_id", flat=True),
    }
    told: set[int] = set()
    for user_id, told_of_all, role in Membership.objects.filter(
        company_id=ticket.company_id, company__is_active=True, is_active=True, user__is_active=True
    ).values_list("user_id", "told_of_all", "role"):
        informed = told_of_all and role == CompanyRole.MANAGER and not ticket.is_private
        if user_id in followers or informed:
            told.add(user_id)
    return told


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
        people |= customers_of(ticket)
    if ticket.assignee_id and (side is not Side.ENGINEER or act in _TOLD_TO_ASSIGNEE):
        people.add(ticket.assignee_id)
    if actor is not None and act is not Act.DECLARE:
        people.discard(actor.pk)
    return sorted(people)


def recipients_of_rung(ticket: Ticket, percent: int, at: datetime) -> list[int]:
    """S10, S11: 50 % nobody; 75 % the assignee or those on duty; 100 % those and the managers;
    150 % the managers again. Never a customer.
    """
    people: set[int] = set()
    if percent in {75, 100}:
        # An assignee whose account was closed since is nobody: the warning must reach somebody.
        if ticket.assignee is not None and ticket.assignee.is_active:
            people.add(ticket.assignee.pk)
        else:
            people |= {engineer.pk for engineer in on_duty(ticket.agency, paris(at).date())}
    if percent in {100, 150}:
        people |= set(User.objects.managers().values_list("pk", flat=True))
    return sorted(people)
