"""The request as our views know it: somebody signed in, and the company they act for."""

from __future__ import annotations

from django.http import HttpRequest

from accounts.models import Company, User


class PortalRequest(HttpRequest):
    """Behind LoginRequiredMiddleware and CurrentCompany.

    `companies` are the person's own, by name; `company` is the one chosen with the switch. Staff
    have none: they see every company from the admin.
    """

    user: User
    companies: list[Company]
    company: Company | None
    manages_company: bool
