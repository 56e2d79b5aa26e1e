"""Reading calendars and service levels: which version holds on a day."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from django.conf import settings
from django.db.models import OuterRef, Q, QuerySet, Subquery

from foundation.prepared import PlannedRows
from foundation.refusals import Refusal
from sla.hours import OpeningHours
from sla.models import Calendar, CalendarVersion, ServiceLevel, ServiceLevelVersion


class NoVersion(Refusal):
    """No version of a calendar or service level holds on that day: a gap in the settings."""


def service_level_version_on(level: ServiceLevel, day: date) -> ServiceLevelVersion:
    """The version in force on a day of Europe/Paris (S12). Raises NoVersion."""
    version = (
        ServiceLevelVersion.objects.filter(service_level=level, effective_from__lte=day)
        .select_related("calendar", "service_level")
        .order_by("-effective_from")
        .first()
    )
    if version is None:
        raise NoVersion(f"Le niveau de service « {level} » n’est pas défini à cette date.")
    return version


def calendar_version_on(calendar: Calendar, day: date) -> CalendarVersion:
    """The version in force on a day of Europe/Paris (S12). Raises NoVersion."""
    version = (
        CalendarVersion.objects.filter(calendar=calendar, effective_from__lte=day)
        .select_related("calendar")
        .order_by("-effective_from")
        .first()
    )
    if version is None:
        raise NoVersion(f"Le calendrier « {calendar} » n’est pas défini à cette date.")
    return version


def versions_on(
    level: ServiceLevel | None, day: date
) -> tuple[ServiceLevelVersion, CalendarVersion]:
    """Both versions in force on a day of Europe/Paris, of a service level or of the charter's own
    (S12, S13). One query. Raises NoVersion.
    """
    code = settings.DEFAULT_SERVICE_LEVEL
    found = _VERSIONS(level=level.pk, day=day) if level else _CHARTERS(code=code, day=day)
    if not found:
        raise NoVersion(f"Le niveau de service « {level or code} » n’est pas défini à cette date.")
    return found[0], calendar_found(found[0])


def calendar_found(version: ServiceLevelVersion) -> CalendarVersion:
    """The calendar version of a row of `versions_begun`. Raises NoVersion."""
    pk: int | None = vars(version)["calendar_version"]
    if pk is None:
        raise NoVersion(f"Le calendrier « {version.calendar} » n’est pas défini à cette date.")
    return _calendar_version(pk)


def versions_begun(condition: Q, day: date) -> QuerySet[ServiceLevelVersion]:
    """Those that have begun, the latest first, with the calendar version of the day."""
    of_calendar = CalendarVersion.objects.filter(
        calendar=OuterRef("calendar"), effective_from__lte=day
    ).order_by("-effective_from")
    return (
        ServiceLevelVersion.objects.filter(condition, effective_from__lte=day)
        .annotate(calendar_version=Subquery(of_calendar.values("pk")[:1]))
        .select_related("calendar", "service_level")
        .order_by("-effective_from")
    )


_VERSIONS = PlannedRows(
    lambda level, day: versions_begun(Q(service_level=level), day), level=int, day=date
)
_CHARTERS = PlannedRows(
    lambda code, day: versions_begun(Q(service_level__code=code), day), code=str, day=date
)


def default_service_level() -> ServiceLevel:
    """The charter's own service level, which applies without a contract (S13)."""
    return ServiceLevel.objects.get(code=settings.DEFAULT_SERVICE_LEVEL)


def holidays_end() -> date | None:
    """The last day of the year up to which every calendar knows its public holidays.

    Of each calendar the newest version counts, one to come included: adding one is the remedy.
    A year is known when its New Year's Day is; calendars without holidays run out of none.
    """
    ends = []
    newest = CalendarVersion.objects.order_by("calendar_id", "-effective_from").distinct(
        "calendar_id"
    )
    for hours in newest.values_list("hours", flat=True):
        years = [int(day[:4]) for day in hours["holidays"] if day.endswith("-01-01")]
        if years:
            ends.append(date(max(years), 12, 31))
    return min(ends, default=None)


@lru_cache(maxsize=256)
def _calendar_version(version_id: int) -> CalendarVersion:
    return CalendarVersion.objects.select_related("calendar").get(pk=version_id)


@lru_cache(maxsize=256)
def _hours(version_id: int) -> OpeningHours:
    return CalendarVersion.objects.get(pk=version_id).opening_hours()


def hours_of(version_id: int) -> OpeningHours:
    """The opening hours of a calendar version, kept in memory: versions never change once used."""
    return _hours(version_id)
