"""/incidents/<reference>/ and the acts below it: each makes one operation call."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any
from uuid import uuid5

from django.contrib import messages
from django.db import transaction
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import resolve
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import unsent
from accounts.access import require_customer
from accounts.http import PortalRequest
from files.forms import DRAFT, draft_token
from foundation.refusals import Conflict, Refusal
from tickets import access, operations
from tickets.forms import AcceptForm, CopyForm, ReasonForm, ReplyForm, bound_token
from tickets.models import Ticket
from tickets.queries import customer
from tickets.queries.meanwhile import written_meanwhile
from tickets.queries.page import page_of
from tickets.queries.sentences import who_of
from tickets.views.forms import TAKEN, claim, is_just_received, page_or_form, take

REFUSED = 409


@require_safe
def incident(request: PortalRequest, reference: str) -> HttpResponse:
    """/incidents/<reference>/: the thread, both clocks, whose turn, and what can be done."""
    ticket = access.get_plain_ticket(request.user, reference)
    return show(request, ticket, timezone.now())


def show(
    request: PortalRequest,
    ticket: Ticket,
    at: datetime,
    *,
    refused: Form | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page, with the form that did not pass: typed text and files stay in it."""
    page = page_of(ticket, request.user, at, is_whole=request.GET.get("fil") == "entier")
    kept = None if refused else _unsent(request, ticket, at)
    typed = refused or (_unsent_form(request, kept) if kept else None)
    asked = resolve(kept.address.partition("?")[0]) if kept else request.resolver_match
    act = asked.url_name if asked else ""
    reason = typed if isinstance(typed, ReasonForm) else ReasonForm()
    # A reason whose act is not offered any more can still be said, never by another act.
    moved = "" if page.offers(str(act)) else (reason["reason"].value() or "")
    reply = typed if isinstance(typed, ReplyForm) else _unsent_reply(request, ticket, moved)
    context = {
        "now": at,
        "ticket": ticket,
        "page": page,
        "reply": reply,
        "reason": ReasonForm() if moved else reason,
        "refused": refused,
        "unsent": kept,
        "kept_as_message": bool(moved),
        "taken": request.session.pop(TAKEN, ""),
        "is_just_received": is_just_received(request, ticket, at),
    }
    return render(request, "tickets/incident.html", context, status=status)


def _unsent(request: PortalRequest, ticket: Ticket, at: datetime) -> unsent.Unsent | None:
    """What was left unsent here, but for what has arrived by another way since."""
    kept = unsent.waiting(request, ticket.get_absolute_url(), at)
    token = kept.form_token if kept else None
    if token and customer.was_said(ticket, bound_token(token, request.user, ticket)):
        return None
    return kept


def _unsent_form(request: PortalRequest, kept: unsent.Unsent) -> Form:
    """What was posted after the session had ended, to be read again and sent."""
    if "body" not in kept.values:
        return ReasonForm(initial=kept.initial)
    form = ReplyForm(initial=kept.initial)
    return form.resume(person=request.user, form_token=kept.form_token) if kept.form_token else form


def _unsent_reply(request: PortalRequest, ticket: Ticket, body: str) -> ReplyForm:
    """A blank answer, or the one that the address names, with the files it left on the server."""
    form, token = ReplyForm(initial={"body": body}), draft_token(request.GET)
    sent = token and customer.was_said(ticket, bound_token(token, request.user, ticket))
    if token and not sent:
        form.resume(person=request.user, form_token=token)
    return form


Act = Callable[[Ticket, dict[str, Any]], object]


def answer(
    request: PortalRequest, ticket: Ticket, form: Form, act: Act, *, at: datetime, done: str
) -> HttpResponse:
    """Run an act with a submitted form, then show the incident: as it is now, or why not."""
    if form.is_valid():
        try:
            act(ticket, form.cleaned_data)
        except Refusal as refusal:
            form.add_error(None, refusal.sentence)
            ticket = access.get_plain_ticket(request.user, ticket.reference)
            return show(request, ticket, at, refused=form, status=REFUSED)
        unsent.forget(request)
        messages.success(request, done)
        return redirect(ticket)
    return show(request, ticket, at, refused=form)


@page_or_form
@require_customer
def message(request: PortalRequest, reference: str) -> HttpResponse:
    """…/message/: a public message with files; it ends « En attente client » (S6).

    Sent to an incident that was merged, it goes where the conversation goes on (E11).
    """
    ticket = access.get_plain_ticket(request.user, reference)
    ticket = access.where_it_goes_on(request.user, ticket)
    if request.method != "POST":
        # The sign-in leads here when the session ended before the answer was sent.
        token = draft_token(request.GET)
        return redirect(
            f"{ticket.get_absolute_url()}?{DRAFT}={token}#repondre" if token else ticket
        )
    at = timezone.now()
    form = ReplyForm(request.POST, request.FILES).keep_files(person=request.user, at=at)
    act = partial(_post_message, request, at)
    return answer(request, ticket, form, act, at=at, done=_sent(request, reference, ticket, at))


