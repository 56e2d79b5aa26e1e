"""The mail that tells our people that somebody's address is dead (N8)."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from accounts.models import User
from accounts.queries import open_memberships
from notifications.models import DeadAddress
from notifications.rendering import Mail, render
from tickets.models import Ticket

_REFERENCES_SHOWN = 5


def address_dead(dead: DeadAddress, person: User, reader: User) -> Mail:
    """Whose address, what the other server said, what to do; `reader` is one of ours."""
    theirs = Ticket.objects.open().filter(requester=person).order_by("-received_at", "-pk")
    references = list(theirs.values_list("reference", flat=True)[: _REFERENCES_SHOWN + 1])
    page = reverse("admin:notifications_deadaddress_changelist")
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
            "button_url": f"{settings.PORTAL_BASE_URL.rstrip('/')}{page}",
        },
    )
