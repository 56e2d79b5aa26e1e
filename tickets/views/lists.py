"""The customers’ lists: /incidents/, and the incidents of a licence on its page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.http import PortalRequest
from accounts.models import User
from licences.models import Licence
from tickets import filters
from tickets.enums import Turn
from tickets.filters import Asked
from tickets.queries import customer, lines
from tickets.queries.exports import EXPORT_MAX
from tickets.views import remembered

LINES_PER_PAGE = 25


@dataclass(frozen=True)
class Tab:
    """One of a few views of the list, as a link."""

    label: str
    address: str
    is_current: bool
    icon: str = ""


@dataclass(frozen=True)
class Pager:
    """Where one is in the list. `is_capped`: older incidents exist, and filters find them."""

    asked: Asked
    page: lines.Page

    @property
    def number(self) -> int:
        return self.page.start // LINES_PER_PAGE + 1

    @property
    def pages(self) -> int:
        return max(1, -(-self.page.total // LINES_PER_PAGE))

    @property
    def first(self) -> int:
        return self.page.start + 1

    @property
    def last(self) -> int:
        return self.page.start + len(self.page.lines)

    @property
    def is_capped(self) -> bool:
        return self.page.total >= customer.LIST_MAX

    @property
    def previous(self) -> str:
        """The address of the page before; empty on the first."""
        return self._address(self.number - 1) if self.number > 1 else ""

    @property
    def next(self) -> str:
        """The address of the page after; empty on the last."""
        return self._address(self.number + 1) if self.number < self.pages else ""

    def _address(self, number: int) -> str:
        return f"?{urlencode({**self.asked.chosen, 'page': number})}"


@require_safe
def incidents(request: PortalRequest) -> HttpResponse:
    """/incidents/: own incidents, or the company's for its référent, with their clocks."""
    at, person = timezone.now(), request.user
    kept = remembered.recall(request, person)
    is_recalled = bool(kept) and filters.is_bare(request.GET)
    asked = asked_of(request, kept if is_recalled else request.GET, at)
    hits = customer.hits(person, request.company, asked.filters, customer.LIST_MAX)
    page = lines.page_of(hits, at, start=_start(request.GET), size=LINES_PER_PAGE)
    context = _context(request, asked, Pager(asked, page), at) | {"is_recalled": is_recalled}
    response = render(request, "tickets/list.html", context)
    _remember(request, response, asked, is_recalled=is_recalled)
    return response


def asked_of(request: PortalRequest, data: QueryDict, at: datetime) -> Asked:
    """The filters of an address, for this person and the company of the switch."""
    return filters.read(
        data,
        person=request.user,
        companies=[request.company] if request.company else request.companies,
        shows_all=shows_requesters(request),
        at=at,
    )


def shows_requesters(request: PortalRequest) -> bool:
    """Whether the list holds incidents of others than those who put one in copy."""
    return request.manages_company or request.user.is_staff


def incidents_of_licence(user: User, licence: Licence, at: datetime) -> SafeString:
    """The fragment that the page of a licence shows: its last incidents, those visible (A2)."""
    context = {"lines": customer.of_licence(user, licence, at), "now": at}
    return mark_safe(render_to_string("tickets/_of_licence.html", context))  # noqa: S308


def _start(data: QueryDict) -> int:
    """The first line of the page asked for; one too far is brought back to the last (Q1)."""
    page, last = data.get("page", ""), customer.LIST_MAX // LINES_PER_PAGE + 1
    number = int(page[:9]) if page.isdecimal() else 1
    return (min(max(number, 1), last) - 1) * LINES_PER_PAGE


def _context(request: PortalRequest, asked: Asked, pager: Pager, at: datetime) -> dict[str, Any]:
    chosen = asked.chosen
    return {
        "now": at,
        "asked": asked,
        "tour": chosen.get("tour", ""),
        "tabs": _tabs(asked),
        "chips": list(asked.chips()),
        "more": asked.is_unfolded or filters.MORE in request.GET,
        "order": _order(asked),
        "pager": pager,
        "lines": pager.page.lines,
        "query": urlencode(chosen),
        "unfolded": f"?{urlencode({**chosen, filters.MORE: 1})}",
        "export_max": EXPORT_MAX,
        "shows_requesters": shows_requesters(request),
    }


def _tabs(asked: Asked) -> list[Tab]:
    held = asked.chosen.get("tour", "")
    words = {
        "": _("Tous"),
        Turn.YOURS: _("À vous"),
        Turn.OURS: _("À nous"),
        Turn.NOBODY: _("Terminés"),
    }
    return [
        Tab(
            label,
            asked.address(tour=turn),
            turn == held,
            "arrow-right" if turn == Turn.YOURS else "",
        )
        for turn, label in words.items()
    ]


def _order(asked: Asked) -> list[Tab]:
    """Both orders; what is over has no deadline to come."""
    if asked.chosen.get("tour") == Turn.NOBODY:
        return []
    by_due = "tri" in asked.chosen
    return [
        Tab(_("Plus récents"), asked.address(tri=""), not by_due),
        Tab(_("Prochaine échéance"), asked.address(tri=filters.BY_DUE), by_due),
    ]


def _remember(
    request: PortalRequest, response: HttpResponse, asked: Asked, *, is_recalled: bool
) -> None:
    """What holds is what the next visit starts with; asking for everything forgets it."""
    if asked.chosen:
        remembered.keep(response, request.user, urlencode(asked.chosen))
    elif remembered.COOKIE in request.COOKIES:
        said = filters.ALL in request.GET or bool(filters.NAMES.keys() & request.GET.keys())
        wants_all = said and not asked.faults
        if wants_all or is_recalled or not remembered.recall(request, request.user):
            remembered.forget(response)
