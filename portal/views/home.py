"""/: what each kind of person needs first."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.http import PortalRequest
from blog.queries import latest
from licences.queries import expiring
from portal.views.charter import opening, promised
from tickets.enums import Turn
from tickets.queries.customer import home_tickets
from tickets.queries.desk import Criteria, counts

ARTICLES = 4
LICENCES = 5


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The home of a stranger, of a customer, or of one of ours."""
    now = timezone.now()
    if not request.user.is_authenticated:
        return _anonymous(request, now)
    if request.user.is_staff:
        return _staff(cast("PortalRequest", request), now)
    return _customer(cast("PortalRequest", request), now)


def _anonymous(request: HttpRequest, now: datetime) -> HttpResponse:
    lines, _closed = opening(now)
    facts = {
        "now": now,
        "promised": promised(now),
        "opening_lines": lines,
        "articles": latest(request.user, now, ARTICLES),
    }
    return render(request, "portal/home_anonymous.html", facts)


def _customer(request: PortalRequest, now: datetime) -> HttpResponse:
    rows = home_tickets(request.user, request.company, now)
    facts = {
        "now": now,
        "rows": rows,
        "yours": sum(row.turn is Turn.YOURS for row in rows),
        "licences": expiring(request.user, now, company=request.company, limit=LICENCES),
        "articles": latest(request.user, now, ARTICLES),
    }
    return render(request, "portal/home_customer.html", facts)


def _staff(request: PortalRequest, now: datetime) -> HttpResponse:
    facts = {
        "now": now,
        "counts": counts(request.user, Criteria(), now),
        "articles": latest(request.user, now, ARTICLES),
    }
    return render(request, "portal/home_staff.html", facts)
