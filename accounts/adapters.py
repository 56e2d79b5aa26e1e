"""How allauth behaves here: closed sign-up, one answer for all refusals, mails of our own."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth import authenticate
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from accounts import messages, operations, queries
from accounts.models import User

NEXT_MAX = 2000  # characters


def is_local_path(url: str) -> bool:
    """May `url` follow `next=`? Only a path of this portal, written plainly (K3)."""
    if len(url) > NEXT_MAX or not url.isprintable():
        return False
    # What a proxy or a browser decodes once or twice more must still be a path.
    return all(_is_plain_path(form) for form in (url, unquote(url), unquote(unquote(url))))


def _is_plain_path(url: str) -> bool:
    path = url.partition("?")[0]
    return (
        path.startswith("/")
        and "\\" not in path
        and path.isprintable()
        and url_has_allowed_host_and_scheme(url, allowed_hosts=None)
    )


class PersonBackend(AuthenticationBackend):  # type: ignore[misc]  # allauth has no stubs
    """allauth's, but for the statement by which every page finds who is signed in."""

    def get_user(self, user_id: int) -> User | None:
        person = queries.person(user_id)
        return person if person is not None and self.user_can_authenticate(person) else None


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no stubs
    """Accounts are made by staff or by a company's manager; people only sign in."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("L’adresse ou le mot de passe ne convient pas."),
        "enter_current_password": _("Ce n’est pas votre mot de passe actuel."),
        "incorrect_code": _("Ce code ne convient pas, ou il a déjà servi."),
        "incorrect_password": _("Ce mot de passe ne convient pas."),
        "rate_limited": _("Trop de tentatives : réessayez dans quelques minutes."),
        "too_many_login_attempts": _("Trop de tentatives : réessayez dans cinq minutes."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_safe_url(self, url: str | None) -> bool:
        """A local path, never another host, whatever ALLOWED_HOSTS says (K3)."""
        return bool(url) and is_local_path(str(url))

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Unknown, wrong, closed and never-set passwords read the same answer (F1).

        allauth would send a closed account with the right password to a page of its own.
        """
        self.pre_authenticate(request, **credentials)
        user = authenticate(request, **credentials)
        AuthenticationBackend.unstash_authenticated_user()
        if not isinstance(user, User) or not queries.may_sign_in(user):
            self.authentication_failed(request, **credentials)
            return None
        self._rollback_login_failed_rl_usage()
        return user

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """Closed between the password and the second factor, or on another way in."""
        if not queries.may_sign_in(user):
            return redirect("account_inactive")
        response: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return response

    def login(self, request: HttpRequest, user: User) -> None:
        """Every proof was given: this sign-in takes the place of the former one."""
        operations.keep_previous_login(actor=user, at=timezone.now())
        super().login(request, user)

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Whoever invited them may now read who they are (A5)."""
        operations.settle_memberships(actor=user, at=timezone.now())
        response: HttpResponse = super().post_login(request, user, **kwargs)
        return response

    def set_password(self, user: User, password: str) -> None:
        """Every session and link of the account dies with the former password (F3)."""
        operations.set_password(actor=user, at=timezone.now(), user=user, password=password)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """The change signed everybody out, this browser too."""
        return reverse("account_login")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Into the outbox, with links of the configured address only (F4)."""
        with transaction.atomic():
            messages.notice(prefix=template_prefix, to=email, context=context)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Tell a person what changed in their account, at the account's own address."""
        facts = {**(context or {}), "user": user}
        super().send_notification_mail(template_prefix, user, facts, email=user.email)
