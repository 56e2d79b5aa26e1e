"""What the desk's templates ask for: instants of long ago, in words."""

from __future__ import annotations

from datetime import datetime

from django import template

from tickets.models import Ticket
from tickets.queries import desk

register = template.Library()


@register.filter
def age(ticket: Ticket, now: datetime) -> str:
    """« 3 j »: how long ago the incident was received."""
    return desk.age(ticket, now)


@register.filter
def passed(since: datetime, now: datetime) -> str:
    """« 5 h »: how long ago something began to wait."""
    return desk.passed(since, now)
