"""The wording of instants, durations and sizes in templates (a built-in library: no load)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django import template

from foundation import wording

register = template.Library()


@register.filter
def day_fr(value: date | datetime | None) -> str:
    """« lun. 23 nov. 2026 »."""
    if value is None:
        return ""
    return wording.day(wording.paris(value).date() if isinstance(value, datetime) else value)


@register.filter
def instant_fr(value: datetime | None) -> str:
    """« lun. 23 nov. 2026 à 16 h 45 »."""
    return wording.instant(value) if value else ""


@register.filter
def hour_fr(value: datetime | None) -> str:
    """« 16 h 45 »."""
    return wording.hour(value) if value else ""


@register.filter
def near(value: datetime | None, now: datetime) -> str:
    """« aujourd’hui à 16 h 45 », seen from `now`."""
    return wording.near_instant(value, now) if value else ""


@register.filter
def duration_fr(value: timedelta | None) -> str:
    """« 2 h 05 »."""
    return wording.duration(value) if value is not None else ""


@register.filter
def minutes_fr(value: int | None) -> str:
    """Minutes as « 2 h 05 »."""
    return wording.duration(timedelta(minutes=value)) if value is not None else ""


@register.filter
def size_fr(value: int | None) -> str:
    """« 1,4 Mo »."""
    return wording.size(value) if value is not None else ""


@register.filter
def count_fr(value: int, words: str) -> str:
    """`3|count_fr:"incident"` → « 3 incidents »; give both words with a comma if irregular."""
    singular, _comma, plural = words.partition(",")
    return wording.count(value, singular, plural or None)


@register.filter
def working_fr(value: timedelta | None) -> str:
    """« 12 min ouvrées »."""
    return wording.working(value) if value is not None else ""


@register.filter
def day_month_fr(value: date | datetime | None) -> str:
    """« lun. 23 nov. »."""
    if value is None:
        return ""
    local = wording.paris(value).date() if isinstance(value, datetime) else value
    return wording.day_without_year(local)


@register.filter
def elided(name: object, word: str) -> str:
    """`name|elided:"de"` → « d’Odile », « de Bob »."""
    return wording.elided(word, str(name))
