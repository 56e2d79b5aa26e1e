"""The twelve-week chart, drawn on the server: plain coordinates for an inline SVG.

Pure: the template writes the marks, with a title and the same figures in a table beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 640, 220
LEFT, RIGHT, TOP, BOTTOM = 40, 12, 12, 28
# Compliance is read between these: below, the mark sits on the floor of the chart.
LOWEST, HIGHEST = 50, 100


@dataclass(frozen=True)
class Mark:
    """A point of a line, and what it says."""

    x: float
    y: float
    label: str
    percent: int


@dataclass(frozen=True)
class Tick:
    """A rung of the scale, or a week on the axis."""

    at: float
    label: str


def x_of(index: int, count: int) -> float:
    """Where the nth of `count` weeks stands."""
    return round(LEFT + (WIDTH - LEFT - RIGHT) * (index + 0.5) / count, 1)


def y_of(percent: float) -> float:
    """Where a percentage stands; the scale begins at 50 %."""
    share = (min(max(percent, LOWEST), HIGHEST) - LOWEST) / (HIGHEST - LOWEST)
    return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - share), 1)


def marks(percents: Sequence[float | None], labels: Sequence[str]) -> list[Mark]:
    """One mark per week in which something was decided."""
    return [
        Mark(x_of(index, len(percents)), y_of(percent), labels[index], int(percent))
        for index, percent in enumerate(percents)
        if percent is not None
    ]


def path(line: Sequence[Mark]) -> str:
    """The points of a polyline."""
    return " ".join(f"{mark.x},{mark.y}" for mark in line)


def scale() -> list[Tick]:
    """The horizontal rules of the chart."""
    return [Tick(y_of(percent), f"{percent}\u00a0%") for percent in (50, 60, 70, 80, 90, 100)]
