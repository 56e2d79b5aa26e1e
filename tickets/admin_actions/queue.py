"""The queue: the first page of the admin, and what it asks for while it is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.http import PortalRequest
from accounts.models import Company, User
from tickets.admin_actions.guard import desk_page
from tickets.admin_forms.queue import Asked, asked_of
from tickets.queries import desk
from tickets.queries.around import company_card
from tickets.queries.desk import QueuePage, Tab
from tickets.queries.saved_views import views_of
from tickets.rights import ACT_ON_TICKET, VIEW_TICKET
from tickets.templatetags.queue import Reader


@dataclass(frozen=True, slots=True)
class TabLink:
    """A tab with its count in words."""

    tab: Tab
    count: str
    address: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """All that the page shows of the queue. `next`, `first`: addresses, empty without that page."""

    asked: Asked
    tabs: list[TabLink]
    page: QueuePage
    reader: Reader
    version: str
    next: str
    first: str


def queue(request: HttpRequest, *, rest: SafeString) -> HttpResponse:
    """/admin/: the queue, then the `rest` of the admin."""
    request = cast("PortalRequest", request)
    if not request.user.has_perm(VIEW_TICKET):
        raise PermissionDenied
    at = timezone.now()
    context = {**_context(request, at), "rest": rest, "views": views_of(request.user)}
    return render(request, "desk/queue.html", context)


@desk_page
@require_safe
def refresh(request: PortalRequest) -> HttpResponse:
    """…/file/?v=…: 204 while the page shows what stands, else its tabs and its lines.

    Asked every few seconds: unchanged, it is one small query. It writes nothing, so that no session
    lasts longer for it (decisions 0017, 0020).
    """
    at = timezone.now()
    if request.GET.get("v") == desk.version_of(at):
        return HttpResponse(status=204)
    return render(request, "desk/_queue.html", _context(request, at))


@desk_page
@require_safe
def company(request: PortalRequest, company_id: int) -> HttpResponse:
    """…/societe/<number>/: contract, alert, telephone, for who hovers over or focuses a line."""
    found = get_object_or_404(Company.objects.visible_to(request.user), pk=company_id)
    if "HX-Request" not in request.headers:
        return redirect("admin:accounts_company_change", found.pk)
    at = timezone.now()
    return render(request, "desk/_card.html", {"card": company_card(found, at), "now": at})


def _context(request: PortalRequest, at: datetime) -> dict[str, Any]:
    return {
        "has_permission": True,
        "is_nav_sidebar_enabled": False,
        "title": _("File d’incidents"),
        "now": at,
        "queue": shown(request.user, asked_of(request.GET, person=request.user), at),
    }


def shown(user: User, asked: Asked, at: datetime) -> Shown:
    """The page of the queue that is asked for, as this person sees it."""
    version = desk.version_of(at)
    found = desk.queue_of(user, asked.criteria, at)
    counts = desk.counts(found)
    page = desk.page_of(found, asked.tab, asked.after)
    return Shown(
        asked=asked,
        tabs=[
            TabLink(tab, number, asked.address(onglet=tab.value), tab is asked.tab)
            for tab, number in counts.items()
        ],
        page=page,
        reader=Reader(user.pk, user.has_perm(ACT_ON_TICKET) and user.is_engineer, at),
        version=version,
        next=asked.address(apres=str(page.after)) if page.after else "",
        first=asked.address() if asked.after else "",
    )
