"""« Voir comme le client »: the customer's page of an incident, as one of its readers sees it.

It is drawn for that person: their rights choose what is shown, so that nothing internal can be on
it (B1). Nobody's session changes hands, nothing can be sent from it, and who looked as whom is
kept in the admin's history of the incident: written by a GET, since looking is the act (decision
0020).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from django.contrib import admin
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.http import PortalRequest
from accounts.models import User
from accounts.queries import open_memberships
from tickets.access import get_plain_ticket
from tickets.admin_actions.guard import desk_page
from tickets.forms import ReasonForm, ReplyForm
from tickets.models import Ticket
from tickets.queries.page import page_of
from tickets.recipients import viewers_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reader:
    """A customer who may see the incident, and why."""

    person: User
    role: str


@desk_page
@require_safe
def customer_view(request: PortalRequest, reference: str) -> HttpResponse:
    """…/vue-client/?personne=…: the requester's view, or another reader's. Reading only."""
    at = timezone.now()
    found = get_plain_ticket(request.user, reference)
    readers = _readers(found)
    reader = _chosen(readers, request.GET.get("personne", ""))
    if reader is None:
        context = {**admin.site.each_context(request), "title": _("Vue client"), "ticket": found}
        return render(request, "desk/customer_view_nobody.html", context)
    # Asked again with the rights of that person, and with theirs alone.
    ticket = get_plain_ticket(reader.person, reference)
    _keep_trace(request, ticket, reader.person)
    return _as_read_by(reader, readers, ticket, at, is_whole=request.GET.get("fil") == "entier")


def _readers(ticket: Ticket) -> list[Reader]:
    """The customers who may see the incident; the requester first. Nobody of ours (J1)."""
    people = sorted(viewers_of(ticket), key=lambda person: person.pk != ticket.requester_id)
    return [
        Reader(person, _("demandeur") if person.pk == ticket.requester_id else "")
        for person in people
    ]


def _chosen(readers: list[Reader], wanted: str) -> Reader | None:
    """The reader that the address names, else the first one; None when there is nobody.

    Raises Http404 for anybody else: a stranger, one of ours, a missing person (A1).
    """
    if not wanted:
        return readers[0] if readers else None
    for reader in readers:
        if str(reader.person.pk) == wanted:
            return reader
    raise Http404("Nobody who may see this incident.")


def _keep_trace(request: PortalRequest, ticket: Ticket, person: User) -> None:
    """Who looked at which incident as whom: numbers only, since names may have to be erased."""
    seen_as = _(
        "Page consultée telle que la voit la personne n°\u00a0%(person)s, en lecture seule."
    )
    admin.site.get_model_admin(Ticket).log_change(request, ticket, seen_as % {"person": person.pk})
    facts = {"user": request.user.pk, "ticket": ticket.pk, "person": person.pk}
    logger.info("ticket_seen_as_customer", extra=facts)


def _as_read_by(
    reader: Reader, readers: list[Reader], ticket: Ticket, at: datetime, *, is_whole: bool
) -> HttpResponse:
    page = page_of(ticket, reader.person, at, is_whole=is_whole)
    context = {
        "now": at,
        "ticket": ticket,
        "page": page,
        "reply": ReplyForm(),
        "reason": ReasonForm(),
        "reader": reader,
        "readers": readers,
    }
    return render(_request_of(reader.person, ticket), "desk/customer_view.html", context)


def _request_of(person: User, ticket: Ticket) -> PortalRequest:
    """What their browser would ask, without a session, a cookie or a token of anybody's."""
    asked = PortalRequest()
    asked.method, asked.path = "GET", ticket.get_absolute_url()
    memberships = open_memberships(person)
    asked.user = person
    asked.companies = [membership.company for membership in memberships]
    asked.company = None
    asked.manages_company = any(membership.is_manager for membership in memberships)
    asked.shows_companies = bool(memberships)
    return asked
