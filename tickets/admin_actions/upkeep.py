"""What ours keep beside an incident: checklists, the time spent. No customer learns of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import unsent
from accounts.http import PortalRequest
from foundation.refusals import Refusal
from tickets import operations
from tickets.access import get_plain_ticket
from tickets.admin_actions.following import is_part, part
from tickets.admin_actions.guard import desk_act, desk_page
from tickets.admin_forms.upkeep import StepForm, TimeForm, TimeRemovalForm
from tickets.forms import bound_token
from tickets.models import Ticket
from tickets.queries.upkeep import checklists_of, time_on
from tickets.rights import ACT_ON_TICKET


@desk_page
@require_safe
def checklists(request: PortalRequest, reference: str) -> HttpResponse:
    """…/listes/: the steps for this kind of incident, with who ticked what (E10)."""
    return _checklists(request, get_plain_ticket(request.user, reference), timezone.now())


@desk_act
def tick(request: PortalRequest, ticket: Ticket, at: datetime) -> HttpResponse:
    """…/listes/cocher/: one step is done, or not after all; the lists as they stand then."""
    form, fault = StepForm(request.POST), ""
    if form.is_valid():
        try:
            operations.tick_step(
                ticket_id=ticket.pk, actor=request.user, at=at, **form.cleaned_data
            )
        except Refusal as refusal:
            fault = refusal.sentence
    else:
        fault = _("Cette étape n’existe plus\u00a0: la liste a changé.")
    if is_part(request):
        return _checklists(request, ticket, at, fault)
    if fault:
        messages.error(request, fault)
    return redirect("desk:checklists", ticket.reference)


@desk_page
@require_safe
def time_spent(request: PortalRequest, reference: str) -> HttpResponse:
    """…/temps/: who spent how long on it, and the form to add one's own (E19)."""
    return _time(request, get_plain_ticket(request.user, reference), timezone.now(), TimeForm())


@desk_act
def note_time(request: PortalRequest, ticket: Ticket, at: datetime) -> HttpResponse:
    """…/temps/noter/: so long, by oneself."""
    form = TimeForm(request.POST)
    if not form.is_valid():
        return _time(request, ticket, at, form)
    token = bound_token(form.cleaned_data["form_token"], request.user, ticket)
    operations.note_time(
        ticket_id=ticket.pk, minutes=form.cleaned_data["minutes"], actor=request.user, at=at,
        form_token=token,
    )  # fmt: skip
    unsent.forget(request)
    return _noted(request, ticket, at)


@desk_act
def remove_time(request: PortalRequest, ticket: Ticket, at: datetime) -> HttpResponse:
    """…/temps/retirer/: an entry of one's own that was wrong."""
    form = TimeRemovalForm(request.POST)
    if form.is_valid():
        try:
            operations.remove_time(
                ticket_id=ticket.pk, actor=request.user, at=at, **form.cleaned_data
            )
        except Refusal as refusal:
            messages.error(request, refusal.sentence)
    return _noted(request, ticket, at)


def _checklists(
    request: PortalRequest, ticket: Ticket, at: datetime, fault: str = ""
) -> HttpResponse:
    context: dict[str, Any] = {
        "lists": checklists_of(ticket),
        "fault": fault,
        "can_tick": request.user.has_perm(ACT_ON_TICKET),
    }
    title = _("Listes de contrôle")
    return part(request, ticket, at, "desk/_checklists.html", title=title, context=context)


def _time(request: PortalRequest, ticket: Ticket, at: datetime, form: TimeForm) -> HttpResponse:
    context: dict[str, Any] = {
        "spent": time_on(ticket),
        "form": form,
        "can_note": request.user.has_perm(ACT_ON_TICKET),
    }
    return part(
        request, ticket, at, "desk/_time.html", title=_("Temps passé"), context=context
    )  # fmt: skip


def _noted(request: PortalRequest, ticket: Ticket, at: datetime) -> HttpResponse:
    if is_part(request):
        return _time(request, ticket, at, TimeForm())
    return redirect("desk:time", ticket.reference)
