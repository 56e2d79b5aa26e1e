"""Single-use links to choose a password: the first one, or after a lost one."""

from __future__ import annotations

import logging
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import messages, queries
from accounts.enums import LinkPurpose
from accounts.models import Company, Invitation, User, normalise_email
from accounts.operations.people import locked_user, refuse_unless_may_run, set_password
from foundation.refusals import Refusal
from foundation.text import digest

logger = logging.getLogger(__name__)

# New links per person and hour, whoever asks (F6).
LINKS_PER_HOUR = 3


class DeadLink(Refusal):
    """The link was used, replaced, or is too old; or it was never one of ours."""


def lifetime(purpose: LinkPurpose) -> timedelta:
    """How long a link lives: 72 h to come for the first time (F7), 1 h after a loss (F5)."""
    if purpose == LinkPurpose.INVITATION:
        return timedelta(hours=settings.INVITATION_HOURS)
    return timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)


def send_invitation(user: User, *, at: datetime, company: Company | None = None) -> None:
    """Make a link and mail it, in the caller's transaction."""
    token, link = _new_link(user, purpose=LinkPurpose.INVITATION, at=at)
    messages.invitation(user=user, token=token, expires_at=link.expires_at, company=company)


def _new_link(user: User, *, purpose: LinkPurpose, at: datetime) -> tuple[str, Invitation]:
    """A fresh token; the one before it dies. The token itself is only in the mail."""
    user.invitations.filter(purpose=purpose, used_at__isnull=True, replaced_at__isnull=True).update(
        replaced_at=at
    )
    token = secrets.token_urlsafe(32)
    link = Invitation.objects.create(
        user=user,
        purpose=purpose,
        token_digest=digest(token),
        created_at=at,
        expires_at=at + lifetime(purpose),
    )
    return token, link


def _too_many(user: User, *, purpose: LinkPurpose, at: datetime) -> bool:
    since = at - timedelta(hours=1)
    recent = user.invitations.filter(purpose=purpose, created_at__gt=since)
    return recent.count() >= LINKS_PER_HOUR


@transaction.atomic
def invite_person(*, actor: User, at: datetime, user_id: int) -> User:
    """The desk sends (again) the link of a first sign-in; the one before it dies (P2)."""
    user = locked_user(user_id)
    refuse_unless_may_run(actor, user)
    if not user.is_active:
        raise Refusal(_("Ce compte est fermé : rouvrez-le avant d’envoyer une invitation."))
    if user.has_usable_password():
        raise Refusal(
            _("Cette personne a déjà choisi son mot de passe ; « mot de passe perdu » lui suffit.")
        )
    membership = user.memberships.filter(is_active=True).select_related("company").first()
    send_invitation(user, at=at, company=membership.company if membership else None)
    logger.info("person_invited", extra={"actor_id": actor.pk, "user_id": user.pk})
    return user


@transaction.atomic
def renew_invitation(*, actor: User | None, at: datetime, token: str) -> None:
    """Somebody opened a dead invitation and asks for another one.

    The new link goes to the address of the account and nowhere else. Nothing is said of whether
    one left: a made-up token reads the same answer.
    """
    dead = Invitation.objects.filter(token_digest=digest(token)).first()
    if dead is None or dead.purpose != LinkPurpose.INVITATION:
        return
    user = locked_user(dead.user_id)
    if user.has_usable_password() or not queries.may_sign_in(user):
        return
    if not _too_many(user, purpose=LinkPurpose.INVITATION, at=at):
        membership = user.memberships.filter(is_active=True).select_related("company").first()
        send_invitation(user, at=at, company=membership.company if membership else None)


@transaction.atomic
def request_lost_password(*, actor: User | None, at: datetime, email: str) -> None:
    """Mail a link if the address is that of an open account; say nothing either way (P2, F6)."""
    user = User.objects.active().filter(email=normalise_email(email)).first()
    if user is None or not queries.may_sign_in(user):
        return
    user = locked_user(user.pk)
    if not _too_many(user, purpose=LinkPurpose.RESET, at=at):
        token, link = _new_link(user, purpose=LinkPurpose.RESET, at=at)
        messages.lost_password(user=user, token=token, expires_at=link.expires_at)


@transaction.atomic
def accept_invitation(*, actor: User | None, at: datetime, token: str, password: str) -> User:
    """The first password of an account. `actor` is who is signed in, normally nobody.

    Raises DeadLink if the link no longer opens; Refusal if somebody else is signed in (F7).
    """
    return _choose_password(actor, LinkPurpose.INVITATION, at=at, token=token, password=password)


@transaction.atomic
def choose_lost_password(*, actor: User | None, at: datetime, token: str, password: str) -> User:
    """Another password after a loss. The person is told, the second factor stays (F3, F8).

    Raises DeadLink if the link no longer opens; Refusal if somebody else is signed in.
    """
    user = _choose_password(actor, LinkPurpose.RESET, at=at, token=token, password=password)
    messages.password_changed(user=user, at=at)
    return user


def _choose_password(
    actor: User | None, purpose: LinkPurpose, *, at: datetime, token: str, password: str
) -> User:
    link = queries.open_link(token=token, purpose=purpose, at=at)
    if link is not None:
        user = locked_user(link.user_id)
        # Whoever held the lock before us may have used the same link.
        link = queries.open_link(token=token, purpose=purpose, at=at)
    if link is None:
        raise DeadLink(_("Ce lien ne fonctionne plus."))
    if actor is not None and actor.pk != link.user_id:
        raise Refusal(_("Ce lien est celui d’un autre compte. Déconnectez-vous pour l’utiliser."))
    link.used_at = at
    link.save(update_fields=["used_at"])
    return set_password(actor=user, at=at, user=user, password=password)
