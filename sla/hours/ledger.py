"""The stretches between two instants: counted, closed, holiday, paused (S15)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from sla.hours.errors import OutOfReach
from sla.hours.pauses import Span
from sla.hours.timeline import CHUNK, REACH, Timeline


class StretchKind(StrEnum):
    """What the clock did during a stretch."""

    COUNTED = "counted"
    CLOSED = "closed"
    HOLIDAY = "holiday"
    PAUSED = "paused"


class Stretch(NamedTuple):
    """`[start, end)` in the calendar's zone; `pause` is the index of the pause, else None.

    A HOLIDAY stretch never crosses local midnight, so `start.date()` is the holiday.
    """

    start: datetime
    end: datetime
    kind: StretchKind
    pause: int | None

    @property
    def length(self) -> timedelta:
        """Physical time: the wall clocks of one zone differ by an hour too much or too little
        across a clock change (C4).
        """
        return self.end.astimezone(UTC) - self.start.astimezone(UTC)


class Piece(NamedTuple):
    """A stretch in microseconds; `day` tells two holidays in a row apart."""

    start: int
    end: int
    kind: StretchKind
    pause: int | None
    day: int | None


def pieces(timeline: Timeline, start: int, end: int, spans: list[Span]) -> list[Piece]:
    """Stretches from `start` to `end`, in order, without gap or overlap.

    Pauses take open time only (C8); of several at once the one that began first is named,
    of two that began together the first given.
    """
    found: list[Piece] = []
    for piece in _elementary(timeline, start, end, spans):
        if found and found[-1][2:] == piece[2:]:
            found[-1] = found[-1]._replace(end=piece.end)
        else:
            found.append(piece)
    return found


def _elementary(timeline: Timeline, start: int, end: int, spans: list[Span]) -> Iterator[Piece]:
    """One piece between each two neighbouring instants at which anything can change."""
    holidays = list(_holidays(timeline, start, end))
    edges = {start, end}
    edges.update(_opening_edges(timeline, start, end))
    edges.update(edge for begins, ends, _ in holidays for edge in (begins, ends))
    edges.update(edge for span in spans for edge in (span.start, span.end))
    inside = sorted(edge for edge in edges if start <= edge <= end)
    starts = [holiday[0] for holiday in holidays]
    for begins, ends in pairwise(inside):
        if timeline.is_open(begins):
            pause = next((s.place for s in spans if s.start <= begins < s.end), None)
            kind = StretchKind.COUNTED if pause is None else StretchKind.PAUSED
            yield Piece(begins, ends, kind, pause, None)
            continue
        i = bisect_right(starts, begins) - 1
        if i >= 0 and begins < holidays[i][1]:
            yield Piece(begins, ends, StretchKind.HOLIDAY, None, holidays[i][2])
        else:
            yield Piece(begins, ends, StretchKind.CLOSED, None, None)


def _opening_edges(timeline: Timeline, start: int, end: int) -> Iterator[int]:
    for index in _chunks(start, end):
        chunk = timeline.chunk(index)
        low, high = bisect_right(chunk.ends, start), bisect_right(chunk.starts, end)
        yield from chunk.starts[low:high]
        yield from chunk.ends[low:high]


def _holidays(timeline: Timeline, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    for index in _chunks(start, end):
        for holiday in timeline.chunk(index).holidays:
            if holiday[0] < end and start < holiday[1]:
                yield holiday


def _chunks(start: int, end: int) -> range:
    if (end - start) // CHUNK > REACH:
        raise OutOfReach
    return range(start // CHUNK, end // CHUNK + 1)
