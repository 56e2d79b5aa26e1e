"""/incidents/declarer/: one form, one incident, its deadlines shown before it is sent."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import unsent
from accounts.access import require_customer
from accounts.http import PortalRequest
from accounts.models import Company
from foundation.refusals import Refusal
from sla.queries import NoVersion
from tickets import access, operations
from tickets.clocks import Terms, terms_for
from tickets.enums import Status
from tickets.forms import DeclareForm, bound_token, only_licence, severity_cards
from tickets.models import Ticket
from tickets.queries import customer
from tickets.views.forms import claim, page_or_form, take


@page_or_form
@require_customer
def declare(request: PortalRequest) -> HttpResponse:
    """/incidents/declarer/: both deadlines are shown before the form is sent (S16)."""
    at = timezone.now()
    company = _company_of(request)
    follows = _followed(request, company)
    posted = (request.POST, request.FILES) if request.method == "POST" else ()
    kept = None if posted else unsent.waiting(request, request.get_full_path(), at)
    form = DeclareForm(
        *posted,
        person=request.user,
        company=company,
        follows=follows,
        initial=kept.initial if kept else None,
    )
    if kept and kept.form_token:
        form.resume(person=request.user, form_token=kept.form_token)
    if request.method == "POST" and form.keep_files(person=request.user, at=at).is_valid():
        try:
            return _declared(request, form, company, follows, at)
        except Refusal as refusal:
            form.add_error(None, refusal.sentence)
    terms = _terms(company, at)
    context = {
        "now": at,
        "form": form,
        "unsent": kept,
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
            files=claim(request, typed["form_token"], at),
            form_token=token,
            at=at,
        )
    take(request, "declare")
    messages.success(
        request,
        _("Votre incident est enregistré sous le numéro %(reference)s. Un e-mail le confirme.")
        % {"reference": ticket.reference},
    )
    return redirect(ticket)
