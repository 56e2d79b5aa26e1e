"""One's own account, and the switch between companies."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import access, operations, queries
from accounts.forms import MailsForm, ProfileForm
from accounts.http import PortalRequest
from accounts.middleware import ALL_COMPANIES, SESSION_KEY


@require_http_methods(["GET", "HEAD", "POST"])
def settings_page(request: PortalRequest) -> HttpResponse:
    """« Mon compte »: name and phone, and the way to password, second factor and sessions."""
    person = request.user
    initial = {name: getattr(person, name) for name in ProfileForm.base_fields}
    form = ProfileForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        operations.update_profile(actor=person, at=timezone.now(), **form.cleaned_data)
        messages.success(request, _("Vos coordonnées sont enregistrées."))
        return redirect("account_settings")
    context = {
        "form": form,
        "memberships": queries.open_memberships(person),
        "has_second_factor": is_mfa_enabled(person, [Authenticator.Type.TOTP]),
        "must_have_second_factor": person.is_staff and settings.STAFF_MUST_HAVE_SECOND_FACTOR,
    }
    return render(request, "accounts/settings.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def mails(request: PortalRequest) -> HttpResponse:
    """« Mes e-mails »: what a customer is told at once, once a day, or not (decision 0024)."""
    person = request.user
    if person.is_staff:
        raise Http404
    form = MailsForm(request.POST or None, person=person)
    if request.method == "POST" and form.is_valid():
        is_back_at_once = person.wants_digest and not form.cleaned_data["wants_digest"]
        operations.choose_mails(actor=person, at=timezone.now(), **form.cleaned_data)
        said = [_("Vos choix sont enregistrés.")]
        if is_back_at_once:
            said.append(
                _("Les e-mails gardés pour le récapitulatif, s’il y en a, partent dans la minute.")
            )
        messages.success(request, " ".join(said))
        return redirect("account_mails")
    return render(request, "accounts/mails.html", {"form": form})


@require_POST
def switch_company(request: PortalRequest) -> HttpResponse:
    """The company that lists show and new incidents are filed under, or all of one's own.

    Rights do not change: access covers all of them (design §1).
    """
    wanted = request.POST.get("company", "")
    if wanted == ALL_COMPANIES and request.companies:
        request.session.pop(SESSION_KEY, None)
    elif wanted.isdecimal() and len(wanted) <= 18:
        request.session[SESSION_KEY] = access.get_own_company(request.user, int(wanted)).pk
    else:
        raise Http404
    target = request.POST.get("next", "")
    return redirect(target if get_adapter().is_safe_url(target) else "home")
