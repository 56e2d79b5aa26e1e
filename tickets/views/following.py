"""What a page of an incident asks for while it is read: what is new, what was left out.

Each also answers as a page of its own, for a browser without JavaScript, except the poll.
"""

from __future__ import annotations

from datetime import datetime

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import require_customer
from accounts.http import PortalRequest
from foundation.wording import elided
from tickets import access
from tickets.enums import Act
from tickets.forms import ReasonForm
from tickets.models import Ticket
from tickets.queries.clocks import PromiseShown, pauses_of, promises_shown
from tickets.queries.dossier import dossier_of
from tickets.queries.page import IncidentPage, earlier_steps, page_of
from tickets.queries.people import COLLEAGUES_SHOWN, addable
from tickets.queries.sentences import who_of
from tickets.queries.version import Version, version_of, was_held

# Of a fold: a promise that is months late has hundreds of nights (the page has them all).
LEDGER_LINES_SHOWN = 60


@require_safe
def since(request: PortalRequest, reference: str) -> HttpResponse:
    """…/depuis/?v=…: 204 while the page shows what stands, else the parts that changed.

    Asked every few seconds: unchanged, it is one query. It writes nothing, so that no session
    lasts longer for it (decision 0017).
    """
    at = timezone.now()
    watched = access.get_watched_ticket(request.user, reference, at)
    current, shown = version_of(watched, at), Version.read(request.GET.get("v", ""))
    if shown == current:
        return HttpResponse(status=204)
    ticket = access.get_plain_ticket(request.user, reference)
    known = shown or current
    # An answer that could be taken back until now stands before what was said meanwhile.
    is_whole = known.checking != current.checking and was_held(ticket, at)
    page = page_of(ticket, request.user, at, after=None if is_whole else known.sequence)
    has_news = shown is None or shown[:2] != current[:2]
    context = {
        "now": at,
        "ticket": ticket,
        "page": page,
        "reason": ReasonForm(),
        "has_news": has_news,
        "is_whole": is_whole,
        # Somebody has signed in again elsewhere: the forms of the page need the new token.
        "renews": shown is None,
        "news": news_of(page, request.user.pk),
        "last_step": page.steps[-1].entry.sequence if page.steps else 0,
        "restarted": any(step.entry.event.act is Act.REOPEN for step in page.steps),
        "checked": _checked(ticket, request, at) if known.checking != current.checking else [],
    }
    return render(request, "tickets/_since.html", context)


def news_of(page: IncidentPage, reader: int) -> str:
    """What is said aloud of the steps that have just come: the last one that others made."""
    made = [step for step in page.steps if not step.entry.author or step.entry.author.pk != reader]
    if not made:
        return ""
    last = made[-1]
    if last.entry.event.act is Act.MESSAGE:
        author = elided("de", who_of(last.entry.author))
        return _("Nouveau message %(of_author)s") % {"of_author": author}
    return last.sentence


def _checked(ticket: Ticket, request: PortalRequest, at: datetime) -> list[object]:
    """The last steps that have files: one of them has just been checked."""
    page = page_of(ticket, request.user, at)
    return [step for step in page.steps if step.entry.files]


@require_safe
def earlier(request: PortalRequest, reference: str) -> HttpResponse:
    """…/precedents/?avant=…: the steps before the one that the page begins with."""
    at = timezone.now()
    ticket = access.get_plain_ticket(request.user, reference)
    before = request.GET.get("avant", "")
    if not (before.isascii() and before.isdigit() and len(before) < 10):
        return redirect(ticket)
    if "HX-Request" not in request.headers:
        return redirect(f"{ticket.get_absolute_url()}?fil=entier")
    steps, between = earlier_steps(ticket, request.user, int(before), at)
    context = {"ticket": ticket, "steps": steps, "between": between, "now": at}
    return render(request, "tickets/_earlier.html", context)


@require_safe
def commitments(request: PortalRequest, reference: str) -> HttpResponse:
    """…/engagements/: every promise with its ledger (S15); one of them for a fold that opens."""
    at = timezone.now()
    ticket = access.get_plain_ticket(request.user, reference)
    is_staff = request.user.is_staff
    shown = promises_shown(ticket, pauses_of(ticket), at, for_staff=is_staff)
    wanted = request.GET.get("engagement")
    if wanted is None:
        present = [promise for promise in shown if promise.clock.cycle == ticket.cycle]
        past = [promise for promise in shown if promise.clock.cycle != ticket.cycle]
        context = {"now": at, "ticket": ticket, "promises": present, "past_promises": past}
        return render(request, "tickets/commitments.html", context)
    context = {"now": at, "promise": _chosen(shown, wanted), "most": LEDGER_LINES_SHOWN}
    return render(request, "tickets/_ledger.html", context)


def _chosen(shown: list[PromiseShown], wanted: str) -> PromiseShown:
    for promise in shown:
        if str(promise.clock.commitment.pk) == wanted:
            return promise
    raise Http404("No such promise of this incident.")


@require_safe
@require_customer
def colleagues(request: PortalRequest, reference: str) -> HttpResponse:
    """…/collegues/?q=…: the form that puts somebody in copy, among at most some names."""
    ticket = access.get_plain_ticket(request.user, reference)
    like = request.GET.get("q", "")
    people = addable(ticket, like)
    context = {
        "ticket": ticket,
        "people": people[:COLLEAGUES_SHOWN],
        "has_more": len(people) > COLLEAGUES_SHOWN,
        "like": like,
    }
    is_part = "HX-Request" in request.headers
    name = "tickets/_colleagues.html" if is_part else "tickets/colleagues.html"
    return render(request, name, context)


@require_safe
def printed(request: PortalRequest, reference: str) -> HttpResponse:
    """…/imprimer/: the whole file of the incident, for paper or PDF."""
    at = timezone.now()
    ticket = access.get_plain_ticket(request.user, reference)
    context = {"now": at, "ticket": ticket, "file": dossier_of(ticket, request.user, at)}
    return render(request, "tickets/print.html", context)
