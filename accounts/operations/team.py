"""Acts on who belongs to a company: by its manager (référent), or by ours."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Case, When
from django.utils.translation import gettext as _

from accounts import messages
from accounts.enums import CompanyRole
from accounts.models import Company, Membership, Site, User, normalise_email
from accounts.operations.links import send_invitation
from accounts.operations.people import drop_sessions, locked_user
from foundation.refusals import Refusal

logger = logging.getLogger(__name__)

# Between two invitation mails to the same person.
PATIENCE = timedelta(minutes=5)


def _refuse_unless_manager(actor: User, company: Company) -> None:
    if actor.is_active and actor.is_manager:
        return
    if not Company.objects.managed_by(actor).filter(pk=company.pk).exists():
        raise Refusal(_("Seul un référent de la société peut gérer ses accès."))


def _locked_membership(actor: User, membership_id: int) -> Membership:
    membership = (
        Membership.objects.select_for_update(of=("self",), no_key=True)
        .select_related("user", "company")
        .get(pk=membership_id)
    )
    _refuse_unless_manager(actor, membership.company)
    return membership


def _refuse_self(actor: User, membership: Membership, sentence: str) -> None:
    """A company keeps at least one manager: nobody takes the right from themselves."""
    if membership.user_id == actor.pk:
        raise Refusal(sentence)


@transaction.atomic
def invite(
    *,
    actor: User,
    at: datetime,
    company: Company,
    email: str,
    first_name: str,
    last_name: str,
    phone: str = "",
    role: CompanyRole = CompanyRole.CONTACT,
    site: Site | None = None,
) -> Membership:
    """Open an access to `company` and mail the person.

    Somebody unknown gets an account and a link to choose a password. Somebody who already has
    an account gets the membership and a mail; what was typed is what the company reads until
    they come, so that the answer is the same (A5).
    """
    _refuse_unless_manager(actor, company)
    user, _created = User.objects.get_or_create(
        email=normalise_email(email),
        defaults={
            "first_name": first_name,
            "last_name": last_name,
            "phone": phone,
            "password": make_password(None),
            "joined_at": at,
        },
    )
    typed = f"{first_name} {last_name}".strip()
    membership = _join(user, company, role=role, site=site, awaiting_since=at, invited_as=typed)
    _mail_invited(membership, at=at)
    logger.info("member_invited", extra={"actor_id": actor.pk, "membership_id": membership.pk})
    return membership


@transaction.atomic
def add_to_company(
    *,
    actor: User,
    at: datetime,
    user: User,
    company: Company,
    role: CompanyRole = CompanyRole.CONTACT,
    site: Site | None = None,
) -> Membership:
    """The desk gives a known person access to one more company; they are told by mail.

    Somebody who has not chosen a password yet is not: `invite_person` writes to them.
    """
    if not actor.is_manager:
        raise Refusal(_("Seul un responsable peut rattacher une personne à une société."))
    membership = _join(user, company, role=role, site=site)
    if user.is_active and user.has_usable_password():
        messages.company_access(user=user, company=company)
    return membership


def _join(
    user: User,
    company: Company,
    *,
    role: CompanyRole,
    site: Site | None,
    awaiting_since: datetime | None = None,
    invited_as: str = "",
) -> Membership:
    if user.is_staff:
        raise Refusal(_("Cette adresse est celle du support : elle ne peut pas être invitée."))
    if site is not None and site.company_id != company.pk:
        raise Refusal(_("Ce site est celui d’une autre société."))
    membership, created = Membership.objects.get_or_create(
        user=user,
        company=company,
        defaults={
            "role": role,
            "site": site,
            "awaiting_since": awaiting_since,
            "invited_as": invited_as,
        },
    )
    if not created:
        raise Refusal(
            _("%(email)s fait déjà partie de l’équipe.") % {"email": user.email}
            if membership.is_active
            else _("%(email)s fait déjà partie de l’équipe, accès fermé : rouvrez-le.")
            % {"email": user.email}
        )
    return membership


def _mail_invited(membership: Membership, *, at: datetime) -> None:
    user, company = membership.user, membership.company
    if not user.is_active:
        # Closed by the desk: a company's manager does not open it again.
        logger.info("invited_person_is_closed", extra={"membership_id": membership.pk})
    elif user.has_usable_password():
        messages.company_access(user=user, company=company)
    else:
        send_invitation(user, at=at, company=company)


@transaction.atomic
def reinvite(*, actor: User, at: datetime, membership_id: int) -> Membership:
    """Mail the invitation again to somebody who has not come yet; the former link dies."""
    membership = _locked_membership(actor, membership_id)
    if not membership.is_active:
        raise Refusal(_("Cet accès est fermé : rouvrez-le avant de relancer l’invitation."))
    if membership.awaiting_since is None:
        raise Refusal(_("Cette personne utilise déjà le portail."))
    if at - membership.awaiting_since < PATIENCE:
        raise Refusal(_("Un message vient de partir à cette adresse : patientez cinq minutes."))
    membership.awaiting_since = at
    membership.save(update_fields=["awaiting_since"])
    _mail_invited(membership, at=at)
    return membership


@transaction.atomic
def deactivate(*, actor: User, at: datetime, membership_id: int) -> Membership:
    """Close a person's access to the company, at once (A4).

    Their account stays, with their incidents and the accesses other companies gave them; without
    any other one they are signed out and cannot sign in.
    """
    membership = _locked_membership(actor, membership_id)
    _refuse_self(actor, membership, _("Vous ne pouvez pas fermer votre propre accès."))
    membership.is_active = False
    membership.save(update_fields=["is_active"])
    if not Company.objects.visible_to(membership.user).exists():
        drop_sessions(membership.user)
    logger.info("member_closed", extra={"actor_id": actor.pk, "membership_id": membership.pk})
    return membership


@transaction.atomic
def reactivate(*, actor: User, at: datetime, membership_id: int) -> Membership:
    """Open the access again, as it was."""
    membership = _locked_membership(actor, membership_id)
    membership.is_active = True
    membership.save(update_fields=["is_active"])
    logger.info("member_reopened", extra={"actor_id": actor.pk, "membership_id": membership.pk})
    return membership


@transaction.atomic
def change_role(*, actor: User, at: datetime, membership_id: int, role: CompanyRole) -> Membership:
    """Contact or manager (référent); a contact no longer receives every incident's changes."""
    membership = _locked_membership(actor, membership_id)
    _refuse_self(actor, membership, _("Vous ne pouvez pas changer votre propre rôle."))
    membership.role = role
    if role == CompanyRole.CONTACT:
        membership.told_of_all = False
    membership.save(update_fields=["role", "told_of_all"])
    logger.info(
        "member_role_changed",
        extra={"actor_id": actor.pk, "membership_id": membership.pk, "role": role.value},
    )
    return membership


