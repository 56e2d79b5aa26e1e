"""…/escalader/ and …/criticite/: what customers ask for beside the conversation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import unsent
from accounts.access import require_customer
from accounts.http import PortalRequest
from tickets import access, operations
from tickets.asking_forms import EscalateForm, SeverityForm, shown
from tickets.forms import bound_token
from tickets.models import Ask, Ticket
from tickets.queries.asking import asks_of
from tickets.views.forms import page_or_form
from tickets.views.incident import REFUSED, answer, show

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


@page_or_form
@require_customer
def escalate(request: PortalRequest, reference: str) -> HttpResponse:
    """…/escalader/: our managers are told at once; once per incident."""
    done = gettext("L’incident est escaladé\u00a0: les responsables du support sont prévenus.")
    return _ask(request, reference, EscalateForm, operations.escalate, done)


@page_or_form
@require_customer
def ask_severity(request: PortalRequest, reference: str) -> HttpResponse:
    """…/criticite/: another severity is asked for; one of ours decides (S7)."""
    done = gettext("Votre demande est transmise au support\u00a0: la réponse s’affichera ici.")
    return _ask(request, reference, SeverityForm, operations.ask_severity, done)


def _ask(
    request: PortalRequest,
    reference: str,
    form_class: type[Form],
    operation: Callable[..., Ask],
    done: str,
) -> HttpResponse:
    ticket = access.get_ticket(request.user, reference)
    at = timezone.now()
    if request.method != "POST":
        return _blank(request, ticket, form_class, at)
    act = partial(_give, request, operation, at)
    return answer(request, ticket, form_class(request.POST), act, at=at, done=done)


def _give(
    request: PortalRequest,
    operation: Callable[..., Ask],
    at: datetime,
    ticket: Ticket,
    typed: dict[str, Any],
) -> None:
    token = bound_token(typed["form_token"], request.user, ticket)
    said = {name: value for name, value in typed.items() if name != "form_token"}
    operation(ticket_id=ticket.pk, actor=request.user, form_token=token, at=at, **said)


def _blank(
    request: PortalRequest, ticket: Ticket, form_class: type[Form], at: datetime
) -> HttpResponse:
    """The form, for a fold that opens or as a page of its own.

    The sign-in leads here when the session had ended: what was typed is in its form again.
    """
    if kept := unsent.waiting(request, request.path, at):
        return show(request, ticket, at, refused=form_class(initial=kept.initial))
    found = asks_of(ticket)
    is_part = "HX-Request" in request.headers
    is_offered = found.may_escalate if form_class is EscalateForm else found.may_ask_severity
    if not is_offered:
        # A fold is told apart from its page: a refused part makes the page be read again.
        return HttpResponse(status=REFUSED) if is_part else redirect(ticket)
    part, heading = _FORMS[form_class]
    context = {"ticket": ticket, "shown": shown(found), "part": part, "heading": heading}
    return render(request, part if is_part else "tickets/ask.html", context)


_FORMS: dict[type[Form], tuple[str, StrPromise]] = {
    EscalateForm: ("tickets/_ask_escalate.html", _("Escalader l’incident")),
    SeverityForm: ("tickets/_ask_severity.html", _("Demander une autre criticité")),
}
