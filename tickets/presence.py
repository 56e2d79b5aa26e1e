"""Who else has an incident open, or writes on it, at this moment.

Kept in the cache alone, for less than a minute: it is a courtesy, not a rule. A page that is left
open says so with each of its polls; when the cache is away nobody is named, and nothing breaks.
Two polls of the same second may forget one of their readers until the next one.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.core.cache import cache

from accounts.models import User
from tickets.models import Ticket

# Three polls of a page that is looked at; a page left alone or hidden asks more seldom: it is not.
STAYS_SECONDS = 50


class Present(NamedTuple):
    """One of ours on the page of an incident."""

    pk: int
    name: str
    writes: bool


def tell(ticket: Ticket, person: User, at: datetime, *, writes: bool = False) -> list[Present]:
    """Say that this person looks at it, or writes; who else does, those who write first."""
    key, now = f"presence:{ticket.pk}", at.timestamp()
    known: dict[int, tuple[str, bool, float]] = cache.get(key) or {}
    here = {
        pk: seen for pk, seen in known.items()
        if pk != person.pk and 0 <= now - seen[2] < STAYS_SECONDS
    }  # fmt: skip
    others = [Present(pk, name, writing) for pk, (name, writing, _at) in here.items()]
    here[person.pk] = (person.full_name, writes, now)
    cache.set(key, here, STAYS_SECONDS)
    return sorted(others, key=lambda other: (not other.writes, other.name))


def mark_of(others: list[Present]) -> str:
    """A few letters that change with what the page says of them."""
    return "-".join(f"{other.pk}{'e' if other.writes else ''}" for other in others)
