"""A week of opening hours as a manager types it, and the calendar's dict that comes of it.

« 09:00-12:00, 14:00-18:00 » per day; « 9h-12h30 » is understood too. Public holidays come from
`sla.holidays` and are frozen into the version (SEMANTICS §1).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, time
from typing import NamedTuple

from django.utils.translation import gettext as _

from sla.holidays import french_holidays
from sla.hours import OpeningHours

# The days in the order of the week, as `OpeningHours` names them.
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PARIS = "Europe/Paris"

_CLOCK = r"([0-9]{1,2})\s*(?:h|:)\s*([0-9]{2})?"
_WINDOW = re.compile(rf"\s*{_CLOCK}\s*(?:-|–|—|à)\s*{_CLOCK}\s*", re.IGNORECASE)
_BETWEEN = re.compile(r"[,;]|\bet\b|/")


class UnreadableDay(ValueError):
    """A day's hours that cannot be understood; the text is a French sentence."""


class Day(NamedTuple):
    """An exceptional day: closed, or open at these hours only."""

    day: date
    opens_at: time | None
    closes_at: time | None
    reason: str


def read_day(text: str) -> list[list[str]]:
    """« 09:00-12:00, 14:00-18:00 » as windows; nothing is a closed day. Raises UnreadableDay."""
    windows = []
    for part in _BETWEEN.split(text):
        if not part.strip():
            continue
        found = _WINDOW.fullmatch(part)
        if found is None:
            raise UnreadableDay(
                _("«\u00a0%(text)s\u00a0» n’est pas une plage horaire de la forme 09:00-12:00.")
                % {"text": part.strip()[:40]}
            )
        windows.append([_clock(found[1], found[2]), _clock(found[3], found[4])])
    return windows


def _clock(hours: str, minutes: str | None) -> str:
    return f"{int(hours):02d}:{minutes or '00'}"


def day_in_words(windows: Iterable[Iterable[str]]) -> str:
    """The windows of a day as they are typed."""
    return ", ".join("-".join(window) for window in windows)


def compose(
    week: dict[str, list[list[str]]],
    *,
    first_year: int,
    alsace_moselle: bool,
    days: Iterable[Day] = (),
    tz: str = PARIS,
) -> tuple[dict[str, object], dict[str, str]]:
    """The version's `hours` and `holiday_names`.

    An exceptional day replaces the day whole: closed, or open at its hours only (a holiday and
    an extra opening: C10). Raises sla.hours.InvalidCalendar with a French sentence.
    """
    names = french_holidays(first_year, alsace_moselle=alsace_moselle)
    extra = []
    for exception in days:
        names[exception.day.isoformat()] = exception.reason
        if exception.opens_at is not None and exception.closes_at is not None:
            extra.append(
                {
                    "date": exception.day.isoformat(),
                    "from": exception.opens_at.strftime("%H:%M"),
                    "to": exception.closes_at.strftime("%H:%M"),
                }
            )
    hours: dict[str, object] = {
        "tz": tz,
        "weekly": {day: windows for day, windows in week.items() if windows},
        "holidays": sorted(names),
        "extra_openings": extra,
    }
    return OpeningHours.from_dict(hours).to_dict(), dict(sorted(names.items()))
