"""What a lower floor's page shows of the mails: the register of an incident (proof: P5)."""

from __future__ import annotations

from typing import Any

from django import template

from notifications.queries import deliveries_of
from tickets.models import Ticket

register = template.Library()


@register.inclusion_tag("notifications/register.html")
def mail_register(ticket: Ticket) -> dict[str, Any]:
    """`{% mail_register ticket %}`: to whom, what, when, with which answer. For the desk only."""
    return {"deliveries": deliveries_of(ticket)}