@transaction.atomic
def correct_membership(
    *,
    actor: User,
    at: datetime,
    membership_id: int,
    role: CompanyRole,
    site: Site | None,
    told_of_all: bool,
) -> Membership:
    """The desk corrects a role, a site, a choice of mails."""
    membership = _locked_membership(actor, membership_id)
    if site is not None and site.company_id != membership.company_id:
        raise Refusal(_("Ce site est celui d’une autre société."))
    membership.role, membership.site = role, site
    membership.told_of_all = told_of_all and role == CompanyRole.MANAGER
    membership.save(update_fields=["role", "site", "told_of_all"])
    return membership


@transaction.atomic
def choose_mails(
    *,
    actor: User,
    at: datetime,
    wants_digest: bool,
    mutes_copies: bool,
    told_of_all: Collection[int],
) -> User:
    """A person chooses how they are told what changes no status (decision 0024).

    `told_of_all`: the memberships, of those where they are a manager, whose company's incidents
    they all want to be told of (P5). Messages that wait for a digest that is no longer wanted
    leave at the next sweep of the mails.
    """
    user = locked_user(actor.pk)
    user.wants_digest, user.mutes_copies = wants_digest, mutes_copies
    user.save(update_fields=["wants_digest", "mutes_copies"])
    managed = Membership.objects.filter(
        user=user, role=CompanyRole.MANAGER, is_active=True, company__is_active=True
    )
    managed.update(told_of_all=Case(When(pk__in=told_of_all, then=True), default=False))
    return user
