"""What a declaration at an instant would be promised, and how it is counted.

`manage.py sla_deadline` and the desk's calculator ask here: the same deadlines, the same ledger.
Nothing is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from foundation.wording import paris
from sla.enums import CommitmentKind, Severity
from sla.hours import OpeningHours, Pause, Stretch
from sla.ledger import Hold, Ledger, Segment, ledger
from sla.models import CalendarVersion, ServiceLevel, ServiceLevelVersion
from sla.queries import calendar_version_on, service_level_version_on


@dataclass(frozen=True, slots=True)
class Answer:
    """One promise. `due_at` is None while a pause without end keeps the clock still (C8)."""

    kind: CommitmentKind
    minutes: int
    at: datetime
    due_at: datetime | None
    stretches: tuple[Stretch, ...]
    ledger: Ledger

    @property
    def target(self) -> timedelta:
        """What is promised, in working time."""
        return timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class Calculation:
    """Both promises, under the versions that hold on that day (S12)."""

    version: ServiceLevelVersion
    calendar: CalendarVersion
    severity: Severity
    at: datetime
    answers: list[Answer]


def calculate(
    level: ServiceLevel, severity: Severity, at: datetime, pauses: Sequence[Pause] = ()
) -> Calculation:
    """Both deadlines of a declaration at `at`; `pauses` stop the resolution only (S4, S5).

    Raises sla.queries.NoVersion for a gap in the settings, sla.hours.ClockRefusal for what the
    calendar cannot count.
    """
    day = paris(at).date()
    version = service_level_version_on(level, day)
    calendar = calendar_version_on(version.calendar, day)
    answers = [
        _answer(
            kind=kind,
            version=version,
            calendar=calendar,
            severity=severity,
            at=at,
            pauses=_stopping(kind, pauses),
        )
        for kind in CommitmentKind
    ]
    return Calculation(version, calendar, severity, at, answers)


def _stopping(kind: CommitmentKind, pauses: Sequence[Pause]) -> Sequence[Pause]:
    return pauses if kind is CommitmentKind.RESOLUTION else ()


def _answer(
    *,
    kind: CommitmentKind,
    version: ServiceLevelVersion,
    calendar: CalendarVersion,
    severity: Severity,
    at: datetime,
    pauses: Sequence[Pause],
) -> Answer:
    hours: OpeningHours = calendar.opening_hours()
    due_at = hours.add(at, version.target(kind, severity), pauses)
    end = due_at or max(at, *(began for began, _ended in pauses))
    segment = Segment(at, end, hours, calendar.holiday_names)
    holds = [Hold(began, ended, _("suspendu")) for began, ended in pauses]
    return Answer(
        kind, version.target_minutes(kind, severity), at, due_at, hours.ledger(at, end, pauses),
        ledger([segment], holds, due_at=due_at),
    )  # fmt: skip
