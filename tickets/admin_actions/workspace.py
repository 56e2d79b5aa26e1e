"""An incident's workspace: the thread, what can be written, facts and clocks, the customer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import unsent
from accounts.http import PortalRequest
from tickets import presence
from tickets.access import get_plain_ticket
from tickets.admin_actions.guard import desk_page, seen_on, shell
from tickets.admin_actions.panes import (
    ask_panes_of,
    composer_of,
    retyped,
    side_acts_of,
    unmerge_of,
)
from tickets.admin_actions.saying import Said, said
from tickets.enums import Act, Side
from tickets.lifecycle import allowed
from tickets.models import Ticket
from tickets.queries.bulk import AT_MOST
from tickets.queries.callers import caller_of
from tickets.queries.linking import open_among
from tickets.queries.told import Window
from tickets.queries.workspace import DeskPage, desk_page_of
from tickets.rights import ACT_ON_TICKET


@desk_page
@require_safe
def ticket(request: PortalRequest, reference: str) -> HttpResponse:
    """The workspace as it stands, with what a session that ended left unsent."""
    at = timezone.now()
    kept = unsent.waiting(request, request.path, at)
    if kept is None:
        return workspace(request, reference, at)
    bound = retyped(kept, get_plain_ticket(request.user, reference), request.user, at)
    # Splitting has a page of its own, where its text waits.
    return workspace(request, reference, at, bound=bound, kept=kept if bound else None)


def workspace(
    request: PortalRequest,
    reference: str,
    at: datetime,
    *,
    bound: Mapping[str, Form] | None = None,
    kept: unsent.Unsent | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page; `bound` are forms that came back, by name, with what was typed.

    The incident is read anew: a colleague may have acted since the form was opened (G4), and what
    they did stands beside the form that came back.
    """
    found = get_plain_ticket(request.user, reference)
    page = desk_page_of(found, at, is_whole=request.GET.get("fil") == "entier")
    lines = lines_of(page)
    context = {
        **shell(request, f"{found.reference} · {found.title}", at),
        **page_context(request, page, bound or {}),
        "unsent": kept,
        "first_line": lines.pop(0) if page.window.first else None,
        "lines": lines,
        "held": _held(lines, request.user.pk, at),
        "since": _since(lines, request) if bound else [],
        "others": presence.tell(found, request.user, at, writes=bool(bound)),
    }
    return render(request, "desk/ticket.html", context, status=status)


def lines_of(page: DeskPage, window: Window | None = None) -> list[Said]:
    """The steps of the page, or of another `window` on it, in words.

    The declaration comes first when it stands apart.
    """
    window = window or page.window
    first = [window.first] if window.first else []
    return said(page.facts.requester.full_name, [*first, *window.last])


def _held(lines: list[Said], reader: int, at: datetime) -> Said | None:
    """One's own answer of a moment ago, which can still be taken back."""
    for line in reversed(lines):
        author = line.entry.author
        if line.is_held(at) and author is not None and author.pk == reader:
            return line
    return None


def _since(lines: list[Said], request: PortalRequest) -> list[Said]:
    """What others did since the page of the form that came back was drawn."""
    seen = seen_on(request)
    if seen is None:
        return []
    return [
        line for line in lines
        if line.entry.sequence > seen
        and (line.entry.author is None or line.entry.author.pk != request.user.pk)
    ]  # fmt: skip


def page_context(
    request: PortalRequest, page: DeskPage, bound: Mapping[str, Form]
) -> dict[str, Any]:
    """What the parts of the page are drawn from, whole or one by one."""
    found = page.ticket
    return {
        "now": page.at,
        "ticket": found,
        "page": page,
        "facts": page.facts,
        "asks": page.asks,
        "seen": found.last_sequence,
        "awaiting": page.awaiting,
        "children": page.children,
        "open_children": open_among(page.children)[:AT_MOST],
        "ask_panes": ask_panes_of(page.asks, request.user, bound),
        **_acts(found, request, bound, page.at),
    }


def _acts(
    found: Ticket, request: PortalRequest, bound: Mapping[str, Form], at: datetime
) -> dict[str, Any]:
    if not request.user.has_perm(ACT_ON_TICKET):
        return {}
    state = found.state
    return {
        "can_acknowledge": allowed(state, Act.ACKNOWLEDGE, Side.ENGINEER) is not None,
        "can_split": allowed(state, Act.SPLIT, Side.ENGINEER) is not None,
        "can_merge": allowed(state, Act.MERGE, Side.ENGINEER) is not None,
        "unmerge": unmerge_of(found, bound),
        "can_resume": allowed(state, Act.RESUME, Side.ENGINEER) is not None,
        "caller": None if state.is_open else caller_of(found),
        "composer": composer_of(found, bound, at),
        "side_acts": side_acts_of(found, request.user, bound, at),
    }
