"""What the filters of a customer’s list offer: their products, their sites, their people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from accounts.models import Company, Membership, Site, User
from licences.models import Licence, Product


@dataclass(frozen=True)
class Choices:
    """Names by the number that the address carries, in the order in which they are offered."""

    products: dict[str, str] = field(default_factory=dict)
    sites: dict[str, str] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)


def choices_of(user: User, companies: Sequence[Company]) -> Choices:
    """What these companies hold, past licences included; people of those that this person manages.

    Our own people, who belong to no company, are offered every product. Three queries.
    """
    return Choices(_products(companies), _sites(companies), _people(user, companies))


def _products(companies: Sequence[Company]) -> dict[str, str]:
    found = Product.objects.order_by("name")
    if companies:
        held = Licence.objects.filter(company__in=companies)
        found = found.filter(pk__in=held.values("product"))
    return {str(pk): name for pk, name in found.values_list("pk", "name")}


def _sites(companies: Sequence[Company]) -> dict[str, str]:
    found = Site.objects.filter(company__in=companies).order_by("company__name", "name")
    if len(companies) == 1:
        return {str(pk): name for pk, name in found.values_list("pk", "name")}
    rows = found.values_list("pk", "name", "company__name")
    return {str(pk): f"{name} ({company})" for pk, name, company in rows}


def _people(user: User, companies: Sequence[Company]) -> dict[str, str]:
    """Those who left are offered too: their incidents stay.

    Those who have not come yet are left out: showing them would say who they are (A5).
    """
    managed = Company.objects.managed_by(user).filter(pk__in=[company.pk for company in companies])
    found = Membership.objects.filter(company__in=managed, awaiting_since__isnull=True)
    rows = found.select_related("user").order_by("user__last_name", "user__first_name", "user")
    return {str(row.user_id): row.user.full_name for row in rows}
