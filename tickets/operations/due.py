"""What the clock does by itself: rungs, breaches, automatic closure (S10, S17)."""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction

from foundation.waking import wake
from tickets.enums import Origin
from tickets.models import CatchUp, Ticket
from tickets.operations.work import Work
from tickets.recipients import Roster

logger = logging.getLogger(__name__)

DELIVER_PENDING = "notifications.deliver_pending"
# An incident whose check fails is looked at again after this, so that it never blocks others.
_SET_ASIDE = timedelta(minutes=5)
# A pass that finds an instant older than this says so: the sweep was down.
_LATE = timedelta(minutes=5)
# A pass ends well before its task is stopped (task_soft_time_limit); the next one goes on.
_PASS_SECONDS = 60.0
# Incidents recorded between two wake-ups of the sender, which sends 200 mails for each.
_WAKE_EVERY = 25


def record_due(
    *,
    ticket_id: int,
    at: datetime,
    origin: Origin = Origin.PORTAL,
    roster: Roster | None = None,
    wakes: bool = True,
) -> int:
    """Record what fell due on one incident; skips it while somebody else holds its row.

    A pass over many passes one `roster` to all and wakes the sender itself (`wakes`). Returns
    how many rungs and closures were recorded.
    """
    with transaction.atomic():
        ticket = (
            Ticket.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
            .select_related("agency", "assignee")
            .filter(pk=ticket_id, next_check_at__lte=at)
            .first()
        )
        if ticket is None:
            return 0
        work = Work.load(ticket, None, at, origin)
        work.roster, work.wakes = roster or work.roster, wakes
        recorded = work.record_due()
        if not recorded:
            work.look_ahead()
            ticket.save(update_fields=["next_check_at", "next_due_at"])
        return recorded


def sweep_deadlines(*, at: datetime, limit: int = 5000) -> int:
    """One pass over the incidents whose next instant has come, in short transactions.

    An idle pass costs one query on a partial index, whatever the history. An incident that
    fails, for whatever reason, is logged, set aside for a while, and stops nobody else. Returns
    what was recorded.
    """
    looks = Ticket.objects.filter(next_check_at__lte=at).order_by("next_check_at")
    due = list(looks.values_list("pk", "next_check_at")[:limit])
    _say_if_late(due, at)
    recorded, unannounced, roster = 0, 0, Roster()
    ends = time.monotonic() + _PASS_SECONDS
    for pk, look_at in due:
        found = _record_one(pk, look_at, at, roster)
        recorded += found
        unannounced += bool(found)
        if unannounced >= _WAKE_EVERY:
            wake(DELIVER_PENDING)
            unannounced = 0
        if time.monotonic() > ends:
            break
    if unannounced:
        wake(DELIVER_PENDING)
    return recorded


def _record_one(ticket_id: int, look_at: datetime | None, at: datetime, roster: Roster) -> int:
    try:
        return record_due(ticket_id=ticket_id, at=at, roster=roster, wakes=False)
    except SoftTimeLimitExceeded:
        # The task's own end, no fault of this incident.
        raise
    except Exception:
        logger.exception("sweep_failed", extra={"ticket": ticket_id})
        _set_aside(ticket_id, look_at, at)
        return 0


def _say_if_late(due: list[tuple[int, datetime | None]], at: datetime) -> None:
    """A sweep that was down says how late it is, before anything else may stop it (S10).

    The row is what /sante/ goes by. Rungs that an act finds before the sweep, or that a call
    brings with it, are none of its business: they never wait in `next_check_at`.
    """
    oldest = due[0][1] if due else None
    if oldest is None or at - oldest <= _LATE:
        return
    seconds = int((at - oldest).total_seconds())
    CatchUp.objects.create(swept_at=at, late_seconds=seconds)
    logger.warning("sweep_late", extra={"seconds": seconds, "incidents": len(due)})


def _set_aside(ticket_id: int, look_at: datetime | None, at: datetime) -> None:
    """Unless somebody has acted on the incident meanwhile, and set its next instant anew."""
    Ticket.objects.filter(pk=ticket_id, next_check_at=look_at).update(next_check_at=at + _SET_ASIDE)
