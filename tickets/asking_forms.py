"""What customers type when they ask for a manager's attention or for another severity."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from foundation.text import TextField
from sla.enums import Severity

# Long enough to explain; the whole story belongs in a message.
REASON_MAX = 2_000


class EscalateForm(forms.Form):
    """Why a manager of ours should look at the incident."""

    use_required_attribute = False

    form_token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    reason = TextField(
        label=_("Pourquoi escalader"),
        max_length=REASON_MAX,
        error_messages={"required": _("Dites pourquoi\u00a0: le responsable le lit d’abord.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "escalate_%s")
        super().__init__(*args, **kwargs)


class SeverityForm(forms.Form):
    """Which severity would be right, and why. The one retained is refused by the operation."""

    use_required_attribute = False

    form_token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    severity = forms.TypedChoiceField(
        label=_("Criticité demandée"),
        choices=Severity.choices,
        coerce=Severity,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choisissez la criticité qui convient."),
            "invalid_choice": _("Choisissez l’une des criticités proposées."),
        },
    )
    reason = TextField(
        label=_("Ce qui a changé"),
        max_length=REASON_MAX,
        error_messages={
            "required": _("Dites ce qui le justifie\u00a0: le support décide d’après votre motif.")
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "ask_%s")
        super().__init__(*args, **kwargs)
