"""What the address of a declaration names: for which company, about what; and its form."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, QueryDict

from accounts.http import PortalRequest
from accounts.models import Company
from files.forms import DRAFT
from licences.access import get_licence
from licences.models import Licence
from sla.queries import NoVersion
from tickets import access
from tickets.clocks import Terms, terms_for
from tickets.declare_forms import DeclareForm
from tickets.enums import Status
from tickets.models import Ticket


@dataclass(frozen=True)
class Subject:
    """What the address of the form names: for which company, about what."""

    company: Company
    follows: Ticket | None
    licence: Licence | None

    @property
    def about(self) -> str:
        """The same as parameters of an address."""
        named = QueryDict(mutable=True)
        named["societe"] = str(self.company.pk)
        if self.follows is not None:
            named["suite"] = self.follows.reference
        if self.licence is not None:
            named["licence"] = str(self.licence.pk)
        return named.urlencode()

    def address(self, form: DeclareForm) -> str:
        """Where the form is sent; it names the same again, and the form itself (DRAFT)."""
        named = QueryDict(self.about, mutable=True)
        named[DRAFT] = str(form["form_token"].value())
        return f"?{named.urlencode()}"


def subject_of(request: PortalRequest) -> Subject | None:
    """What the incident would be about; None while one of several companies is to be chosen."""
    company = company_of(request)
    if company is None:
        return None
    return Subject(company, _followed(request, company), _licence(request, company))


def company_of(request: PortalRequest) -> Company | None:
    """The company that the page was made for; gone or foreign is 404 (A4), never another one.

    None: the person has several, chose none with the switch and the address names none.
    """
    wanted = request.GET.get("societe")
    if wanted is None:
        return request.company
    for company in request.companies:
        if wanted == str(company.pk):
            return company
    raise Http404


def named_company(request: PortalRequest) -> Company:
    """The same for a part of an open form, whose address always leads to one. Raises Http404."""
    company = company_of(request)
    if company is None:
        raise Http404
    return company


def form_of(
    subject: Subject, request: PortalRequest, *posted: Any, initial: dict[str, Any] | None = None
) -> DeclareForm:
    """The form of a declaration, blank, filled in or posted."""
    return DeclareForm(
        *posted,
        initial=initial,
        person=request.user,
        company=subject.company,
        follows=subject.follows,
        licence=subject.licence,
    )


def terms_of(company: Company, at: datetime) -> Terms | None:
    """What is promised to the company; None when the settings have a gap."""
    try:
        return terms_for(company, at)
    except NoVersion:
        return None


def _followed(request: PortalRequest, company: Company) -> Ticket | None:
    """The ended incident that the new one follows (S9), if the address names one."""
    reference = request.GET.get("suite")
    if not reference or "\x00" in reference:
        return None
    ticket = access.get_ticket(request.user, reference)
    ended = ticket.state in {Status.CLOSED, Status.CANCELLED}
    return ticket if ended and ticket.company_id == company.pk else None


def _licence(request: PortalRequest, company: Company) -> Licence | None:
    """The licence that the incident is about, if the address names one of the company's (A1)."""
    number = request.GET.get("licence", "")
    # 18 digits fit a bigint; ASCII only, since int() reads others too.
    if not (number.isascii() and number.isdecimal() and len(number) <= 18):
        return None
    licence = get_licence(request.user, int(number))
    return licence if licence.company_id == company.pk else None
