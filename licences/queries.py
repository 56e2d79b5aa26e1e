"""Reading the park, the contracts and the patches. Days are those of Europe/Paris."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache, reduce
from operator import or_
from typing import Any, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db import DEFAULT_DB_ALIAS
from django.db.models import F, Model, OuterRef, Q
from django.db.models.functions import JSONObject

from accounts.models import Company, Site, User
from accounts.queries import sites_named
from foundation.database import holds, words_of
from foundation.prepared import PlannedRows
from foundation.text import tidy_line
from foundation.wording import paris
from licences.lifecycle import EXPIRING_DAYS, Standing
from licences.models import (
    Licence,
    LicenceQuerySet,
    Patch,
    PatchQuerySet,
    Product,
    SupportContract,
)
from sla.enums import CommitmentKind, Severity
from sla.models import ServiceLevel
from sla.queries import NoVersion, default_service_level, service_level_version_on

_M = TypeVar("_M", bound=Model)

_SOON = timedelta(days=EXPIRING_DAYS)

# What people type in a search box; past this it is not a search (Q2).
SEARCH_MAX = 200
SEARCH_WORDS_MAX = 8


@dataclass(frozen=True, slots=True)
class ParkLine:
    """A licence with where it stands on the day asked."""

    licence: Licence
    standing: Standing


@dataclass(frozen=True, slots=True)
class Target:
    """What is promised for a severity, in working minutes."""

    severity: Severity
    acknowledgement_minutes: int
    resolution_minutes: int


@dataclass(frozen=True, slots=True)
class Terms:
    """What a company was promised on a day.

    `contract` is None for a company without one: the charter's own targets then apply (S13), and
    `last_contract` is the latest that it had, if any. `targets` is empty when the service level
    has no version on that day.
    """

    company: Company
    contract: SupportContract | None
    standing: Standing | None
    last_contract: SupportContract | None
    service_level: ServiceLevel
    targets: tuple[Target, ...]


def only_licence(company: Company, product: Product) -> Licence | None:
    """The company's licence of a product, when there can be only one. One query."""
    found = list(Licence.objects.filter(company=company, product=product)[:2])
    return found[0] if len(found) == 1 else None


def contract_on(company: Company, day: date) -> SupportContract | None:
    """The company's support contract in force on a day of Europe/Paris, or None (S13)."""
    return next(iter(_CONTRACT(company=company.pk, day=day)), None)


_CONTRACT = PlannedRows(
    lambda company, day: (
        SupportContract.objects.valid_on(day)
        .filter(company=company)
        .select_related("service_level")
    ),
    company=int,
    day=date,
)


def held_by(company: Company) -> tuple[list[Licence], list[Site]]:
    """A company's licences, past ones included, by product and version; and its places, by name.

    One query: whoever asks for the ones, to declare an incident, needs the others.
    """
    ((held, places),) = _HELD(company=company.pk)
    sites = {row["id"]: _made(Site, row) for row in places}
    licences = []
    for row in held:
        licence = _made(Licence, row["licence"])
        licence.product = _made(Product, row["product"])
        if (site := sites.get(row["licence"]["site_id"])) is not None:
            licence.site = site
        licences.append(licence)
    return licences, list(sites.values())


def _held(company: int) -> Any:
    """One row: both lists, as the columns of their tables."""
    licences = Licence.objects.filter(company=OuterRef("pk"))
    sites = Site.objects.filter(company=OuterRef("pk"))
    of_licence = JSONObject(licence=_columns(Licence), product=_columns(Product, "product__"))
    by_product = licences.order_by("product__name", "version", "pk")
    return Company.objects.filter(pk=company).values_list(
        ArraySubquery(by_product.values(row=of_licence)),
        ArraySubquery(sites.order_by("name").values(row=_columns(Site))),
    )


def _columns(model: type[Model], path: str = "") -> JSONObject:
    names = [field.attname for field in model._meta.concrete_fields]
    return JSONObject(**{name: F(path + name) for name in names})


def _made(model: type[_M], columns: dict[str, Any]) -> _M:
    """A row from its columns, as JSON holds them."""
    fields = model._meta.concrete_fields
    values = [field.to_python(columns[field.attname]) for field in fields]
    return model.from_db(DEFAULT_DB_ALIAS, [field.attname for field in fields], values)


_HELD: PlannedRows[Any] = PlannedRows(_held, company=int)


def park(user: User, company: Company | None = None) -> LicenceQuerySet:
    """The licences that this person may see, of one company or of all theirs (A1)."""
    licences = Licence.objects.visible_to(user).select_related("company", "site", "product")
    if company is not None:
        licences = licences.filter(company=company)
    return licences.order_by("company__name", "product__name", "version", "pk")


