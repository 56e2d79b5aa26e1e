"""Compliance from the promises themselves: figures, changes, what would have been."""

from reports.queries.changes import (
    Changes,
    Correction,
    Requalification,
    changes_of,
)
from reports.queries.figures import (
    WEEKS,
    Month,
    Now,
    Row,
    Score,
    Week,
    misses,
    month_figures,
    months_back,
    now_figures,
    weekly_scores,
)
from reports.queries.past import Line, Rehearsal, rehearse, tally_of, targets_in_force
from reports.queries.spans import Span, midnight, month_span

__all__ = [
    "WEEKS",
    "Changes",
    "Correction",
    "Line",
    "Month",
    "Now",
    "Rehearsal",
    "Requalification",
    "Row",
    "Score",
    "Span",
    "Week",
    "changes_of",
    "midnight",
    "misses",
    "month_figures",
    "month_span",
    "months_back",
    "now_figures",
    "rehearse",
    "tally_of",
    "targets_in_force",
    "weekly_scores",
]
