"""Forms of « Fusionner dans… »: the incident that survives, and why."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from foundation.text import TextField
from tickets.admin_forms.numbers import NumberField
from tickets.models import Ticket
from tickets.operations.merging import MergeRefused, check_pair


class SurvivorForm(forms.Form):
    """The number typed, or picked in the list. What may not be merged says why."""

    dans = NumberField(
        label=_("Numéro de l’incident qui continue"),
        error_messages={"required": _("Indiquez le numéro de l’incident qui continue.")},
    )

    def __init__(self, *args: Any, ticket: Ticket, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ticket = ticket
        self.survivor: Ticket | None = None

    def clean_dans(self) -> Ticket:
        """The incident of this number, if the two may become one."""
        into: Ticket = self.cleaned_data["dans"]
        try:
            check_pair(self.ticket, into)
        except MergeRefused as refusal:
            raise forms.ValidationError(refusal.sentence) from refusal
        self.survivor = into
        return into


class MergeForm(SurvivorForm):
    """The same number again, and the reason that the customers read."""

    reason = TextField(label=_("Motif"), widget=forms.Textarea(attrs={"rows": "4"}))

    def __init__(self, *args: Any, ticket: Ticket, **kwargs: Any) -> None:
        super().__init__(*args, ticket=ticket, **kwargs)
        self.fields["dans"].widget = forms.HiddenInput()
