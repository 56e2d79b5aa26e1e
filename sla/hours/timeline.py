"""The openings of a calendar as sorted instants, built a year at a time and kept.

Everything here is whole microseconds since 1970 UTC. Physical time is cut into chunks of 366
days; a chunk holds the openings that fall in it and how much counted time stands before each,
so that adding and measuring are binary searches whatever the duration.

Thread safety: a chunk is an immutable tuple, complete before it is published by one dict
assignment. Two threads may build the same chunk; they publish equal ones.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sla.hours.errors import NeverCloses, NeverOpens, OpeningsRunOut, OutOfReach
from sla.hours.parsing import Rules, Window

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_DAY = date(1970, 1, 1).toordinal()
SECOND = 1_000_000
MINUTE = 60 * SECOND
DAY = 24 * 60 * MINUTE
CHUNK = 366 * DAY
REACH = 100  # chunks: no promise spans a century, and a search must end
KEPT = 256  # chunks: a bound on memory when dates are absurdly spread
EARLIEST = -(719_162 - 3 * 366) * DAY  # room for a whole chunk around, in any UTC offset
LATEST = (2_932_896 - 3 * 366) * DAY
LAST_CHUNK = LATEST // CHUNK
# The closest two offset changes of any zone of the tz database lie four days apart.
OFFSET_STEP = 2 * DAY


class Chunk(NamedTuple):
    """Openings within one span of 366 days, and the counted time around each of them."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    before: tuple[int, ...]
    after: tuple[int, ...]
    total: int
    holidays: tuple[tuple[int, int, int], ...]  # start, end, local day number

    def counted_until(self, instant: int) -> int:
        """Counted time from the chunk's beginning to `instant`."""
        i = bisect_right(self.starts, instant) - 1
        if i < 0:
            return 0
        return self.before[i] + min(instant, self.ends[i]) - self.starts[i]


