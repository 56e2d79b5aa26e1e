"""What the clock does by itself: rungs, breaches, automatic closure (S10, S17)."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction

from tickets.enums import Origin
from tickets.models import Ticket
from tickets.operations.work import Work

logger = logging.getLogger(__name__)

# An incident whose check fails is looked at again after this, so that it never blocks others.
_SET_ASIDE = timedelta(minutes=5)
# A rung recorded later than this after its instant is worth a line for the operator.
_LATE = timedelta(minutes=5)


def record_due(*, ticket_id: int, at: datetime, origin: Origin = Origin.PORTAL) -> int:
    """Record what fell due on one incident; skips it while somebody else holds its row.

    Returns how many rungs and closures were recorded.
    """
    with transaction.atomic():
        ticket = (
            Ticket.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
            .select_related("agency")
            .filter(pk=ticket_id, next_check_at__lte=at)
            .first()
        )
        if ticket is None:
            return 0
        work = Work.load(ticket, None, at, origin)
        recorded = work.record_due()
        if not recorded:
            work.look_ahead()
            ticket.save(update_fields=["next_check_at", "next_due_at"])
        return recorded


def sweep_deadlines(*, at: datetime, limit: int = 200) -> int:
    """One pass over the incidents whose next instant has come, in short transactions.

    An idle pass costs one query on a partial index, whatever the history. An incident that
    fails, for whatever reason, is logged, set aside for a while, and stops nobody else. Returns
    what was recorded.
    """
    due = Ticket.objects.filter(next_check_at__lte=at).order_by("next_check_at")
    recorded = 0
    for pk, look_at in list(due.values_list("pk", "next_check_at")[:limit]):
        try:
            found = record_due(ticket_id=pk, at=at)
        except SoftTimeLimitExceeded:
            # The task's own end, no fault of this incident.
            raise
        except Exception:
            logger.exception("sweep_failed", extra={"ticket": pk})
            _set_aside(pk, look_at, at)
            continue
        recorded += found
        if found and look_at:
            _say_if_late(pk, at - look_at)
    return recorded


def _say_if_late(ticket_id: int, late: timedelta) -> None:
    """A sweep that was down says how late it was (S10)."""
    if late > _LATE:
        seconds = int(late.total_seconds())
        logger.warning("sweep_late", extra={"ticket": ticket_id, "seconds": seconds})


def _set_aside(ticket_id: int, look_at: datetime | None, at: datetime) -> None:
    """Unless somebody has acted on the incident meanwhile, and set its next instant anew."""
    Ticket.objects.filter(pk=ticket_id, next_check_at=look_at).update(next_check_at=at + _SET_ASIDE)
