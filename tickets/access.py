"""The only way a view reaches an incident. Absent and forbidden give the same 404 (A1)."""

from __future__ import annotations

import logging

from django.contrib.auth.base_user import AbstractBaseUser
from django.http import Http404

from accounts.models import Company, User
from files.models import StoredFile
from tickets.models import Attachment, Ticket

logger = logging.getLogger(__name__)

_FACTS = (
    "company", "site", "product", "agency", "requester", "assignee", "contract",
    "service_level_version__service_level", "merged_into", "follows",
)  # fmt: skip


def get_ticket(user: User, reference: str) -> Ticket:
    """The incident, with the facts that its page shows. Raises Http404."""
    found = Ticket.objects.visible_to(user).select_related(*_FACTS)
    # PostgreSQL refuses to compare with a NUL, which an address may hold.
    ticket = found.filter(reference=reference).first() if "\x00" not in reference else None
    if ticket is None:
        logger.info("ticket_not_reachable", extra={"user": user.pk})
        raise Http404("No such incident.")
    return ticket


def get_followable(user: User, reference: str) -> Ticket:
    """An open incident of one of the person's companies, not private: one may put oneself in
    copy of it (decision 0015). Raises the Http404 of `get_ticket`.
    """
    companies = Company.objects.visible_to(user)
    found = Ticket.objects.open().filter(company__in=companies, is_private=False)
    ticket = found.filter(reference=reference).first()
    if ticket is None:
        logger.info("ticket_not_reachable", extra={"user": user.pk})
        raise Http404("No such incident.")
    return ticket


def may_read_attachment(person: AbstractBaseUser, file: StoredFile) -> bool:
    """Rights on a file of a message: those on its incident (registered with files.rights)."""
    if not isinstance(person, User):
        return False
    ticket_id = (
        Attachment.objects.filter(file=file).values_list("message__ticket_id", flat=True).first()
    )
    return ticket_id is not None and Ticket.objects.visible_to(person).filter(pk=ticket_id).exists()
