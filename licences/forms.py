"""The filter of the park. It is kept in the address; what it does not know is ignored (A3)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from licences.enums import LicenceState
from licences.models import LicenceQuerySet, PatchQuerySet


def choices_among(
    rows: QuerySet[Any], pk: str, name: str, everything: Any
) -> list[tuple[str, Any]]:
    """The distinct values that the rows really have: a filter never offers an empty answer."""
    found = rows.filter(**{f"{pk}__isnull": False}).order_by(name, pk)
    return [
        ("", everything),
        *((str(key), label) for key, label in found.values_list(pk, name).distinct()),
    ]


class AddressFilter(forms.Form):
    """A form read from the address: a wrong value counts as no value (A3)."""

    use_required_attribute = False

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)

    def offer(self, name: str, choices: list[tuple[str, Any]]) -> None:
        """Give a field its choices; between one thing and everything there is no choice."""
        if len(choices) > 2:
            self.fields[name] = forms.ChoiceField(
                label=self.fields[name].label, required=False, choices=choices
            )
        else:
            del self.fields[name]

    def chosen(self) -> dict[str, str]:
        """The values that are valid and not empty, by field."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class ParkFilter(AddressFilter):
    """Product, site, company, state."""

    produit = forms.ChoiceField(label=_("Produit"), required=False)
    site = forms.ChoiceField(label=_("Site"), required=False)
    societe = forms.ChoiceField(label=_("Société"), required=False)
    etat = forms.ChoiceField(
        label=_("État"),
        required=False,
        # In a table « expirée » follows a name; in a list of its own it begins with a capital.
        choices=[
            ("", _("Tous les états")),
            *((value, capfirst(label)) for value, label in LicenceState.choices),
        ],
    )

    def __init__(self, data: QueryDict, licences: LicenceQuerySet) -> None:
        super().__init__(data)
        self.offer("produit", choices_among(licences, "product", "product__name", _("Tous")))
        self.offer("site", choices_among(licences, "site", "site__name", _("Tous")))
        self.offer("societe", choices_among(licences, "company", "company__name", _("Toutes")))

    def applied(self, licences: LicenceQuerySet, day: date) -> LicenceQuerySet:
        """The licences that the filter keeps, on a day of Europe/Paris."""
        chosen = self.chosen()
        fields = {"produit": "product", "site": "site", "societe": "company"}
        found = licences.filter(
            **{fields[name]: value for name, value in chosen.items() if name in fields}
        )
        if state := chosen.get("etat"):
            found = found.standing(LicenceState(state), day)
        return found


class PatchFilter(AddressFilter):
    """Product."""

    produit = forms.ChoiceField(label=_("Produit"), required=False)

    def __init__(self, data: QueryDict, patches: PatchQuerySet) -> None:
        super().__init__(data)
        self.offer("produit", choices_among(patches, "product", "product__name", _("Tous")))

    def applied(self, patches: PatchQuerySet) -> PatchQuerySet:
        """The patches that the filter keeps."""
        product = self.chosen().get("produit")
        return patches.filter(product=int(product)) if product else patches
