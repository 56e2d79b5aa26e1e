"""The thread as engineers read it, drawn in Python: a step would be forty nodes (decision 0019)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from foundation.templatetags.icons import icon
from foundation.wording import near_instant
from tickets.admin_actions.saying import Said
from tickets.enums import Act, Side, Status
from tickets.templatetags.incident import message_html

register = template.Library()

_WORDS = """\
<li class="entry{css}" id="e-{number}"{swap}><div class="entry-head">{shape}<strong>{who}</strong>
<span class="muted">{role}</span>{time}</div>{body}{files}{mails}</li>{resumed}"""
_EVENT = """\
<li class="entry entry-event{css}" id="e-{number}">{shape}<span>{what}{move}</span>{time}
{body}{files}{mails}</li>"""
_TIME = '<time datetime="{}">{}</time>'
_BODY = '<div class="entry-body">{}</div>'
_REASON = '<div class="entry-reason">{}{}</div>'
_KEPT = '<p class="entry-kept">{} {}</p>'
_MOVE = ' <span class="entry-move">{} → {}</span>'
_RESUMED = '<li class="entry entry-event">{}<span>{}{}</span>{}</li>'
_FILES = '<div class="entry-files" id="fichiers-{}"{}>{}</div>'
_OOB = SafeString(' hx-swap-oob="true"')


# What a higher floor says beside a step, by the rank of its event.
Marks = Mapping[int, SafeString]


class _Look(NamedTuple):
    """How steps are drawn: at which instant, with which class, beside what, in whose place."""

    now: datetime
    css: str
    mails: Marks
    swap: SafeString | str = ""


@register.simple_tag
def desk_steps(
    lines: Iterable[Said], now: datetime, css: str = "", mails: Marks | None = None
) -> SafeString:
    """The steps as items of the thread's list; `css` marks those that have just come.

    `mails` says of each step, by its rank, what became of the mails that told it.
    """
    look = _Look(now, css, mails or {})
    return format_html_join("\n", "{}", ((_step(line, look),) for line in lines))


@register.simple_tag
def desk_step(line: Said, now: datetime, mails: Marks | None = None) -> SafeString:
    """One of them."""
    return _step(line, _Look(now, "", mails or {}))


@register.simple_tag
def desk_step_again(line: Said, now: datetime, mails: Marks | None = None) -> SafeString:
    """A step that is on the page already, to take its place: what is said of it has changed."""
    return _step(line, _Look(now, "", mails or {}, _OOB))


@register.simple_tag
def desk_step_files(line: Said) -> SafeString | str:
    """The files of a step again, to take the place of those on the page."""
    return _files(line, _OOB)


def _step(line: Said, look: _Look) -> SafeString:
    entry = line.entry
    when = near_instant(entry.at, look.now)
    time = format_html(_TIME, entry.at.isoformat(timespec="seconds"), when)
    if line.is_note or line.is_message:
        return _words(line, look, time)
    return _event(line, look, time)


def _words(line: Said, look: _Look, time: SafeString) -> SafeString:
    entry = line.entry
    shape = icon("lock") if line.is_note else icon("phone") if line.call else ""
    return format_html(
        _WORDS,
        css=_kind(line) + _new(look),
        number=entry.sequence,
        swap=look.swap,
        shape=shape,
        who=line.call or (entry.author.full_name if entry.author else "—"),
        role=_role(line, look.now),
        time=time,
        body=format_html(_BODY, message_html(line.body)) if line.body else "",
        files=_files(line, ""),
        mails=look.mails.get(entry.sequence, ""),
        resumed=_resumed(line, time) if entry.has_resumed else "",
    )


def _new(look: _Look) -> str:
    return f" {look.css}" if look.css else ""


def _kind(line: Said) -> str:
    if line.is_withdrawn:
        return " entry-withdrawn"
    if line.is_note:
        return " entry-note"
    return " entry-ours" if line.entry.side is Side.ENGINEER and not line.call else ""


def _role(line: Said, now: datetime) -> str:
    act = line.entry.event.act
    if line.is_withdrawn:
        return _("réponse reprise, jamais montrée au client")
    if line.is_held(now):
        return _("support · le client la verra dans quelques secondes")
    if line.is_note:
        return _("note interne, jamais montrée au client")
    if line.entry.side is Side.ENGINEER and not line.call:
        return _("support · solution") if act is Act.RESOLVE else _("support")
    return _("client · déclaration") if act is Act.DECLARE else _("client")


def _event(line: Said, look: _Look, time: SafeString) -> SafeString:
    entry = line.entry
    if line.is_rung:
        shape = icon("bell")
    else:
        shape = icon(entry.status_after.value if entry.changed_status else "arrow-right")
    what = line.title
    if entry.author is not None:
        what = f"{what} · {entry.author.full_name}"
    before = entry.status_before
    return format_html(
        _EVENT,
        css=(" entry-rung" if line.is_rung else "") + _new(look),
        number=entry.sequence,
        shape=shape,
        what=what,
        move=_move(before, entry.status_after) if before and entry.changed_status else "",
        time=time,
        body=_reason(line) if line.body else "",
        files=_files(line, ""),
        mails=look.mails.get(entry.sequence, ""),
    )


def _reason(line: Said) -> SafeString:
    """Why, in somebody's words; a note that came with an act says that it is one (B1)."""
    kept: SafeString | str = ""
    if "note" in line.entry.event.facts:
        kept = format_html(_KEPT, icon("lock"), _("Note interne, jamais montrée au client"))
    return format_html(_REASON, kept, message_html(line.body))


def _move(before: Status, after: Status) -> SafeString:
    return format_html(_MOVE, before.label, after.label)


def _resumed(line: Said, time: SafeString) -> SafeString:
    before, after = line.entry.status_before, line.entry.status_after
    move = _move(before, after) if before is not None else ""
    return format_html(_RESUMED, icon(after.value), _("Le traitement reprend"), move, time)


def _files(line: Said, swap: SafeString | str) -> SafeString | str:
    if not line.entry.files:
        return ""
    shown = render_to_string("components/files.html", {"files": line.entry.files})
    return format_html(_FILES, line.entry.sequence, swap, shown)
