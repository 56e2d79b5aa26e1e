"""A parent incident, and the second subject of one: attach, detach, split."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import unsent
from accounts.http import PortalRequest
from accounts.unsent import Unsent
from foundation.refusals import Refusal
from tickets import operations
from tickets.access import get_ticket
from tickets.admin_actions.acts import REFUSED
from tickets.admin_actions.guard import acting, desk_act, desk_page, seen_on, shell
from tickets.admin_actions.workspace import workspace
from tickets.admin_forms.linking import AttachForm, SplitForm
from tickets.enums import Act, Side
from tickets.forms import bound_token
from tickets.lifecycle import allowed
from tickets.models import Ticket
from tickets.queries.linking import Quotable, quotable, quoted


@desk_act
def attach(request: PortalRequest, ticket: Ticket, at: datetime) -> HttpResponse:
    """Hang it on the incident that holds its cause (E12)."""
    form = AttachForm(request.POST, ticket=ticket)
    if not form.is_valid():
        return workspace(request, ticket.reference, at, bound={"attach": form}, status=400)
    parent = form.cleaned_data["number"]
    try:
        seen = {ticket.pk: seen_on(request), parent.pk: None}
        with operations.as_seen(seen=seen, actor=request.user, at=at):
            operations.attach(ticket_id=ticket.pk, parent_id=parent.pk, actor=request.user, at=at)
    except Refusal as refusal:
        form.add_error(None, refusal.sentence)
        return workspace(request, ticket.reference, at, bound={"attach": form}, status=REFUSED)
    done = _("Rattaché à %(parent)s. Le client n’en voit rien, sauf s’il suit aussi celui-ci.")
    messages.success(request, done % {"parent": parent.reference})
    return redirect("desk:ticket", ticket.reference)


@desk_act
def detach(request: PortalRequest, ticket: Ticket, at: datetime) -> HttpResponse:
    """The cause was another one."""
    try:
        operations.detach(ticket_id=ticket.pk, actor=request.user, at=at)
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, _("L’incident n’est plus rattaché."))
    return redirect("desk:ticket", ticket.reference)


@desk_page
@require_http_methods(["GET", "HEAD", "POST"])
@acting
def split(request: PortalRequest, reference: str) -> HttpResponse:
    """…/scinder/: which message holds the second subject, then its declaration (E13)."""
    ticket, at = get_ticket(request.user, reference), timezone.now()
    found = quotable(ticket)
    if request.method == "POST":
        return _split(request, ticket, SplitForm(request.POST, ticket=ticket), at, found)
    kept = unsent.waiting(request, request.path, at)
    if kept is not None and "message" not in request.GET:
        form = SplitForm(kept.as_post, ticket=ticket)
        return _page(request, ticket, form, at, found, kept=kept)
    chosen = next((one for one in found if str(one.pk) == request.GET.get("message")), None)
    form = SplitForm(ticket=ticket)
    if chosen is not None:
        form = SplitForm(ticket=ticket, body=quoted(chosen), chosen=chosen.files)
    return _page(request, ticket, form, at, found)


def _split(
    request: PortalRequest, ticket: Ticket, form: SplitForm, at: datetime, found: list[Quotable]
) -> HttpResponse:
    """The act; or the page again, with what was typed."""
    if not form.is_valid():
        return _page(request, ticket, form, at, found, status=400)
    values = dict(form.cleaned_data)
    values["files"] = values.pop("kept")
    token = bound_token(values.pop("form_token"), request.user, ticket)
    try:
        with operations.as_seen(seen={ticket.pk: seen_on(request)}, actor=request.user, at=at):
            created = operations.split(
                ticket_id=ticket.pk, actor=request.user, at=at, form_token=token, **values
            )
    except Refusal as refusal:
        form.add_error(None, refusal.sentence)
        return _page(request, ticket, form, at, found, status=REFUSED)
    unsent.forget(request)
    done = _("Second sujet déclaré\u00a0: %(number)s. Le client en reçoit l’accusé de réception.")
    messages.success(request, done % {"number": created.reference})
    return redirect("desk:ticket", created.reference)


def _page(
    request: PortalRequest,
    ticket: Ticket,
    form: SplitForm,
    at: datetime,
    found: list[Quotable],
    *,
    kept: Unsent | None = None,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        **shell(request, f"{_('Scinder')} · {ticket.reference}", at),
        "ticket": ticket,
        "form": form,
        "unsent": kept,
        "messages_found": found,
        "can_split": allowed(ticket.state, Act.SPLIT, Side.ENGINEER) is not None,
    }
    return render(request, "desk/split.html", context, status=status)
