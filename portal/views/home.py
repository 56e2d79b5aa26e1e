"""/: what each kind of person needs first."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.http import PortalRequest
from accounts.operations import mark_seen
from blog.queries import latest
from licences.queries import expiring
from portal.views.charter import opening, promised
from tickets.queries.changes import changes_since, since_of
from tickets.queries.desk import Criteria, counts, queue_of
from tickets.queries.home import going_on

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


@require_POST
def home_seen(request: PortalRequest) -> HttpResponse:
    """« J’ai tout vu »: what the page told up to its own instant is no news any more."""
    if request.user.is_staff:
        raise Http404
    at = timezone.now()
    mark_seen(actor=request.user, at=at, until=_instant(request.POST.get("until", "")) or at)
    messages.success(request, _("C’est noté\u00a0: vous verrez ici ce qui change désormais."))
    return redirect("home")


def _instant(value: str) -> datetime | None:
    """What the page wrote in its form; anything else counts as no instant."""
    try:
        found = parse_datetime(value)
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


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
    person, company = request.user, request.company
    since = since_of(person, now)
    facts = {
        "now": now,
        "going": going_on(person, company, now),
        "since": since,
        "changed": changes_since(person, company, since.at, now),
        "licences": expiring(person, now, company=company, limit=LICENCES),
        "articles": latest(person, now, ARTICLES),
    }
    return render(request, "portal/home_customer.html", facts)


def _staff(request: PortalRequest, now: datetime) -> HttpResponse:
    facts = {
        "now": now,
        "counts": counts(queue_of(request.user, Criteria(), now)),
        "articles": latest(request.user, now, ARTICLES),
    }
    return render(request, "portal/home_staff.html", facts)
