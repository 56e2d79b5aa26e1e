"""The roof's own task: beat shows that it lives."""

from __future__ import annotations

from celery import shared_task
from django.core.cache import cache
from django.utils import timezone

from portal.health import HEARTBEAT_KEY


@shared_task(name="portal.beat_heartbeat")
def beat_heartbeat() -> None:
    """Write the instant: it proves that beat posts and that a worker runs.

    Kept in the cache: when that is lost, the check reads « unknown » for half a minute.
    """
    cache.set(HEARTBEAT_KEY, timezone.now().isoformat(), timeout=None)
