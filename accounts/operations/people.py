"""Acts on one account: make it, correct it, close it, end its sessions."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import messages
from accounts.enums import StaffRole
from accounts.models import Agency, Invitation, Membership, User, normalise_email
from foundation.refusals import Refusal

logger = logging.getLogger(__name__)


def locked_user(user_id: int) -> User:
    """The account, held until the end of the transaction."""
    user: User = User.objects.select_for_update(of=("self",), no_key=True).get(pk=user_id)
    return user


def refuse_unless_may_run(actor: User, user: User) -> None:
    """Managers run customers' accounts; staff accounts are the administrators' (J1)."""
    if actor.is_superuser or (actor.is_manager and not user.is_staff):
        return
    raise Refusal(_("Seul un administrateur peut modifier le compte d’un membre du support."))


@transaction.atomic
def create_person(
    *,
    actor: User,
    at: datetime,
    email: str,
    first_name: str,
    last_name: str,
    phone: str = "",
    staff_role: str = "",
    agency: Agency | None = None,
) -> User:
    """An account without a password: `invite_person` sends the link to choose one (P2)."""
    user = User(
        email=normalise_email(email),
        first_name=first_name,
        last_name=last_name,
        phone=phone,
        staff_role=StaffRole(staff_role).value if staff_role else "",
        agency=agency,
        password=make_password(None),
        joined_at=at,
    )
    refuse_unless_may_run(actor, user)
    if User.objects.filter(email=user.email).exists():
        raise Refusal(_("Cette adresse a déjà un compte."))
    user.save(force_insert=True)
    return user


@transaction.atomic
def update_profile(
    *, actor: User, at: datetime, first_name: str, last_name: str, phone: str
) -> User:
    """A person corrects their own name and phone. The address is corrected by the desk."""
    user = locked_user(actor.pk)
    user.first_name, user.last_name, user.phone = first_name, last_name, phone
    user.save(update_fields=["first_name", "last_name", "phone"])
    return user


@transaction.atomic
def keep_previous_login(*, actor: User, at: datetime) -> User:
    """At a sign-in, before its instant takes the place of the former one.

    Signing in again within the life of a session is the same visit (a telephone beside the desk):
    what nobody has read yet stays news.
    """
    user = locked_user(actor.pk)
    visit = timedelta(seconds=settings.SESSION_COOKIE_AGE)
    if user.last_login is not None and at - user.last_login >= visit:
        user.previous_login = user.last_login
        user.save(update_fields=["previous_login"])
    return user


@transaction.atomic
def mark_seen(*, actor: User, at: datetime, until: datetime) -> User:
    """The person has seen all that a page told at `until`; what came since is still to be seen.

    Never goes back, nor ahead of `at`: a page left open or a made-up instant hides nothing.
    """
    user = locked_user(actor.pk)
    user.seen_until = max(filter(None, (user.seen_until, min(until, at))))
    user.save(update_fields=["seen_until"])
    return user


@transaction.atomic
def correct_person(
    *,
    actor: User,
    at: datetime,
    user_id: int,
    first_name: str,
    last_name: str,
    phone: str,
    staff_role: str,
    agency: Agency | None,
) -> User:
    """The desk corrects who somebody is. Only administrators give or take a staff role."""
    user = locked_user(user_id)
    refuse_unless_may_run(actor, user)
    if staff_role != user.staff_role:
        _refuse_role(actor, user, staff_role)
        # Taken or given, the role starts with a sign-in of its own.
        drop_sessions(user)
        logger.info("staff_role_changed", extra={"actor_id": actor.pk, "user_id": user.pk})
    user.first_name, user.last_name, user.phone = first_name, last_name, phone
    user.staff_role, user.agency = staff_role, agency
    user.save(update_fields=["first_name", "last_name", "phone", "staff_role", "agency"])
    return user


def _refuse_role(actor: User, user: User, staff_role: str) -> None:
    if not actor.is_superuser:
        raise Refusal(_("Seul un administrateur peut donner ou retirer un rôle chez nous."))
    if user.pk == actor.pk:
        raise Refusal(_("Vous ne pouvez pas changer votre propre rôle."))
    if staff_role and user.memberships.filter(is_active=True).exists():
        raise Refusal(
            _(
                "Cette personne a accès à une société : "
                "fermez cet accès avant de lui donner un rôle."
            )
        )


@transaction.atomic
def change_address(*, actor: User, at: datetime, user_id: int, email: str) -> User:
    """Another address, which is another login: links sent to the old one die (F7)."""
    user = locked_user(user_id)
    refuse_unless_may_run(actor, user)
    user.email = normalise_email(email)
    if User.objects.filter(email=user.email).exclude(pk=user.pk).exists():
        raise Refusal(_("Cette adresse est celle d’un autre compte."))
    user.save(update_fields=["email"])
    close_links(user, at=at)
    return user


@transaction.atomic
def close_account(*, actor: User, at: datetime, user_id: int) -> User:
    """Nobody signs in with it any more; open sessions end at once, links die (A4, F3)."""
    user = locked_user(user_id)
    refuse_unless_may_run(actor, user)
    if user.pk == actor.pk:
        raise Refusal(_("Vous ne pouvez pas fermer votre propre compte."))
    user.is_active = False
    user.save(update_fields=["is_active"])
    close_links(user, at=at)
    drop_sessions(user)
    logger.info("account_closed", extra={"actor_id": actor.pk, "user_id": user.pk})
    return user


@transaction.atomic
def reopen_account(*, actor: User, at: datetime, user_id: int) -> User:
    """The account opens again, with the password and second factor it had."""
    user = locked_user(user_id)
    refuse_unless_may_run(actor, user)
    user.is_active = True
    user.save(update_fields=["is_active"])
    logger.info("account_reopened", extra={"actor_id": actor.pk, "user_id": user.pk})
    return user


@transaction.atomic
def end_sessions(*, actor: User, at: datetime, user_id: int) -> User:
    """Sign a person out everywhere: a lost phone, a doubt (F3)."""
    user = locked_user(user_id)
    refuse_unless_may_run(actor, user)
    drop_sessions(user)
    logger.info("sessions_ended", extra={"actor_id": actor.pk, "user_id": user.pk})
    return user


@transaction.atomic
def remove_second_factor(*, actor: User, at: datetime, user_id: int) -> User:
    """For somebody who lost their phone and their codes. They are told, and signed out (F8)."""
    user = locked_user(user_id)
    if not actor.is_superuser:
        raise Refusal(_("Seul un administrateur peut retirer un second facteur."))
    removed, _details = Authenticator.objects.filter(user=user).delete()
    if not removed:
        raise Refusal(_("Cette personne n’a pas de second facteur."))
    drop_sessions(user)
    messages.second_factor_removed(user=user)
    logger.info("second_factor_removed", extra={"actor_id": actor.pk, "user_id": user.pk})
    return user


@transaction.atomic
def set_password(*, actor: User, at: datetime, user: User, password: str) -> User:
    """Write a password that was validated; every session and link of the account dies (F3, F5).

    `user` is the caller's own object, so that what it shows next is true; `actor` is the same
    person, whatever proved it.
    """
    locked_user(user.pk)
    user.set_password(password)
    user.save(update_fields=["password"])
    close_links(user, at=at)
    drop_sessions(user)
    return user


@transaction.atomic
def settle_memberships(*, actor: User, at: datetime) -> int:
    """The person came: their companies may now read who they are (A5)."""
    return Membership.objects.filter(
        user=actor, is_active=True, awaiting_since__isnull=False
    ).update(awaiting_since=None, invited_as="")


def close_links(user: User, *, at: datetime) -> None:
    """No link sent to this person so far opens anything any more."""
    Invitation.objects.filter(user=user, used_at__isnull=True, replaced_at__isnull=True).update(
        replaced_at=at
    )


def drop_sessions(user: User) -> None:
    """Delete the person's sessions: their next click is a stranger's."""
    for session in UserSession.objects.filter(user=user):
        session.end()
