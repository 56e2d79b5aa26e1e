"""`/pilotage/`: what managers look at."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.http import PortalRequest
from foundation.wording import day_without_year, paris
from reports import charts, queries
from reports.access import managers_only
from reports.forms import RehearsalForm
from reports.rehearsal import Window
from tickets.queries.asking import owed

MONTHS_OFFERED = 13
ESCALATIONS_SHOWN = 10
_FIRST_MONTH = date(2000, 1, 1)


@require_safe
@managers_only
def dashboard(request: PortalRequest) -> HttpResponse:
    """Now: escalations to answer, at risk, missed, paused. The month, twelve weeks, the misses."""
    now = timezone.now()
    month = _month(request.GET.get("mois", ""), now)
    table = queries.month_figures(month)
    context = {
        "figures": queries.now_figures(),
        # One more than is shown says that there are others.
        "escalations": owed(now, ESCALATIONS_SHOWN + 1),
        "escalations_shown": ESCALATIONS_SHOWN,
        "month": month,
        "months": list(queries.months_back(now, MONTHS_OFFERED)),
        "table": table,
        "chart": _chart(queries.weekly_scores(now)),
        "misses": queries.misses(month),
        "misses_count": table.missed,
        "now": now,
    }
    return render(request, "reports/dashboard.html", context)


@require_safe
@managers_only
def changes(request: PortalRequest) -> HttpResponse:
    """The requalifications and corrections of a month: who, when, before, after, why."""
    now = timezone.now()
    month = _month(request.GET.get("mois", ""), now)
    context = {"month": month, "changes": queries.changes_of(month), "now": now}
    return render(request, "reports/changes.html", context)


@require_safe
@managers_only
def rehearsal(request: PortalRequest) -> HttpResponse:
    """Other targets tried on the real history: what would have been kept."""
    now = timezone.now()
    form = RehearsalForm(request.GET, at=now)
    context: dict[str, Any] = {"form": form, "now": now}
    if form.is_bound and form.is_valid():
        context["span"] = span = form.span
        context["asked"] = asked = form.asked
        if asked:
            window = Window(span.start, span.end, now)
            context["found"] = queries.rehearse(asked, window, form.level_asked)
    context["table"] = form.table()
    return render(request, "reports/rehearsal.html", context)


def _month(wanted: str, now: datetime) -> date:
    """`?mois=2026-11`; anything else, and what has not come yet, is the present month."""
    present = paris(now).date().replace(day=1)
    try:
        month = datetime.strptime(wanted, "%Y-%m").date()  # noqa: DTZ007  (a month, no instant)
    except ValueError:
        return present
    # The first and last years of the calendar have no month beside them to count up to.
    return month if _FIRST_MONTH <= month <= present else present


def _chart(weeks: list[queries.Week]) -> dict[str, Any]:
    labels = [day_without_year(week.monday) for week in weeks]
    taken = charts.marks([week.acknowledgement.percent for week in weeks], labels)
    solved = charts.marks([week.resolution.percent for week in weeks], labels)
    return {
        "weeks": weeks,
        "acknowledgement": taken,
        "acknowledgement_path": charts.path(taken),
        "resolution": solved,
        "resolution_path": charts.path(solved),
        "scale": charts.scale(),
        "ticks": [
            charts.Tick(charts.x_of(index, len(weeks)), f"{week.monday:%d/%m}")
            for index, week in enumerate(weeks)
        ],
        "width": charts.WIDTH,
        "height": charts.HEIGHT,
        "left": charts.LEFT,
        "floor": charts.HEIGHT - charts.BOTTOM,
        "right": charts.WIDTH - charts.RIGHT,
    }
