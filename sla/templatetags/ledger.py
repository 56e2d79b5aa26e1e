"""What the template of a ledger asks for: the bar beside the words, and how many lines of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django import template

from foundation.wording import exact_duration
from sla.drawing import Drawing, draw
from sla.ledger import Ledger, Line

register = template.Library()


@dataclass(frozen=True, slots=True)
class Shown:
    """The lines that a page writes, and what it leaves to the page of the incident."""

    lines: Sequence[Line]
    rest: int
    rest_figure: str
    drawing: Drawing | None


@register.simple_tag
def ledger_shown(ledger: Ledger, most: int | str = "") -> Shown:
    """The whole ledger with its bar; at most `most` lines of it, without bar when there are more.

    A promise that is months late has hundreds of nights. The figures still add up: the rest is one
    line, with its length.
    """
    if not isinstance(most, int) or len(ledger.lines) <= most:
        return Shown(ledger.lines, 0, "", draw(ledger) if ledger.lines else None)
    rest = ledger.lines[most:]
    length = sum((line.length for line in rest), timedelta(0))
    return Shown(ledger.lines[:most], len(rest), exact_duration(length), None)
