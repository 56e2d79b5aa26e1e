"""Calendars and service levels: the desk of Paris, the charter's targets.

The charter's own level is in every database (a migration): `sla.queries.default_service_level()`.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from itertools import count
from typing import NamedTuple

import holidays

from sla.models import Calendar, CalendarVersion, ServiceLevel, ServiceLevelVersion

LONG_AGO = date(2020, 1, 1)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")

_numbers = count(1)


class Targets(NamedTuple):
    """Working minutes for blocking, impairing, informational."""

    acknowledgement: tuple[int, int, int] = (30, 60, 120)
    resolution: tuple[int, int, int] = (4 * 60, 9 * 60, 27 * 60)


CHARTER = Targets()


@cache
def _public_holidays() -> dict[str, str]:
    found = holidays.country_holidays("FR", years=range(2020, 2040), language="fr")
    return {day.isoformat(): name for day, name in sorted(found.items())}


def paris_hours(*, opens: str = "09:00", closes: str = "18:00") -> dict[str, object]:
    """Monday to Friday in Europe/Paris, closed on the French public holidays of 2020 to 2039."""
    return {
        "tz": "Europe/Paris",
        "weekly": {day: [[opens, closes]] for day in WEEKDAYS},
        "holidays": list(_public_holidays()),
    }


def make_calendar(
    *,
    code: str | None = None,
    name: str | None = None,
    effective_from: date = LONG_AGO,
    hours: dict[str, object] | None = None,
) -> Calendar:
    """A calendar with one version; the opening hours of the charter unless `hours` is given."""
    number = next(_numbers)
    calendar = Calendar.objects.create(
        code=code or f"calendrier-{number}", name=name or f"Calendrier {number}"
    )
    make_calendar_version(calendar, effective_from=effective_from, hours=hours)
    return calendar


def make_calendar_version(
    calendar: Calendar, *, effective_from: date, hours: dict[str, object] | None = None
) -> CalendarVersion:
    return CalendarVersion.objects.create(
        calendar=calendar,
        effective_from=effective_from,
        hours=hours or paris_hours(),
        holiday_names=_public_holidays(),
    )


def make_service_level(
    *,
    code: str | None = None,
    name: str | None = None,
    effective_from: date = LONG_AGO,
    calendar: Calendar | None = None,
    targets: Targets = CHARTER,
    pauses_on_vendor: bool = False,
) -> ServiceLevel:
    """A service level with one version, on the desk of Paris unless `calendar` is given."""
    number = next(_numbers)
    level = ServiceLevel.objects.create(
        code=code or f"niveau-{number}", name=name or f"Niveau {number}"
    )
    make_service_level_version(
        level,
        effective_from=effective_from,
        calendar=calendar,
        targets=targets,
        pauses_on_vendor=pauses_on_vendor,
    )
    return level


def make_service_level_version(
    level: ServiceLevel,
    *,
    effective_from: date,
    calendar: Calendar | None = None,
    targets: Targets = CHARTER,
    pauses_on_vendor: bool = False,
) -> ServiceLevelVersion:
    """One more dated version of a level (S12)."""
    return ServiceLevelVersion.objects.create(
        service_level=level,
        effective_from=effective_from,
        calendar=calendar or make_calendar(),
        pauses_on_vendor=pauses_on_vendor,
        **_columns(targets),
    )


def _columns(targets: Targets) -> dict[str, int]:
    return {
        "acknowledgement_blocking": targets.acknowledgement[0],
        "acknowledgement_impairing": targets.acknowledgement[1],
        "acknowledgement_informational": targets.acknowledgement[2],
        "resolution_blocking": targets.resolution[0],
        "resolution_impairing": targets.resolution[1],
        "resolution_informational": targets.resolution[2],
    }