class Timeline:
    """Answers about one calendar, in microseconds; `OpeningHours` puts dates around it."""

    def __init__(self, rules: Rules) -> None:
        self.zone = ZoneInfo(rules.tz)
        self._week = tuple(_in_microseconds(windows) for windows in rules.weekly)
        self._holidays = frozenset(day_number(day) for day in rules.holidays)
        self._special = _special_days(rules, self._week)
        self._chunks: dict[int, Chunk] = {}
        self._weekly_opens = any(self._week)
        open_days = [day for day, windows in self._special.items() if windows]
        self._opens = self._weekly_opens or bool(open_days)
        # Two days of margin: a local day is never further than that from its UTC namesake.
        self._last_extra = (max(open_days, default=0) + 2) * DAY // CHUNK
        self._last_special = (max(self._special, default=0) + 2) * DAY // CHUNK

    def is_open(self, instant: int) -> bool:
        """Whether `instant` lies in an opening, the closing excluded (C1)."""
        chunk = self.chunk(instant // CHUNK)
        i = bisect_right(chunk.starts, instant) - 1
        return i >= 0 and instant < chunk.ends[i]

    def between(self, start: int, end: int) -> int:
        """Counted time from `start` to a later `end`."""
        first, last = start // CHUNK, end // CHUNK
        if last - first > REACH:
            raise OutOfReach
        counted = self.chunk(last).counted_until(end) - self.chunk(first).counted_until(start)
        for index in range(first, last):
            counted += self.chunk(index).total
        return counted

    def reach(self, start: int, duration: int) -> int:
        """Earliest instant at which `duration` > 0 is used up (C2); refusals as C6."""
        index = start // CHUNK
        chunk = self.chunk(index)
        goal = chunk.counted_until(start) + duration
        if goal > chunk.total:
            later = self._later(index)
            while goal > chunk.total:
                goal -= chunk.total
                chunk = self.chunk(next(later))
        i = bisect_left(chunk.after, goal)
        return chunk.starts[i] + goal - chunk.before[i]

    def opening(self, instant: int) -> int:
        """`instant` itself when open, else the next opening; refusals as C6."""
        chunk, i = self._ending_after(instant)
        return max(instant, chunk.starts[i])

    def closing(self, instant: int) -> int:
        """End of the opening that holds `instant` or comes next, joined across midnight."""
        chunk, i = self._ending_after(instant)
        end = chunk.ends[i]
        later = self._later((end - 1) // CHUNK)
        while end % CHUNK == 0:  # cut by us, not by the calendar, if the next chunk begins open
            index = next(later)
            chunk = self.chunk(index)
            if chunk.starts[:1] != (end,):
                break
            end = chunk.ends[0]
            if chunk.total == CHUNK and index > self._last_special:
                raise NeverCloses
        return end

    def chunk(self, index: int) -> Chunk:
        """The chunk number `index`, built on first use."""
        found = self._chunks.get(index)
        if found is None:
            if len(self._chunks) >= KEPT:
                self._chunks = {}
            found = self._chunks[index] = self._build(index)
        return found

    def _ending_after(self, instant: int) -> tuple[Chunk, int]:
        """The first opening that ends after `instant`, as a chunk and a position in it."""
        index = instant // CHUNK
        chunk = self.chunk(index)
        i = bisect_right(chunk.ends, instant)
        if i < len(chunk.ends):
            return chunk, i
        for later in self._later(index):
            chunk = self.chunk(later)
            if chunk.starts:
                break
        return chunk, 0

    def _later(self, index: int) -> Iterator[int]:
        """Chunks after `index` that may hold openings; at their end a refusal, not a loop (C6)."""
        if not self._opens:
            raise NeverOpens
        horizon = min(index + REACH, LAST_CHUNK)
        final = horizon if self._weekly_opens else min(horizon, self._last_extra)
        yield from range(index + 1, final + 1)
        if self._weekly_opens or final < self._last_extra:
            raise OutOfReach
        raise OpeningsRunOut

    def _build(self, index: int) -> Chunk:
        openings: list[tuple[int, int]] = []
        holidays: list[tuple[int, int, int]] = []
        for start, end, offset in self._constant_offsets(index * CHUNK, (index + 1) * CHUNK):
            # With a constant offset the wall clock is UTC plus it: times that do not exist
            # fall outside the stretch, times that occur twice fall in two stretches (C9).
            for day in range((start + offset) // DAY, (end + offset - 1) // DAY + 1):
                midnight = day * DAY - offset
                for opens, closes in self._windows(day):
                    _append(openings, max(midnight + opens, start), min(midnight + closes, end))
                if day in self._holidays:
                    holidays.append((max(midnight, start), min(midnight + DAY, end), day))
        after = tuple(accumulate(end - start for start, end in openings))
        return Chunk(
            starts=tuple(start for start, _ in openings),
            ends=tuple(end for _, end in openings),
            before=(0, *after[:-1]) if after else (),
            after=after,
            total=after[-1] if after else 0,
            holidays=tuple(holidays),
        )

    def _windows(self, day: int) -> tuple[Window, ...]:
        special = self._special.get(day)
        return self._week[_weekday(day)] if special is None else special

    def _constant_offsets(self, low: int, high: int) -> Iterator[tuple[int, int, int]]:
        """[low, high) cut where the UTC offset changes: start, end, offset of each stretch."""
        start, offset = low, self._offset(low)
        for probe in range(low + OFFSET_STEP, high + OFFSET_STEP, OFFSET_STEP):
            here = min(probe, high)
            if self._offset(here) != offset:
                change = self._offset_change(max(start, here - OFFSET_STEP), here)
                yield start, change, offset
                start, offset = change, self._offset(change)
        if start < high:
            yield start, high, offset

    def _offset_change(self, low: int, high: int) -> int:
        """First second in (low, high] with another offset than `low`; just one change there."""
        offset = self._offset(low)
        while high - low > SECOND:
            middle = (low + high) // (2 * SECOND) * SECOND
            if self._offset(middle) == offset:
                low = middle
            else:
                high = middle
        return high

    def _offset(self, instant: int) -> int:
        local = (EPOCH + timedelta(microseconds=instant)).astimezone(self.zone)
        return (local.utcoffset() or timedelta()) // timedelta(microseconds=1)


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - EPOCH_DAY


def _weekday(day: int) -> int:
    return (day + 3) % 7  # day 0 was a Thursday; Monday is 0


def _special_days(
    rules: Rules, week: tuple[tuple[Window, ...], ...]
) -> dict[int, tuple[Window, ...]]:
    """Windows of each day that is not an ordinary one: holidays and extra openings (C10)."""
    extras: dict[int, list[Window]] = {day_number(day): [] for day in rules.holidays}
    holidays = frozenset(extras)
    for day, opens, closes in rules.extra_openings:
        extras.setdefault(day_number(day), []).append((opens * MINUTE, closes * MINUTE))
    return {
        day: _union([*(() if day in holidays else week[_weekday(day)]), *added])
        for day, added in extras.items()
    }


def _union(windows: list[Window]) -> tuple[Window, ...]:
    merged: list[Window] = []
    for opens, closes in sorted(windows):
        if merged and opens <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(closes, merged[-1][1]))
        else:
            merged.append((opens, closes))
    return tuple(merged)


def _append(openings: list[tuple[int, int]], start: int, end: int) -> None:
    """Add an opening unless empty, joined to the one before when they touch."""
    if start >= end:
        return
    if openings and openings[-1][1] == start:
        openings[-1] = (openings[-1][0], end)
    else:
        openings.append((start, end))


def _in_microseconds(windows: tuple[Window, ...]) -> tuple[Window, ...]:
    return tuple((opens * MINUTE, closes * MINUTE) for opens, closes in windows)
