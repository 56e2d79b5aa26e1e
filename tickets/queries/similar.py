"""What others wrote of the same trouble, offered while somebody types theirs.

docs/decisions/0015-drafts-and-following.md says what is shown to whom.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import BooleanField, Case, Exists, F, OuterRef, Q, Value, When

from accounts.models import Company, User
from blog.models import Article
from blog.queries import suggested
from foundation.database import Plain
from foundation.text import tidy_line
from tickets.enums import OPEN_STATUSES
from tickets.models import Copy, Ticket

SHOWN = 3
# A shorter title says too little.
TITLE_MIN = 4
TITLE_MAX = 200
# Compared with what is typed: the company's latest open incidents, however many there are.
COMPARED = 300
# Of the words typed, how much is found in a row (0 to 1); on the same product less is enough.
NEAR, NEAR_ON_PRODUCT = 0.5, 0.35


@dataclass(frozen=True)
class Suggestions:
    """Articles that this person may read, and open incidents of their company."""

    articles: list[Article]
    incidents: list[Ticket]

    def __bool__(self) -> bool:
        return bool(self.articles or self.incidents)


def suggestions_for(
    user: User, company: Company, title: str, product_id: int | None, at: datetime
) -> Suggestions:
    """What resembles `title`, typed for a company that the person belongs to. Two queries."""
    title = tidy_line(title.replace("\x00", ""))[:TITLE_MAX]
    if len(title) < TITLE_MIN:
        return Suggestions([], [])
    return Suggestions(
        articles=suggested(user, title, product_id, at, limit=SHOWN),
        incidents=similar_open(user, company, title, product_id),
    )


def similar_open(user: User, company: Company, title: str, product_id: int | None) -> list[Ticket]:
    """The company's open incidents that resemble a title, the same product first, with `is_mine`:
    the person has declared it or follows it already.

    Of the others only number, title, product, author and hour may be shown, and never of a
    private one (decision 0015): a contact sees no more of a colleague's incident.
    """
    latest = (
        Ticket.objects.filter(company=company, status__in=OPEN_STATUSES)
        .filter(Q(is_private=False) | Q(requester=user))
        .order_by("-received_at")
    )
    same = Q(product=product_id) if product_id else Q(pk__in=[])
    copied = Exists(Copy.objects.filter(ticket=OuterRef("pk"), user=user))
    near = TrigramWordSimilarity(Plain(Value(title)), F("searched"))  # type: ignore[arg-type]  # an expression is fine
    found = (
        Ticket.objects.filter(pk__in=latest.values("pk")[:COMPARED])
        .annotate(
            near=near,
            same=Case(When(same, then=True), default=False, output_field=BooleanField()),
            is_mine=Case(
                When(Q(requester=user) | copied, then=True),
                default=False,
                output_field=BooleanField(),
            ),
        )
        .filter(near__gte=Case(When(same, then=NEAR_ON_PRODUCT), default=NEAR))
        .select_related("product", "requester")
    )
    return list(found.order_by("-same", "-near", "-received_at")[:SHOWN])
