"""The hours of the desk, for what is read without the portal's pages: the foot of the mails."""

from __future__ import annotations

from django import template
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.desk import shown_state

register = template.Library()


@register.simple_tag
def desk_week() -> str:
    """« du lundi au vendredi, de 9 h à 18 h », or plain words while no hours are set up."""
    state = shown_state(timezone.now())
    return (state.week if state else "") or _("à ses heures d’ouverture")
