"""The customers’ pages of incidents: list, declare, one incident and the acts below it.

Each reads the clock once, makes one operation call and translates the refusal. What was typed
comes back with it, files included.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import require_customer
from accounts.http import PortalRequest
from accounts.models import Company, User
from files import operations as file_operations
from foundation.refusals import Conflict, Refusal
from licences.models import Licence
from sla.queries import NoVersion
from tickets import access, operations
from tickets.clocks import Terms, terms_for
from tickets.enums import Status
from tickets.forms import (
    AcceptForm,
    CopyForm,
    DeclareForm,
    IncidentFilter,
    ReasonForm,
    ReplyForm,
    bound_token,
    only_licence,
    severity_cards,
)
from tickets.models import Ticket, TicketQuerySet
from tickets.queries import customer
from tickets.queries.page import page_of

LINES_PER_PAGE = 25
REFUSED = 409
TAKEN = "form_taken"

page_or_form = require_http_methods(["GET", "HEAD", "POST"])


if TYPE_CHECKING:
    _Pages = Paginator[Ticket]
else:
    _Pages = Paginator


class CappedPaginator(_Pages):
    """Counts no further than what can be paged through, however many there are (Q1)."""

    object_list: TicketQuerySet

    @cached_property
    def count(self) -> int:
        return self.object_list[: customer.LIST_MAX].count()

    @property
    def is_capped(self) -> bool:
        """Older incidents exist and are found by filtering."""
        return self.count >= customer.LIST_MAX


@require_safe
def incidents(request: PortalRequest) -> HttpResponse:
    """/incidents/: own incidents, or the company's for its référent, with their clocks."""
    at, person, company = timezone.now(), request.user, request.company
    form = IncidentFilter(
        request.GET, company=company, shows_all=request.manages_company or person.is_staff
    )
    found = customer.incidents(person, company, form.filters(person))
    page = CappedPaginator(found, LINES_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "now": at,
        "form": form,
        "is_filtered": bool(form.chosen()),
        "tour": form.chosen().get("tour", ""),
        "page_obj": page,
        "lines": customer.lines(page.object_list, at),
        "shows_requesters": request.manages_company or person.is_staff,
    }
    return render(request, "tickets/list.html", context)


def incidents_of_licence(user: User, licence: Licence, at: datetime) -> SafeString:
    """The fragment that the page of a licence shows: its last incidents, those visible (A2)."""
    found = customer.of_licence(user, licence)
    context = {"lines": customer.lines(found, at), "now": at}
    return mark_safe(render_to_string("tickets/_of_licence.html", context))  # noqa: S308


# --- declaring --------------------------------------------------------------------------------


@page_or_form
@require_customer
def declare(request: PortalRequest) -> HttpResponse:
    """/incidents/declarer/: both deadlines are shown before the form is sent (S16)."""
    at = timezone.now()
    company = _company_of(request)
    follows = _followed(request, company)
    posted = (request.POST, request.FILES) if request.method == "POST" else ()
    form = DeclareForm(*posted, person=request.user, company=company, follows=follows)
    if request.method == "POST" and form.keep_files(person=request.user, at=at).is_valid():
        try:
            return _declared(request, form, company, follows, at)
        except Refusal as refusal:
            form.add_error(None, refusal.sentence)
    terms = _terms(company, at)
    context = {
        "now": at,
        "form": form,
        "company": company,
        "companies": request.companies,
        "follows": follows,
        "terms": terms,
        "cards": form.cards(terms, at),
    }
    return render(request, "tickets/declare.html", context)


@require_safe
@require_customer
def deadlines(request: PortalRequest) -> HttpResponse:
    """/incidents/declarer/echeances/: the same deadlines a minute later, for an open form."""
    at = timezone.now()
    cards = severity_cards(_terms(_company_of(request), at), at)
    return render(request, "tickets/_deadlines.html", {"now": at, "cards": cards})


def _company_of(request: PortalRequest) -> Company:
    """The company that the page was made for; gone or foreign is 404 (A4), never another one."""
    wanted = request.GET.get("societe")
    for company in request.companies:
        if wanted == str(company.pk) or (wanted is None and company == request.company):
            return company
    raise Http404


def _followed(request: PortalRequest, company: Company) -> Ticket | None:
    """The ended incident that the new one follows (S9), if the address names one."""
    reference = request.GET.get("suite")
    if not reference or "\x00" in reference:
        return None
    ticket = access.get_ticket(request.user, reference)
    ended = ticket.state in {Status.CLOSED, Status.CANCELLED}
    return ticket if ended and ticket.company_id == company.pk else None


def _terms(company: Company, at: datetime) -> Terms | None:
    try:
        return terms_for(company, at)
    except NoVersion:
        return None


def _declared(
    request: PortalRequest,
    form: DeclareForm,
    company: Company,
    follows: Ticket | None,
    at: datetime,
) -> HttpResponse:
    """One form, one incident: what it declares, or what it has already declared."""
    typed = form.cleaned_data
    token = bound_token(typed["form_token"], request.user)
    ticket = customer.declared_with(request.user, token)
    if ticket is not None:
        messages.info(
            request,
            _("Cette déclaration avait déjà été reçue\u00a0: la voici. Rien n’a été ajouté."),
        )
        return redirect(ticket)
    with transaction.atomic():
        ticket = operations.declare(
            actor=request.user,
            company=company,
            product=typed["product"],
            licence=only_licence(company, typed["product"]),
            site=form.chosen_site(),
            severity=typed["severity"],
            title=typed["title"],
            body=typed["body"],
            copies=list(typed["copies"]),
            is_private=typed["is_private"],
            follows=follows,
            files=_claim(request, typed["form_token"], at),
            form_token=token,
            at=at,
        )
    _take(request, "declare")
    messages.success(
        request,
        _("Votre incident est enregistré sous le numéro %(reference)s. Un e-mail le confirme.")
        % {"reference": ticket.reference},
    )
    return redirect(ticket)


