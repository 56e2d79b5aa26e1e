"""What is shown before a merge, and of a merge once done (S18)."""

from __future__ import annotations

from typing import NamedTuple

from accounts.models import User
from tickets.enums import OPEN_STATUSES, Status
from tickets.models import Ticket
from tickets.recipients import customers_of

_OFFERED = 20


class Concerned(NamedTuple):
    """Who is told of a merge, and who will follow the surviving incident from then on."""

    told: list[User]
    added: list[User]


def survivors(ticket: Ticket) -> list[Ticket]:
    """Other incidents of the company that are not over, the newest first."""
    others = Ticket.objects.filter(company=ticket.company_id).exclude(pk=ticket.pk)
    going_on = others.filter(status__in=[*OPEN_STATUSES, Status.RESOLVED])
    return list(going_on.select_related("product", "requester").order_by("-received_at")[:_OFFERED])


def concerned(ticket: Ticket, into: Ticket) -> Concerned:
    """The customers concerned, by name, as the act itself counts them."""
    told, present = customers_of(ticket), customers_of(into)
    people = User.objects.filter(pk__in=told).order_by("last_name", "first_name", "pk")
    found = list(people)
    return Concerned(found, [person for person in found if person.pk not in present])
