"""What a promise would have become with another target: pure arithmetic on what was read.

docs/decisions/0012-rehearsal.md gives the meaning. A promise keeps its start, its pauses, its
calendar and what people did; only the target is another one. Nobody knows what people would have
done under it, and nothing here pretends to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import NamedTuple

from sla.enums import CommitmentKind
from sla.hours import OpeningHours
from tickets.enums import PauseKind

# The kind and the severity of a promise, as stored.
Cell = tuple[str, str]
# The targets that are tried; a cell that is not asked about keeps what was promised.
Asked = Mapping[Cell, timedelta]
# Incident, kind, beginning and end (None while it runs) of a pause.
Paused = tuple[int, str, datetime, datetime | None]


class Fate(Enum):
    """How a promise ended, as far as the period is concerned."""

    MET = "met"
    MISSED = "missed"
    OPEN = "open"
    VOID = "void"


class Window(NamedTuple):
    """The period `[start, end)` that is rehearsed, and the instant at which it is looked at."""

    start: datetime
    end: datetime
    at: datetime


class Past(NamedTuple):
    """A promise as it happened, in the order of the columns that are read."""

    ticket_id: int
    kind: str
    severity: str
    cycle: int
    calendar_version_id: int
    pauses_on_vendor: bool
    started_at: datetime
    met_at: datetime | None
    breached_at: datetime | None
    voided_at: datetime | None
    stopped_at: datetime | None


def as_it_was(past: Past, window: Window) -> Fate:
    """Decided or void within the period, or still open at its end (S19)."""
    instant, fate = _ending(past)
    return fate if instant is not None and instant < window.end else Fate.OPEN


def _ending(past: Past) -> tuple[datetime | None, Fate]:
    """What ended it first: a breach stands whatever was done afterwards."""
    if past.breached_at is not None:
        return past.breached_at, Fate.MISSED
    if past.met_at is not None:
        return past.met_at, Fate.MET
    return past.voided_at, Fate.VOID


def would_be_due(
    past: Past, target: timedelta, hours: OpeningHours, pauses: Iterable[Paused]
) -> datetime | None:
    """The deadline that this target gives a promise which was never requalified.

    None: the clock stands still and the time was not used up before.
    """
    if past.kind == CommitmentKind.ACKNOWLEDGEMENT.value:
        return hours.add(past.started_at, target)
    # S5: a wait for the vendor stops the clock only where the promise said so.
    counting = [
        (began, ended)
        for _ticket, kind, began, ended in pauses
        if (past.pauses_on_vendor or kind != PauseKind.VENDOR.value)
        and (ended is None or ended > past.started_at)
    ]
    return hours.add(past.started_at, target, counting)


def would_have_been(past: Past, was: Fate, due_at: datetime | None, window: Window) -> Fate:
    """S17 with another deadline: met if and only if `met_at <= due_at`.

    What was never done is missed once its deadline has passed before it ended, or before anybody
    looks; those that were open or void only change by being missed within the period.
    """
    if was in {Fate.MET, Fate.MISSED} and past.met_at is not None:
        return Fate.MET if due_at is None or past.met_at <= due_at else Fate.MISSED
    limit = past.stopped_at or window.at
    if was is Fate.OPEN:
        limit = min(limit, window.end)
    if due_at is not None and due_at < limit:
        return Fate.MISSED
    return was if was is not Fate.MISSED else Fate.OPEN


@dataclass
class Tally:
    """How many promises of each cell went from one fate to another."""

    numbers: Counter[tuple[Cell, Fate, Fate]] = field(default_factory=Counter)

    def count(self, past: Past, was: Fate, would: Fate) -> None:
        self.numbers[(past.kind, past.severity), was, would] += 1

    def of(
        self, cells: Iterable[Cell], was: Iterable[Fate] = Fate, would: Iterable[Fate] = Fate
    ) -> int:
        """The promises of these cells that had and would have had one of these fates."""
        return sum(
            self.numbers[cell, before, after] for cell in cells for before in was for after in would
        )

    @property
    def read(self) -> int:
        """All that was looked at."""
        return self.numbers.total()
