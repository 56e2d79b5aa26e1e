"""The customers’ lists: /incidents/, and the incidents of a licence on its page."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from accounts.http import PortalRequest
from accounts.models import User
from licences.models import Licence
from tickets.forms import IncidentFilter
from tickets.models import Ticket, TicketQuerySet
from tickets.queries import customer

LINES_PER_PAGE = 25

if TYPE_CHECKING:
    _Pages = Paginator[Ticket]
else:
    _Pages = Paginator


class CappedPaginator(_Pages):
    """Counts no further than what can be paged through, however many there are (Q1)."""

    object_list: TicketQuerySet

    @cached_property
    def count(self) -> int:
        return self.object_list[: customer.LIST_MAX].count()

    @property
    def is_capped(self) -> bool:
        """Older incidents exist and are found by filtering."""
        return self.count >= customer.LIST_MAX


@require_safe
def incidents(request: PortalRequest) -> HttpResponse:
    """/incidents/: own incidents, or the company's for its référent, with their clocks."""
    at, person, company = timezone.now(), request.user, request.company
    form = IncidentFilter(
        request.GET,
        companies=[company] if company else request.companies,
        shows_all=request.manages_company or person.is_staff,
    )
    found = customer.incidents(person, company, form.filters(person))
    page = CappedPaginator(found, LINES_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "now": at,
        "form": form,
        "is_filtered": bool(form.chosen()),
        "tour": form.chosen().get("tour", ""),
        "page_obj": page,
        "lines": customer.lines(page.object_list, at),
        "shows_requesters": request.manages_company or person.is_staff,
    }
    return render(request, "tickets/list.html", context)


def incidents_of_licence(user: User, licence: Licence, at: datetime) -> SafeString:
    """The fragment that the page of a licence shows: its last incidents, those visible (A2)."""
    found = customer.of_licence(user, licence)
    context = {"lines": customer.lines(found, at), "now": at}
    return mark_safe(render_to_string("tickets/_of_licence.html", context))  # noqa: S308
