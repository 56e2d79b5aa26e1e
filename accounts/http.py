"""The request as our views know it: somebody signed in, and the company they act for."""

from __future__ import annotations

from django.http import HttpRequest

from accounts.models import Company, User


class PortalRequest(HttpRequest):
    """Behind LoginRequiredMiddleware and CurrentCompany.

    `companies` are the person's own, by name; `company` is the only one, or the one chosen with
    the switch. None stands for all of theirs (design §1: the switch only filters). Staff have no
    company: they see every one from the admin. `shows_companies`: lists hold rows of several
    companies, so each row names its own.
    """

    user: User
    companies: list[Company]
    company: Company | None
    manages_company: bool
    shows_companies: bool
