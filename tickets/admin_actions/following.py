"""What a workspace asks for while it is open: what is new, who else is there, what was left out.

As the customers' page does (decision 0017), with the notes, and for the desk alone. It writes
nothing to the session: a page left open prolongs none.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.http import PortalRequest
from foundation.text import number_of
from foundation.wording import elided
from tickets import presence
from tickets.access import get_plain_ticket, get_watched_ticket
from tickets.admin_actions.call import call_began_at
from tickets.admin_actions.guard import desk_page, event_number, shell
from tickets.admin_actions.panes import Pane, composer_of, side_acts_of
from tickets.admin_actions.saying import Said, said
from tickets.admin_actions.workspace import lines_of, page_context
from tickets.enums import Act
from tickets.models import Ticket
from tickets.queries.around import other_licences
from tickets.queries.solutions import first_words, solutions_for
from tickets.queries.upkeep import undone_on
from tickets.queries.version import Version
from tickets.queries.workspace import (
    DeskPage,
    desk_facts_of,
    desk_page_of,
    desk_version,
    earlier_of_desk,
    latest_of_desk,
)
from tickets.rights import ACT_ON_TICKET

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@desk_page
@require_safe
def since(request: PortalRequest, reference: str) -> HttpResponse:
    """…/depuis/?v=…: 204 while the page shows what stands, else the parts that changed."""
    at = timezone.now()
    watched = get_watched_ticket(request.user, reference, at)
    others = presence.tell(watched, request.user, at, writes=request.GET.get("ecrit") == "1")
    # An annotation of `with_version`.
    checking: int = watched.checking  # type: ignore[attr-defined]
    current, shown = desk_version(watched, checking, at), Version.read(request.GET.get("v", ""))
    is_same_company = request.GET.get("avec", "") == presence.mark_of(others)
    if shown == current and is_same_company:
        return HttpResponse(status=204)
    known = shown or current
    page = desk_page_of(get_plain_ticket(request.user, reference), at, after=known.sequence)
    lines = lines_of(page)
    context = {
        **page_context(request, page, {}),
        "others": others,
        "has_news": shown is None or shown[:2] != current[:2],
        "renews": shown is None,
        "lines": lines,
        "news": _news_of(lines, request.user.pk),
        "last_step": lines[-1].entry.sequence if lines else 0,
        **(_changed(page) if known.checking != current.checking else {}),
        "restarted": any(line.entry.event.act is Act.REOPEN for line in lines),
    }
    return render(request, "desk/_since.html", context)


def _changed(page: DeskPage) -> dict[str, list[Said]]:
    """Steps of the page of which something else is said now: files that were checked, and answers
    that customers see from now on.
    """
    lines = lines_of(page, latest_of_desk(page.ticket, page.at))
    return {
        "checked": [line for line in lines if line.entry.files],
        "released": [line for line in lines if line.entry.visible_from is not None],
    }


def _news_of(lines: list[Said], reader: int) -> str:
    """What is said aloud of the steps that have just come: the last one that others made."""
    made = [line for line in lines if line.entry.author is None or line.entry.author.pk != reader]
    if not made:
        return ""
    last = made[-1]
    author = last.entry.author
    if author is None or last.entry.event.act not in {Act.MESSAGE, Act.NOTE}:
        return last.title
    of_author = elided("de", author.full_name)
    if last.is_note:
        return _("Nouvelle note interne %(of_author)s") % {"of_author": of_author}
    return _("Nouveau message %(of_author)s") % {"of_author": of_author}


@desk_page
@require_safe
def earlier(request: PortalRequest, reference: str) -> HttpResponse:
    """…/precedents/?avant=…: the steps before the one that the page begins with."""
    at = timezone.now()
    found = get_plain_ticket(request.user, reference)
    before = event_number(request.GET.get("avant", ""))
    if before is None or not is_part(request):
        return redirect(f"{reverse('desk:ticket', args=[found.reference])}?fil=entier")
    entries, between = earlier_of_desk(found, before, at)
    lines = said(found.requester.full_name, entries)
    context = {"ticket": found, "lines": lines, "between": between, "now": at}
    return render(request, "desk/_earlier.html", context)


@desk_page
@require_safe
def pane(request: PortalRequest, reference: str, name: str) -> HttpResponse:
    """…/acte/<name>/: the form of one act, for a fold that opens or as a page of its own.

    `?vu=` is the last event that the page around it shows: the act is judged by that page.
    """
    at = timezone.now()
    found = get_plain_ticket(request.user, reference)
    offered: list[Pane] = []
    if request.user.has_perm(ACT_ON_TICKET):
        offered = [*composer_of(found, {}, at), *side_acts_of(found, request.user, {}, at)]
    chosen = next((pane for pane in offered if pane.name == name), None)
    if chosen is None and not is_part(request):
        messages.error(request, _("Cet acte n’est pas possible sur l’incident tel qu’il est."))
        return redirect("desk:ticket", found.reference)
    if chosen is not None and name == "log-call" and "appelant" in request.GET:
        _on_the_phone(chosen, request, at)
    shown = event_number(request.GET.get("vu", ""))
    context = {
        "pane": chosen,
        "seen": found.last_sequence if shown is None else min(shown, found.last_sequence),
        "facts": desk_facts_of(found, at),
        "undone": undone_on(found) if name == "resolve" else 0,
    }
    title = chosen.words.tab if chosen is not None else ""
    return part(request, found, at, "desk/_pane.html", title=title, context=context)


def _on_the_phone(pane: Pane, request: PortalRequest, at: datetime) -> None:
    """Who calls and since when, from « Appel »: chosen again by hand when they may not see it."""
    pane.form.initial.update(
        caller=number_of(request.GET["appelant"]), began_at=call_began_at(request, at)
    )


@desk_page
@require_safe
def mails(request: PortalRequest, reference: str) -> HttpResponse:
    """…/e-mails/: what left, to whom, with which answer."""
    found, at = get_plain_ticket(request.user, reference), timezone.now()
    title = _("E-mails")
    return part(request, found, at, "desk/_mails.html", title=title, context={})


@desk_page
@require_safe
def solutions(request: PortalRequest, reference: str) -> HttpResponse:
    """…/solutions/?q=…: what was done about the same trouble, at any customer's (E23)."""
    found, at = get_plain_ticket(request.user, reference), timezone.now()
    words = request.GET.get("q", first_words(found)).replace("\x00", "")
    context = {
        "found": solutions_for(found, words, request.user, at),
        "is_page": not is_part(request),
    }
    title = _("Solutions connues")
    return part(request, found, at, "desk/_solutions.html", title=title, context=context)


@desk_page
@require_safe
def park(request: PortalRequest, reference: str) -> HttpResponse:
    """…/parc/: what the company has beside the licences of the incident's product."""
    found, at = get_plain_ticket(request.user, reference), timezone.now()
    context = {"others": other_licences(found, at)}
    title = _("Reste du parc")
    return part(request, found, at, "desk/_park.html", title=title, context=context)


def is_part(request: PortalRequest) -> bool:
    """A fold of the page asks, not the browser."""
    return "HX-Request" in request.headers


def part(
    request: PortalRequest,
    found: Ticket,
    at: datetime,
    template: str,
    *,
    title: StrOrPromise,
    context: dict[str, Any],
) -> HttpResponse:
    """What a fold of the workspace holds; by itself, the same as a page."""
    context |= {"ticket": found, "now": at}
    if is_part(request):
        return render(request, template, context)
    whole = context | shell(request, title, at) | {"part": template}
    return render(request, "desk/part.html", whole)
