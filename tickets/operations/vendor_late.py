"""The day for which the vendor's answer was expected is over: our engineer is told once (E3, 0021).

As the reminders to customers, it is the sweep's alone. No customer is told, and no clock changes.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from foundation.wording import paris
from sla.enums import CommitmentKind
from sla.hours import NeverOpens, OpeningHours
from tickets.enums import Act, Side, Status

if TYPE_CHECKING:
    from tickets.operations.work import Work


def vendor_late_at(work: Work) -> datetime | None:
    """When it is to be told: at the first opening after that day. None: never, or told already."""
    ticket, pause = work.ticket, work.running_pause()
    if ticket.state is not Status.WAITING_VENDOR or ticket.waiting_until is None:
        return None
    if pause is None or pause.reminders:
        return None
    hours = _hours(work)
    over = datetime.combine(
        ticket.waiting_until + timedelta(days=1), time.min, tzinfo=ZoneInfo(hours.tz)
    )
    try:
        return hours.next_opening(over)
    except NeverOpens:
        return None


def record_vendor_late(work: Work) -> int:
    """Returns how many events that made: one at most for each waiting."""
    at, pause, until = vendor_late_at(work), work.running_pause(), work.ticket.waiting_until
    if at is None or pause is None or until is None or work.actor is not None or work.at < at:
        return 0
    pause.reminders = 1
    pause.save(update_fields=["reminders"])
    leaves_at = _hours(work).next_opening(work.at)
    told = work.roster.alerted(work.ticket, paris(leaves_at).date())
    work.record(
        Act.VENDOR_LATE, side=Side.CLOCK, effective_at=at, recipients=sorted(told),
        tell_from=leaves_at, facts={"pause": pause.pk, "until": until.isoformat()},
    )  # fmt: skip
    return 1


def _hours(work: Work) -> OpeningHours:
    return work.hours(work.current(CommitmentKind.RESOLUTION))
