"""What the desk sends to send a mail again."""

from __future__ import annotations

from django import forms


class ResendForm(forms.Form):
    """One mail, and how many times it had been sent again when it was shown."""

    delivery = forms.IntegerField(min_value=1, max_value=2**63 - 1)
    seen = forms.IntegerField(min_value=0, max_value=32767)
