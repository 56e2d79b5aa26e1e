"""Saved views of the queue, as the pages show them."""

from __future__ import annotations

from accounts.enums import StaffRole
from accounts.models import User
from foundation.prepared import Prepared
from tickets.models import SavedView

# Beyond, the list of a page is cut: its owner finds theirs among the first.
SHOWN_MAX = 100

_VISIBLE = Prepared(
    lambda user: (
        SavedView.objects.visible_to(User(pk=user, staff_role=StaffRole.ENGINEER))
        .select_related("owner")
        .order_by("is_shared", "name", "pk")[:SHOWN_MAX]
    ),
    user=int,
)


def views_of(user: User) -> list[SavedView]:
    """One's own first, then those of the desk, by name. One query."""
    return _VISIBLE(user=user.pk)


def view_of(user: User, number: str) -> SavedView | None:
    """The view of an address; None for one that does not exist, or that is not theirs to read."""
    if not (number.isascii() and number.isdecimal() and len(number) <= 18):
        return None
    return SavedView.objects.visible_to(user).filter(pk=number).first()
