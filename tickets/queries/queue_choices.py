"""What the filters of the queue offer, by the number that an address carries."""

from __future__ import annotations

from accounts.models import Agency
from foundation.prepared import Prepared
from licences.models import Product
from tickets.queries.around import engineers as people

_PRODUCTS = Prepared(lambda: Product.objects.order_by("name", "pk").only("name"))
_AGENCIES = Prepared(lambda: Agency.objects.order_by("name", "pk").only("name"))
_ENGINEERS = Prepared(lambda: people().only("first_name", "last_name", "email"))


def products() -> dict[str, str]:
    """Every product, by name. One query."""
    return {str(product.pk): product.name for product in _PRODUCTS()}


def agencies() -> dict[str, str]:
    """Every agency of ours, by name. One query."""
    return {str(agency.pk): agency.name for agency in _AGENCIES()}


def engineers() -> dict[str, str]:
    """Those who may take incidents in charge, by name. One query."""
    return {str(person.pk): person.full_name for person in _ENGINEERS()}
