"""Pauses of a promise as whole microseconds (C8)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from operator import attrgetter
from typing import NamedTuple

from sla.hours.errors import NaiveInstant, OutOfReach
from sla.hours.timeline import EARLIEST, EPOCH, LATEST

Pause = tuple[datetime, datetime | None]

MICROSECOND = timedelta(microseconds=1)
FOREVER = LATEST + 1  # the end of a pause that still runs


class Span(NamedTuple):
    """A pause `[start, end)`, `end` = FOREVER while it runs, and its place in the caller's list."""

    start: int
    end: int
    place: int


def microseconds(at: datetime) -> int:
    """`at` in microseconds since 1970 UTC; refuses a naive datetime (C7)."""
    try:
        instant = (at - EPOCH) // MICROSECOND
    except TypeError:
        raise NaiveInstant from None
    if not EARLIEST <= instant <= LATEST:
        raise OutOfReach
    return instant


def in_order(pauses: Iterable[Pause]) -> list[Span]:
    """The pauses by their beginning, then as given.

    One that ends before it begins holds no instant and is dropped.
    """
    spans = [
        Span(microseconds(start), FOREVER if end is None else microseconds(end), index)
        for index, (start, end) in enumerate(pauses)
    ]
    return sorted((span for span in spans if span.start < span.end), key=attrgetter("start"))


def running_since(spans: Iterable[Span]) -> int | None:
    """When the first pause that still runs began, or None."""
    return min((span.start for span in spans if span.end == FOREVER), default=None)
