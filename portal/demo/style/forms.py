"""Fields of the style page in every state, drawn by the portal's own field component."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from files.forms import WaitingFilesForm
from foundation.text import LineField, TextField
from licences.forms import AddressFilter
from sla.enums import Severity
from tickets.declare_forms import Colleague

_SITES = [("", _("Choisissez…")), ("lyon", _("Lyon, siège")), ("nantes", _("Nantes, atelier"))]
_NEEDED = _("Donnez un titre à l’incident.")


class SampleForm(forms.Form):
    """One field of each kind."""

    use_required_attribute = False

    title = LineField(
        label=_("Le problème en une phrase"),
        help_text=_(
            "Par exemple\u00a0: «\u00a0Revit se ferme à l’ouverture de la maquette\u00a0»."
        ),
        error_messages={"required": _NEEDED},
    )
    body = TextField(
        label=_("Ce qui se passe"),
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Décrivez ce qui se passe.")},
    )
    site = forms.ChoiceField(
        label=_("Site"),
        choices=_SITES,
        error_messages={
            "required": _("Choisissez un site."),
            "invalid_choice": _("Choisissez l’un de vos sites."),
        },
    )
    severity = forms.ChoiceField(
        label=_("À quel point êtes-vous gêné\u00a0?"),
        choices=Severity.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Dites à quel point vous êtes gêné.")},
    )
    people = forms.MultipleChoiceField(
        label=_("Collègues en copie"),
        choices=[("bob", "Bob Martin"), ("rejane", "Réjane Okafor")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    until = forms.DateField(
        label=_("Réponse souhaitée avant le"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Donnez une date.")},
    )
    file = forms.FileField(
        label=_("Fichier"),
        help_text=_("Une image ou un PDF."),
        error_messages={"required": _("Choisissez un fichier.")},
    )
    private = forms.BooleanField(label=_("Incident privé"), required=False)


@dataclass(frozen=True)
class Filled:
    """The form in one state."""

    key: str
    caption: str
    form: SampleForm


_TYPED: dict[str, Any] = {
    "title": "Revit se ferme à l’ouverture de la maquette",
    "body": "Depuis ce matin.\nLe message dit\u00a0: «\u00a0mémoire insuffisante\u00a0».",
    "site": "lyon",
    "severity": Severity.IMPAIRING.value,
    "people": ["bob"],
    "until": date(2026, 11, 27),
    "private": True,
}


def forms_in_every_state() -> list[Filled]:
    """Empty, filled, refused, disabled."""
    disabled = SampleForm(auto_id="grise_%s", initial=_TYPED)
    for field in disabled.fields.values():
        field.disabled = True
    wrong = {"title": "", "site": "mars"}
    return [
        Filled("vide", gettext("Vides"), SampleForm(auto_id="vide_%s")),
        Filled("rempli", gettext("Remplis"), SampleForm(auto_id="rempli_%s", initial=_TYPED)),
        Filled("faute", gettext("À corriger"), SampleForm(wrong, auto_id="faute_%s")),
        Filled("grise", gettext("Grisés"), disabled),
    ]


def one_fault() -> SampleForm:
    """The summary in the singular; its fault leads to the same field as the form of faults."""
    form = SampleForm({**_TYPED, "title": ""}, MultiValueDict(), auto_id="faute_%s")
    del form.fields["file"]
    return form


class SampleFilter(AddressFilter):
    """The filter of a list, one value chosen."""

    logiciel = forms.ChoiceField(
        label=_("Logiciel"),
        required=False,
        choices=[("", _("Tous")), ("revit", "Revit"), ("autocad", "AutoCAD")],
    )
    statut = forms.ChoiceField(
        label=_("Statut"),
        required=False,
        choices=[("", _("Tous")), ("declared", _("Déclaré")), ("in_progress", _("En cours"))],
    )


def uploads() -> tuple[WaitingFilesForm, WaitingFilesForm]:
    """Files to choose, and a choice that was refused."""
    refused = WaitingFilesForm({}, prefix="refus")
    refused.add_error(
        "uploads",
        gettext(
            "«\u00a0calcul.exe\u00a0»\u00a0: ce type de fichier n’est pas accepté. Un autre "
            "fichier peut être joint dans une archive ZIP."
        ),
    )
    return WaitingFilesForm(prefix="envoi"), refused


class SeverityField(forms.Form):
    """The only field of the declaration that is drawn by hand."""

    severity = forms.ChoiceField(
        label=_("À quel point êtes-vous gêné\u00a0?"),
        choices=Severity.choices,
        error_messages={"required": _("Dites à quel point vous êtes gêné.")},
    )


class PeopleForm(forms.Form):
    """The end of the declaration."""

    copies = forms.MultipleChoiceField(
        label=_("Collègues en copie"),
        choices=[("2", "Bob Martin"), ("3", "Réjane Okafor")],
        required=False,
        error_messages={"invalid_choice": _("Choisissez parmi vos collègues.")},
    )
    is_private = forms.BooleanField(label=_("Incident privé"), required=False)

    def __init__(self, people: list[Colleague], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = people
