"""The acts on an incident: read the clock once, validate, call one operation, say what happened.

A refusal comes back as a sentence on the workspace, with what was typed kept (G2, G3, G4).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.forms import Form
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import unsent
from accounts.http import PortalRequest
from accounts.models import User
from files.operations import claim
from foundation.refusals import Refusal
from tickets import operations
from tickets.admin_actions.guard import desk_act, queue_address, seen_on
from tickets.admin_actions.panes import ANSWERING
from tickets.admin_actions.workspace import workspace
from tickets.admin_forms.desk import (
    AssignForm,
    CopyForm,
    CopyRemovalForm,
    CorrectForm,
    LoggedCallForm,
    NoteForm,
    ReasonForm,
    ReplyForm,
    RequalifyForm,
    SolutionForm,
    WaitForm,
    WithdrawForm,
)
from tickets.enums import Sequel, Status
from tickets.forms import bound_token
from tickets.models import Ticket
from tickets.queries.bulk import AT_MOST
from tickets.queries.linking import children_of, open_among

INVALID = 400
REFUSED = 409
FOUND = 302

_HELD = gettext_lazy("Réponse enregistrée\u00a0: le client la verra dans 10\u00a0secondes.")
_SUSPENDED = gettext_lazy("L’incident est en attente client\u00a0: la résolution est suspendue.")
_WITH_VENDOR = gettext_lazy("L’incident est en attente éditeur.")
_SENT = gettext_lazy("Réponse envoyée.")
# What is done with an answer, said after it.
_THEN = {Sequel.WAIT_CUSTOMER.value: _SUSPENDED, Sequel.WAIT_VENDOR.value: _WITH_VENDOR}
# Fields of a form with files that `keep_files` has already dealt with.
_OF_FILES = frozenset({"uploads", "drop_files"})


def _perform(
    request: PortalRequest,
    ticket: Ticket,
    at: datetime,
    form: tuple[str, Form],
    *,
    act: Callable[..., object],
    done: str,
    beside: int | None = None,
) -> HttpResponse:
    """One operation call with the form's values; the page again when it is refused.

    `beside`: another incident that the operation locks too.
    """
    name, filled = form
    seen = {ticket.pk: seen_on(request), **({beside: None} if beside else {})}
    if not filled.is_valid():
        return workspace(request, ticket.reference, at, bound={name: filled}, status=INVALID)
    try:
        with operations.as_seen(seen=seen, actor=request.user, at=at, answers=name in ANSWERING):
            act(ticket_id=ticket.pk, actor=request.user, at=at, **filled.cleaned_data)
    except Refusal as refusal:
        filled.add_error(None, refusal.sentence)
        return workspace(request, ticket.reference, at, bound={name: filled}, status=REFUSED)
    unsent.forget(request)
    messages.success(request, done)
    return redirect("desk:ticket", ticket.reference)


def _with_files(operation: Callable[..., object], ticket: Ticket) -> Callable[..., object]:
    """The operation with the files that wait with its form, in one transaction: both or none."""

    def act(*, actor: User, at: datetime, form_token: UUID, **values: Any) -> object:
        said = {name: value for name, value in values.items() if name not in _OF_FILES}
        with transaction.atomic():
            files = claim(person=actor, form_token=form_token, at=at)
            token = bound_token(form_token, actor, ticket)
            return operation(actor=actor, at=at, form_token=token, files=files, **said)

    return act


@desk_act
def acknowledge(request: PortalRequest, ticket: Ticket, at: datetime) -> HttpResponse:
    """« Prendre en charge », from the queue or the workspace. The slower of two reads who (G3)."""
    try:
        operations.acknowledge(ticket_id=ticket.pk, actor=request.user, at=at)
    except Refusal as refusal:
        messages.error(request, f"{ticket.reference} · {refusal.sentence}")
    else:
        messages.success(request, _taken(ticket))
    if "queue" not in request.POST:
        return redirect("desk:ticket", ticket.reference)
    return redirect(queue_address(request.POST["queue"]))


def _taken(ticket: Ticket) -> str:
    return format_html(
        _('Vous avez pris en charge <a href="{}">{}</a>. Le client est prévenu.'),
        reverse("desk:ticket", args=[ticket.reference]),
        f"{ticket.reference} · {ticket.title}",
    )


@desk_act
def resume(request: PortalRequest, ticket: Ticket, at: datetime) -> HttpResponse:
    """The waiting is over: the clock runs again."""
    try:
        with operations.as_seen(seen={ticket.pk: seen_on(request)}, actor=request.user, at=at):
            operations.resume(ticket_id=ticket.pk, actor=request.user, at=at)
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, _("L’incident est de nouveau en cours. Le client est prévenu."))
    return redirect("desk:ticket", ticket.reference)


@desk_act
def reply(request: PortalRequest, ticket: Ticket, at: datetime) -> HttpResponse:
    """A public answer with its files, which wait on the server until it is accepted."""
    form = ReplyForm(request.POST, request.FILES).keep_files(person=request.user, at=at)
    sequel = form["sequel"].value()
    done = _replied(sequel, is_held=not sequel or bool((form["reason"].value() or "").strip()))
    act = _with_files(operations.answer, ticket)
    response = _perform(request, ticket, at, ("reply", form), act=act, done=done)
    return _resolved(request, ticket, response) if sequel == Sequel.RESOLVE else response


def _replied(sequel: str, *, is_held: bool) -> str:
    """What became of an answer. Alone, or beside a reason of its own, it can be taken back."""
    if sequel == Sequel.RESOLVE:
        return _("Solution envoyée au client.")
    said = str(_HELD if is_held else _SENT)
    return f"{said} {_THEN[sequel]}" if sequel in _THEN else said


@desk_act
def withdraw(request: PortalRequest, ticket: Ticket, at: datetime) -> HttpResponse:
    """An answer is taken back within its seconds; its text is in the form again."""
    form = WithdrawForm(request.POST)
    if not form.is_valid():
        return redirect("desk:ticket", ticket.reference)
    try:
        message = operations.withdraw_message(
            ticket_id=ticket.pk, actor=request.user, at=at, message_id=form.cleaned_data["message"]
        )
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
        return redirect("desk:ticket", ticket.reference)
    sentence = _(
        "Réponse reprise\u00a0: le client ne la verra pas. Son texte est de nouveau dans le "
        "formulaire\u00a0; ses fichiers sont à joindre de nouveau."
    )
    if ticket.state in {Status.WAITING_CUSTOMER, Status.WAITING_VENDOR}:
        stays = _("L’incident reste «\u00a0%s\u00a0»\u00a0: «\u00a0Reprendre\u00a0» l’en sort.")
        sentence += " " + stays % ticket.state.label.lower()
    messages.success(request, sentence)
    again = ReplyForm(initial={"body": message.body})
    return workspace(request, ticket.reference, at, bound={"reply": again})


@desk_act
def log_call(request: PortalRequest, ticket: Ticket, at: datetime) -> HttpResponse:
    """A call about this incident (S6)."""
    form = LoggedCallForm(request.POST, ticket)
    done = _("Appel enregistré. Le client peut lire ce que vous avez noté.")
    return _perform(request, ticket, at, ("log-call", form), act=operations.log_call, done=done)


@desk_act
def note(request: PortalRequest, ticket: Ticket, at: datetime) -> HttpResponse:
    """An internal note (B1)."""
    form = NoteForm(request.POST)
    done = _("Note interne enregistrée. Le client ne la voit pas.")
    return _perform(request, ticket, at, ("note", form), act=operations.add_note, done=done)


@desk_act
def wait_customer(request: PortalRequest, ticket: Ticket, at: datetime) -> HttpResponse:
    """« En attente client » (S5)."""
    form = WaitForm(request.POST, request.FILES).keep_files(person=request.user, at=at)
    done = _("En attente client\u00a0: la résolution est suspendue, le client est prévenu.")
    act = _with_files(operations.wait_for_customer, ticket)
    return _perform(request, ticket, at, ("wait-customer", form), act=act, done=done)


@desk_act
def wait_vendor(request: PortalRequest, ticket: Ticket, at: datetime) -> HttpResponse:
    """« En attente éditeur » (S5)."""
    form = WaitForm(request.POST, request.FILES).keep_files(person=request.user, at=at)
    done = _("En attente éditeur. Le client est prévenu.")
    act = _with_files(operations.wait_for_vendor, ticket)
    return _perform(request, ticket, at, ("wait-vendor", form), act=act, done=done)


@desk_act
def resolve(request: PortalRequest, ticket: Ticket, at: datetime) -> HttpResponse:
    """A solution is given (S9)."""
    form = SolutionForm(request.POST, request.FILES).keep_files(person=request.user, at=at)
    done = _("Solution envoyée au client.")
    act = _with_files(operations.resolve, ticket)
    response = _perform(request, ticket, at, ("resolve", form), act=act, done=done)
    return _resolved(request, ticket, response)


def _resolved(request: PortalRequest, ticket: Ticket, response: HttpResponse) -> HttpResponse:
    """What a solution that was given leads to; the page as it is when it was refused."""
    if response.status_code != FOUND:
        return response
    return _propose_children(request, ticket) or response


def _propose_children(request: PortalRequest, parent: Ticket) -> HttpResponse | None:
    """The incidents with this cause may have the same solution (E12): shown first, never done."""
    children = open_among(children_of(parent))[:AT_MOST]
    if not children:
        return None
    query = QueryDict(mutable=True)
    query.update({"acte": "resoudre", "comme": parent.reference})
    query.setlist("ticket", [child.reference for child in children])
    messages.info(request, _("D’autres incidents ont cette cause\u00a0: les résoudre aussi\u00a0?"))
    return redirect(f"{reverse('desk:bulk')}?{query.urlencode()}")


@desk_act
def reopen(request: PortalRequest, ticket: Ticket, at: datetime) -> HttpResponse:
    """A new cycle begins (S9)."""
    form = ReasonForm(request.POST)
    done = _("Incident rouvert\u00a0: de nouveaux délais commencent.")
    return _perform(request, ticket, at, ("reopen", form), act=operations.reopen, done=done)


@desk_act
def cancel(request: PortalRequest, ticket: Ticket, at: datetime) -> HttpResponse:
    """Not an incident after all (S18)."""
    form = ReasonForm(request.POST)
    done = _("Incident annulé. Le client est prévenu.")
    return _perform(request, ticket, at, ("cancel", form), act=operations.cancel, done=done)


@desk_act
def unmerge(request: PortalRequest, ticket: Ticket, at: datetime) -> HttpResponse:
    """The merge was a mistake: the incident goes on (S18)."""
    form = ReasonForm(request.POST)
    done = _("Fusion annulée\u00a0: l’incident reprend là où il en était. Le client est prévenu.")
    return _perform(
        request, ticket, at, ("unmerge", form), act=operations.unmerge, done=done,
        beside=ticket.merged_into_id,
    )  # fmt: skip


@desk_act
def assign(request: PortalRequest, ticket: Ticket, at: datetime) -> HttpResponse:
    """To a colleague (S8)."""
    form = AssignForm(request.POST, ticket)

    def act(*, actor: User, form_token: UUID | None, **values: Any) -> object:
        token = bound_token(form_token, actor, ticket) if form_token else None
        return operations.assign(actor=actor, form_token=token, **values)

    done = _("Incident affecté. La personne est prévenue.")
    return _perform(request, ticket, at, ("assign", form), act=act, done=done)


@desk_act
def requalify(request: PortalRequest, ticket: Ticket, at: datetime) -> HttpResponse:
    """Another severity is retained (S7)."""
    form = RequalifyForm(request.POST)
    done = _("Criticité changée. Le client est prévenu.")
    return _perform(request, ticket, at, ("requalify", form), act=operations.requalify, done=done)


@desk_act
def correct(request: PortalRequest, ticket: Ticket, at: datetime) -> HttpResponse:
    """A manager corrects the acknowledgement instant (S14); the operation refuses others."""
    form = CorrectForm(request.POST)
    done = _("Prise en charge corrigée. L’ancienne valeur reste dans l’historique.")
    return _perform(
        request, ticket, at, ("correct", form), act=operations.correct_acknowledgement, done=done
    )


@desk_act
def add_copy(request: PortalRequest, ticket: Ticket, at: datetime) -> HttpResponse:
    """A colleague of the customer follows from now on (C8)."""
    form = CopyForm(request.POST, ticket)
    done = _("Personne ajoutée en copie.")
    return _perform(request, ticket, at, ("add-copy", form), act=operations.add_copy, done=done)


@desk_act
def remove_copy(request: PortalRequest, ticket: Ticket, at: datetime) -> HttpResponse:
    """The colleague follows it no more. Somebody who did not follow is no fault."""
    form = CopyRemovalForm(request.POST, ticket)
    if form.is_valid():
        operations.remove_copy(
            ticket_id=ticket.pk, actor=request.user, at=at, user=form.cleaned_data["user"]
        )
        messages.success(request, _("Personne retirée des copies."))
    return redirect("desk:ticket", ticket.reference)
