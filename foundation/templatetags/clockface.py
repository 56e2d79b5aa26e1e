"""A promise's clock in templates: drawn whole, or its words to lay out otherwise.

`{% clock promise.clock now %}` draws one promise of an incident, `{% clock row.clock now line=True
%}` the compact one of a list; `{% clock_face promise.clock now as face %}` gives the words alone.
A list draws fifty clocks: that is why this component is a function (decision 0019).
"""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from foundation.clockface import Clock, Face, face
from foundation.templatetags.icons import icon

register = template.Library()

_CLOCK = """\
<div class="clock clock-{css}">
  <div class="clock-head">
    <span class="clock-name">{label}</span>
    <span class="clock-state">{icon}{state}</span>
  </div>
  <svg class="clock-bar" viewBox="0 0 100 8" preserveAspectRatio="none" role="img"
    aria-label="{bar}">
    <rect class="rail" width="100" height="8"/>
    <rect class="fill" width="{percent}" height="8"/>
  </svg>
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
    return format_html(
        _CLOCK,
        css=f"{shown.css} clock-line" if line else shown.css,
        label=clock.label,
        icon=icon(shown.icon),
        state=shown.state,
        bar=shown.bar_label,
        percent=shown.percent,
        deadline=shown.deadline,
        left=_when_any(_LEFT, shown.left),
        note="" if line else _when_any(_NOTE, clock.paused_reason),
    )


@register.simple_tag
def clock_face(clock: Clock, now: datetime) -> Face:
    """How the clock reads at `now`."""
    return face(clock, now)


def _when_any(markup: str, text: str) -> str:
    return format_html(markup, text) if text else ""
