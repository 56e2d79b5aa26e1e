"""The promise clock's arithmetic: pure values, standard library only, no Django, no database.

The rules C1-C11 that the docstrings name are those of the calendar: what a window is, how time
is added, how pauses and clock changes count.
"""

from sla.hours.errors import (
    ClockRefusal,
    InvalidCalendar,
    NaiveInstant,
    NegativeDuration,
    NeverCloses,
    NeverOpens,
    OpeningsRunOut,
    OutOfReach,
)
from sla.hours.ledger import Stretch, StretchKind
from sla.hours.pauses import Pause
from sla.hours.succession import Hours, SuccessiveHours
from sla.hours.value import OpeningHours

__all__ = [
    "ClockRefusal",
    "Hours",
    "InvalidCalendar",
    "NaiveInstant",
    "NegativeDuration",
    "NeverCloses",
    "NeverOpens",
    "OpeningHours",
    "OpeningsRunOut",
    "OutOfReach",
    "Pause",
    "Stretch",
    "StretchKind",
    "SuccessiveHours",
]
