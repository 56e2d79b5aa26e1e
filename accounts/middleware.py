"""Who is signed in, which company this request is about, and the second factor of staff."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from accounts import queries, unsent
from accounts.models import Company, User
from foundation.prepared import PlannedRows

_second_factor = PlannedRows(
    lambda user: Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP), user=int
)

GetResponse = Callable[[HttpRequest], HttpResponse]
ViewFunction = Callable[..., HttpResponse]

# The key of the session that `switch_company` writes.
SESSION_KEY = "company"
# What the switch says instead of a company's number.
ALL_COMPANIES = "toutes"

# What somebody without a second factor may open: the way to one, and the way out.
_WAY_IN = frozenset(
    {
        "account_logout",
        "account_reauthenticate",
        "mfa_activate_totp",
        "mfa_authenticate",
        "mfa_index",
        "mfa_reauthenticate",
        "mfa_view_recovery_codes",
        "mfa_download_recovery_codes",
        "mfa_generate_recovery_codes",
    }
)


class SignInFirst(LoginRequiredMiddleware):
    """Every page asks for a sign-in unless it says otherwise.

    A form posted after its session ended says so on the sign-in page, and what was typed comes
    back after it (accounts.unsent).
    """

    def handle_no_permission(  # type: ignore[override]  # any answer will do
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponse:
        if request.method != "POST":
            if "HX-Request" in request.headers:
                # A part of a page would be replaced by the sign-in: the page says it instead.
                return HttpResponse(status=401)
            return super().handle_no_permission(request, view_func)
        page = unsent.keep(request, timezone.now())
        query = QueryDict(mutable=True)
        query["next"] = page or request.get_full_path()
        query["session"] = "texte" if page else "rien"
        return HttpResponseRedirect(f"{reverse('account_login')}?{query.urlencode(safe='/')}")


class StaffSecondFactor:
    """Sends staff without a second factor to its activation, whatever page they ask for (F8).

    allauth asks for the code at sign-in when there is one. Read anew on each request: removing
    the second factor closes everything at the next click.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: ViewFunction, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        person = request.user
        if not isinstance(person, User) or not person.is_staff:
            return None
        if not settings.STAFF_MUST_HAVE_SECOND_FACTOR:
            return None
        match = request.resolver_match
        if match is not None and match.view_name in _WAY_IN:
            return None
        if _second_factor(user=person.pk):
            return None
        return redirect("mfa_activate_totp")


class CurrentCompany:
    """Puts `companies`, `company`, `manages_company` and `shows_companies` on the request.

    One query for a customer, none for staff or strangers, none where no view answers. Rights are
    read anew each time: somebody moved or closed loses the company at the next click (A4).
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        _put(request, companies=[], company=None, manages_company=False, shows_companies=False)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: ViewFunction, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if not isinstance(request.user, User):
            return None
        memberships = queries.open_memberships(request.user)
        companies = [membership.company for membership in memberships]
        company = _chosen(companies, request.session.get(SESSION_KEY))
        _put(
            request,
            companies=companies,
            company=company,
            manages_company=any(membership.is_manager for membership in memberships),
            shows_companies=request.user.is_staff or (company is None and bool(companies)),
        )
        return None


def _chosen(companies: list[Company], wanted: object) -> Company | None:
    """The one of the switch if it is still theirs, or the only one; else all of them: None."""
    for company in companies:
        if company.pk == wanted:
            return company
    return companies[0] if len(companies) == 1 else None


def _put(request: HttpRequest, **attributes: object) -> None:
    for name, value in attributes.items():
        setattr(request, name, value)
