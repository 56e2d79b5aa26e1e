"""The lines of customers’ lists as HTML: `{% incident_lines lines now requester=True %}`, and
`{% changed_lines changed %}` for what has changed since somebody's last visit.

A page shows dozens of them, so each is put together here in one go rather than by a template's
nodes (decision 0018). Whatever people typed goes through `escape`; badges and clocks are HTML.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django import template
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from foundation.templatetags.clockface import clock
from foundation.templatetags.icons import icon
from foundation.wording import day, working
from tickets.enums import Outcome, Status
from tickets.queries.changes import Changed
from tickets.queries.lines import Line
from tickets.templatetags.badges import severity_badge, status_badge, turn_badge
from tickets.templatetags.incident import on

register = template.Library()

# What is awaited of somebody, in a line: the page of the incident says all of it.
REASON_MAX = 140


@dataclass(frozen=True, slots=True)
class _Words:
    """What every line of a page says alike, looked up once a page."""

    address: str
    declared: str
    closed: str
    cancelled: str
    merged: str
    private: str
    proposed: str
    awaited: str
    before: str
    paused: str


@register.simple_tag
def incident_lines(
    lines: Iterable[Line], now: datetime, *, company: bool = False, requester: bool = False
) -> SafeString:
    """The `<li>` of each line; with its company, with who declared it."""
    words = _words()
    made = [_line(line, now, words, company=company, requester=requester) for line in lines]
    return mark_safe("".join(made))  # noqa: S308 (each part is escaped or is HTML of ours)


@register.simple_tag
def changed_lines(changed: Iterable[Changed], *, company: bool = False) -> SafeString:
    """The `<li>` of each incident that changed, with what changed."""
    address = reverse("tickets:list")
    made = [_changed(row, address, company=company) for row in changed]
    return mark_safe("".join(made))  # noqa: S308 (each part is escaped or is HTML of ours)


def _changed(row: Changed, address: str, *, company: bool) -> str:
    facts = [f'<span class="reference">{row.reference}</span>']
    if company:
        facts.append(f"<span>{escape(row.company)}</span>")
    if row.others:
        said = ngettext("et %d autre changement", "et %d autres changements", row.others)
        facts.append(f"<span>{said % row.others}</span>")
    changes = "".join(
        f'<li><span>{escape(change.sentence)}</span> <span class="muted">{change.when}</span></li>'
        for change in row.changes
    )
    return (
        f'<li class="row-item"><a class="incident-title" href="{address}{row.reference}/">'
        f'{escape(row.title)}</a><ul class="changes">{changes}</ul>'
        f'<div class="row-facts">{"".join(facts)}</div></li>'
    )


def _words() -> _Words:
    return _Words(
        address=reverse("tickets:list"),
        declared=_("déclaré %s"),
        closed=_("clos %s"),
        cancelled=_("annulé %s"),
        merged=_("fusionné %s"),
        private=_("privé"),
        proposed=_("Une solution vous est proposée\u00a0: acceptez-la, ou refusez-la."),
        awaited=_("Attendu de vous\u00a0:"),
        before=_("Pour le %s."),
        paused=_("Délai suspendu\u00a0: il reste %s."),
    )


def _line(line: Line, now: datetime, words: _Words, *, company: bool, requester: bool) -> str:
    facts = [f'<span class="reference">{line.reference}</span>', severity_badge(line.severity)]
    facts.append(f"<span>{escape(line.product)}</span>")
    if company:
        facts.append(f"<span>{escape(line.company)}</span>")
    if requester:
        facts.append(f"<span>{escape(line.requester)}</span>")
    if line.is_private:
        facts.append(f"<span>{icon('lock')} {words.private}</span>")
    facts.append(f"<span>{words.declared % on(line.received_at, now)}</span>")
    return (
        '<li class="row-item incident"><div>'
        f'<a class="incident-title" href="{words.address}{line.reference}/">'
        f"{escape(line.title)}</a>"
        f'<div class="row-facts">{"".join(facts)}</div></div>'
        f'<div class="line-state"><div class="line-badges">{status_badge(line.status)}'
        f"{_aside(line, now, words)}</div>{_state(line, now, words)}</div></li>"
    )


def _aside(line: Line, now: datetime, words: _Words) -> str:
    """Whose turn it is, or when it ended."""
    match line.status:
        case Status.CLOSED:
            return _past(words.closed, line.closed_at, now)
        case Status.CANCELLED:
            ended = words.merged if line.is_merged else words.cancelled
            return _past(ended, line.cancelled_at, now)
        case _:
            return turn_badge(line.turn)


def _state(line: Line, now: datetime, words: _Words) -> str:
    """What is awaited of the reader, or the next deadline; nothing once it is over."""
    match line.status:
        case Status.RESOLVED:
            return _note(words.proposed)
        case Status.WAITING_CUSTOMER:
            until = f" {words.before % day(line.waiting_until)}" if line.waiting_until else ""
            reason = escape(_cut(line.waiting_reason))
            said = f'<span class="muted">{words.awaited}</span> {reason}{until}'
            return f'<p class="line-note">{said}</p>{_paused(line, words)}'
        case _:
            return clock(line.clock, now, line=True) if line.clock is not None else ""


def _paused(line: Line, words: _Words) -> str:
    """What is left of the promise that stands still meanwhile."""
    watched = line.clock
    if watched is None or watched.outcome is not Outcome.PAUSED or watched.used >= watched.target:
        return ""
    left = words.paused % working(watched.target - watched.used)
    return f'<p class="line-note muted">{left}</p>'


def _note(text: str) -> str:
    return f'<p class="line-note">{text}</p>'


def _past(sentence: str, at: datetime | None, now: datetime) -> str:
    return f'<span class="line-past">{sentence % on(at, now)}</span>'


def _cut(text: str) -> str:
    """The beginning of a text, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= REASON_MAX else f"{line[: REASON_MAX - 1].rstrip()}…"
