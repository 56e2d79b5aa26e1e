"""What beat runs for incidents."""

from __future__ import annotations

import logging
from typing import Any

from celery import shared_task
from django.utils import timezone

from tickets import operations
from tickets.sealing import broken_seal

logger = logging.getLogger(__name__)


@shared_task(name="tickets.sweep_deadlines")
def sweep_deadlines(**kwargs: Any) -> None:
    """Record rungs, breaches and closures that fell due (S10). Takes arguments of later versions.

    Running it twice, late or not at all changes no result: every act does the same first (S17).
    """
    operations.sweep_deadlines(at=timezone.now())


@shared_task(name="tickets.seal_history")
def seal_history(**kwargs: Any) -> None:
    """Compare the last seal with what stands, then seal the history anew (every night)."""
    broken = broken_seal()
    if broken is not None:
        logger.error("history_seal_broken", extra={"sealed_at": broken.sealed_at.isoformat()})
    operations.seal_history(at=timezone.now())


@shared_task(name="tickets.purge_drafts")
def purge_drafts(**kwargs: Any) -> None:
    """Erase the drafts that nobody saved for thirty days (every night)."""
    operations.purge_drafts(at=timezone.now())
