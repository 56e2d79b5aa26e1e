"""A slow, obvious clock to judge the fast one by.

It walks physical time minute by minute in UTC and asks the local wall clock each time whether
the desk is open, from the raw dict. It shares no code and no idea with `sla.hours`: no offsets,
no windows in UTC, no searches. A minute in which the walk or a pause begins or ends is walked
second by second, so instants with whole seconds are exact.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Pauses = list[tuple[datetime, datetime | None]]


class NoMoreOpenings(Exception):
    """The walk passed the last opening that the calendar will ever have."""


class GaveUp(Exception):
    """The walk became longer than a test has time for."""


class Tick(NamedTuple):
    """A minute or a second of the walk, in seconds since 1970."""

    start: int
    end: int
    is_open: bool
    holiday: date | None  # of the local date, when it is one
    pause: int | None

    @property
    def counted(self) -> int:
        """Seconds that count."""
        return self.end - self.start if self.is_open and self.pause is None else 0


class Step(NamedTuple):
    """What the oracle's ledger says of `[start, end)`, in seconds since 1970."""

    start: int
    end: int
    kind: str
    pause: int | None
    holiday: date | None


class Oracle:
    """The calendar of `data`, walked."""

    def __init__(self, data: dict[str, Any], *, patience_days: int = 7) -> None:
        self.zone = ZoneInfo(data["tz"])
        self.data = data
        self.patience = patience_days * 86_400
        self.holidays = {date.fromisoformat(day) for day in data["holidays"]}
        self.minutes_of_day: dict[date, set[int]] = {}
        self.kind_of_minute: dict[int, tuple[bool, date | None]] = {}

    def elapsed(self, start: datetime, end: datetime, pauses: Pauses) -> int:
        """Counted seconds between two instants."""
        return sum(tick.counted for tick in self._walk(_seconds(start), _seconds(end), pauses))

    def add(self, start: datetime, seconds: int, pauses: Pauses) -> int | None:
        """When `seconds` are used up; None when a running pause prevents it."""
        try:
            return self._use_up(_seconds(start), seconds, pauses)
        except (NoMoreOpenings, GaveUp):
            finite = [pause for pause in pauses if pause[1] is not None]
            if len(finite) == len(pauses):
                raise
            self._use_up(_seconds(start), seconds, finite)
            return None

    def ledger(self, start: datetime, end: datetime, pauses: Pauses) -> list[Step]:
        """Runs of equal ticks."""
        steps: list[Step] = []
        for tick in self._walk(_seconds(start), _seconds(end), pauses):
            step = Step(tick.start, tick.end, *_told(tick))
            if steps and steps[-1][2:] == step[2:]:
                steps[-1] = steps[-1]._replace(end=tick.end)
            else:
                steps.append(step)
        return steps

    def is_open(self, at: datetime) -> bool:
        """Whether the wall clock is inside a window."""
        return self._minute(_seconds(at) // 60)[0]

    def is_open_minute(self, minute: int) -> bool:
        """Whether the wall clock is inside a window during this minute since 1970."""
        return self._minute(minute)[0]

    def next_opening(self, at: datetime) -> int:
        """The first open second from `at` on."""
        return self._use_up(_seconds(at), 0, [])

    def next_closing(self, at: datetime) -> int:
        """The first closed second after the first open one."""
        opening = self.next_opening(at)
        for tick in self._walk(opening, opening + self.patience, []):
            if not tick.is_open:
                return tick.start
        raise GaveUp

    def _use_up(self, start: int, seconds: int, pauses: Pauses) -> int:
        left = seconds
        for tick in self._walk(start, start + self.patience, pauses):
            if tick.counted and left <= tick.counted:
                return tick.start + left
            left -= tick.counted
            if tick.start % 86_400 == 0 and self._is_over(tick.start):
                raise NoMoreOpenings
        raise NoMoreOpenings if self._is_over(start + self.patience) else GaveUp

    def _is_over(self, at: int) -> bool:
        if any(self.data["weekly"].values()):
            return False
        extras = [date.fromisoformat(x["date"]) for x in self.data.get("extra_openings", [])]
        today = datetime.fromtimestamp(at, self.zone).date()
        return today > max(extras, default=date.min) + timedelta(days=2)

    def _walk(self, start: int, end: int, pauses: Pauses) -> Iterator[Tick]:
        spans = [(_seconds(a), None if b is None else _seconds(b)) for a, b in pauses]
        edges = {edge // 60 for span in spans for edge in span if edge is not None}
        now = start
        while now < end:
            until = min(now + 1 if now // 60 in edges else (now // 60 + 1) * 60, end)
            yield Tick(now, until, *self._minute(now // 60), _pause_at(now, spans))
            now = until

    def _minute(self, minute: int) -> tuple[bool, date | None]:
        if minute not in self.kind_of_minute:
            local = datetime.fromtimestamp(minute * 60, self.zone)
            today = local.date()
            is_open = local.hour * 60 + local.minute in self._open_minutes(today)
            self.kind_of_minute[minute] = is_open, today if today in self.holidays else None
        return self.kind_of_minute[minute]

    def _open_minutes(self, day: date) -> set[int]:
        if day not in self.minutes_of_day:
            windows = [
                (extra["from"], extra["to"])
                for extra in self.data.get("extra_openings", [])
                if extra["date"] == day.isoformat()
            ]
            if day not in self.holidays:
                windows += self.data["weekly"].get(DAYS[day.weekday()], [])
            self.minutes_of_day[day] = {
                minute for a, b in windows for minute in range(_clock(a), _clock(b))
            }
        return self.minutes_of_day[day]


def _told(tick: Tick) -> tuple[str, int | None, date | None]:
    if not tick.is_open:
        return ("closed" if tick.holiday is None else "holiday"), None, tick.holiday
    return ("counted" if tick.pause is None else "paused"), tick.pause, None


def _pause_at(now: int, spans: list[tuple[int, int | None]]) -> int | None:
    """Of the pauses that hold this second, the one that began first."""
    if not spans:
        return None
    holding = [
        (a, place) for place, (a, b) in enumerate(spans) if a <= now and (b is None or now < b)
    ]
    return min(holding)[1] if holding else None


def _clock(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def _seconds(at: datetime) -> int:
    return int(at.timestamp())
