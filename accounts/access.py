"""The only way a view reaches a company or a membership. Absent and forbidden look the same."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from accounts.http import PortalRequest
from accounts.models import Company, Membership, User

P = ParamSpec("P")
View = Callable[Concatenate[PortalRequest, P], HttpResponse]


def require_customer(view: View[P]) -> View[P]:
    """Pages that act for a company: staff read 404, a person without any company is told so.

    Somebody of several companies who chose none of them passes: the page asks for which.
    """

    @wraps(view)
    def guarded(request: PortalRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.user.is_staff:
            raise Http404
        if not request.companies:
            raise PermissionDenied(
                _(
                    "Votre compte n’est rattaché à aucune société. "
                    "Demandez à votre référent de vous rouvrir l’accès, ou appelez le support."
                )
            )
        return view(request, *args, **kwargs)

    return guarded


def get_own_company(user: User, company_id: int) -> Company:
    """A company that this customer belongs to.

    Raises Http404 if it is foreign, closed or missing (A1).
    """
    if user.is_staff:
        raise Http404
    return get_object_or_404(Company.objects.visible_to(user), pk=company_id)


def require_manager_of_company(user: User, company: Company | None) -> Company:
    """The company whose accounts this person runs: the chosen one, else their first.

    Raises Http404 for anybody who is nobody's manager (référent).
    """
    managed = Company.objects.managed_by(user).order_by("name")
    if company is not None:
        chosen = managed.filter(pk=company.pk).first()
        if chosen is not None:
            return chosen
    first = managed.first()
    if first is None:
        raise Http404
    return first


def get_managed_membership(user: User, membership_id: int) -> Membership:
    """A membership in a company that this person manages.

    Raises Http404 if it is another company's or missing (A5).
    """
    return get_object_or_404(
        Membership.objects.filter(company__in=Company.objects.managed_by(user)).select_related(
            "user", "company"
        ),
        pk=membership_id,
    )
