"""Calendars that follow one another: what a promise counts by when its terms changed on the way.

A promise may be given new hours while it runs (S12). What it counted before stays counted on the
old hours; from that instant on the new ones hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Protocol

from sla.hours.ledger import Stretch
from sla.hours.pauses import Pause
from sla.hours.value import OpeningHours

ZERO = timedelta(0)


class Hours(Protocol):
    """What the arithmetic of a promise needs of its hours: one calendar, or several in turn."""

    def add(
        self, start: datetime, duration: timedelta, pauses: Iterable[Pause]
    ) -> datetime | None: ...

    def elapsed(
        self, start: datetime, end: datetime, pauses: Iterable[Pause] = ...
    ) -> timedelta: ...

    def ledger(
        self, start: datetime, end: datetime, pauses: Iterable[Pause] = ...
    ) -> tuple[Stretch, ...]: ...


class Reign(NamedTuple):
    """The part of a stretch of time that one calendar holds for."""

    hours: OpeningHours
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class SuccessiveHours:
    """`earlier` are calendars with the instant until which each holds, in order; `present` holds
    from the last of these instants on.
    """

    earlier: tuple[tuple[datetime, OpeningHours], ...]
    present: OpeningHours

    def add(self, start: datetime, duration: timedelta, pauses: Iterable[Pause]) -> datetime | None:
        """As `OpeningHours.add` (C2, C3, C8): the earliest instant at which the time is used up."""
        pauses, start = tuple(pauses), start.astimezone(UTC)
        for until, hours in self.earlier:
            if start >= until:
                continue
            counted = hours.elapsed(start, until, pauses)
            if counted and duration <= counted:
                return hours.add(start, duration, pauses)
            duration -= counted
            start = until
        return self.present.add(start, duration, pauses)

    def elapsed(self, start: datetime, end: datetime, pauses: Iterable[Pause] = ()) -> timedelta:
        """Open, unpaused time, each part on the calendar that held for it."""
        pauses = tuple(pauses)
        parts = self._reigns(start, end)
        return sum((hours.elapsed(begins, ends, pauses) for hours, begins, ends in parts), ZERO)

    def ledger(
        self, start: datetime, end: datetime, pauses: Iterable[Pause] = ()
    ) -> tuple[Stretch, ...]:
        """Stretches that add up to the wall time; none crosses the instant of a change (S15)."""
        pauses = tuple(pauses)
        return tuple(
            stretch
            for hours, begins, ends in self._reigns(start, end)
            for stretch in hours.ledger(begins, ends, pauses)
        )

    def _reigns(self, start: datetime, end: datetime) -> Iterator[Reign]:
        # In UTC: two instants of one zone are compared by their wall clocks (C4).
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        for until, hours in self.earlier:
            if start < min(until, end):
                yield Reign(hours, start, min(until, end))
                start = until
        if start < end:
            yield Reign(self.present, start, end)
