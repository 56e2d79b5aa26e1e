"""Forms of a parent incident (E12) and of a second subject (E13)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from files.models import StoredFile
from foundation.text import LINE_MAX, TextField
from foundation.text import LineField as Line
from licences.models import Product
from sla.enums import Severity
from tickets.admin_forms.numbers import NumberField
from tickets.models import Ticket
from tickets.operations.linking import LinkRefused, check_parent, files_shown

if TYPE_CHECKING:
    ProductChoice = forms.ModelChoiceField[Product]
    FilesChoice = forms.ModelMultipleChoiceField[StoredFile]
else:
    ProductChoice, FilesChoice = forms.ModelChoiceField, forms.ModelMultipleChoiceField


class AttachForm(forms.Form):
    """The number of the incident that holds the cause. What may not be says why."""

    number = NumberField(
        label=_("Numéro de l’incident principal"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Indiquez le numéro de l’incident principal.")},
    )

    def __init__(self, data: Any = None, *, ticket: Ticket) -> None:
        super().__init__(data)
        self.ticket = ticket

    def clean_number(self) -> Ticket:
        """The incident of this number, if this one may hang on it."""
        parent: Ticket = self.cleaned_data["number"]
        try:
            check_parent(self.ticket, parent)
        except LinkRefused as refusal:
            raise forms.ValidationError(refusal.sentence) from refusal
        return parent


def _files(offered: QuerySet[StoredFile]) -> FilesChoice:
    return FilesChoice(
        label=_("Fichiers qui vont avec"),
        queryset=offered,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Ils restent aussi sur le premier incident."),
    )


class SplitForm(forms.Form):
    """The second subject: its own title, product and severity, and the files that go with it."""

    form_token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    title = Line(label=_("Titre"), max_length=LINE_MAX)
    product = ProductChoice(label=_("Produit"), queryset=Product.objects.none())
    severity = forms.TypedChoiceField(
        label=_("Criticité"), choices=Severity.choices, coerce=Severity, widget=forms.RadioSelect
    )
    body = TextField(
        label=_("Texte de la déclaration"),
        widget=forms.Textarea(attrs={"rows": "8"}),
        help_text=_("Le client le lit. Retirez ce qui relève du premier sujet."),
    )
    kept = _files(StoredFile.objects.none())

    def __init__(
        self, data: Any = None, *, ticket: Ticket, body: str = "", chosen: Sequence[StoredFile] = ()
    ) -> None:
        initial = {
            "product": ticket.product_id, "severity": ticket.severity, "body": body,
            "kept": [file.pk for file in chosen],
        }  # fmt: skip
        super().__init__(data, initial=initial)
        products = Product.objects.filter(Q(is_active=True) | Q(pk=ticket.product_id))
        self.fields["product"] = ProductChoice(
            label=_("Produit"), queryset=products.order_by("name")
        )
        self.fields["kept"] = _files(
            StoredFile.objects.filter(pk__in=files_shown(ticket).values("file"))
        )
