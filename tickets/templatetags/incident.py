"""What the pages of an incident need beside facts: messages as HTML."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils.safestring import SafeString

from blog.rendering import render_message
from foundation.wording import near_instant

register = template.Library()


@register.filter
def message_html(text: str) -> SafeString:
    """A message's Markdown as HTML that may stand in a page (D1, D2, D3)."""
    return render_message(text)


@register.filter
def on(at: datetime | None, now: datetime) -> str:
    """An instant inside a sentence: « clos hier à 9 h 00 », « clos le lun. 14 sept. à 9 h 00 »."""
    if at is None:
        return ""
    text = near_instant(at, now)
    return text if text.startswith(("aujourd’hui", "demain", "hier")) else f"le {text}"
