"""/sante/: up or down for a stranger, every check for staff and the operator's probe."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import Error
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe

from portal.health import essentials, report

PROBE_HEADER = "X-Probe-Key"


@login_not_required
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """200 while the portal can serve people, 503 when it cannot. Writes nothing."""
    at = timezone.now()
    if not _may_see_detail(request):
        up = essentials(at)
        return _answer({"status": "up" if up else "down"}, up=up)
    status, results = report(at)
    checks = {name: {"ok": result.ok, **result.figures} for name, result in results.items()}
    return _answer({"status": status, "checks": checks}, up=status != "down")


def _answer(facts: dict[str, object], *, up: bool) -> HttpResponse:
    return JsonResponse(facts, status=200 if up else 503, headers={"Cache-Control": "no-store"})


def _may_see_detail(request: HttpRequest) -> bool:
    key: str = getattr(settings, "PROBE_KEY", "")
    if key and constant_time_compare(request.headers.get(PROBE_HEADER, ""), key):
        return True
    try:
        return request.user.is_authenticated and request.user.is_staff
    except Error:
        # Without PostgreSQL nobody can be recognised: a stranger's answer.
        return False
