"""Ways in for somebody who has no password yet, or lost it.

A link is opened with GET, which shows a form and consumes nothing (mail scanners open links);
only POST uses it. These pages send no Referer, since their address holds the token (F5).
"""

from __future__ import annotations

from collections.abc import Callable

from allauth.account.utils import perform_login
from allauth.core import ratelimit
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import operations, queries
from accounts.enums import LinkPurpose
from accounts.forms import AddressForm, ChoosePasswordForm
from accounts.models import Invitation, User
from foundation.refusals import Refusal

_TEMPLATES = {
    LinkPurpose.INVITATION: "accounts/invitation.html",
    LinkPurpose.RESET: "account/password_reset_from_key.html",
}


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def lost_password(request: HttpRequest) -> HttpResponse:
    """Ask for a link. The answer is the same for every address (P2, F6)."""
    form = AddressForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "account/password_reset.html", {"form": form})
    email = form.cleaned_data["email"]
    refused: HttpResponse | None = ratelimit.consume_or_429(
        request, action="reset_password", key=email.lower()
    )
    if refused is not None:
        return refused
    operations.request_lost_password(actor=_signed_in(request), at=timezone.now(), email=email)
    return redirect("account_reset_password_done")


@login_not_required
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def reset_from_link(request: HttpRequest, token: str) -> HttpResponse:
    """Choose another password; then sign in with it, and with the second factor if any (F8)."""
    return _choose_password(request, LinkPurpose.RESET, token, _finish_reset)


@login_not_required
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Choose the first password, and come in."""
    return _choose_password(request, LinkPurpose.INVITATION, token, _finish_invitation)


@login_not_required
@require_POST
def renew_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """« Recevoir un nouveau lien »: it goes to the account's address, if there is one."""
    refused: HttpResponse | None = ratelimit.consume_or_429(
        request, action="reset_password", key=token
    )
    if refused is not None:
        return refused
    operations.renew_invitation(actor=_signed_in(request), at=timezone.now(), token=token)
    return _without_referrer(render(request, "accounts/invitation_renewed.html"))


def _choose_password(
    request: HttpRequest,
    purpose: LinkPurpose,
    token: str,
    finish: Callable[[HttpRequest, str, str], HttpResponse],
) -> HttpResponse:
    link = queries.open_link(token=token, purpose=purpose, at=timezone.now())
    if link is None:
        return _dead(request, purpose, token)
    if _signed_in(request) not in {None, link.user}:
        return _without_referrer(
            render(request, "accounts/other_account.html", {"link": link}, status=409)
        )
    form = ChoosePasswordForm(request.POST or None, user=link.user)
    if request.method != "POST" or not form.is_valid():
        return _without_referrer(_form_page(request, link, form))
    try:
        return _without_referrer(finish(request, token, form.cleaned_data["password1"]))
    except Refusal:
        return _dead(request, purpose, token)


def _finish_reset(request: HttpRequest, token: str, password: str) -> HttpResponse:
    operations.choose_lost_password(
        actor=_signed_in(request), at=timezone.now(), token=token, password=password
    )
    logout(request)
    return redirect("account_reset_password_from_key_done")


def _finish_invitation(request: HttpRequest, token: str, password: str) -> HttpResponse:
    user = operations.accept_invitation(
        actor=_signed_in(request), at=timezone.now(), token=token, password=password
    )
    logout(request)
    response: HttpResponse = perform_login(request, user)
    return response


def _form_page(request: HttpRequest, link: Invitation, form: ChoosePasswordForm) -> HttpResponse:
    template = _TEMPLATES[LinkPurpose(link.purpose)]
    return render(request, template, {"form": form, "link": link, "person": link.user})


def _dead(request: HttpRequest, purpose: LinkPurpose, token: str) -> HttpResponse:
    context = {"token": token, "is_invitation": purpose == LinkPurpose.INVITATION}
    return _without_referrer(render(request, "accounts/dead_link.html", context, status=410))


def _without_referrer(response: HttpResponse) -> HttpResponse:
    # Not « no-referrer »: browsers would then send « Origin: null », which no CSRF check accepts.
    response["Referrer-Policy"] = "strict-origin"
    return response


def _signed_in(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None
