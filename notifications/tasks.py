"""What a worker runs: woken after each commit, swept twice a minute by beat."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.utils import timezone

from foundation.waking import wake
from notifications import mailbox, operations, sender
from notifications.outbox import DELIVER_PENDING

# Woken for one event: what else waits is the sweep's.
_AFTER_AN_EVENT = 50
_A_SWEEP = 200


@shared_task(name="notifications.deliver_event")
def deliver_event(event_id: int, **kwargs: Any) -> None:
    """Make and send the mails of one event. Takes arguments of later versions."""
    at = timezone.now()
    operations.derive(event_id=event_id, at=at)
    sender.deliver_pending(at=at, limit=_AFTER_AN_EVENT)


@shared_task(name="notifications.deliver_pending")
def deliver_pending(**kwargs: Any) -> None:
    """Send whatever waits (N1).

    After a long absence of the mail server, beat's sweeps alone would need a quarter of an hour for
    5,000 mails: a sweep that was full is followed by another at once.
    """
    if sender.deliver_pending(at=timezone.now(), limit=_A_SWEEP) == _A_SWEEP:
        wake(DELIVER_PENDING)


@shared_task(name="notifications.reconcile")
def reconcile(**kwargs: Any) -> None:
    """Prove that nobody who was to be told was forgotten (every night, P5)."""
    operations.reconcile(at=timezone.now())


@shared_task(name="notifications.purge_mailbox")
def purge_mailbox(**kwargs: Any) -> None:
    """Erase what was kept of received mails for seven days."""
    mailbox.purge(at=timezone.now())
