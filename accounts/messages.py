"""The mails about accounts: one function per mail, three templates each.

They go through EMAIL_BACKEND, which is the outbox: call them inside the transaction of the act
they tell, so that mail and act are kept or lost together. `via` takes them elsewhere: a preview is
composed by what sends. Links start with PORTAL_BASE_URL, whatever the request says (F4).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.models import Company, User


def portal_url(name: str, **kwargs: object) -> str:
    """The full address of a page, for a mail."""
    return f"{settings.PORTAL_BASE_URL.rstrip('/')}{reverse(name, kwargs=kwargs)}"


def mail_context() -> dict[str, Any]:
    """What every mail says of the desk."""
    return {
        "portal_name": settings.PORTAL_NAME,
        "organisation": settings.PORTAL_ORGANISATION,
        # Never cut between two lines, and dialled by a tap.
        "support_phone": settings.SUPPORT_PHONE.replace(" ", "\u00a0"),
        "support_dial": settings.SUPPORT_PHONE.replace(" ", ""),
        "is_demo": settings.DEMO,
    }


def send(
    *,
    to: str,
    templates: tuple[str, str, str],
    context: dict[str, Any],
    via: BaseEmailBackend | None = None,
) -> None:
    """Render subject, text and HTML, and hand the mail to the outbox."""
    facts = {**mail_context(), **context}
    # One line whatever a name holds (D4); split() would take the non-breaking spaces.
    subject = " ".join(render_to_string(templates[0], facts).splitlines()).strip()
    text, html = (render_to_string(name, {**facts, "subject": subject}) for name in templates[1:])
    mail = EmailMultiAlternatives(subject, text.strip() + "\n", to=[to], connection=via)
    mail.attach_alternative(html, "text/html")
    mail.send()


def _three(folder: str) -> tuple[str, str, str]:
    return f"{folder}/subject.txt", f"{folder}/body.txt", f"{folder}/body.html"


def notice(
    *, prefix: str, to: str, context: dict[str, Any], via: BaseEmailBackend | None = None
) -> None:
    """What allauth tells: that an account has changed, with the way to it."""
    templates = (f"{prefix}_subject.txt", f"{prefix}_message.txt", f"{prefix}_message.html")
    facts = {**context, "link": portal_url("account_settings")}
    send(to=to, templates=templates, context=facts, via=via)


def invitation(
    *,
    user: User,
    token: str,
    expires_at: datetime,
    company: Company | None = None,
    via: BaseEmailBackend | None = None,
) -> None:
    """« Choisissez votre mot de passe »: the first link of a new account (P2)."""
    send(
        to=user.email,
        templates=_three("emails/invitation"),
        context={
            "user": user,
            "company": company,
            "link": portal_url("invitation", token=token),
            "expires_at": expires_at,
            "hours": settings.INVITATION_HOURS,
        },
        via=via,
    )


def company_access(*, user: User, company: Company, via: BaseEmailBackend | None = None) -> None:
    """Somebody who already has an account now belongs to one more company."""
    send(
        to=user.email,
        templates=_three("emails/company_access"),
        context={"user": user, "company": company, "link": portal_url("account_login")},
        via=via,
    )


def lost_password(
    *, user: User, token: str, expires_at: datetime, via: BaseEmailBackend | None = None
) -> None:
    """The link to choose another password (P2, F5)."""
    send(
        to=user.email,
        templates=_three("emails/lost_password"),
        context={
            "user": user,
            "link": portal_url("account_reset_password_from_key", token=token),
            "expires_at": expires_at,
            "minutes": settings.PASSWORD_RESET_TIMEOUT // 60,
        },
        via=via,
    )


def password_changed(*, user: User, at: datetime) -> None:
    """The password was replaced through a link: the same notice as allauth’s own change."""
    facts = {"user": user, "timestamp": at}
    notice(prefix="account/email/password_changed", to=user.email, context=facts)


def second_factor_removed(*, user: User, via: BaseEmailBackend | None = None) -> None:
    """One of our administrators removed the person's second factor."""
    send(
        to=user.email,
        templates=_three("emails/second_factor_removed"),
        context={"user": user, "link": portal_url("mfa_index")},
        via=via,
    )
