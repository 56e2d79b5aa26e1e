"""The nightly proof that nobody who was to be told was forgotten (P5)."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import User
from notifications.models import Delivery, Reconciliation
from notifications.operations.making import delivery_of
from notifications.queries import counted_between, last_reconciliation
from tickets.models import EventToTell, TicketEvent
from tickets.sealing import last_settled_event

logger = logging.getLogger(__name__)

# A transaction that began before may still bring an event of a lower number; none lasts so long.
_SETTLED_AFTER = timedelta(hours=1)


def reconcile(*, at: datetime) -> Reconciliation:
    """Compare the frozen recipients of the events since the last time with their deliveries.

    Up to the first event that still waits to be told: it is counted another night. While somebody
    is missing, each night begins where the one that found it began. A mail that nobody foresaw
    cannot be undone: the night that found it says so, once.
    """
    last = last_reconciliation()
    after = 0
    if last is not None:
        after = last.after_event if last.missing else last.through_event
    through = max(after, _told_through(at))
    found = counted_between(after, through)
    made = Reconciliation.objects.create(
        checked_at=at, after_event=after, through_event=through, **found
    )
    if not made.is_clean:
        logger.error(
            "mails_missing",
            extra={"missing": made.missing, "unforeseen": made.unforeseen, "events": made.gaps},
        )
    return made


def _told_through(at: datetime) -> int:
    settled = last_settled_event(at - _SETTLED_AFTER)
    waiting = EventToTell.objects.order_by("event_id").values_list("event_id", flat=True).first()
    return settled if waiting is None else min(settled, waiting - 1)


@transaction.atomic
def make_up(*, at: datetime) -> int:
    """Make the mails that the last reconciliation found missing; how many were made.

    Those that exist are left alone: a person is never told twice.
    """
    last = last_reconciliation()
    if last is None:
        return 0
    before = Delivery.objects.filter(event__in=last.gaps).count()
    for event in TicketEvent.objects.filter(pk__in=last.gaps):
        people = User.objects.filter(pk__in=event.recipients)
        rows = [delivery_of(event, person, at) for person in people]
        Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    return Delivery.objects.filter(event__in=last.gaps).count() - before
