"""What a customer may ask on the page of an incident: its state, and the form that came back."""

from __future__ import annotations

from django import template
from django.template.context import Context

from tickets.asking_forms import Shown, shown

register = template.Library()


@register.simple_tag(takes_context=True)
def asks(context: Context) -> Shown:
    """The requests of the page's incident, with the form that came back (`refused`), if any."""
    return shown(context["page"].asks, context.get("refused"))
