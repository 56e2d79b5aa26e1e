"""/charte/: what the charter promises, with the hours and the targets in force today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Company
from foundation.wording import paris
from licences.queries import terms
from portal.desk import desk_versions
from portal.opening import OpeningLine, closures, opening_lines
from sla.enums import CommitmentKind, Severity
from sla.models import ServiceLevel
from sla.queries import NoVersion, default_service_level, service_level_version_on


@dataclass(frozen=True, slots=True)
class Promised:
    """One line of the table: both delays of a severity, in working minutes."""

    severity: Severity
    acknowledgement_minutes: int
    resolution_minutes: int


@login_not_required
@require_safe
def charter(request: HttpRequest) -> HttpResponse:
    """Everybody reads the charter's own delays; a customer reads those of the contract too."""
    now = timezone.now()
    lines, closed = opening(now)
    facts = {
        "now": now,
        "promised": promised(now),
        "opening_lines": lines,
        "closures": closed,
        "terms": terms(_companies(request), now),
    }
    return render(request, "portal/charter.html", facts)


def promised(at: datetime) -> list[Promised]:
    """The charter's own delays in force at `at`, the most severe first; empty if none are set."""
    try:
        version = service_level_version_on(default_service_level(), paris(at).date())
    except (NoVersion, ServiceLevel.DoesNotExist):
        return []
    return [
        Promised(
            severity,
            version.target_minutes(CommitmentKind.ACKNOWLEDGEMENT, severity),
            version.target_minutes(CommitmentKind.RESOLUTION, severity),
        )
        for severity in Severity
    ]


def opening(at: datetime) -> tuple[list[OpeningLine], list[tuple[date, str]]]:
    """The desk's week in words, and the holidays of the coming weeks."""
    version = desk_versions(at).first()
    if version is None:
        return [], []
    hours = version.opening_hours()
    return opening_lines(hours), closures(hours, version.holiday_names, paris(at).date())


def _companies(request: HttpRequest) -> list[Company]:
    companies: list[Company] = getattr(request, "companies", [])
    return companies
