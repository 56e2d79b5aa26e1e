"""What a worker runs: woken after each commit, swept every minute by beat."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.utils import timezone

from notifications import mailbox, operations, sender

# Woken for one event: what else waits is the sweep's.
_AFTER_AN_EVENT = 50


@shared_task(name="notifications.deliver_event")
def deliver_event(event_id: int, **kwargs: Any) -> None:
    """Make and send the mails of one event. Takes arguments of later versions."""
    at = timezone.now()
    operations.derive(event_id=event_id, at=at)
    sender.deliver_pending(at=at, limit=_AFTER_AN_EVENT)


@shared_task(name="notifications.deliver_pending")
def deliver_pending(**kwargs: Any) -> None:
    """Send whatever waits (N1)."""
    sender.deliver_pending(at=timezone.now())


@shared_task(name="notifications.reconcile")
def reconcile(**kwargs: Any) -> None:
    """Prove that nobody who was to be told was forgotten (every night, P5)."""
    operations.reconcile(at=timezone.now())


@shared_task(name="notifications.purge_mailbox")
def purge_mailbox(**kwargs: Any) -> None:
    """Erase what was kept of received mails for seven days."""
    mailbox.purge(at=timezone.now())
