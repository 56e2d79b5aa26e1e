"""The roof's own tasks: beat shows that it lives, and the journal says what is red."""

from __future__ import annotations

import logging

from celery import shared_task
from django.core.cache import cache
from django.utils import timezone

from portal.health import HEARTBEAT_KEY, report

logger = logging.getLogger(__name__)


@shared_task(name="portal.beat_heartbeat")
def beat_heartbeat() -> None:
    """Write the instant: it proves that beat posts and that a worker runs.

    Kept in the cache: when that is lost, the check reads « unknown » for half a minute.
    """
    cache.set(HEARTBEAT_KEY, timezone.now().isoformat(), timeout=None)


@shared_task(name="portal.watch")
def watch() -> None:
    """Say in the journal which checks of `/sante/` fail, for operators who read no page.

    It runs in the sweeps' queue: mails that leave no more are told by another worker than theirs.
    """
    _status, results = report(timezone.now())
    for name, result in results.items():
        if not result.ok:
            logger.error("check_failed", extra={"check": name, **result.figures})
