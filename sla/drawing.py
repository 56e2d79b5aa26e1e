"""The ledger as a bar: coordinates for an inline SVG, drawn on the server.

Pure. Lengths are percents of the width, so that the words keep their size on a phone. Working
time is to scale; closed and suspended time is compressed, because a week-end must not crush the
quarter of an hour that counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from django.utils.translation import gettext as _

from foundation.wording import day_without_year, exact_hour, hour, paris
from sla.hours import StretchKind
from sla.ledger import Ledger, Line

# Of the width: how much the closures may take together, and one of them alone; the same for pauses.
CLOSED_ALL, CLOSED_ONE = 38.0, 19.0
PAUSED_ALL, PAUSED_ONE = 40.0, 24.0
# A line of a few seconds is still seen.
LEAST = 1.2
# A phone gives the bar about 280 px, a wide panel at least twice that; a letter takes about 6.
PHONE, WIDE = 2.8, 5.6
PX_PER_LETTER, MARGIN = 5.8, 6


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of the bar. `shape` is counted, closed, holiday or paused.

    `label` is empty where it never fits; `needs_room` where it fits a wide panel only.
    """

    x: str
    width: str
    middle: str
    shape: str
    css: str
    label: str
    needs_room: bool
    title: str


@dataclass(frozen=True, slots=True)
class Mark:
    """An instant on the bar; `anchor` keeps its words inside the drawing."""

    x: str
    anchor: str
    label: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """What the template writes. `now` and `done` exclude each other."""

    blocks: list[Block]
    start: str
    due: Mark | None
    now: Mark | None
    done: Mark | None


class _Run(NamedTuple):
    """Lines drawn as one block: one counted line, or all that is not counted in a row."""

    lines: list[Line]
    shape: str
    is_spare: bool

    @property
    def seconds(self) -> float:
        return (self.lines[-1].end - self.lines[0].start).total_seconds()


class _Placed(NamedTuple):
    run: _Run
    x: float
    width: float


def draw(ledger: Ledger) -> Drawing:
    """The bar of a promise, from its start to its end, and to its deadline if that is later."""
    placed = _place([*_runs(ledger.lines, spare=False), *_runs(ledger.spare, spare=True)])
    done = None
    if ledger.ended and placed:
        end = ledger.lines[-1].end if ledger.lines else ledger.start
        done = _mark(placed, end, ledger.ended, ledger.start)
    return Drawing(
        blocks=[_block(found) for found in placed],
        start=f"{day_without_year(paris(ledger.start).date())} {hour(ledger.start)}",
        due=_mark(placed, ledger.due_at, _("échéance"), ledger.start) if ledger.due_at else None,
        now=_now(ledger, placed),
        done=done,
    )


def _now(ledger: Ledger, placed: list[_Placed]) -> Mark | None:
    if ledger.now is None or not placed or ledger.ended:
        return None
    return _mark(placed, ledger.now, _("maintenant"), ledger.start)


def _runs(lines: tuple[Line, ...], *, spare: bool) -> list[_Run]:
    found = []
    for counted, group in groupby(lines, key=lambda line: line.counted):
        together = list(group)
        if counted:
            found += [_Run([line], "counted", spare) for line in together]
        else:
            found.append(_Run(together, _shape(together), spare))
    return found


def _shape(lines: list[Line]) -> str:
    """Of several, what the customer would name: a pause, else a holiday, else closed."""
    kinds = {line.kind for line in lines}
    if StretchKind.PAUSED in kinds:
        return "paused"
    return "holiday" if StretchKind.HOLIDAY in kinds else "closed"


def _place(runs: list[_Run]) -> list[_Placed]:
    """Where each run stands, in percents."""
    shut = sum(run.shape in {"closed", "holiday"} for run in runs)
    held = sum(run.shape == "paused" for run in runs)
    closed = min(CLOSED_ONE, CLOSED_ALL / shut) if shut else 0.0
    paused = min(PAUSED_ONE, PAUSED_ALL / held) if held else 0.0
    counted = sum(run.seconds for run in runs if run.shape == "counted")
    left = 100.0 - closed * shut - paused * held
    widths = [
        max(LEAST, left * run.seconds / counted)
        if run.shape == "counted"
        else (paused if run.shape == "paused" else closed)
        for run in runs
    ]
    scale = 100.0 / sum(widths) if widths else 1.0
    found, x = [], 0.0
    for run, width in zip(runs, widths, strict=True):
        found.append(_Placed(run, x, width * scale))
        x += width * scale
    return found


def _block(placed: _Placed) -> Block:
    run, x, width = placed
    first, last = run.lines[0], run.lines[-1]
    if run.is_spare:
        css, label = "spare", ""
    else:
        label = first.figure if run.shape == "counted" else first.short
        css = "ahead" if first.is_ahead else "late" if first.is_late else "past"
    needs = len(label) * PX_PER_LETTER + MARGIN
    return Block(
        x=_pc(x),
        width=_pc(width),
        middle=_pc(x + width / 2),
        shape=run.shape,
        css=css,
        label=label if needs <= width * WIDE else "",
        needs_room=needs > width * PHONE,
        title=f"{exact_hour(first.start)} → {exact_hour(last.end)}, {_named(run)}",
    )


def _named(run: _Run) -> str:
    if run.is_spare:
        return _("non utilisé")
    return run.lines[0].words if run.shape == "counted" else run.lines[0].what


def _mark(placed: list[_Placed], at: datetime, word: str, start: datetime) -> Mark | None:
    """An instant with its word; its day too when it is not the one of the start."""
    x = _position(placed, at)
    if x is None:
        return None
    local = paris(at).date()
    day = "" if local == paris(start).date() else f"{day_without_year(local)} "
    label = f"{word} {day}{hour(at)}"
    return Mark(_pc(x), _anchor(x, len(label) * PX_PER_LETTER / PHONE), label)


def _anchor(x: float, width: float) -> str:
    """Beside the instant or centred on it, so that nothing leaves the drawing."""
    if x - width / 2 >= 0 and x + width / 2 <= 100:
        return "middle"
    return "start" if x < 50 else "end"


def _position(placed: list[_Placed], at: datetime) -> float | None:
    for run, x, width in placed:
        if run.lines[0].start <= at <= run.lines[-1].end:
            share = (at - run.lines[0].start).total_seconds() / run.seconds
            return x + width * share
    return None


def _pc(value: float) -> str:
    """A percentage for SVG, with a point whatever the language of the page."""
    return f"{value:.2f}%"
