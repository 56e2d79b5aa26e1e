"""A promise's clock in templates: drawn whole, or its words to lay out otherwise.

`{% clock promise.clock now %}` draws one promise of an incident, `{% clock row.clock now line=True
%}` the compact one of a list; `{% clock_face promise.clock now as face %}` gives the words alone.
A list draws fifty clocks: that is why this component is a function (decision 0019).
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from foundation.clockface import Clock, Face, bar_label, face
from foundation.templatetags.icons import icon

register = template.Library()

_HEAD = """\
<div class="clock clock-{css}">
  <div class="clock-head">
    <span class="clock-name">{label}</span>
    <span class="clock-state">{icon}{state}</span>
  </div>"""
_BAR = """
  <svg class="clock-bar" viewBox="0 0 100 8" preserveAspectRatio="none" role="img"
    aria-label="{label}">
    <rect class="rail" width="100" height="8"/>
    <rect class="fill" width="{percent}" height="8"/>
  </svg>"""
_DUE = """
  <p class="clock-due">{deadline}{left}</p>{note}
</div>"""
_LEFT = ' <span class="clock-left">{}</span>'
_NOTE = '<p class="clock-note">{}</p>'


@register.simple_tag
def clock(clock: Clock, now: datetime, *, line: bool = False) -> SafeString:
    """One promise: its state, the bar that fills, the deadline, what is left, why it is paused.

    `line`: in a list, compact and without the reason.
    """
    shown = face(clock, now)
    css = f"{shown.css} clock-line" if line else shown.css
    due = format_html(
        _DUE,
        deadline=shown.deadline,
        left=format_html(_LEFT, shown.left) if shown.left else "",
        note=format_html(_NOTE, clock.paused_reason) if clock.paused_reason and not line else "",
    )
    bar = _bar(shown.percent, get_language())
    return _head(css, clock.label, shown.icon, shown.state) + bar + due


# A promise has a handful of heads and a hundred and one bars: each is drawn once per process.


@lru_cache(maxsize=256)
def _head(css: str, label: str, icon_name: str, state: str) -> SafeString:
    return format_html(_HEAD, css=css, label=label, icon=icon(icon_name), state=state)


@lru_cache(maxsize=256)
def _bar(percent: int, _language: str | None) -> SafeString:
    return format_html(_BAR, label=bar_label(percent), percent=percent)


@register.simple_tag
def clock_face(clock: Clock, now: datetime) -> Face:
    """How the clock reads at `now`."""
    return face(clock, now)
