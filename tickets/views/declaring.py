"""/incidents/declarer/: one form, one incident, its deadlines shown before it is sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import unsent
from accounts.access import require_customer
from accounts.http import PortalRequest
from accounts.models import Company
from files.forms import DRAFT, draft_token
from foundation.refusals import Refusal
from licences.access import get_licence
from licences.models import Licence
from sla.queries import NoVersion
from tickets import access, operations
from tickets.clocks import Terms, terms_for
from tickets.enums import Status
from tickets.forms import DeclareForm, bound_token, severity_cards
from tickets.models import Ticket
from tickets.queries import customer
from tickets.views.forms import claim, page_or_form, take

# The button that says: yes, a second incident with the same words.
AGAIN = "encore"


@dataclass(frozen=True)
class Subject:
    """What the address of the form names: for which company, about what."""

    company: Company
    follows: Ticket | None
    licence: Licence | None

    def address(self, form: DeclareForm) -> str:
        """Where the form is sent; it names the same again, and the form itself (DRAFT)."""
        named = QueryDict(mutable=True)
        named["societe"] = str(self.company.pk)
        if self.follows is not None:
            named["suite"] = self.follows.reference
        if self.licence is not None:
            named["licence"] = str(self.licence.pk)
        named[DRAFT] = str(form["form_token"].value())
        return f"?{named.urlencode()}"


@page_or_form
@require_customer
def declare(request: PortalRequest) -> HttpResponse:
    """/incidents/declarer/: both deadlines are shown before the form is sent (S16)."""
    at = timezone.now()
    subject = _subject(request)
    if subject is None:
        return render(request, "tickets/declare_company.html", {"companies": request.companies})
    if request.method == "POST":
        form = _form(subject, request, request.POST, request.FILES)
        return _answer(request, form.keep_files(person=request.user, at=at), subject, at)
    kept = unsent.waiting(request, request.get_full_path(), at)
    form = _form(subject, request, initial=kept.initial if kept else None)
    token = kept.form_token if kept else draft_token(request.GET)
    before = (
        customer.declared_with(request.user, bound_token(token, request.user)) if token else None
    )
    if token and before is None:
        form.resume(person=request.user, form_token=token)
    return _page(request, form, subject, at, before=before, unsent=kept)


def _answer(
    request: PortalRequest, form: DeclareForm, subject: Subject, at: datetime
) -> HttpResponse:
    """One form, one incident: what it declares, what it has declared already, or why not."""
    if not form.is_valid():
        return _page(request, form, subject, at)
    token = bound_token(form.cleaned_data["form_token"], request.user)
    if before := customer.declared_with(request.user, token):
        sentence = _("Cette déclaration avait déjà été reçue\u00a0: la voici. Rien n’a été ajouté.")
        messages.info(request, sentence)
        return redirect(before)
    if AGAIN not in request.POST and (twin := _twin(request, form, subject, at)):
        return _page(request, form, subject, at, twin=twin)
    try:
        return _declared(request, form, subject, at)
    except Refusal as refusal:
        form.add_error(None, refusal.sentence)
        return _page(request, form, subject, at)


def _page(
    request: PortalRequest, form: DeclareForm, subject: Subject, at: datetime, **found: Any
) -> HttpResponse:
    """The form, and what was found of an earlier one: `before` (its own) or `twin` (its words)."""
    terms = _terms(subject.company, at)
    context = {
        "now": at,
        "form": form,
        "subject": subject,
        "address": subject.address(form),
        "company": subject.company,
        "companies": request.companies,
        "follows": subject.follows,
        "terms": terms,
        "cards": form.cards(terms, at),
        **found,
    }
    return render(request, "tickets/declare.html", context)


@require_safe
@require_customer
def deadlines(request: PortalRequest) -> HttpResponse:
    """/incidents/declarer/echeances/: the same deadlines a minute later, for an open form."""
    at = timezone.now()
    company = _company_of(request)
    if company is None:
        raise Http404
    cards = severity_cards(_terms(company, at), at)
    return render(request, "tickets/_deadlines.html", {"now": at, "cards": cards})


def _subject(request: PortalRequest) -> Subject | None:
    """What the incident would be about; None while one of several companies is to be chosen."""
    company = _company_of(request)
    if company is None:
        return None
    return Subject(company, _followed(request, company), _licence(request, company))


def _form(
    subject: Subject, request: PortalRequest, *posted: Any, initial: dict[str, Any] | None = None
) -> DeclareForm:
    return DeclareForm(
        *posted,
        initial=initial,
        person=request.user,
        company=subject.company,
        follows=subject.follows,
        licence=subject.licence,
    )


def _company_of(request: PortalRequest) -> Company | None:
    """The company that the page was made for; gone or foreign is 404 (A4), never another one.

    None: the person has several, chose none with the switch and the address names none.
    """
    wanted = request.GET.get("societe")
    if wanted is None:
        return request.company
    for company in request.companies:
        if wanted == str(company.pk):
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


def _licence(request: PortalRequest, company: Company) -> Licence | None:
    """The licence that the incident is about, if the address names one of the company's (A1)."""
    number = request.GET.get("licence", "")
    # 18 digits fit a bigint; ASCII only, since int() reads others too.
    if not (number.isascii() and number.isdecimal() and len(number) <= 18):
        return None
    licence = get_licence(request.user, int(number))
    return licence if licence.company_id == company.pk else None


def _terms(company: Company, at: datetime) -> Terms | None:
    try:
        return terms_for(company, at)
    except NoVersion:
        return None


def _twin(
    request: PortalRequest, form: DeclareForm, subject: Subject, at: datetime
) -> Ticket | None:
    """The incident that the same words have just declared."""
    typed = form.cleaned_data
    return customer.just_declared(
        request.user,
        company=subject.company,
        product=typed["product"],
        title=typed["title"],
        body=typed["body"],
        at=at,
    )


def _declared(
    request: PortalRequest, form: DeclareForm, subject: Subject, at: datetime
) -> HttpResponse:
    typed = form.cleaned_data
    with transaction.atomic():
        ticket = operations.declare(
            actor=request.user,
            company=subject.company,
            product=typed["product"],
            licence=form.chosen_licence(subject.company),
            site=form.chosen_site(),
            severity=typed["severity"],
            title=typed["title"],
            body=typed["body"],
            copies=list(typed["copies"]),
            is_private=typed["is_private"],
            follows=subject.follows,
            files=claim(request, typed["form_token"], at),
            form_token=bound_token(typed["form_token"], request.user),
            at=at,
        )
    take(request, "declare")
    messages.success(
        request,
        _("Votre incident est enregistré sous le numéro %(reference)s. Un e-mail le confirme.")
        % {"reference": ticket.reference},
    )
    return redirect(ticket)
