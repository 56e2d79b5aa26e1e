"""The clock component's tag: `{% clock_face clock now as face %}`."""

from __future__ import annotations

from datetime import datetime

from django import template

from foundation.clockface import Clock, Face, face

register = template.Library()


@register.simple_tag
def clock_face(clock: Clock, now: datetime) -> Face:
    """How the clock reads at `now`."""
    return face(clock, now)
