"""Several incidents in one act (E17): a preview of who will be told, then the act.

Each incident in a transaction of its own, by the same operation as alone: the same mails, history
and clocks. Those that refuse are named with the reason; the others are done.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts import unsent
from accounts.http import PortalRequest
from accounts.models import User
from accounts.unsent import Unsent
from foundation.refusals import Refusal
from tickets import operations
from tickets.admin_actions.acts import REFUSED
from tickets.admin_actions.guard import acting, desk_page, event_number, queue_address, shell
from tickets.admin_forms.bulk import ACTS, BulkAct, BulkForm
from tickets.enums import ANSWERS
from tickets.forms import bound_token
from tickets.models import Ticket
from tickets.queries.bulk import AT_MOST, Chosen, chosen_of, last_words, preview_of
from tickets.queries.workspace import is_with

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

logger = logging.getLogger(__name__)


class Refused(NamedTuple):
    """An incident on which nothing was done, and why in a sentence."""

    ticket: Ticket
    why: str


class Outcome(NamedTuple):
    """What became of each."""

    done: list[Ticket]
    refused: list[Refused]


@desk_page
@require_http_methods(["GET", "HEAD", "POST"])
@acting
def bulk(request: PortalRequest) -> HttpResponse:
    """…/groupe/?ticket=…: the choice of an act, its preview, then what became of each."""
    at, posted = timezone.now(), request.method == "POST"
    kept = _kept(request, at)
    asked = kept.as_post if kept else request.POST if posted else request.GET
    chosen = chosen_of(request.user, asked.getlist("ticket"))
    act = ACTS.get(asked.get("acte", ""))
    if act is None or not chosen.tickets:
        return _page(request, at, chosen, act=act, status=400 if posted else 200)
    if not posted:
        form = act.form(initial=kept.initial if kept else _begun(request, act))
        return _page(request, at, chosen, act=act, form=form, kept=kept)
    form = act.form(request.POST)
    if not form.is_valid():
        return _page(request, at, chosen, act=act, form=form, status=400)
    outcome = perform(
        act, chosen.tickets, seen=_seen(request), actor=request.user, at=at,
        values=form.cleaned_data,
    )  # fmt: skip
    unsent.forget(request)
    return _told(request, at, chosen, act, outcome)


def _kept(request: PortalRequest, at: datetime) -> Unsent | None:
    """What was posted after the session had ended, when nothing else is asked for."""
    is_other = request.method == "POST" or "ticket" in request.GET
    return None if is_other else unsent.waiting(request, request.path, at)


def perform(
    act: BulkAct,
    tickets: Sequence[Ticket],
    *,
    seen: Mapping[str, int],
    actor: User,
    at: datetime,
    values: Mapping[str, Any],
) -> Outcome:
    """One after the other. A failure of one, whatever it is, stops none of the others."""
    outcome = Outcome([], [])
    for ticket in tickets:
        shown = {ticket.pk: seen.get(ticket.reference)}
        try:
            with operations.as_seen(seen=shown, actor=actor, at=at, answers=act.act in ANSWERS):
                own = _own(act, ticket, actor, values)
                act.operation(ticket_id=ticket.pk, actor=actor, at=at, **own)
        except operations.AlreadyAcknowledged as refusal:
            _already(outcome, ticket, actor, refusal)
        except Refusal as refusal:
            outcome.refused.append(Refused(ticket, refusal.sentence))
        except Exception:
            logger.exception("bulk_act_failed", extra={"ticket": ticket.pk, "act": act.name})
            sentence = _("Une erreur est survenue, rien n’a été fait. Réessayez.")
            outcome.refused.append(Refused(ticket, sentence))
        else:
            outcome.done.append(ticket)
    return outcome


def _own(act: BulkAct, ticket: Ticket, actor: User, values: Mapping[str, Any]) -> dict[str, Any]:
    """The form's values with a token of this incident only."""
    said = {name: value for name, value in values.items() if name != "form_token"}
    if act.has_token:
        said["form_token"] = bound_token(values["form_token"], actor, ticket)
    return said


def _already(outcome: Outcome, ticket: Ticket, actor: User, refusal: Refusal) -> None:
    """One's own incident taken again, by a form sent twice, is no fault."""
    if is_with(ticket, actor):
        outcome.done.append(ticket)
    else:
        outcome.refused.append(Refused(ticket, refusal.sentence))


def _seen(request: PortalRequest) -> dict[str, int]:
    """« INC-2026-000123:7 »: the last event that the preview had shown of each."""
    found = {}
    for shown in request.POST.getlist("seen"):
        reference, _colon, number = shown.partition(":")
        event = event_number(number)
        if event is not None:
            found[reference] = event
    return found


def _begun(request: PortalRequest, act: BulkAct) -> dict[str, str]:
    """What was said on another incident, for all of these: the parent's solution (E12)."""
    if not act.words or "comme" not in request.GET:
        return {}
    return {act.words: last_words(request.user, request.GET["comme"])}


def _page(
    request: PortalRequest,
    at: datetime,
    chosen: Chosen,
    *,
    act: BulkAct | None,
    form: BulkForm | None = None,
    kept: Unsent | None = None,
    status: int = 200,
) -> HttpResponse:
    left = kept.as_post.get("queue", "") if kept else _left(request)
    context = {
        **_context(request, at, chosen, _("Plusieurs incidents"), left),
        "acts": ACTS.values(),
        "act": act,
        "form": form,
        "unsent": kept,
        "comme": request.GET.get("comme", ""),
        "preview": preview_of(chosen.tickets, act.act, request.user) if act else None,
    }
    return render(request, "desk/bulk.html", context, status=status)


def _told(
    request: PortalRequest, at: datetime, chosen: Chosen, act: BulkAct, outcome: Outcome
) -> HttpResponse:
    """Back to the queue when all of it is done; else each that is not, by name."""
    if not outcome.refused and not chosen.unknown:
        number = len(outcome.done)
        done = ngettext(
            "%(act)s\u00a0: fait.", "%(act)s\u00a0: fait pour %(number)s incidents.", number
        )
        messages.success(request, done % {"act": act.label, "number": number})
        return redirect(queue_address(_left(request)))
    context = {
        **_context(request, at, chosen, act.label, _left(request)),
        "act": act,
        "outcome": outcome,
    }
    return render(request, "desk/bulk_done.html", context, status=REFUSED)


def _context(
    request: PortalRequest, at: datetime, chosen: Chosen, title: StrOrPromise, left: str
) -> dict[str, Any]:
    return {
        **shell(request, title, at),
        "chosen": chosen,
        "at_most": AT_MOST,
        "queue": left,
        "back": queue_address(left),
    }


def _left(request: PortalRequest) -> str:
    """The queue as it was left for this page."""
    asked = request.POST if request.method == "POST" else request.GET
    return asked.get("queue", "")