def _take(request: PortalRequest, form: str) -> None:
    """Let the next page tell the browser that the draft of this form is of no use any more."""
    request.session[TAKEN] = form


def _claim(request: PortalRequest, form_token: UUID, at: datetime) -> list[Any]:
    """The files that wait with the form, in the act's transaction: both or none."""
    return file_operations.claim(person=request.user, form_token=form_token, at=at)


# --- one incident -----------------------------------------------------------------------------


@require_safe
def incident(request: PortalRequest, reference: str) -> HttpResponse:
    """/incidents/<reference>/: the thread, both clocks, whose turn, and what can be done."""
    ticket = access.get_ticket(request.user, reference)
    return _page(request, ticket, timezone.now())


def _page(
    request: PortalRequest,
    ticket: Ticket,
    at: datetime,
    *,
    refused: Form | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page, with the form that did not pass: typed text and files stay in it."""
    reason = refused if isinstance(refused, ReasonForm) else ReasonForm()
    page = page_of(ticket, request.user, at)
    kept = "" if page.asks_a_reason else (reason["reason"].value() or "")
    context = {
        "now": at,
        "ticket": ticket,
        "page": page,
        "reply": refused if isinstance(refused, ReplyForm) else ReplyForm(initial={"body": kept}),
        "reason": reason,
        "refused": refused,
        "kept_as_message": bool(kept),
        "taken": request.session.pop(TAKEN, ""),
    }
    return render(request, "tickets/incident.html", context, status=status)


Act = Callable[[Ticket, dict[str, Any]], object]


def _answer(
    request: PortalRequest, ticket: Ticket, form: Form, act: Act, *, at: datetime, done: str
) -> HttpResponse:
    """Run an act with a submitted form, then show the incident: as it is now, or why not."""
    if form.is_valid():
        try:
            act(ticket, form.cleaned_data)
        except Refusal as refusal:
            form.add_error(None, refusal.sentence)
            ticket = access.get_ticket(request.user, ticket.reference)
            return _page(request, ticket, at, refused=form, status=REFUSED)
        messages.success(request, done)
        return redirect(ticket)
    return _page(request, ticket, at, refused=form)


@page_or_form
@require_customer
def message(request: PortalRequest, reference: str) -> HttpResponse:
    """…/message/: a public message with files; it ends « En attente client » (S6)."""
    ticket = access.get_ticket(request.user, reference)
    if request.method != "POST":
        return redirect(ticket)
    at = timezone.now()
    form = ReplyForm(request.POST, request.FILES).keep_files(person=request.user, at=at)
    act = partial(_post_message, request, at)
    return _answer(request, ticket, form, act, at=at, done=_("Message envoyé."))


def _post_message(
    request: PortalRequest, at: datetime, ticket: Ticket, typed: dict[str, Any]
) -> None:
    token = bound_token(typed["form_token"], request.user, ticket)
    if customer.was_said(ticket, token):
        return
    with transaction.atomic():
        files = _claim(request, typed["form_token"], at)
        operations.post_message(
            ticket_id=ticket.pk, actor=request.user, body=typed["body"], files=files,
            form_token=token, at=at,
        )  # fmt: skip
    _take(request, ticket.reference)


@page_or_form
@require_customer
def accept(request: PortalRequest, reference: str) -> HttpResponse:
    """…/accepter/: the solution that the page showed is accepted."""
    ticket = access.get_ticket(request.user, reference)
    if request.method != "POST":
        return redirect(ticket)
    at = timezone.now()
    act = partial(_accept, request, at)
    done = _("Solution acceptée\u00a0: l’incident est clos. Merci.")
    return _answer(request, ticket, AcceptForm(request.POST), act, at=at, done=done)


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
    ticket = access.get_ticket(request.user, reference)
    if request.method != "POST":
        return redirect(ticket)
    at = timezone.now()
    act = partial(_give_reason, request, operation, at)
    return _answer(request, ticket, ReasonForm(request.POST), act, at=at, done=done)


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
    operation(
        ticket_id=ticket.pk, actor=request.user, reason=typed["reason"], form_token=token, at=at
    )


@page_or_form
@require_customer
def copies(request: PortalRequest, reference: str) -> HttpResponse:
    """…/copies/: a colleague follows the incident from now on, or no more."""
    ticket = access.get_ticket(request.user, reference)
    if request.method != "POST":
        return redirect(ticket)
    at = timezone.now()
    form = CopyForm(request.POST, company=ticket.company)
    act = partial(_change_copies, request, at)
    done = _("Les personnes en copie sont à jour.")
    return _answer(request, ticket, form, act, at=at, done=done)


def _change_copies(
    request: PortalRequest, at: datetime, ticket: Ticket, typed: dict[str, Any]
) -> None:
    operation = operations.remove_copy if typed["removed"] else operations.add_copy
    operation(ticket_id=ticket.pk, actor=request.user, user=typed["person"], at=at)
