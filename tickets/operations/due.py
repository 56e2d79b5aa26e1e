"""What the clock does by itself: rungs, breaches, automatic closure (S10, S17)."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction

from foundation.waking import wake
from tickets.enums import Origin
from tickets.models import CatchUp, Ticket
from tickets.operations.work import Work
from tickets.recipients import Roster

logger = logging.getLogger(__name__)

# An incident, and the instant at which it was to be looked at.
Due = tuple[int, datetime | None]

DELIVER_PENDING = "notifications.deliver_pending"
# An incident whose check fails is looked at again after this, so that it never blocks others.
_SET_ASIDE = timedelta(minutes=5)
# A pass that finds an instant older than this says so: the sweep was down.
_LATE = timedelta(minutes=5)
# A pass ends well before its task is stopped (task_soft_time_limit); the next one goes on.
_PASS_SECONDS = 60.0
# Incidents of one transaction: short, so that who acts on one of them waits for little.
_TOGETHER = 10
# Incidents recorded between two wake-ups of the sender, which sends 200 mails for each.
_WAKE_EVERY = 25


def record_due(*, ticket_id: int, at: datetime, origin: Origin = Origin.PORTAL) -> int:
    """Record what fell due on one incident; skips it while somebody else holds its row.

    Returns how many rungs and closures were recorded.
    """
    with transaction.atomic():
        return sum(_record(work) for work in _due_works([ticket_id], at, origin))


def _due_works(ticket_ids: Sequence[int], at: datetime, origin: Origin) -> list[Work]:
    """Those of these incidents that nobody holds and whose instant has come, locked."""
    tickets = (
        Ticket.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        .select_related("agency", "assignee")
        .filter(pk__in=ticket_ids, next_check_at__lte=at)
    )
    return Work.load_all(list(tickets), None, at, origin)


def _record(work: Work) -> int:
    recorded = work.record_due()
    if not recorded:
        work.look_ahead()
        work.ticket.save(update_fields=["next_check_at", "next_due_at"])
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
    for start in range(0, len(due), _TOGETHER):
        found = _record_some(due[start : start + _TOGETHER], at, roster)
        recorded += found
        unannounced += found
        if unannounced >= _WAKE_EVERY:
            wake(DELIVER_PENDING)
            unannounced = 0
        if time.monotonic() > ends:
            break
    if unannounced:
        wake(DELIVER_PENDING)
    return recorded


def _record_some(due: Sequence[Due], at: datetime, roster: Roster) -> int:
    """A few incidents in one transaction; one by one when that fails, to find which."""
    try:
        return _record_together(due, at, roster)
    except SoftTimeLimitExceeded:
        # The task's own end, no fault of an incident.
        raise
    except Exception:
        return sum(_record_alone(one, at, roster) for one in due)


def _record_together(due: Sequence[Due], at: datetime, roster: Roster) -> int:
    with transaction.atomic():
        works = _due_works([ticket_id for ticket_id, _look_at in due], at, Origin.PORTAL)
        for work in works:
            work.roster, work.wakes = roster, False
        return sum(_record(work) for work in works)


def _record_alone(one: Due, at: datetime, roster: Roster) -> int:
    try:
        return _record_together([one], at, roster)
    except SoftTimeLimitExceeded:
        raise
    except Exception:
        ticket_id, look_at = one
        logger.exception("sweep_failed", extra={"ticket": ticket_id})
        _set_aside(ticket_id, look_at, at)
        return 0


def _say_if_late(due: Sequence[Due], at: datetime) -> None:
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
