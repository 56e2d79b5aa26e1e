"""What the desk's templates ask for: instants of long ago, in words."""

from __future__ import annotations

from datetime import datetime

from django import template

from tickets.queries import desk

register = template.Library()


@register.filter
def passed(since: datetime, now: datetime) -> str:
    """« 5 h »: how long ago something began to wait."""
    return desk.passed(since, now)
