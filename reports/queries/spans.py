"""Stretches of time that figures are about: midnight to midnight in Paris."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from foundation.wording import PARIS


class Span(NamedTuple):
    """`[start, end)`, instants."""

    start: datetime
    end: datetime

    def holds(self, at: datetime) -> bool:
        return self.start <= at < self.end


def midnight(day: date) -> datetime:
    """When a day of Paris begins."""
    return datetime.combine(day, time.min, tzinfo=PARIS)


def month_span(first: date) -> Span:
    """A month of Paris."""
    following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    return Span(midnight(first), midnight(following))
