"""An incident's severity, status and turn as badges: a shape and a word, never colour alone.

`{{ ticket.severity|severity_badge }}`. Each has a handful of values, so each badge is made once per
process and language (decision 0019).
"""

from __future__ import annotations

from functools import cache

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from foundation.templatetags.icons import icon
from sla.enums import Severity
from tickets.enums import Status, Turn

register = template.Library()


@register.filter
def severity_badge(severity: str) -> SafeString:
    """Octagon, triangle or disc, and its word."""
    return _severity(severity, get_language())


@register.filter
def status_badge(status: str) -> SafeString:
    """Where an incident stands."""
    return _status(status, get_language())


@register.filter
def turn_badge(turn: str) -> SafeString:
    """Whose turn it is, as the customer reads it; an arrow when it is theirs."""
    return _turn(turn, get_language())


# The language is part of the key alone: the label is translated as the badge is made.


@cache
def _severity(code: str, _language: str | None) -> SafeString:
    return _badge("severity severity", Severity(code), icon(code))


@cache
def _status(code: str, _language: str | None) -> SafeString:
    return _badge("badge-status status", Status(code), icon(code))


@cache
def _turn(code: str, _language: str | None) -> SafeString:
    turn = Turn(code)
    return _badge("turn turn", turn, icon("arrow-right") if turn is Turn.YOURS else "")


def _badge(css: str, choice: Severity | Status | Turn, shape: str) -> SafeString:
    """`css` holds the class of the kind, then what the class of the value begins with."""
    return format_html('<span class="{}-{}">{}{}</span>', css, choice.value, shape, choice.label)
