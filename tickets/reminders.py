"""When a customer who is awaited is reminded, and when an unanswered incident closes. Pure.

SEMANTICS names neither: the rules and their reasons stand in docs/decisions/0021. Days are working
days of the calendar that the incident is promised by (decision 0009).
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sla.hours import OpeningHours
from sla.workdays import end_of_nth_working_day

# Working days of waiting after which the customer is reminded; the last one announces the closure.
REMIND_AFTER_DAYS = (2, 5)
# Working days of waiting for a vendor who gave no date, after which ours are told to ask again.
CHASE_AFTER_DAYS = 5
# Working days between that announcement and the closure, both apart.
CLOSE_AFTER_DAYS = 5


def reminder_at(
    hours: OpeningHours, began_at: datetime, expected: date | None, number: int
) -> datetime:
    """When the reminder `number` (from 1) leaves: at the opening after its last working day.

    Days count from the date that the answer was asked for, if that is later than the question.
    Raises NeverOpens when the calendar lacks openings (C6).
    """
    zone, since = ZoneInfo(hours.tz), began_at
    if expected is not None and expected > began_at.astimezone(zone).date():
        since = datetime.combine(expected, time(12), tzinfo=zone)
    end = end_of_nth_working_day(hours, since, REMIND_AFTER_DAYS[number - 1])
    return hours.next_opening(end)


def chase_at(hours: OpeningHours, began_at: datetime, expected: date | None) -> datetime:
    """When ours are told that the vendor is late: at the opening after the day that was given, or
    else after so many working days.

    Raises NeverOpens when the calendar lacks openings (C6).
    """
    if expected is None:
        return hours.next_opening(end_of_nth_working_day(hours, began_at, CHASE_AFTER_DAYS))
    midnight = datetime.combine(expected + timedelta(days=1), time(), ZoneInfo(hours.tz))
    return hours.next_opening(midnight)


def closure_at(hours: OpeningHours, announced_at: datetime) -> datetime:
    """Until when an answer keeps the incident open, that instant included.

    `announced_at` is when the announcement could leave, never earlier: a sweep that was down takes
    no day from the customer.
    """
    told_at = hours.next_opening(announced_at)
    return end_of_nth_working_day(hours, told_at, CLOSE_AFTER_DAYS)
