"""Forms of what ours keep beside an incident: a step that is ticked, the time that was spent."""

from __future__ import annotations

import re
import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from tickets.models import MINUTES_MAX

# « 15 », « 15 min », « 1 h », « 1 h 30 », « 1h30 », « 1:30 ».
_WRITTEN = re.compile(
    r"(?:(?P<hours>\d{1,2})\s*[h:]\s*(?P<rest>[0-5]?\d)?|(?P<minutes>\d{1,4}))\s*(?:min|mn|m)?",
    re.IGNORECASE,
)
_PK_MAX = 2**63 - 1
_FAULT = _("Écrivez une durée de 24\u00a0heures au plus, par exemple 15 ou 1\u00a0h\u00a030.")


class MinutesField(forms.Field):
    """A length of time as people write it; its value is in minutes."""

    def to_python(self, value: object) -> int | None:
        text = " ".join(str(value or "").split())
        if not text:
            return None
        found = _WRITTEN.fullmatch(text)
        minutes = _minutes_of(found) if found else 0
        if not 0 < minutes <= MINUTES_MAX:
            raise forms.ValidationError(_FAULT)
        return minutes


def _minutes_of(found: re.Match[str]) -> int:
    if found["minutes"]:
        return int(found["minutes"])
    return int(found["hours"]) * 60 + int(found["rest"] or 0)


class TimeForm(forms.Form):
    """How long one worked. Nobody is asked for it."""

    form_token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    # Optional as a whole: nothing on the page asks for it, so no sign that it is required.
    minutes = MinutesField(
        label=_("Durée"),
        required=False,
        help_text=_("Par exemple 15 ou 1\u00a0h\u00a030. Aucun client ne la voit."),
    )

    def clean_minutes(self) -> int:
        """Whoever presses the button means some time."""
        minutes: int | None = self.cleaned_data["minutes"]
        if minutes is None:
            raise forms.ValidationError(_FAULT)
        return minutes


class TimeRemovalForm(forms.Form):
    """Which entry was wrong."""

    time_id = forms.IntegerField(min_value=1, max_value=_PK_MAX)


class StepForm(forms.Form):
    """A step, and whether it is done: what is wanted, not what is to be turned round."""

    step_id = forms.IntegerField(min_value=1, max_value=_PK_MAX)
    is_done = forms.BooleanField(required=False)
