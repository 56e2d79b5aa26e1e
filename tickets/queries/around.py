"""What an engineer must know around an incident: its customer, its people, its neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from accounts.models import User
from foundation.wording import paris
from licences.models import Licence, SupportContract
from licences.queries import ParkLine, contract_on, lines
from tickets.enums import OPEN_STATUSES
from tickets.models import Ticket

_NEIGHBOURS = 6
_PARK = 40


@dataclass(frozen=True, slots=True)
class Around:
    """The customer of an incident at one instant.

    `here` are the company's licences of the incident's product, `others` the rest of its park.
    """

    contract: SupportContract | None
    here: list[ParkLine]
    others: list[ParkLine]
    open_tickets: list[Ticket]
    past_tickets: list[Ticket]


def around(ticket: Ticket, at: datetime) -> Around:
    """Contract in force, park, other open incidents, past ones of this product. Four queries."""
    park = lines(_park(ticket), at)
    neighbours = Ticket.objects.filter(company=ticket.company_id).exclude(pk=ticket.pk)
    return Around(
        contract=contract_on(ticket.company, paris(at).date()),
        here=[line for line in park if line.licence.product_id == ticket.product_id],
        others=[line for line in park if line.licence.product_id != ticket.product_id],
        open_tickets=list(neighbours.open().order_by("-received_at")[:_NEIGHBOURS]),
        past_tickets=list(
            neighbours.filter(product=ticket.product_id)
            .exclude(status__in=OPEN_STATUSES)
            .order_by("-received_at")[:_NEIGHBOURS]
        ),
    )


def _park(ticket: Ticket) -> QuerySet[Licence]:
    return (
        Licence.objects.filter(company=ticket.company_id)
        .select_related("product")
        .order_by("ends_on", "pk")[:_PARK]
    )


def engineers() -> QuerySet[User]:
    """Those to whom an incident can be handed."""
    people: QuerySet[User] = User.objects.engineers()
    return people.order_by("last_name", "first_name", "pk")
