"""`OpeningHours`: the calendar as a value, and the arithmetic of promises on it.

Instants given may be in any zone; those returned are in the calendar's. Two instants in zones
that differ never compare equal within an hour that occurs twice (PEP 495): compare them in UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Self, overload

from sla.hours.errors import NegativeDuration
from sla.hours.ledger import Stretch, pieces
from sla.hours.parsing import ExtraOpening, Rules, Window, read, write
from sla.hours.pauses import (
    FOREVER,
    MICROSECOND,
    Pause,
    Span,
    in_order,
    microseconds,
    running_since,
)
from sla.hours.timeline import EPOCH, Timeline


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """When a desk is open: an immutable value, equal and hashed by content. Make it by `from_dict`.

    `weekly` has seven days from Monday, each with windows in minutes since local midnight.
    """

    tz: str
    weekly: tuple[tuple[Window, ...], ...]
    holidays: frozenset[date]
    extra_openings: tuple[ExtraOpening, ...]
    _timeline: Timeline = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_timeline", _timeline_of(self._rules()))

    def __reduce__(self) -> tuple[type[OpeningHours], Rules]:
        return type(self), self._rules()

    @classmethod
    def from_dict(cls, data: Mapping[str, object]) -> Self:
        """The calendar in `data`; ValueError with a French sentence naming the field if bad.

        A calendar without any opening is a value like another here (C6).
        """
        return cls(*read(data))

    def to_dict(self) -> dict[str, object]:
        """The plain dict that `from_dict` turns back into an equal value."""
        return write(self._rules())

    @overload
    def add(self, start: datetime, duration: timedelta) -> datetime: ...

    @overload
    def add(
        self, start: datetime, duration: timedelta, pauses: Iterable[Pause]
    ) -> datetime | None: ...

    def add(
        self, start: datetime, duration: timedelta, pauses: Iterable[Pause] = ()
    ) -> datetime | None:
        """The earliest instant at which `duration` of open, unpaused time is used up (C1-C4, C8).

        Zero gives the first instant that counts (C3). None: a pause still runs and the time was
        not used up before it. Raises `NeverOpens` when openings are lacking (C6), also while a
        pause runs; ValueError for a negative duration or a naive datetime (C7); `OutOfReach`
        past a century.
        """
        instant = microseconds(start)
        need = duration // MICROSECOND
        if need < 0:
            raise NegativeDuration
        if pauses:
            spans = in_order(pauses)
            instant, left = self._skip_pauses(instant, need, spans)
            reached = self._reach(instant, left)
            stop = running_since(spans)
            # At the very instant a pause begins, time is used up but none counts any more.
            if stop is not None and (reached > stop or (reached == stop and not need)):
                return None
            return self._aware(reached)
        return self._aware(self._reach(instant, need))

    def elapsed(self, start: datetime, end: datetime, pauses: Iterable[Pause] = ()) -> timedelta:
        """Open, unpaused time from `start` to `end`; 0 when `end` is not after `start` (C5)."""
        cursor, stop = microseconds(start), microseconds(end)
        spans = in_order(pauses) if pauses else ()
        if stop <= cursor:
            return timedelta()
        counted = self._timeline.between(cursor, stop)
        for span in spans:
            begins, ends = max(span.start, cursor), min(span.end, stop)
            if begins < ends:
                counted -= self._timeline.between(begins, ends)
                cursor = ends
        return timedelta(microseconds=counted)

    def is_open(self, at: datetime) -> bool:
        """Whether the desk is open at `at`; at the closing instant it is not (C1)."""
        return self._timeline.is_open(microseconds(at))

    def next_opening(self, at: datetime) -> datetime:
        """`at` itself when open, else the next opening; raises `NeverOpens` if there is none."""
        return self._aware(self._timeline.opening(microseconds(at)))

    def next_closing(self, at: datetime) -> datetime:
        """The end of the opening that holds `at`, else of the next one, for « ouvert jusqu’à ».

        Openings that touch are one, midnight included. Raises `NeverOpens` when no opening is
        left, `NeverCloses` for a desk that is open for good.
        """
        return self._aware(self._timeline.closing(microseconds(at)))

    def ledger(
        self, start: datetime, end: datetime, pauses: Iterable[Pause] = ()
    ) -> tuple[Stretch, ...]:
        """What happened from `start` to `end`: stretches that add up to the wall time (S15).

        The COUNTED ones add up to `elapsed`. Empty when `end` is not after `start`.
        """
        first, last = microseconds(start), microseconds(end)
        found = pieces(self._timeline, first, last, in_order(pauses)) if first < last else []
        return tuple(
            Stretch(self._aware(piece.start), self._aware(piece.end), piece.kind, piece.pause)
            for piece in found
        )

    def _rules(self) -> Rules:
        return Rules(self.tz, self.weekly, self.holidays, self.extra_openings)

    def _reach(self, instant: int, need: int) -> int:
        return self._timeline.reach(instant, need) if need else self._timeline.opening(instant)

    def _skip_pauses(self, instant: int, need: int, spans: list[Span]) -> tuple[int, int]:
        """Where and with how much left to go on once the finite pauses that matter are over."""
        for span in spans:
            if span.end == FOREVER or span.end <= instant:
                continue
            counted = self._counted(instant, span.start)
            if counted and counted >= need:
                break
            need -= counted
            instant = span.end
        return instant, need

    def _counted(self, start: int, end: int) -> int:
        return self._timeline.between(start, end) if start < end else 0

    def _aware(self, instant: int) -> datetime:
        return (EPOCH + timedelta(microseconds=instant)).astimezone(self._timeline.zone)


@lru_cache(maxsize=128)
def _timeline_of(rules: Rules) -> Timeline:
    """One timeline for all equal calendars: a version read again from the database is warm."""
    return Timeline(rules)
