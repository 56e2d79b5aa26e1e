"""Products, licences, support contracts, patches."""

from __future__ import annotations

import hashlib
import uuid
from datetime import UTC, date, datetime
from itertools import count

from accounts.models import Company, Site
from files.enums import FileState
from files.models import StoredFile
from licences.enums import LicenceKind
from licences.models import Licence, Patch, Product, SupportContract
from sla.models import ServiceLevel
from tests.factories.sla import make_service_level

PUBLISHED_AT = datetime(2026, 6, 1, 8, tzinfo=UTC)

_numbers = count(1)


def make_product(
    *, name: str | None = None, vendor: str = "Autodesk", is_active: bool = True
) -> Product:
    name = name or f"Produit {next(_numbers)}"
    return Product.objects.create(name=name, vendor=vendor, is_active=is_active)


def make_licence(
    company: Company,
    *,
    product: Product | None = None,
    site: Site | None = None,
    kind: LicenceKind = LicenceKind.SUBSCRIPTION,
    version: str = "2027",
    seats: int = 5,
    contract_number: str | None = None,
    starts_on: date = date(2026, 1, 1),
    ends_on: date | None = date(2029, 12, 31),
) -> Licence:
    """A subscription that is active for years, unless said otherwise."""
    return Licence.objects.create(
        company=company,
        product=product or make_product(),
        site=site,
        kind=kind,
        version=version,
        seats=seats,
        contract_number=contract_number or f"110-{next(_numbers):08d}",
        starts_on=starts_on,
        ends_on=ends_on,
    )


def make_perpetual_licence(
    company: Company, *, product: Product | None = None, site: Site | None = None
) -> Licence:
    """A licence without an end."""
    return make_licence(
        company, product=product, site=site, kind=LicenceKind.PERPETUAL, ends_on=None
    )


def make_contract(
    company: Company,
    *,
    number: str | None = None,
    service_level: ServiceLevel | None = None,
    starts_on: date = date(2026, 1, 1),
    ends_on: date = date(2029, 12, 31),
) -> SupportContract:
    """A support contract; its service level is the charter's unless given."""
    return SupportContract.objects.create(
        company=company,
        number=number or f"CS-{next(_numbers):05d}",
        service_level=service_level or make_service_level(),
        starts_on=starts_on,
        ends_on=ends_on,
    )


def make_patch(
    product: Product,
    *,
    title: str | None = None,
    version: str = "2027.1",
    notes: str = "",
    file: StoredFile | None = None,
    published_at: datetime | None = PUBLISHED_AT,
    withdrawn_at: datetime | None = None,
) -> Patch:
    """A published patch; `published_at=None` is a draft. Without `file`, a row without content."""
    return Patch.objects.create(
        product=product,
        title=title or f"Correctif {next(_numbers)}",
        version=version,
        notes=notes,
        file=file or _make_file_row(),
        published_at=published_at,
        withdrawn_at=withdrawn_at,
    )


def _make_file_row() -> StoredFile:
    number = next(_numbers)
    identity = uuid.uuid4()
    return StoredFile.objects.create(
        uuid=identity,
        key=f"patches/{identity}",
        name=f"correctif-{number}.zip",
        content_type="application/zip",
        size=1_400_000,
        sha256=hashlib.sha256(str(number).encode()).hexdigest(),
        state=FileState.AVAILABLE,
        created_at=PUBLISHED_AT,
    )
