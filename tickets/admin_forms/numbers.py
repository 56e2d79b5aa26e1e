"""The number of an incident, as somebody types it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tickets.models import Ticket
from tickets.queries.workspace import ticket_numbered

_NUMBER_MAX = 30


class NumberField(forms.CharField):
    """The incident that bears the number, in capitals or not."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=_NUMBER_MAX, **kwargs)

    def clean(self, value: Any) -> Ticket:
        """Raises ValidationError for a number that no incident bears."""
        found = ticket_numbered(super().clean(value).upper())
        if found is None:
            raise forms.ValidationError(_("Aucun incident ne porte ce numéro."))
        return found
