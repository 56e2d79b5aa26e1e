"""Reading the park and the contracts."""

from __future__ import annotations

from datetime import date

from accounts.models import Company
from licences.models import SupportContract


def contract_on(company: Company, day: date) -> SupportContract | None:
    """The company's support contract in force on a day of Europe/Paris, or None (S13)."""
    return (
        SupportContract.objects.valid_on(day)
        .filter(company=company)
        .select_related("service_level")
        .first()
    )
