"""Between the rows of an incident and the pure arithmetic of `tickets.promises`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.conf import settings
from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet

from accounts.models import Company
from foundation.prepared import PlannedRows
from foundation.wording import paris
from licences.models import SupportContract
from licences.queries import contract_on
from sla.enums import CommitmentKind, Severity
from sla.hours import OpeningHours
from sla.models import CalendarVersion, ServiceLevelVersion
from sla.queries import (
    calendar_found,
    calendar_version_on,
    hours_of,
    versions_begun,
    versions_on,
)
from sla.workdays import end_of_nth_working_day
from tickets.enums import PauseKind
from tickets.models import Commitment, EarlierTerms, Pause
from tickets.promises import Earlier, Promise, Span, begin, stopped_by

REOPEN_WORKING_DAYS = 10


class Terms(NamedTuple):
    """What is promised to a company on a day: frozen into the incident at declaration (S13)."""

    contract: SupportContract | None
    version: ServiceLevelVersion
    calendar: CalendarVersion
    hours: OpeningHours


# What a manager may apply to open incidents (S12). A calendar version leaves an incident its own
# service level.
Rule = ServiceLevelVersion | CalendarVersion


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
    found = _TERMS(company=company.pk, code=settings.DEFAULT_SERVICE_LEVEL, day=day)
    if not found:
        contract = contract_on(company, day)
        # There is a gap: it says which.
        version, calendar = versions_on(contract.service_level if contract else None, day)
        return Terms(contract, version, calendar, hours_of(calendar.pk))
    version, calendar = found[0], calendar_found(found[0])
    return Terms(_contract_of(company, version), version, calendar, hours_of(calendar.pk))


def _terms(company: int, code: str, day: date) -> QuerySet[ServiceLevelVersion]:
    """The versions of the company's contract in force; of the charter's level without one."""
    in_force = SupportContract.objects.valid_on(day).filter(company=company)
    held = FilteredRelation(
        "service_level__contracts",
        condition=Q(
            service_level__contracts__company=company,
            service_level__contracts__starts_on__lte=day,
            service_level__contracts__ends_on__gte=day,
        ),
    )
    return (
        versions_begun(Q(), day)
        .annotate(held=held)
        .annotate(**{f"held_{name}": F(f"held__{name}") for name in _CONTRACT})
        .filter(Q(held__isnull=False) | Q(Q(service_level__code=code), ~Exists(in_force)))
    )


# What `_terms` gives of a contract.
_CONTRACT = ("id", "number", "starts_on", "ends_on")
_TERMS = PlannedRows(_terms, company=int, code=str, day=date)


def _contract_of(company: Company, version: ServiceLevelVersion) -> SupportContract | None:
    """The contract of a row of `_terms`."""
    facts = {name: vars(version)[f"held_{name}"] for name in _CONTRACT}
    if facts["id"] is None:
        return None
    return SupportContract(company=company, service_level=version.service_level, **facts)


def versions_under(
    rule: Rule, own: ServiceLevelVersion, at: datetime
) -> tuple[ServiceLevelVersion, CalendarVersion]:
    """Both versions that an incident of service level `own` counts by once `rule` is applied to
    it (S12). Raises sla.queries.NoVersion when the settings have a gap.
    """
    if isinstance(rule, CalendarVersion):
        return own, rule
    return rule, calendar_version_on(rule.calendar, paris(at).date())


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


class Stored(NamedTuple):
    """The columns of a promise that is still awaited, where a statement reads these alone."""

    kind: str
    cycle: int
    severity: str
    target_minutes: int
    pauses_on_vendor: bool
    started_at: datetime
    counted_seconds: Decimal
    counting_since: datetime | None
    due_at: datetime | None
    breached_at: datetime | None
    calendar_version_id: int
    met_at: datetime | None = None
    voided_at: datetime | None = None
    stopped_at: datetime | None = None


def to_promise(row: Commitment | Stored) -> Promise:
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


def spans_for(
    promise: Promise, pauses: Iterable[Pause], earlier: Sequence[Earlier] = ()
) -> Sequence[Span]:
    """The pauses that count for this promise, since it started."""
    return [span for span, _pause in pauses_for(promise, pauses, earlier)]


def pauses_for(
    promise: Promise, pauses: Iterable[Pause], earlier: Sequence[Earlier] = ()
) -> list[tuple[Span, Pause]]:
    """The same, each with its row; a change of terms may cut one pause in parts (S12)."""
    return [
        (span, pause)
        for pause in pauses
        for span in stopped_by(
            promise, PauseKind(pause.kind), (pause.began_at, pause.ended_at), earlier
        )
    ]


def with_restated(rows: QuerySet[Commitment]) -> QuerySet[Commitment]:
    """The rows, each saying whether it had other terms before: nearly none has (S12)."""
    had = EarlierTerms.objects.filter(commitment=OuterRef("pk"))
    return rows.annotate(is_restated=Exists(had))


def earlier_terms_of(row: Commitment) -> list[EarlierTerms]:
    """The rows of the terms that a promise had before, in their order; no query for a row of
    `with_restated` that had none.
    """
    if not getattr(row, "is_restated", True):
        return []
    found = row.earlier_terms.select_related("calendar_version")
    return list(found.order_by("until", "pk"))


def earlier_of(rows: Iterable[EarlierTerms]) -> list[Earlier]:
    """The same for the arithmetic; the rows are in their order."""
    return [
        Earlier(row.until, hours_of(row.calendar_version_id), row.pauses_on_vendor) for row in rows
    ]


def window_end(hours: OpeningHours, resolved_at: datetime) -> datetime:
    """Until when a solution may be refused: the close of the 10th working day after it (S9)."""
    return end_of_nth_working_day(hours, resolved_at, REOPEN_WORKING_DAYS)
