"""An incident's workspace: the thread, the composer, facts and clocks, the customer around it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import unsent
from accounts.http import PortalRequest
from tickets.access import get_ticket
from tickets.admin_actions.guard import desk_page
from tickets.admin_actions.panes import (
    ask_panes_of,
    composer_of,
    retyped,
    side_acts_of,
    unmerge_of,
)
from tickets.admin_actions.saying import said
from tickets.enums import Act, Side
from tickets.lifecycle import allowed
from tickets.models import Copy, Ticket
from tickets.operations.conversation import told_people
from tickets.queries.around import around
from tickets.queries.asking import asks_of
from tickets.queries.callers import caller_of
from tickets.queries.clocks import pauses_of, promises_shown
from tickets.queries.thread import Entry, thread_of
from tickets.rights import ACT_ON_TICKET


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody whom a public message reaches, and why."""

    name: str
    email: str
    role: str


@desk_page
@require_safe
def ticket(request: PortalRequest, reference: str) -> HttpResponse:
    """The workspace as it stands, with what a session that ended left unsent."""
    at = timezone.now()
    kept = unsent.waiting(request, request.path, at)
    bound = retyped(kept, request.user) if kept else {}
    return workspace(request, reference, at, bound=bound, kept=kept)


def workspace(
    request: PortalRequest,
    reference: str,
    at: datetime,
    *,
    bound: Mapping[str, Form] | None = None,
    kept: unsent.Unsent | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page; `bound` are forms that came back, by name, with what was typed.

    The incident is read anew: a colleague may have acted since the form was opened (G4).
    """
    found = get_ticket(request.user, reference)
    context = {
        **admin.site.each_context(request),
        "is_nav_sidebar_enabled": False,
        "title": f"{found.reference} · {found.title}",
        "now": at,
        "unsent": kept,
        "asks": (asks := asks_of(found)),
        "ask_panes": ask_panes_of(asks, request.user, bound or {}),
        **_facts(found, request, at),
        **_acts(found, request, bound or {}, at),
    }
    return render(request, "desk/ticket.html", context, status=status)


def _facts(found: Ticket, request: PortalRequest, at: datetime) -> dict[str, Any]:
    copies = list(Copy.objects.filter(ticket=found).select_related("user").order_by("added_at"))
    shown = promises_shown(found, pauses_of(found), at, for_staff=True)
    thread = thread_of(found, request.user)
    return {
        "ticket": found,
        "thread": said(found, thread),
        "promises": [promise for promise in shown if promise.clock.cycle == found.cycle],
        "past_promises": [promise for promise in shown if promise.clock.cycle != found.cycle],
        "copies": copies,
        "told": _told(found, {copy.user_id for copy in copies}),
        "around": around(found, at),
        **_linked(found, thread),
    }


def _linked(found: Ticket, thread: list[Entry]) -> dict[str, Any]:
    """What was merged into it, and what follows it (S9); no query when there can be nothing."""
    links: dict[str, Any] = {}
    if any(entry.event and entry.event.act == Act.ABSORB for entry in thread):
        links["merged_tickets"] = list(Ticket.objects.filter(merged_into=found).order_by("pk"))
    if not found.state.is_open:
        links["followers"] = list(Ticket.objects.filter(follows=found).order_by("pk"))
        links["caller"] = caller_of(found)
    return links


def _acts(
    found: Ticket, request: PortalRequest, bound: Mapping[str, Form], at: datetime
) -> dict[str, Any]:
    if not request.user.has_perm(ACT_ON_TICKET):
        return {}
    state = found.state
    return {
        "can_acknowledge": allowed(state, Act.ACKNOWLEDGE, Side.ENGINEER) is not None,
        "can_merge": allowed(state, Act.MERGE, Side.ENGINEER) is not None,
        "unmerge": unmerge_of(found, bound),
        "can_resume": allowed(state, Act.RESUME, Side.ENGINEER) is not None,
        "composer": composer_of(found, bound, at),
        "side_acts": side_acts_of(found, request.user, bound),
    }


def _told(found: Ticket, copied: set[int]) -> list[Told]:
    """Whom a public message reaches, in words: shown before sending (E6)."""
    people = []
    for person in told_people(found):
        if person.pk == found.requester_id:
            role = _("demandeur")
        else:
            role = _("en copie") if person.pk in copied else _("référent")
        people.append(Told(person.full_name, person.email, role))
    return sorted(people, key=lambda told: told.role != _("demandeur"))
