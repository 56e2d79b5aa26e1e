"""…/sujet/: the title or the product was wrong, and nobody has taken charge yet (C26)."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import unsent
from accounts.access import require_customer
from accounts.http import PortalRequest
from foundation.refusals import Refusal
from tickets import access, operations
from tickets.asking_forms import SubjectForm
from tickets.enums import Status
from tickets.models import Ticket
from tickets.views.forms import page_or_form

REFUSED = 409


@page_or_form
@require_customer
def correct_subject(request: PortalRequest, reference: str) -> HttpResponse:
    """A page of its own: few need it, and its choices cost a query."""
    ticket = access.get_ticket(request.user, reference)
    at = timezone.now()
    if request.method == "POST":
        return _answer(request, ticket, at)
    kept = unsent.waiting(request, request.path, at)
    may = ticket.state is Status.DECLARED and ticket.requester_id == request.user.pk
    if not (may or kept):
        return redirect(ticket)
    form = SubjectForm(initial=kept.initial if kept else None, ticket=ticket)
    return _page(request, ticket, form, kept=kept)


def _answer(request: PortalRequest, ticket: Ticket, at: datetime) -> HttpResponse:
    form = SubjectForm(request.POST, ticket=ticket)
    if not form.is_valid():
        return _page(request, ticket, form)
    try:
        operations.correct_subject(
            ticket_id=ticket.pk, actor=request.user, licence=form.licence(), at=at,
            **form.cleaned_data,
        )  # fmt: skip
    except Refusal as refusal:
        form.add_error(None, refusal.sentence)
        return _page(request, ticket, form, status=REFUSED)
    unsent.forget(request)
    messages.success(request, _("L’incident est corrigé."))
    return redirect(ticket)


def _page(
    request: PortalRequest,
    ticket: Ticket,
    form: SubjectForm,
    *,
    kept: unsent.Unsent | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"ticket": ticket, "form": form, "unsent": kept}
    return render(request, "tickets/subject.html", context, status=status)
