"""Incidents, made through the operations that people use."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

from accounts.models import Company, Site, User
from files.models import StoredFile
from licences.models import Product
from sla.enums import CommitmentKind, Severity
from tests.factories.accounts import make_company, make_engineer, make_membership, make_user
from tests.factories.licences import make_product
from tickets import operations
from tickets.models import Commitment, Ticket

# A quiet Tuesday, 10:00 in Paris: an hour after opening, far from any holiday or clock change.
TUESDAY_10 = datetime(2026, 9, 15, 8, 0, tzinfo=UTC)


def make_ticket(
    *,
    company: Company | None = None,
    requester: User | None = None,
    product: Product | None = None,
    severity: Severity = Severity.IMPAIRING,
    title: str = "Revit se ferme à l’ouverture",
    body: str = "Depuis ce matin, Revit se ferme quand j’ouvre la maquette.",
    at: datetime = TUESDAY_10,
    site: Site | None = None,
    copies: Sequence[User] = (),
    files: Sequence[StoredFile] = (),
    is_private: bool = False,
) -> Ticket:
    """An incident declared at `at` by a customer of a company."""
    if requester is None:
        requester = make_user()
        company = company or make_company()
        make_membership(requester, company)
    company = company or requester.companies.get()
    return operations.declare(
        actor=requester, company=company, product=product or make_product(), severity=severity,
        title=title, body=body, at=at, form_token=uuid4(), site=site, copies=copies, files=files,
        is_private=is_private,
    )  # fmt: skip


def acknowledged_ticket(
    *,
    at: datetime = TUESDAY_10,
    engineer: User | None = None,
    taken_at: datetime | None = None,
    severity: Severity = Severity.IMPAIRING,
) -> Ticket:
    """An incident in progress, taken in charge at `taken_at` (by default at once)."""
    ticket = make_ticket(at=at, severity=severity)
    engineer = engineer or make_engineer()
    return operations.acknowledge(ticket_id=ticket.pk, actor=engineer, at=taken_at or at)


def promise(ticket: Ticket, kind: CommitmentKind, cycle: int | None = None) -> Commitment:
    """The stored promise of a kind, in the present cycle unless said otherwise."""
    cycle = cycle or Ticket.objects.get(pk=ticket.pk).cycle
    return Commitment.objects.get(ticket=ticket, kind=kind, cycle=cycle)