def _sent(request: PortalRequest, reference: str, ticket: Ticket, at: datetime) -> str:
    """That the message left, and who wrote since the page was shown or last brought up to date."""
    sent, shown = _("Message envoyé."), request.POST.get("seen", "")
    # The steps of an incident that was merged since are not those of where its messages go.
    is_its_own = ticket.reference == reference
    if not (is_its_own and shown.isascii() and shown.isdigit() and len(shown) < 10):
        return sent
    theirs = written_meanwhile(ticket, at, int(shown), request.user.pk)
    if theirs is None:
        return sent
    return format_html(
        '{} {} <a href="#e-{}">{}</a>.',
        sent,
        _("Pendant que vous l’écriviez, %(who)s a écrit aussi\u00a0:")
        % {"who": who_of(theirs.author)},
        theirs.sequence,
        _("lisez son message"),
    )


def _post_message(
    request: PortalRequest, at: datetime, ticket: Ticket, typed: dict[str, Any]
) -> None:
    token = bound_token(typed["form_token"], request.user, ticket)
    said = customer.said_with(ticket, token)
    if said is not None and said.body.split() != typed["body"].split():
        # A page that was opened again says something else with the form that was sent.
        token = uuid5(token, " ".join(typed["body"].split()))
        said = customer.said_with(ticket, token)
    if said is not None:
        return
    with transaction.atomic():
        files = claim(request, typed["form_token"], at)
        operations.post_message(
            ticket_id=ticket.pk, actor=request.user, body=typed["body"], files=files,
            form_token=token, at=at,
        )  # fmt: skip
    take(request, ticket.reference)


@page_or_form
@require_customer
def accept(request: PortalRequest, reference: str) -> HttpResponse:
    """…/accepter/: the solution that the page showed is accepted."""
    ticket = access.get_plain_ticket(request.user, reference)
    if request.method != "POST":
        return redirect(ticket)
    at = timezone.now()
    act = partial(_accept, request, at)
    done = _("Solution acceptée\u00a0: l’incident est clos. Merci.")
    return answer(request, ticket, AcceptForm(request.POST), act, at=at, done=done)


def _accept(request: PortalRequest, at: datetime, ticket: Ticket, typed: dict[str, Any]) -> None:
    if typed["cycle"] != ticket.cycle:
        raise Conflict(
            _("L’incident a été rouvert depuis\u00a0: relisez la solution avant de l’accepter.")
        )
    operations.accept(ticket_id=ticket.pk, actor=request.user, at=at)


@page_or_form
@require_customer
def refuse(request: PortalRequest, reference: str) -> HttpResponse:
    """…/refuser/: the solution does not do; the incident starts again (S9)."""
    return _with_reason(
        request, reference, operations.reopen,
        _("Solution refusée\u00a0: l’incident est rouvert, avec de nouveaux délais."),
    )  # fmt: skip


@page_or_form
@require_customer
def reopen(request: PortalRequest, reference: str) -> HttpResponse:
    """…/rouvrir/: the same on a closed incident, within its window (S9)."""
    return _with_reason(
        request, reference, operations.reopen,
        _("L’incident est rouvert, avec de nouveaux délais."),
    )  # fmt: skip


@page_or_form
@require_customer
def cancel(request: PortalRequest, reference: str) -> HttpResponse:
    """…/annuler/: while nobody has taken it in charge."""
    return _with_reason(request, reference, operations.cancel, _("L’incident est annulé."))


def _with_reason(
    request: PortalRequest, reference: str, operation: Callable[..., Ticket], done: str
) -> HttpResponse:
    ticket = access.get_plain_ticket(request.user, reference)
    if request.method != "POST":
        return redirect(ticket)
    at = timezone.now()
    act = partial(_give_reason, request, operation, at)
    return answer(request, ticket, ReasonForm(request.POST), act, at=at, done=done)


def _give_reason(
    request: PortalRequest,
    operation: Callable[..., Ticket],
    at: datetime,
    ticket: Ticket,
    typed: dict[str, Any],
) -> None:
    token = bound_token(typed["form_token"], request.user, ticket)
    if customer.was_said(ticket, token):
        return
    if typed["cycle"] not in {None, ticket.cycle}:
        raise Conflict(
            _("L’incident a été rouvert depuis\u00a0: relisez ce qui a changé avant de continuer.")
        )
    operation(
        ticket_id=ticket.pk, actor=request.user, reason=typed["reason"], form_token=token, at=at
    )


@page_or_form
@require_customer
def copies(request: PortalRequest, reference: str) -> HttpResponse:
    """…/copies/: a colleague follows the incident from now on, or no more."""
    ticket = access.get_plain_ticket(request.user, reference)
    if request.method != "POST":
        return redirect(ticket)
    at = timezone.now()
    form = CopyForm(request.POST, company=ticket.company)
    act = partial(_change_copies, request, at)
    done = _("Les personnes en copie sont à jour.")
    return answer(request, ticket, form, act, at=at, done=done)


def _change_copies(
    request: PortalRequest, at: datetime, ticket: Ticket, typed: dict[str, Any]
) -> None:
    operation = operations.remove_copy if typed["removed"] else operations.add_copy
    operation(ticket_id=ticket.pk, actor=request.user, user=typed["person"], at=at)
