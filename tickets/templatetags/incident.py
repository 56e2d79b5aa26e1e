"""What the pages of an incident need beside facts: the thread, and instants inside a sentence.

The thread is drawn here rather than by a template: a step would be thirty nodes and two includes.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from blog.rendering import render_message
from foundation.templatetags.icons import icon
from foundation.wording import instant, near_instant
from tickets.models import Ticket
from tickets.queries.page import Step

register = template.Library()

# Messages are read again and again by those who follow them; longer ones are rendered each time.
REMEMBERED_LETTERS = 2_000


@register.filter
def message_html(text: str) -> SafeString:
    """A message's Markdown as HTML that may stand in a page (D1, D2, D3)."""
    return _remembered(text) if len(text) <= REMEMBERED_LETTERS else render_message(text)


@lru_cache(maxsize=1024)
def _remembered(text: str) -> SafeString:
    return render_message(text)


@register.simple_tag
def incident_url(name: str, ticket: Ticket) -> str:
    """`{% url name ticket.reference %}`: a page has ten, of which only the reference differs."""
    return _address(name).replace(_ANY_REFERENCE, ticket.reference)


_ANY_REFERENCE = "INC-0000-000000"


@lru_cache(maxsize=64)
def _address(name: str) -> str:
    return reverse(name, args=[_ANY_REFERENCE])


@register.filter
def on(at: datetime | None, now: datetime) -> str:
    """An instant inside a sentence: « clos hier à 9 h 00 », « clos le lun. 14 sept. à 9 h 00 »."""
    if at is None:
        return ""
    text = near_instant(at, now)
    return text if text.startswith(("aujourd’hui", "demain", "hier")) else f"le {text}"


# --- the thread -----------------------------------------------------------------------------------

_DAY = '<li class="entry-day"><span>{}</span></li>'
_MESSAGE = """\
<li class="entry{css}" id="e-{number}">
<div class="entry-head"><strong>{sentence}</strong>{role}{time}</div>{body}{files}</li>{resumed}"""
_EVENT = '<li class="entry-event" id="e-{}">{}<span>{}</span>{}</li>'
_RESUMED = '<li class="entry-event">{}<span>{}</span>{}</li>'
_TIME = '<time datetime="{}" title="{}">{}</time>'
_ROLE = '<span class="muted">{}</span>'
_BODY = '<div class="entry-body">{}</div>'
_FILES = '<div class="entry-files" id="fichiers-{}"{}>{}</div>'
_OOB = SafeString(' hx-swap-oob="true"')


@register.simple_tag
def thread_steps(steps: Iterable[Step], css: str = "") -> SafeString:
    """The steps as items of the thread's list; `css` marks those that have just come."""
    return format_html_join("\n", "{}{}", ((_day(step), _step(step, css)) for step in steps))


@register.simple_tag
def thread_step(step: Step) -> SafeString:
    """One of them."""
    return thread_steps([step])


@register.simple_tag
def step_files(step: Step) -> SafeString:
    """The files of a step again, to take the place of those on the page (their state changed)."""
    return _files(step, _OOB)


def _day(step: Step) -> SafeString | str:
    return format_html(_DAY, step.day) if step.day else ""


def _step(step: Step, css: str) -> SafeString:
    entry, time = step.entry, _time(step)
    if not step.is_message:
        shape = icon(entry.status_after.value if entry.changed_status else "info")
        return format_html(_EVENT, entry.sequence, shape, step.sentence, time)
    return format_html(
        _MESSAGE,
        css=(" entry-ours" if step.is_ours else "") + (f" {css}" if css else ""),
        number=entry.sequence,
        sentence=step.sentence,
        role=format_html(_ROLE, step.role) if step.role else "",
        time=time,
        body=format_html(_BODY, message_html(step.text)) if step.text else "",
        files=_files(step, "") if entry.files else "",
        resumed=_resumed(step, time) if entry.has_resumed else "",
    )


def _time(step: Step) -> SafeString:
    at = step.entry.at
    return format_html(_TIME, at.isoformat(timespec="seconds"), instant(at), step.when)


def _resumed(step: Step, time: SafeString) -> SafeString:
    before, after = step.entry.status_before, step.entry.status_after
    told = _("Le traitement reprend\u00a0: %(before)s → %(after)s") % {
        "before": before.label if before else "",
        "after": after.label,
    }
    return format_html(_RESUMED, icon(after.value), told, time)


def _files(step: Step, swap: SafeString | str) -> SafeString:
    shown = render_to_string("components/files.html", {"files": step.entry.files})
    return format_html(_FILES, step.entry.sequence, swap, shown)
