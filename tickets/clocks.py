"""Between the rows of an incident and the pure arithmetic of `tickets.promises`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from accounts.models import Company
from foundation.wording import paris
from licences.models import SupportContract
from licences.queries import contract_on
from sla.enums import CommitmentKind, Severity
from sla.hours import OpeningHours
from sla.models import CalendarVersion, ServiceLevelVersion
from sla.queries import (
    calendar_version_on,
    default_service_level,
    hours_of,
    service_level_version_on,
)
from sla.workdays import end_of_nth_working_day
from tickets.enums import PauseKind
from tickets.models import Commitment, Pause
from tickets.promises import Promise, Span, begin, stops_for

REOPEN_WORKING_DAYS = 10


class Terms(NamedTuple):
    """What is promised to a company on a day: frozen into the incident at declaration (S13)."""

    contract: SupportContract | None
    version: ServiceLevelVersion
    calendar: CalendarVersion
    hours: OpeningHours


class Preview(NamedTuple):
    """Both deadlines of a declaration at this instant (S16)."""

    severity: Severity
    acknowledgement_due_at: datetime
    resolution_due_at: datetime
    acknowledgement_minutes: int
    resolution_minutes: int


def terms_for(company: Company, at: datetime) -> Terms:
    """The contract, service level and calendar in force for a company; the default charter
    without a contract (S13). Raises sla.queries.NoVersion when the settings have a gap.
    """
    day = paris(at).date()
    contract = contract_on(company, day)
    level = contract.service_level if contract else default_service_level()
    version = service_level_version_on(level, day)
    calendar = calendar_version_on(version.calendar, day)
    return Terms(contract, version, calendar, hours_of(calendar.pk))


def start_promises(
    version: ServiceLevelVersion,
    hours: OpeningHours,
    severity: Severity,
    cycle: int,
    at: datetime,
) -> list[Promise]:
    """Both promises of a cycle, from `at` (S1, S3, S9)."""
    return [
        begin(
            kind=kind,
            cycle=cycle,
            severity=severity,
            target=version.target(kind, severity),
            pauses_on_vendor=version.pauses_on_vendor,
            hours=hours,
            at=at,
        )
        for kind in CommitmentKind
    ]


def preview(terms: Terms, severity: Severity, at: datetime) -> Preview:
    """The deadlines that a declaration at `at` would store (S16: computed by the same code)."""
    acknowledgement, resolution = start_promises(terms.version, terms.hours, severity, 1, at)
    if acknowledgement.due_at is None or resolution.due_at is None:
        raise RuntimeError("a promise that just started has a deadline")
    return Preview(
        severity,
        acknowledgement.due_at,
        resolution.due_at,
        int(acknowledgement.target.total_seconds() // 60),
        int(resolution.target.total_seconds() // 60),
    )


def to_promise(row: Commitment) -> Promise:
    """The frozen value of a stored promise."""
    return Promise(
        kind=CommitmentKind(row.kind),
        cycle=row.cycle,
        severity=Severity(row.severity),
        target=timedelta(minutes=row.target_minutes),
        pauses_on_vendor=row.pauses_on_vendor,
        started_at=row.started_at,
        counted=timedelta(microseconds=int(row.counted_seconds * 1_000_000)),
        counting_since=row.counting_since,
        due_at=row.due_at,
        met_at=row.met_at,
        breached_at=row.breached_at,
        voided_at=row.voided_at,
        stopped_at=row.stopped_at,
    )


def seconds(value: timedelta) -> Decimal:
    """A duration as stored: exact to the microsecond."""
    return Decimal(value // timedelta(microseconds=1)) / 1_000_000


def copy_into(row: Commitment, promise: Promise) -> None:
    """Write a promise's value over its row (the caller saves)."""
    row.severity = promise.severity
    row.target_minutes = int(promise.target.total_seconds() // 60)
    row.counted_seconds = seconds(promise.counted)
    row.counting_since = promise.counting_since
    row.due_at = promise.due_at
    row.met_at = promise.met_at
    row.breached_at = promise.breached_at
    row.voided_at = promise.voided_at
    row.stopped_at = promise.stopped_at


def spans_for(promise: Promise, pauses: Iterable[Pause]) -> Sequence[Span]:
    """The pauses that count for this promise, since it started."""
    return [
        (pause.began_at, pause.ended_at)
        for pause in pauses
        if stops_for(promise, PauseKind(pause.kind))
        and (pause.ended_at is None or pause.ended_at > promise.started_at)
    ]


def window_end(hours: OpeningHours, resolved_at: datetime) -> datetime:
    """Until when a solution may be refused: the close of the 10th working day after it (S9)."""
    return end_of_nth_working_day(hours, resolved_at, REOPEN_WORKING_DAYS)
