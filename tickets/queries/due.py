"""Whether the sweep does its work: what waits for it, and how late it was."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Max, Min

from tickets.models import CatchUp, Ticket


def oldest_due_age(at: datetime) -> timedelta | None:
    """For how long the oldest rung or closure has waited for the sweep; None when none waits."""
    oldest: datetime | None = Ticket.objects.filter(next_check_at__lte=at).aggregate(
        first=Min("next_check_at")
    )["first"]
    return at - oldest if oldest is not None else None


def worst_catch_up(since: datetime) -> timedelta | None:
    """How late the latest pass since then was; None when all were in time."""
    seconds: int | None = CatchUp.objects.filter(swept_at__gte=since).aggregate(
        worst=Max("late_seconds")
    )["worst"]
    return timedelta(seconds=seconds) if seconds is not None else None
