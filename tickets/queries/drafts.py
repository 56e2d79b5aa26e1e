"""Reading one's own drafts; nobody reads another's."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.models import Company, User
from tickets.models import Draft


def drafts_of(user: User, companies: Sequence[Company]) -> list[Draft]:
    """A person's drafts for the companies they still belong to, the last saved first. One query."""
    found = Draft.objects.filter(person=user, company__in=companies).order_by("-saved_at", "-pk")
    return list(found)
