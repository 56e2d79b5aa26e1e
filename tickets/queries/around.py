"""What an engineer asks around an incident: its customer's park, and who may take it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from accounts.models import Company, User
from foundation.wording import paris
from licences.models import Licence, SupportContract
from licences.queries import ParkLine, contract_on, lines
from tickets.models import Ticket

_PARK = 40


def other_licences(ticket: Ticket, at: datetime) -> list[ParkLine]:
    """The park of the incident's company without its product, the first to end first."""
    park = Licence.objects.filter(company=ticket.company_id).exclude(product=ticket.product_id)
    return lines(park.select_related("product").order_by("ends_on", "pk")[:_PARK], at)


@dataclass(frozen=True, slots=True)
class CompanyCard:
    """What the queue tells of a company on demand."""

    company: Company
    contract: SupportContract | None
    open_tickets: int


def company_card(company: Company, at: datetime) -> CompanyCard:
    """Its contract in force, and how many incidents are open. Two queries."""
    return CompanyCard(
        company,
        contract_on(company, paris(at).date()),
        Ticket.objects.filter(company=company).open().count(),
    )


def engineers() -> QuerySet[User]:
    """Those to whom an incident can be handed."""
    people: QuerySet[User] = User.objects.engineers()
    return people.order_by("last_name", "first_name", "pk")
