"""Random calendars, instants and pauses, dense around what breaks clocks.

Half of the instants lie within three days of a clock change, of a date line jump or of a change
of year; calendars mix office hours, lunch breaks, nights over 24:00, 24×7 and nothing at all.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from hypothesis import strategies as st

from tests.sla.oracle import DAYS, Pauses

ZONES = [
    *["Europe/Paris"] * 8,
    "UTC",
    "America/New_York",
    "America/Sao_Paulo",  # changed at midnight until 2019
    "America/St_Johns",  # half-hour offset, changed at 00:01 until 2011
    "Australia/Lord_Howe",  # half-hour change
    "Africa/Casablanca",  # four changes a year with Ramadan
    "Asia/Kathmandu",  # quarter-hour offset
    "Indian/Reunion",
    "Pacific/Apia",  # had no 30 December 2011
]
# Clock changes of Paris 2016-2030, and the odd days of the other zones.
ANCHORS = [
    *(
        date(y, 3, 31) - timedelta(days=(date(y, 3, 31).weekday() + 1) % 7)
        for y in range(2016, 2031)
    ),
    *(
        date(y, 10, 31) - timedelta(days=(date(y, 10, 31).weekday() + 1) % 7)
        for y in range(2016, 2031)
    ),
    date(2026, 3, 8),
    date(2026, 11, 1),
    date(2018, 11, 4),
    date(2019, 2, 17),
    date(2010, 11, 7),
    date(2011, 3, 13),
    date(2026, 4, 5),
    date(2026, 10, 4),
    date(2026, 2, 15),
    date(2026, 3, 22),
    date(2011, 12, 30),
    date(2026, 12, 31),
    date(2028, 2, 29),
]
OFFICE = [["09:00", "18:00"]]
LUNCH = [["09:00", "12:00"], ["14:00", "18:00"]]
NIGHT = [["00:00", "06:00"], ["22:00", "24:00"]]
ROUND = [["00:00", "24:00"]]
CHANGE = [["01:30", "02:30"], ["02:45", "03:15"]]


class Case(NamedTuple):
    """A calendar's dict, an instant and pauses around it."""

    calendar: dict[str, Any]
    start: datetime
    pauses: Pauses


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


@st.composite
def _windows(draw: st.DrawFn) -> list[list[str]]:
    cuts = draw(st.lists(st.integers(0, 96), min_size=2, max_size=6, unique=True))
    shift = draw(st.integers(0, 14))
    edges = sorted(cut * 15 if cut in (0, 96) else cut * 15 - shift for cut in cuts)
    return [[_clock(a), _clock(b)] for a, b in zip(edges[::2], edges[1::2], strict=False)]


def _weeks() -> st.SearchStrategy[dict[str, list[list[str]]]]:
    workdays = st.sampled_from([OFFICE, LUNCH]).map(lambda day: dict.fromkeys(DAYS[:5], day))
    same = st.sampled_from([ROUND, NIGHT, CHANGE]).map(lambda day: dict.fromkeys(DAYS, day))
    mixed = st.dictionaries(st.sampled_from(DAYS), _windows(), max_size=7)
    return st.one_of(workdays, same, mixed, mixed, st.just({}))


@st.composite
def calendars(draw: st.DrawFn, around: date) -> dict[str, Any]:
    """A calendar whose holidays and extra openings lie within two weeks of `around`."""
    days = st.integers(-4, 12).map(lambda shift: around + timedelta(days=shift))
    extras = [
        {"date": draw(days).isoformat(), "from": start, "to": end}
        for windows in draw(st.lists(_windows(), max_size=2))
        for start, end in windows
    ]
    data: dict[str, Any] = {
        "tz": draw(st.sampled_from(ZONES)),
        "weekly": draw(_weeks()),
        "holidays": sorted(day.isoformat() for day in draw(st.sets(days, max_size=3))),
    }
    return {**data, "extra_openings": extras} if extras else data


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A calendar, an instant near its odd days, up to four pauses, some of them still running."""
    anchor = draw(st.sampled_from(ANCHORS) | st.dates(date(2012, 1, 1), date(2034, 12, 31)))
    start = _near(draw, anchor)
    pauses: Pauses = []
    for _ in range(draw(st.sampled_from([0, 0, 1, 2, 4]))):
        begin = start + _seconds(draw, -86_400, 3 * 86_400)
        running = draw(st.integers(0, 7)) == 0
        pauses.append((begin, None if running else begin + _seconds(draw, 0, 2 * 86_400)))
    return Case(draw(calendars(anchor)), start, pauses)


def spans(days: int) -> st.SearchStrategy[timedelta]:
    """Durations in whole seconds, zero and round hours among them."""
    return st.one_of(
        st.integers(0, days * 24).map(lambda hours: timedelta(hours=hours)),
        st.integers(0, days * 86_400).map(lambda seconds: timedelta(seconds=seconds)),
    )


def _near(draw: st.DrawFn, day: date) -> datetime:
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return midnight + _seconds(draw, -2 * 86_400, 2 * 86_400)


def _seconds(draw: st.DrawFn, low: int, high: int) -> timedelta:
    quarters = st.integers(low // 900, high // 900).map(lambda n: n * 900)
    return timedelta(seconds=draw(quarters | st.integers(low, high)))
