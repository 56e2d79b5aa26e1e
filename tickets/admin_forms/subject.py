"""The form with which the desk corrects what an incident is about."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from foundation.text import TextField
from licences.models import Product
from licences.queries import only_licence
from tickets.admin_forms.desk import lines
from tickets.models import Ticket

if TYPE_CHECKING:
    ProductChoiceField = forms.ModelChoiceField[Product]
else:
    ProductChoiceField = forms.ModelChoiceField


class ProductForm(forms.Form):
    """Another product, with the company's licence of it when there is only one; and why."""

    form_token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    product = ProductChoiceField(label=_("Produit"), queryset=Product.objects.none())
    reason = TextField(label=_("Motif"), widget=lines(3))

    def __init__(self, data: QueryDict | None, ticket: Ticket) -> None:
        super().__init__(data, initial={"product": ticket.product_id})
        self._company = ticket.company
        # Those out of use stay on the incidents that have them, and are offered on no other.
        offered = Product.objects.filter(Q(is_active=True) | Q(pk=ticket.product_id))
        self.fields["product"] = ProductChoiceField(
            label=_("Produit"), queryset=offered.order_by("name", "pk"), empty_label=None
        )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if cleaned and "product" in cleaned:
            cleaned["licence"] = only_licence(self._company, cleaned["product"])
        return cleaned
