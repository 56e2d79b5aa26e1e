"""Speed of the promise clock: `OpeningHours.add` beside two well-known libraries.

    python -m benchmarks.hours

Goals: 10 µs for a TPC, 15 µs for 18 working hours, 30 µs for 500. The other two are no part of
the project; to see them in the same table:

    python -m venv /tmp/bench && /tmp/bench/bin/pip install businesstimedelta pandas
    /tmp/bench/bin/python -m benchmarks.hours

Each start is another instant of the year, open or not. The libraries get the same office hours
and holidays, and their answers are compared with the clock's before anything is timed.
"""

from __future__ import annotations

import importlib
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from datetime import time as wall_time
from typing import Any
from zoneinfo import ZoneInfo

from sla.hours import OpeningHours

PARIS = ZoneInfo("Europe/Paris")
HOLIDAYS = [
    f"{year}-{day}"
    for year in range(2025, 2037)
    for day in ("01-01", "05-01", "05-08", "07-14", "08-15", "11-01", "11-11", "12-25")
]
OFFICE = {
    "tz": "Europe/Paris",
    "weekly": {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
    "holidays": HOLIDAYS,
}
# Odd steps over a year: every weekday, hours inside and outside the opening.
STARTS = [
    datetime(2026, 1, 5, 8, 3, 7, tzinfo=PARIS) + timedelta(hours=7 * n, seconds=13 * n)
    for n in range(1_200)
]
DURATIONS = {
    "TPC 30 min": timedelta(minutes=30),
    "TPC 2 h": timedelta(hours=2),
    "18 h": timedelta(hours=18),
    "500 h": timedelta(hours=500),
}
REPEATS = 15

Add = Callable[[datetime, timedelta], datetime]


def ours() -> Add:
    """The project's own clock."""
    return OpeningHours.from_dict(OFFICE).add


def with_businesstimedelta() -> Add:
    """The same rules in businesstimedelta. Raises ImportError when it is absent."""
    library: Any = importlib.import_module("businesstimedelta")
    pytz: Any = importlib.import_module("pytz")
    days = library.WorkDayRule(
        start_time=wall_time(9),
        end_time=wall_time(18),
        working_days=[0, 1, 2, 3, 4],
        tz=pytz.timezone("Europe/Paris"),
    )
    closed = library.HolidayRule(
        {date.fromisoformat(day): "closed" for day in HOLIDAYS}, tz=pytz.timezone("Europe/Paris")
    )
    rules = library.Rules([days, closed])

    def add(start: datetime, duration: timedelta) -> datetime:
        seconds = duration // timedelta(seconds=1)
        reached: datetime = start + library.BusinessTimeDelta(rules, seconds=seconds)
        return reached

    return add


def with_pandas() -> Add:
    """The same rules as a CustomBusinessHour. Raises ImportError when pandas is absent."""
    pandas: Any = importlib.import_module("pandas")
    hours = {
        duration: pandas.offsets.CustomBusinessHour(
            n=max(1, duration // timedelta(hours=1)), start="09:00", end="18:00", holidays=HOLIDAYS
        )
        for duration in DURATIONS.values()
    }

    def add(start: datetime, duration: timedelta) -> datetime:
        # It counts whole hours only (half an hour is measured as one) on naive local time.
        reached = pandas.Timestamp(start.replace(tzinfo=None)) + hours[duration]
        answer: datetime = reached.to_pydatetime()
        return answer.replace(tzinfo=PARIS)

    return add


def agreement(add: Add, duration: timedelta) -> str:
    """On how many of 60 starts the answer is the clock's, give or take a second of rounding.

    Where time runs out exactly at a closing, others answer the next opening (C2 says closing).
    """
    own, starts = ours(), STARTS[::20]
    equal = sum(abs(add(s, duration) - own(s, duration)) <= timedelta(seconds=1) for s in starts)
    return f"{equal}/{len(starts)}"


def microseconds(add: Add, duration: timedelta, starts: list[datetime]) -> tuple[float, float]:
    """Best and median of the repeats, per addition."""
    runs = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        for start in starts:
            add(start, duration)
        runs.append((time.perf_counter() - began) / len(starts) * 1e6)
    return min(runs), statistics.median(runs)


def rows() -> Iterator[str]:
    """The lines of the table."""
    makers = {
        "OpeningHours": ours,
        "businesstimedelta": with_businesstimedelta,
        "CustomBusinessHour": with_pandas,
    }
    yield f"{'':20}{'duration':>12}{'best µs':>11}{'median µs':>11}{'agrees':>9}"
    absent = []
    for name, maker in makers.items():
        add = None
        with suppress(ImportError):
            add = maker()
        if add is None:
            absent.append(name)
            continue
        starts = STARTS if maker is ours else STARTS[::60]
        for label, duration in DURATIONS.items():
            add(starts[0], duration)
            best, median = microseconds(add, duration, starts)
            agrees = agreement(add, duration)
            yield f"{name:20}{label:>12}{best:>11.1f}{median:>11.1f}{agrees:>9}"
    if absent:
        yield f"absent: {', '.join(absent)}; to see them, in a throwaway environment:"
        yield "  python -m venv /tmp/bench && /tmp/bench/bin/pip install businesstimedelta pandas"
        yield "  /tmp/bench/bin/python -m benchmarks.hours"


def first_use() -> float:
    """Milliseconds from the dict to the first answer, the index of a year built."""
    began = time.perf_counter()
    OpeningHours.from_dict(OFFICE).add(STARTS[0], timedelta(hours=1))
    return (time.perf_counter() - began) * 1e3


def main() -> None:
    """Print the table."""
    cold = first_use()
    print(f"Python {sys.version.split()[0]}, {len(STARTS)} starts, {REPEATS} repeats")
    for row in rows():
        print(row)
    print(f"first answer of a calendar never seen: {cold:.1f} ms (time zones read included)")


if __name__ == "__main__":
    main()
