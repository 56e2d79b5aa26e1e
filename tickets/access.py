"""The only way a view reaches an incident. Absent and forbidden give the same 404 (A1)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.http import Http404
from django.utils import timezone

from accounts.enums import StaffRole
from accounts.models import Company, User
from files.models import StoredFile
from foundation.prepared import PlannedRows
from tickets.models import Attachment, Ticket, TicketQuerySet
from tickets.queries.version import with_version

logger = logging.getLogger(__name__)

_FACTS = (
    "company", "site", "product", "agency", "requester", "assignee", "contract",
    "service_level_version__service_level", "merged_into", "follows", "parent", "split_from",
)  # fmt: skip


def get_ticket(user: User, reference: str) -> Ticket:
    """The incident, with the facts that its page shows. Raises Http404."""
    found = Ticket.objects.visible_to(user).select_related(*_FACTS)
    # PostgreSQL refuses to compare with a NUL, which an address may hold.
    ticket = found.filter(reference=reference).first() if "\x00" not in reference else None
    if ticket is None:
        raise _missing(user)
    return ticket


def _told_to(
    found: Callable[..., TicketQuerySet], **types: type
) -> tuple[PlannedRows[Ticket], ...]:
    """What a customer may see of it, and what one of ours may, compiled once each."""

    def of(person: User, reference: str, **values: Any) -> TicketQuerySet:
        return found(Ticket.objects.visible_to(person), **values).filter(reference=reference)

    ours = User(staff_role=StaffRole.ENGINEER)
    types["reference"] = str
    theirs = PlannedRows(lambda user, **values: of(User(pk=user), **values), user=int, **types)
    return theirs, PlannedRows(lambda **values: of(ours, **values), **types)


_PLAIN = _told_to(lambda found: found)
_WATCHED = _told_to(with_version, at=datetime)


def get_plain_ticket(user: User, reference: str) -> Ticket:
    """The incident alone, for a page that reads what it points at by itself. Raises Http404."""
    return _one(_PLAIN, user, reference)


def get_watched_ticket(user: User, reference: str, at: datetime) -> Ticket:
    """The incident with the version of its page, in one small query. Raises Http404."""
    return _one(_WATCHED, user, reference, at=at)


def _one(
    told_to: tuple[PlannedRows[Ticket], ...], user: User, reference: str, **values: Any
) -> Ticket:
    theirs, ours = told_to
    if "\x00" in reference:
        raise _missing(user)
    if user.is_staff:
        found = ours(reference=reference, **values)
    else:
        found = theirs(user=user.pk, reference=reference, **values)
    if not found:
        raise _missing(user)
    return found[0]


def _missing(user: User) -> Http404:
    logger.info("ticket_not_reachable", extra={"user": user.pk})
    return Http404("No such incident.")


def where_it_goes_on(user: User, ticket: Ticket) -> Ticket:
    """The incident that a merged one went on in, as far as this person may see it; else itself.

    Words sent to the old number land there (E11).
    """
    while ticket.merged_into_id is not None:
        found = Ticket.objects.visible_to(user).filter(pk=ticket.merged_into_id).first()
        if found is None:
            break
        ticket = found
    return ticket


def get_followable(user: User, reference: str) -> Ticket:
    """An open incident of one of the person's companies, not private: one may put oneself in
    copy of it (decision 0015). Raises the Http404 of `get_ticket`.
    """
    companies = Company.objects.visible_to(user)
    found = Ticket.objects.open().filter(company__in=companies, is_private=False)
    ticket = found.filter(reference=reference).first()
    if ticket is None:
        raise _missing(user)
    return ticket


def may_read_attachment(person: AbstractBaseUser, file: StoredFile) -> bool:
    """Rights on a file of messages: those on an incident that shows it (see files.rights)."""
    if not isinstance(person, User):
        return False
    attached = Attachment.objects.filter(file=file)
    if not person.is_staff:
        # An answer that may still be taken back shows nothing of itself. The edge of a download is
        # here: `files` asks its owners without an instant.
        attached = attached.exclude(message__visible_from__gt=timezone.now())
    holders = attached.values("message__ticket")
    return Ticket.objects.visible_to(person).filter(pk__in=holders).exists()
