"""/incidents/declarer/: one form, one incident, its deadlines shown before it is sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import unsent
from accounts.access import require_customer
from accounts.http import PortalRequest
from files.forms import draft_token
from foundation.refusals import Refusal
from tickets import operations
from tickets.declare_forms import FIRST_PAGE, DeclareForm, severity_cards
from tickets.forms import bound_token
from tickets.models import Draft, Ticket
from tickets.operations import AlreadyDeclared, Once
from tickets.queries import customer
from tickets.queries.drafts import drafts_of
from tickets.queries.similar import suggestions_for
from tickets.views.drafting import keep_draft, page_token
from tickets.views.forms import RECEIVED, page_or_form
from tickets.views.subjects import Subject, form_of, named_company, subject_of, terms_of

# The button that says: yes, a second incident with the same words.
AGAIN = "encore"
# The button of the first of two pages, and the address of the second (without JavaScript).
STEP = "etape"


@page_or_form
@require_customer
def declare(request: PortalRequest) -> HttpResponse:
    """/incidents/declarer/: both deadlines are shown before the form is sent (S16)."""
    at = timezone.now()
    subject = subject_of(request)
    if subject is None:
        drafts = drafts_of(request.user, request.companies)
        found = {"companies": request.companies, "drafts": drafts, "now": at}
        return render(request, "tickets/declare_company.html", found)
    if request.method == "POST":
        form = form_of(subject, request, request.POST, request.FILES)
        form.keep_files(person=request.user, at=at)
        if STEP in request.POST:
            return _first_page(request, form, subject, at)
        return _answer(request, form, subject, at)
    return _open(request, subject, at)


def _open(request: PortalRequest, subject: Subject, at: datetime) -> HttpResponse:
    """The form: blank, or as it was left, here or on another machine."""
    kept = unsent.waiting(request, request.get_full_path(), at)
    token = kept.form_token if kept else draft_token(request.GET)
    drafts = drafts_of(request.user, request.companies)
    draft = next((row for row in drafts if row.form_token == token), None)
    typed = kept or draft
    form = form_of(subject, request, initial=typed.initial if typed else None)
    before = None
    if token and draft is None:
        before = customer.declared_with(request.user, bound_token(token, request.user))
    if token and before is None:
        form.resume(person=request.user, form_token=token)
    others = [row for row in drafts if row is not draft] if typed is None else []
    return _page(
        request, form, subject, at,
        before=before, unsent=kept, draft=draft, drafts=others, whole=STEP in request.GET,
        answered=form.first_page_in_short() if STEP in request.GET and typed else None,
        suggested=_suggested(request, subject, draft, at),
    )  # fmt: skip


def _suggested(
    request: PortalRequest, subject: Subject, draft: Draft | None, at: datetime
) -> object:
    """What the second of two pages shows of what others wrote; with JavaScript it comes alone."""
    if STEP not in request.GET or draft is None:
        return None
    return suggestions_for(request.user, subject.company, draft.title, draft.product_id, at)


def _first_page(
    request: PortalRequest, form: DeclareForm, subject: Subject, at: datetime
) -> HttpResponse:
    """Without JavaScript: what was said so far is kept, and the second page comes."""
    form.is_valid()
    if any(form.first_page_faults()):
        for name in set(form.errors) - {*FIRST_PAGE, "uploads"}:
            del form.errors[name]
        return _page(request, form, subject, at)
    keep_draft(request, form, subject, at)
    return redirect(f"{request.path}{subject.address(form)}&{STEP}=2")


def _answer(
    request: PortalRequest, form: DeclareForm, subject: Subject, at: datetime
) -> HttpResponse:
    """One form, one incident: what it declares, what it has declared already, or why not."""
    if form.is_valid():
        try:
            return _declared(request, form, subject, at)
        except AlreadyDeclared as found:
            if not found.by_form:
                return _again(request, form, subject, at, twin=found.ticket)
            if customer.is_said_in(found.ticket, form.cleaned_data["title"], form.chosen_text()):
                return _received_before(request, form, found.ticket)
            return _again(request, form.renew(), subject, at, before=found.ticket)
        except Refusal as refusal:
            form.add_error(None, refusal.sentence)
    return _again(request, form, subject, at)


def _again(
    request: PortalRequest, form: DeclareForm, subject: Subject, at: datetime, **found: Any
) -> HttpResponse:
    """The form comes back as it was sent, and is kept as a draft meanwhile."""
    draft = keep_draft(request, form, subject, at)
    return _page(request, form, subject, at, draft=draft, whole=True, **found)


def _received_before(request: PortalRequest, form: DeclareForm, ticket: Ticket) -> HttpResponse:
    """The same form again: nothing is added."""
    token: UUID = form.cleaned_data["form_token"]
    operations.forget_draft(actor=request.user, form_token=token)
    sentence = _("Cette déclaration avait déjà été reçue\u00a0: la voici. Rien n’a été ajouté.")
    messages.info(request, sentence)
    return redirect(ticket)


def _page(
    request: PortalRequest, form: DeclareForm, subject: Subject, at: datetime, **found: Any
) -> HttpResponse:
    """The form, and what was found of an earlier one: `before` (its own) or `twin` (its words)."""
    terms = terms_of(subject.company, at)
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
        "page_token": page_token(request),
        **found,
    }
    return render(request, "tickets/declare.html", context)


@require_safe
@require_customer
def deadlines(request: PortalRequest) -> HttpResponse:
    """/incidents/declarer/echeances/: the same deadlines a minute later, for an open form."""
    at = timezone.now()
    cards = severity_cards(terms_of(named_company(request), at), at)
    return render(request, "tickets/_deadlines.html", {"now": at, "cards": cards})


def _declared(
    request: PortalRequest, form: DeclareForm, subject: Subject, at: datetime
) -> HttpResponse:
    typed = form.cleaned_data
    ticket = operations.declare(
        actor=request.user,
        company=subject.company,
        product=form.chosen_product() or operations.other_product(),
        licence=form.chosen_licence(),
        site=form.chosen_site(),
        severity=typed["severity"],
        title=typed["title"],
        body=form.chosen_text(),
        copies=list(typed["copies"]),
        is_private=typed["is_private"],
        follows=subject.follows,
        form=typed["form_token"],
        form_token=bound_token(typed["form_token"], request.user),
        once=Once.FORM if AGAIN in request.POST else Once.WORDS,
        at=at,
    )
    unsent.forget(request)
    # The page itself says that the incident was received: no notice is kept for it.
    return redirect(f"{ticket.get_absolute_url()}?{RECEIVED}=1")
