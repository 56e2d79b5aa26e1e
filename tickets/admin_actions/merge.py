"""« Fusionner dans… »: which incident survives, then who will be told, then the act (S18)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import PortalRequest
from foundation.refusals import Refusal
from tickets import operations
from tickets.access import get_ticket
from tickets.admin_actions.acts import REFUSED
from tickets.admin_actions.guard import acting, desk_page, seen_on, shell
from tickets.admin_forms.merging import MergeForm, SurvivorForm
from tickets.enums import Act, Side
from tickets.lifecycle import allowed
from tickets.models import Ticket
from tickets.queries.merging import concerned, survivors


@desk_page
@require_http_methods(["GET", "HEAD", "POST"])
@acting
def merge(request: PortalRequest, reference: str) -> HttpResponse:
    """…/fusionner/: nothing is done before the people concerned have been shown."""
    ticket, at = get_ticket(request.user, reference), timezone.now()
    if request.method == "POST":
        return _merged(request, ticket, MergeForm(request.POST, ticket=ticket), at)
    search = SurvivorForm(request.GET if "dans" in request.GET else None, ticket=ticket)
    into = search.cleaned_data["dans"] if search.is_valid() else None
    form = MergeForm(initial={"dans": into.reference}, ticket=ticket) if into else None
    return _page(request, ticket, at, search=search, into=into, form=form)


def _merged(request: PortalRequest, ticket: Ticket, form: MergeForm, at: datetime) -> HttpResponse:
    """The act; or the page again, with what was typed."""
    into = form.cleaned_data["dans"] if form.is_valid() else form.survivor
    search = SurvivorForm(None, ticket=ticket)
    if not form.is_valid() or into is None:
        return _page(request, ticket, at, search=search, into=into, form=form, status=400)
    reason = form.cleaned_data["reason"]
    try:
        seen = {ticket.pk: seen_on(request), into.pk: None}
        with operations.as_seen(seen=seen, actor=request.user, at=at):
            operations.merge(
                ticket_id=ticket.pk, into_id=into.pk, actor=request.user, reason=reason, at=at
            )
    except Refusal as refusal:
        form.add_error(None, refusal.sentence)
        return _page(request, ticket, at, search=search, into=into, form=form, status=REFUSED)
    messages.success(request, _("Incident fusionné. Le client est prévenu."))
    return redirect("desk:ticket", ticket.reference)


def _page(
    request: PortalRequest,
    ticket: Ticket,
    at: datetime,
    *,
    search: SurvivorForm,
    into: Ticket | None,
    form: MergeForm | None,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        **shell(request, f"{_('Fusionner')} · {ticket.reference}", at),
        "ticket": ticket,
        "can_merge": allowed(ticket.state, Act.MERGE, Side.ENGINEER) is not None,
        "search": search,
        "into": into,
        "form": form,
        "people": concerned(ticket, into) if into else None,
        "survivors": survivors(ticket) if into is None else (),
    }
    return render(request, "desk/merge.html", context, status=status)
