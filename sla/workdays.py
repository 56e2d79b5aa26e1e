"""Windows counted in working days, such as « 10 jours ouvrés » to reopen an incident.

Promises are counted in working minutes, never in days; this is for the few windows that people
name in days. A working day is a local date with any opening in it, however short: a half-day
counts as one, a holiday or a closed week-end does not.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sla.hours import OpeningHours


def end_of_nth_working_day(hours: OpeningHours, after: datetime, days: int) -> datetime:
    """The last closing instant of the `days`-th working day after the local date of `after`.

    The date of `after` itself never counts, whatever its time. A day open until 24:00 closes at
    the next local midnight. The answer is in the calendar's zone, and what happens at that very
    instant is still inside the window. Raises `NeverOpens` when the calendar lacks openings (C6),
    ValueError for fewer than one day or a naive `after` (C7).
    """
    if days < 1:
        raise ValueError("Le nombre de jours ouvrés doit être au moins 1.")
    hours.is_open(after)  # refuses a naive instant
    zone = ZoneInfo(hours.tz)
    midnight = _start_of(after.astimezone(zone).date() + timedelta(days=1), zone)
    opening, midnight = _next_working_day(hours, midnight, zone)
    for _ in range(days - 1):
        opening, midnight = _next_working_day(hours, midnight, zone)
    # The earliest instant at which the day's whole time is used up is its last closing (C2).
    return hours.add(opening, hours.elapsed(opening, midnight))


def _next_working_day(
    hours: OpeningHours, midnight: datetime, zone: ZoneInfo
) -> tuple[datetime, datetime]:
    """First opening from `midnight` on, and the midnight at which its date ends."""
    opening = hours.next_opening(midnight)
    return opening, _start_of(opening.date() + timedelta(days=1), zone)


def _start_of(day: date, zone: ZoneInfo) -> datetime:
    """Local midnight. Of one that occurs twice the later, of one that does not exist the change."""
    local = datetime.combine(day, time.min, tzinfo=zone)
    return max(local.astimezone(UTC), local.replace(fold=1).astimezone(UTC))
