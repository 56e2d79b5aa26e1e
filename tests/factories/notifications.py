"""Deliveries, made as the portal makes them: an act, then its derivation."""

from __future__ import annotations

from datetime import datetime

from accounts.models import User
from notifications import operations
from tests.factories.tickets import TUESDAY_10, make_ticket
from tickets.models import Ticket


def declared(
    requester: User, *, title: str = "Revit se ferme", at: datetime = TUESDAY_10
) -> Ticket:
    """An incident whose receipt is ready to leave at `at`."""
    ticket = make_ticket(requester=requester, title=title, at=at)
    operations.derive_pending(at=at, limit=100)
    return ticket
