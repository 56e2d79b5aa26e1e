"""What the desk sends to send a mail again, or to see what one would say."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from notifications.messages.account_examples import AccountKind
from notifications.messages.examples import Kind


class ResendForm(forms.Form):
    """One mail, and how many times it had been sent again when it was shown."""

    delivery = forms.IntegerField(min_value=1, max_value=2**63 - 1)
    seen = forms.IntegerField(min_value=0, max_value=32767)


class PreviewForm(forms.Form):
    """« Aperçu des e-mails »: of which incident, which mail."""

    incident = forms.CharField(
        label=_("Référence de l’incident"),
        max_length=30,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )
    mail = forms.ChoiceField(label=_("E-mail"), widget=forms.Select(attrs={"class": "form-select"}))

    def __init__(
        self, *args: Any, kinds: list[Kind], account_kinds: list[AccountKind], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        grouped = {
            _("Aux clients"): [(kind.key, kind.label) for kind in kinds if not kind.to_desk],
            _("Au support"): [(kind.key, kind.label) for kind in kinds if kind.to_desk],
            _("Autres e-mails"): [(kind.key, kind.label) for kind in account_kinds],
        }
        self.fields["mail"].choices = list(grouped.items())  # type: ignore[attr-defined]  # a ChoiceField
