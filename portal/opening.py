"""Opening hours in words: « du lundi au vendredi, de 9 h à 18 h »."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from foundation.wording import NBSP, WEEKDAYS
from sla.hours import OpeningHours


@dataclass(frozen=True, slots=True)
class OpeningLine:
    """Days that share their hours: « du lundi au vendredi » and « de 9 h à 18 h »."""

    days: str
    hours: str


def opening_lines(hours: OpeningHours) -> list[OpeningLine]:
    """The week, days in a row with the same hours told together; closed days are left out."""
    lines = []
    first = 0
    for index in range(1, 8):
        if index < 7 and hours.weekly[index] == hours.weekly[first]:
            continue
        if hours.weekly[first]:
            lines.append(OpeningLine(_days(first, index - 1), _windows(hours.weekly[first])))
        first = index
    return lines


def week_sentence(hours: OpeningHours) -> str:
    """The same in one sentence, for footers."""
    return " ; ".join(f"{line.days}, {line.hours}" for line in opening_lines(hours))


def closures(
    hours: OpeningHours, names: dict[str, str], today: date, days: int = 60
) -> list[tuple[date, str]]:
    """Holidays of the next `days` that fall on a day when the desk would be open."""
    found = []
    for ahead in range(days):
        day = today + timedelta(days=ahead)
        if day in hours.holidays and hours.weekly[day.weekday()]:
            # The names come from a package that writes them with typewriter apostrophes.
            found.append((day, names.get(day.isoformat(), "").replace("'", "’")))
    return found


def _days(first: int, last: int) -> str:
    if first == last:
        return _("le %s") % WEEKDAYS[first]
    if last == first + 1:
        return _("les %(first)s et %(last)s") % {"first": WEEKDAYS[first], "last": WEEKDAYS[last]}
    return _("du %(first)s au %(last)s") % {"first": WEEKDAYS[first], "last": WEEKDAYS[last]}


def _windows(windows: Sequence[tuple[int, int]]) -> str:
    return _(" et ").join(
        _("de %(opens)s à %(closes)s") % {"opens": _clock(opens), "closes": _clock(closes)}
        for opens, closes in windows
    )


def _clock(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return f"{hours}{NBSP}h{NBSP}{rest:02d}" if rest else f"{hours}{NBSP}h"
