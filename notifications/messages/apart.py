"""The mails about no incident, other than those of accounts (accounts.messages)."""

from __future__ import annotations

from uuid import UUID

from accounts.messages import portal_url
from accounts.models import User
from accounts.queries import open_memberships
from notifications.models import DeadAddress
from notifications.rendering import Mail, render
from tickets.models import Ticket

_REFERENCES_SHOWN = 5


def address_dead(dead: DeadAddress, person: User, reader: User) -> Mail:
    """To one of ours: whose address, what the other server said, what to do (N8)."""
    theirs = Ticket.objects.open().filter(requester=person).order_by("-received_at", "-pk")
    references = list(theirs.values_list("reference", flat=True)[: _REFERENCES_SHOWN + 1])
    return render(
        "desk_address_dead",
        {
            "person": person,
            "companies": [member.company.name for member in open_memberships(person)],
            "address": dead.address,
            "since": dead.since,
            "answer": dead.answer,
            "references": references[:_REFERENCES_SHOWN],
            "has_more": len(references) > _REFERENCES_SHOWN,
            # Who corrects an address (J1): a manager a customer's, an administrator one of ours.
            "may_correct": reader.is_superuser or (reader.is_manager and not person.is_staff),
            "button_url": portal_url("admin:notifications_deadaddress_changelist"),
        },
    )


def redirected(token: UUID) -> Mail:
    """The closed mailbox's answer, the same for everybody: nothing of the mail (RFC 3834, 3)."""
    return render("redirected", {"link": portal_url("mailbox:letter", token=token)})
