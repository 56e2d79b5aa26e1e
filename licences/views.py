"""The customer's park, one licence, the downloads."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from accounts.http import PortalRequest
from accounts.models import Company
from foundation.wording import paris
from licences import access, queries, register
from licences.forms import ParkFilter, PatchFilter

LICENCES_PER_PAGE = 50
PATCHES_PER_PAGE = 20


@require_safe
def park(request: PortalRequest) -> HttpResponse:
    """/licences/: licences with their state, support contracts with their deadlines (P9)."""
    at, user = timezone.now(), request.user
    companies = _companies_shown(request)
    licences = queries.park(user, request.company)
    form = ParkFilter(request.GET, licences)
    found = form.applied(licences, paris(at).date())
    page = Paginator(found, LICENCES_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "now": at,
        "form": form,
        "is_filtered": bool(form.chosen()),
        "page_obj": page,
        "lines": queries.lines(page.object_list, at),
        "terms_shown": queries.terms(companies, at),
        "shows_companies": user.is_staff or len(companies) > 1,
    }
    return render(request, "licences/park.html", context)


@require_safe
def licence(request: PortalRequest, licence_id: int) -> HttpResponse:
    """/licences/<id>/: one licence, the contract of its company, its incidents."""
    at, user = timezone.now(), request.user
    found = access.get_licence(user, licence_id)
    (terms,) = queries.terms([found.company], at)
    context = {
        "now": at,
        "licence": found,
        "standing": found.standing_on(paris(at).date()),
        "terms": terms,
        "patches": queries.patches(user, at).filter(product=found.product)[:5],
        # The fragment escapes its own content: it was rendered by the floor that registered it.
        "incidents": mark_safe(register.incidents_of(user, found, at)),  # noqa: S308
    }
    return render(request, "licences/licence.html", context)


@require_safe
def downloads(request: PortalRequest) -> HttpResponse:
    """/telechargements/: the patches that this person may take now (P3, A7)."""
    at, user = timezone.now(), request.user
    patches = queries.patches(user, at)
    form = PatchFilter(request.GET, patches)
    page = Paginator(form.applied(patches), PATCHES_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "now": at,
        "form": form,
        "is_filtered": bool(form.chosen()),
        "page_obj": page,
        "uncovered": [
            terms for terms in queries.terms(_companies_shown(request), at) if not terms.contract
        ],
    }
    return render(request, "licences/downloads.html", context)


def _companies_shown(request: PortalRequest) -> list[Company]:
    """Whose contracts the page shows: none for ours, who see every company's licences."""
    return [request.company] if request.company else request.companies
