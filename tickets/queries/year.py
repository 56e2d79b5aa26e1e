"""A year of a calendar, drawn month by month so that a mistake is seen."""

from __future__ import annotations

from calendar import Calendar as Weeks
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import groupby
from typing import NamedTuple

from django.utils.dates import MONTHS
from django.utils.translation import gettext as _

from foundation.wording import NBSP, WEEKDAYS, day_without_year
from sla.hours import OpeningHours

_WEEKS = Weeks()


class DayKind(StrEnum):
    """What a day is to the support desk. Each has a mark of its own, never a colour alone."""

    OPEN = "open"
    CLOSED = "closed"
    HOLIDAY = "holiday"
    # An exceptional closure, such as a bridge day.
    SHUT = "shut"
    # Exceptional hours, such as a shortened day.
    SPECIAL = "special"

    @property
    def mark(self) -> str:
        return {"holiday": "F", "shut": "×", "special": "+"}.get(self.value, "")

    @property
    def label(self) -> str:
        return {
            "open": _("ouvert"),
            "closed": _("fermé"),
            "holiday": _("férié"),
            "shut": _("fermeture exceptionnelle"),
            "special": _("horaires exceptionnels"),
        }[self.value]


class DayShown(NamedTuple):
    """A day of the drawing: `hours` as they are typed, `name` of a holiday or the reason."""

    day: date
    kind: DayKind
    hours: str
    name: str

    @property
    def words(self) -> str:
        """« ven. 25 déc. : férié, Noël », read aloud and shown under the mouse."""
        parts = [self.kind.label, self.hours, self.name]
        return f"{day_without_year(self.day)}{NBSP}: {', '.join(filter(None, parts))}"

    @property
    def is_particular(self) -> bool:
        return self.kind not in {DayKind.OPEN, DayKind.CLOSED}


@dataclass(frozen=True)
class MonthShown:
    """Weeks from Monday to Sunday; None where the day is another month's."""

    name: str
    weeks: list[list[DayShown | None]]


@dataclass(frozen=True)
class YearShown:
    """Twelve months, and in words the days that are not as every week's."""

    year: int
    months: list[MonthShown]
    particular: list[DayShown]
    legend: list[DayKind]
    # « lundi », « l ».
    weekdays: list[tuple[str, str]]
    # The week's hours in words: a day that closes early looks open in the drawing.
    week: str
    open_days: int


def draw_year(
    hours: OpeningHours, names: Mapping[str, str], exceptional: set[date], year: int
) -> YearShown:
    """`names` of closed dates by ISO date; `exceptional` are the dates that a manager gave."""
    days = _Days(hours, names, exceptional)
    months = [
        MonthShown(
            str(MONTHS[month]),
            [
                [days.shown(day) if day.month == month else None for day in week]
                for week in _WEEKS.monthdatescalendar(year, month)
            ],
        )
        for month in MONTHS
    ]
    shown = [day for month in months for week in month.weeks for day in week if day]
    return YearShown(
        year=year,
        months=months,
        particular=[day for day in shown if day.is_particular],
        legend=list(DayKind),
        week=_week(hours),
        weekdays=[(name, name[0]) for name in WEEKDAYS],
        open_days=sum(bool(day.hours) for day in shown),
    )


@dataclass(frozen=True)
class _Days:
    hours: OpeningHours
    names: Mapping[str, str]
    exceptional: set[date]

    def shown(self, day: date) -> DayShown:
        """Extra openings are a union with the week's windows and win over a holiday (C10)."""
        closed = day in self.hours.holidays
        extra = [(opens, closes) for on, opens, closes in self.hours.extra_openings if on == day]
        windows = sorted([*extra, *(() if closed else self.hours.weekly[day.weekday()])])
        if extra:
            kind = DayKind.SPECIAL
        elif closed:
            kind = DayKind.SHUT if day in self.exceptional else DayKind.HOLIDAY
        else:
            kind = DayKind.OPEN if windows else DayKind.CLOSED
        name = self.names.get(day.isoformat(), "") if closed or extra else ""
        return DayShown(day, kind, ", ".join(map(_window, windows)), name)


def _week(hours: OpeningHours) -> str:
    """« lundi à jeudi 09:00-18:00 · vendredi 09:00-12:00 »: days that follow with equal hours."""
    runs = groupby(
        zip(WEEKDAYS, hours.weekly, strict=True),
        key=lambda day: ", ".join(map(_window, day[1])) or _("fermé"),
    )
    return " · ".join(
        f"{_from_to([day for day, _windows in days])} {words}" for words, days in runs
    )


def _from_to(days: list[str]) -> str:
    if len(days) == 1:
        return days[0]
    return _("%(first)s à %(last)s") % {"first": days[0], "last": days[-1]}


def _window(window: tuple[int, int]) -> str:
    return "-".join(f"{minutes // 60:02d}:{minutes % 60:02d}" for minutes in window)
