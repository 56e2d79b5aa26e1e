"""A score in a cell: « 96 % », or « – » when nothing was decided."""

from __future__ import annotations

from datetime import date, timedelta

from django import template

from foundation.wording import day, paris
from reports.queries import Score, Span

register = template.Library()

_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
    "octobre", "novembre", "décembre",
)  # fmt: skip


@register.filter
def percent_fr(score: Score) -> str:
    """Whole percents, cut and never rounded up to 100."""
    if score.percent is None:
        return "–"
    return f"{int(score.percent)}\u00a0%"


@register.filter
def month_fr(first: date) -> str:
    """« novembre 2026 »."""
    return f"{_MONTHS[first.month - 1]}\u00a0{first.year}"


@register.filter
def plain(value: float) -> str:
    """A coordinate for SVG, with a point and not a French comma."""
    return f"{value:g}"


@register.filter
def last_day_fr(span: Span) -> str:
    """The last day that a period holds: « mer. 30 sept. 2026 »."""
    return day(paris(span.end - timedelta(microseconds=1)).date())
