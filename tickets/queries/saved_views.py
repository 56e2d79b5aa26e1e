"""Saved views of the queue, as the pages show them."""

from __future__ import annotations

from django.db.models import Case, When

from accounts.enums import StaffRole
from accounts.models import User
from foundation.prepared import Prepared
from foundation.text import number_of
from tickets.models import SavedView

# Beyond, the list of a page is cut: its owner finds theirs among the first.
SHOWN_MAX = 100

_VISIBLE = Prepared(
    lambda user: (
        SavedView.objects.visible_to(User(pk=user, staff_role=StaffRole.ENGINEER))
        .select_related("owner")
        .order_by(Case(When(owner=user, then=0), default=1), "name", "pk")[:SHOWN_MAX]
    ),
    user=int,
)


def views_of(user: User) -> list[SavedView]:
    """One's own first, then those of the desk, by name. One query."""
    return _VISIBLE(user=user.pk)


def kept_view(user: User, view_id: int) -> SavedView | None:
    """One that this person may change; None for one that does not exist, or that is not theirs."""
    return SavedView.objects.kept_by(user).filter(pk=view_id).first()


def numbers_kept(user: User) -> set[int]:
    """Those that this person may change."""
    return set(SavedView.objects.kept_by(user).values_list("pk", flat=True))


def view_of(user: User, number: str) -> SavedView | None:
    """The view of an address; None for one that does not exist, or that is not theirs to read."""
    pk = number_of(number)
    return SavedView.objects.visible_to(user).filter(pk=pk).first() if pk is not None else None
