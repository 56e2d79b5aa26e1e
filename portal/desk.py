"""When the support desk is open: the hours of the charter's own service level (S2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from django.conf import settings
from django.db.models import QuerySet, Subquery
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from foundation.wording import day_without_year, opening_hour, paris, weekday_name
from portal.opening import week_sentence
from sla.hours import NeverCloses, NeverOpens, OpeningHours
from sla.models import CalendarVersion, ServiceLevelVersion
from sla.queries import hours_of


@dataclass(frozen=True, slots=True)
class DeskState:
    """Whether somebody answers the phone, and until or from when (None: no end in sight)."""

    is_open: bool
    changes_at: datetime | None
    sentence: str
    week: str


def desk_hours(at: datetime) -> OpeningHours | None:
    """The opening hours in force at `at`, or None while none are set up. One small query."""
    version = desk_versions(at).values_list("pk", flat=True).first()
    return hours_of(version) if version is not None else None


def desk_versions(at: datetime) -> QuerySet[CalendarVersion]:
    """The calendar versions of the charter's level that hold at `at`, the one in force first."""
    day = paris(at).date()
    level = (
        ServiceLevelVersion.objects.filter(
            service_level__code=settings.DEFAULT_SERVICE_LEVEL, effective_from__lte=day
        )
        .order_by("-effective_from")
        .values("calendar")[:1]
    )
    return CalendarVersion.objects.filter(
        calendar=Subquery(level), effective_from__lte=day
    ).order_by("-effective_from")


def shown_state(at: datetime) -> DeskState | None:
    """The desk's state as pages show it: computed once a minute by each process (decision 0019)."""
    return _state_in(at.replace(second=0, microsecond=0), get_language())


@lru_cache(maxsize=4)
def _state_in(minute: datetime, _language: str | None) -> DeskState | None:
    return desk_state(minute)


def desk_state(at: datetime) -> DeskState | None:
    """Open or closed at `at`, in words: « ouvert jusqu’à 18 h », « rouvre lundi à 9 h »."""
    hours = desk_hours(at)
    if hours is None:
        return None
    if hours.is_open(at):
        closes, sentence = _open(hours, at)
        return DeskState(True, closes, sentence, week_sentence(hours))
    opens, sentence = _closed(hours, at)
    return DeskState(False, opens, sentence, week_sentence(hours))


def _open(hours: OpeningHours, at: datetime) -> tuple[datetime | None, str]:
    try:
        closes = hours.next_closing(at)
    except NeverCloses:
        return None, _("ouvert jour et nuit")
    if closes - at > timedelta(days=1):
        return closes, _("ouvert")
    return closes, _("ouvert jusqu’à %s") % opening_hour(closes)


def _closed(hours: OpeningHours, at: datetime) -> tuple[datetime | None, str]:
    try:
        opens = hours.next_opening(at)
    except NeverOpens:
        return None, _("fermé")
    return opens, _("fermé, rouvre %s") % _when(opens, at)


def _when(opens: datetime, at: datetime) -> str:
    """« à 9 h », « demain à 9 h », « lundi à 9 h », « le lun. 4 janv. à 9 h »."""
    days = (paris(opens).date() - paris(at).date()).days
    hour = opening_hour(opens)
    if days == 0:
        return _("à %s") % hour
    if days == 1:
        return _("demain à %s") % hour
    if days < 7:
        return _("%(day)s à %(hour)s") % {"day": weekday_name(paris(opens)), "hour": hour}
    return _("le %(day)s à %(hour)s") % {"day": day_without_year(paris(opens)), "hour": hour}
