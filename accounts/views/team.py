"""The accounts of a company, run by its manager (référent)."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import access, operations, queries
from accounts.forms import InviteForm, RoleForm
from accounts.http import PortalRequest
from accounts.models import Membership
from foundation.refusals import Refusal


@require_safe
def team(request: PortalRequest) -> HttpResponse:
    """Who has access, in which role, and who has not come yet."""
    company = access.require_manager_of_company(request.user, request.company)
    context = {"company": company, "memberships": queries.team(company)}
    return render(request, "accounts/team.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: PortalRequest) -> HttpResponse:
    """Open an access. The answer does not depend on whether the address has an account (A5)."""
    company = access.require_manager_of_company(request.user, request.company)
    form = InviteForm(request.POST or None, company=company)
    if request.method == "POST" and form.is_valid():
        try:
            operations.invite(
                actor=request.user, at=timezone.now(), company=company, **form.cleaned_data
            )
        except Refusal as refusal:
            form.add_error("email", refusal.sentence)
        else:
            messages.success(
                request, _("L’invitation part à %(email)s.") % {"email": form.cleaned_data["email"]}
            )
            return redirect("team")
    return render(request, "accounts/invite.html", {"company": company, "form": form})


@require_POST
def close(request: PortalRequest, membership_id: int) -> HttpResponse:
    """Close a colleague's access."""
    return _act(request, membership_id, operations.deactivate, _("Accès fermé : %(who)s."))


@require_POST
def reopen(request: PortalRequest, membership_id: int) -> HttpResponse:
    """Open it again."""
    return _act(request, membership_id, operations.reactivate, _("Accès rouvert : %(who)s."))


@require_POST
def remind(request: PortalRequest, membership_id: int) -> HttpResponse:
    """Send the invitation again."""
    return _act(request, membership_id, operations.reinvite, _("Invitation relancée : %(who)s."))


@require_POST
def change_role(request: PortalRequest, membership_id: int) -> HttpResponse:
    """Contact or référent."""
    membership = access.get_managed_membership(request.user, membership_id)
    form = RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Ce rôle n’existe pas."))
        return redirect("team")
    try:
        operations.change_role(
            actor=request.user,
            at=timezone.now(),
            membership_id=membership.pk,
            role=form.cleaned_data["role"],
        )
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, _("Rôle changé : %(who)s.") % {"who": membership.shown_name})
    return redirect("team")


def _act(
    request: PortalRequest, membership_id: int, act: Callable[..., Membership], done: str
) -> HttpResponse:
    membership = access.get_managed_membership(request.user, membership_id)
    try:
        act(actor=request.user, at=timezone.now(), membership_id=membership.pk)
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, done % {"who": membership.shown_name})
    return redirect("team")