def lines(licences: Iterable[Licence], at: datetime) -> list[ParkLine]:
    """Licences with their state at that instant's day in Paris."""
    day = paris(at).date()
    return [ParkLine(licence, licence.standing_on(day)) for licence in licences]


def expiring(
    user: User, at: datetime, *, company: Company | None = None, limit: int | None = None
) -> list[ParkLine]:
    """Licences that end within 90 days, soonest first (P9)."""
    day = paris(at).date()
    if user.is_staff:
        return lines(_ending(park(user, company), day, day + _SOON)[:limit], at)
    values: dict[str, int | date] = {"user": user.pk, "day": day, "until": day + _SOON}
    if company is not None:
        values["company"] = company.pk
    return lines(_expiring_of_customer(company is not None, limit)(**values), at)


def _ending(found: LicenceQuerySet, day: date, until: date) -> LicenceQuerySet:
    return found.in_force(day).filter(ends_on__lte=until).order_by("ends_on", "pk")


@lru_cache(maxsize=8)
def _expiring_of_customer(has_company: bool, limit: int | None) -> PlannedRows[Licence]:
    """Every customer's home asks for them: worded once."""

    def build(user: int, day: date, until: date, **values: int) -> LicenceQuerySet:
        return _ending(park(User(pk=user)).filter(**values), day, until)[:limit]

    types: dict[str, type] = {"user": int, "day": date, "until": date}
    return PlannedRows(build, **types | ({"company": int} if has_company else {}))


def search(user: User, q: str, limit: int) -> list[Licence]:
    """Licences whose product, site, version or number hold every word of `q`, accents forgiven.

    In the park of a few companies each licence is looked at; ours, who see every park, have each
    part of the « or » answered by its own index.
    """
    words = tidy_line(q[:SEARCH_MAX]).split()[:SEARCH_WORDS_MAX]
    if not words:
        return []
    found = park(user)
    for word in words:
        ways = _ways(word)
        if user.is_staff:
            each = [Licence.objects.filter(way).order_by().values("pk") for way in ways]
            found = found.filter(pk__in=each[0].union(*each[1:]))
        else:
            found = found.filter(reduce(or_, ways))
    return list(found[:limit])


def _ways(word: str) -> list[Q]:
    """What of a licence may hold a word. Products and sites are searched once, not per licence."""
    products = Product.objects.filter(holds(words_of("name", "vendor"), word))
    return [
        Q(product__in=products.order_by().values("pk")),
        Q(site__in=sites_named([word]).order_by().values("pk")),
        Q(holds(F("searched"), word)),
    ]


def patches(user: User, at: datetime) -> PatchQuerySet:
    """Patches that this person may download now, newest first (A7). Ours see all those offered."""
    return (
        Patch.objects.visible_to(user, at)
        .offered(at)
        .select_related("product", "file")
        .order_by("-published_at", "-pk")
    )


def terms(companies: Iterable[Company], at: datetime) -> list[Terms]:
    """The contract of each company at that instant's day, with its table of deadlines (S13)."""
    day = paris(at).date()
    charter = default_service_level()
    tables: dict[int, tuple[Target, ...]] = {}
    found = []
    for company, (contract, last) in _contracts(list(companies), day).items():
        level = contract.service_level if contract else charter
        if level.pk not in tables:
            tables[level.pk] = _targets(level, day)
        standing = contract.standing_on(day) if contract else None
        found.append(Terms(company, contract, standing, last, level, tables[level.pk]))
    return found


_Contracts = tuple[SupportContract | None, SupportContract | None]


def _contracts(companies: list[Company], day: date) -> dict[Company, _Contracts]:
    """For each company the contract in force and the latest one over, in one query."""
    found: dict[Company, _Contracts] = dict.fromkeys(companies, (None, None))
    begun = SupportContract.objects.filter(company__in=companies, starts_on__lte=day)
    for contract in begun.select_related("company", "service_level").order_by("starts_on"):
        last = found[contract.company][1]
        is_over = contract.ends_on < day
        found[contract.company] = (None, contract) if is_over else (contract, last)
    return found


def _targets(level: ServiceLevel, day: date) -> tuple[Target, ...]:
    try:
        version = service_level_version_on(level, day)
    except NoVersion:
        return ()
    return tuple(
        Target(
            severity,
            version.target_minutes(CommitmentKind.ACKNOWLEDGEMENT, severity),
            version.target_minutes(CommitmentKind.RESOLUTION, severity),
        )
        for severity in Severity
    )
