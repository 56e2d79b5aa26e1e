"""The drawing beside the words of a ledger: `{% ledger_drawing ledger as drawing %}`."""

from __future__ import annotations

from django import template

from sla.drawing import Drawing, draw
from sla.ledger import Ledger

register = template.Library()


@register.simple_tag
def ledger_drawing(ledger: Ledger) -> Drawing:
    """The bar of a promise, ready to be written as an SVG."""
    return draw(ledger)
