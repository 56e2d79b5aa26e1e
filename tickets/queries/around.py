"""What an engineer asks around an incident: its customer's park, and who may take it."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from accounts.models import User
from licences.models import Licence
from licences.queries import ParkLine, lines
from tickets.models import Ticket

_PARK = 40


def other_licences(ticket: Ticket, at: datetime) -> list[ParkLine]:
    """The park of the incident's company without its product, the first to end first."""
    park = Licence.objects.filter(company=ticket.company_id).exclude(product=ticket.product_id)
    return lines(park.select_related("product").order_by("ends_on", "pk")[:_PARK], at)


def engineers() -> QuerySet[User]:
    """Those to whom an incident can be handed."""
    people: QuerySet[User] = User.objects.engineers()
    return people.order_by("last_name", "first_name", "pk")
