"""What customers type to declare an incident, and the severities in their words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, Self, cast
from uuid import uuid4

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.models import Company, Site, User
from accounts.queries import colleagues
from files.forms import WaitingFilesForm
from foundation.text import LineField, TextField
from licences.models import Licence, Product
from licences.queries import held_by
from sla.enums import Severity
from tickets.clocks import Preview, Terms, preview
from tickets.models import Ticket

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

# The choice for a software that the company holds no licence of.
OTHER = "autre"
# What the first of two pages asks, without JavaScript.
FIRST_PAGE = ("product", "other_product", "licence", "severity", "title")


class SeverityText(NamedTuple):
    """A severity in the words of somebody whose work is hampered."""

    meaning: StrPromise
    example: StrPromise


SEVERITY_TEXTS = {
    Severity.BLOCKING: SeverityText(
        _("Vous ne pouvez plus travailler, et il n’y a pas d’autre moyen de faire."),
        _("Revit ne démarre plus, la licence est refusée."),
    ),
    Severity.IMPAIRING: SeverityText(
        _("Vous travaillez encore, mais plus lentement ou par un détour."),
        _("L’export PDF échoue, vous passez par un autre poste."),
    ),
    Severity.INFORMATIONAL: SeverityText(
        _("Vous avez une question ou une demande, rien ne vous arrête."),
        _("Comment partager un gabarit entre deux sites\u00a0?"),
    ),
}


@dataclass(frozen=True)
class SeverityCard:
    """One severity as a choice: what it means, and the two deadlines it would have (S16)."""

    severity: Severity
    text: SeverityText
    preview: Preview | None
    id: str
    checked: bool


def severity_cards(terms: Terms | None, at: datetime, chosen: str = "") -> list[SeverityCard]:
    """The three choices, with the deadlines of a declaration at `at`; none without terms."""
    return [
        SeverityCard(
            severity=severity,
            text=SEVERITY_TEXTS[severity],
            preview=preview(terms, severity, at) if terms else None,
            id=f"id_severity_{number}",
            checked=severity.value == chosen,
        )
        for number, severity in enumerate(Severity)
    ]


class Colleague(NamedTuple):
    """Somebody who can be put in copy, as a box to tick."""

    pk: int
    name: str
    checked: bool


class DeclareForm(WaitingFilesForm):
    """A declaration for one company: its products, its sites, its people are the only choices.

    The park and the sites are read once, and judged in memory.
    """

    use_required_attribute = False
    # As the page shows them: faults are listed in this order.
    field_order = (
        "product", "other_product", "licence", "severity", "title", "body", "uploads", "site",
        "copies",
    )  # fmt: skip

    product = forms.TypedChoiceField(
        label=_("Logiciel concerné"),
        empty_value=None,
        error_messages={
            "required": _("Indiquez le logiciel concerné."),
            "invalid_choice": _("Choisissez un logiciel de votre société."),
        },
    )
    other_product = LineField(
        label=_("Quel logiciel\u00a0?"),
        max_length=80,
        required=False,
        help_text=_("Seulement si vous avez choisi «\u00a0Autre logiciel\u00a0»."),
    )
    licence = forms.TypedChoiceField(
        label=_("Licence"),
        required=False,
        empty_value=None,
        error_messages={"invalid_choice": _("Choisissez une licence de votre société.")},
    )
    severity = forms.ChoiceField(
        label=_("À quel point êtes-vous gêné\u00a0?"),
        choices=Severity.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Dites à quel point vous êtes gêné."),
            "invalid_choice": _("Choisissez l’une des trois réponses."),
        },
    )
    title = LineField(
        label=_("Le problème en une phrase"),
        help_text=_(
            "Par exemple\u00a0: «\u00a0Revit se ferme à l’ouverture de la maquette\u00a0»."
        ),
        error_messages={"required": _("Donnez un titre à l’incident.")},
    )
    body = TextField(
        label=_("Ce qui se passe"),
        help_text=_(
            "Ce que vous faisiez, ce que vous attendiez, ce que vous voyez. Recopiez le message "
            "d’erreur s’il y en a un."
        ),
        error_messages={"required": _("Décrivez ce qui se passe.")},
        widget=forms.Textarea(attrs={"rows": 7}),
    )
    site = forms.TypedChoiceField(
        label=_("Site"),
        required=False,
        empty_value=None,
        error_messages={"invalid_choice": _("Choisissez un site de votre société.")},
    )
    copies = forms.ModelMultipleChoiceField(
        label=_("Collègues en copie"),
        queryset=User.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("Choisissez des personnes de votre société.")},
    )
    is_private = forms.BooleanField(label=_("Incident privé"), required=False)

    def __init__(
        self,
        *args: Any,
        person: User,
        company: Company,
        follows: Ticket | None = None,
        licence: Licence | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.opened_for = licence
        self.park, self.sites = held_by(company)
        self.products = {licence.product_id: licence.product for licence in self.park}
        self.others = (company, person)
        if "copies" in self.data:
            copies = cast("forms.ModelMultipleChoiceField[User]", self.fields["copies"])
            copies.queryset = self._colleagues()
        self._offer_choices()
        for name in ("title", "body", "other_product"):
            # A browser would cut a long paste without a word; the form says what is too long.
            self.fields[name].widget.attrs.pop("maxlength", None)
        self._offer(follows)

    def _offer_choices(self) -> None:
        """The company's own products, licences and sites; what leaves no choice is not asked."""
        products = [("", _t("Choisissez…"))]
        products += [(str(pk), product.name) for pk, product in self.products.items()]
        self._choices("product", [*products, (OTHER, _t("Autre logiciel"))], self._product)
        several = {pk: [row for row in self.park if row.product_id == pk] for pk in self.products}
        groups = [
            (rows[0].product.name, [(str(row.pk), _described(row)) for row in rows])
            for rows in several.values()
            if len(rows) > 1
        ]
        if groups:
            licences = {str(row.pk): row for row in self.park}
            unknown = ("", _t("Je ne sais pas"))
            self._choices("licence", [unknown, *groups], licences.__getitem__)
        else:
            del self.fields["licence"]
        if len(self.sites) > 1:
            sites = {str(site.pk): site for site in self.sites}
            listed = [(pk, site.name) for pk, site in sites.items()]
            self._choices("site", [("", _t("Non précisé")), *listed], sites.__getitem__)
        else:
            del self.fields["site"]

    def _choices(self, name: str, choices: Sequence[Any], coerce: Any) -> None:
        field = cast("forms.TypedChoiceField", self.fields[name])
        field.choices = choices
        field.coerce = coerce

    def _product(self, value: str) -> Product | str:
        return OTHER if value == OTHER else self.products[int(value)]

    def _offer(self, follows: Ticket | None) -> None:
        """What can be guessed is filled in."""
        if self.opened_for is not None:
            self.initial.setdefault("product", self.opened_for.product_id)
            self.initial.setdefault("licence", self.opened_for.pk)
            self.initial.setdefault("site", self.opened_for.site_id)
        if len(self.products) == 1:
            self.initial.setdefault("product", next(iter(self.products)))
        if follows is not None:
            self.initial.setdefault("product", follows.product_id)
            self.initial.setdefault("site", follows.site_id)
            self.initial.setdefault("title", follows.title)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        names_none = not cleaned.get("other_product") and "other_product" not in self.errors
        if cleaned.get("product") == OTHER and names_none:
            self.add_error("other_product", _t("Dites de quel logiciel il s’agit."))
        return cleaned

    def renew(self) -> Self:
        """Other words than those that this form has sent, from another tab: another form."""
        data = QueryDict(mutable=True)
        data.update(self.data)
        data["form_token"] = str(uuid4())
        self.data = data
        if self.waiting_files:
            # They wait with the form that was sent.
            self.waiting_files = []
            self.add_error("uploads", _t("Joignez de nouveau vos fichiers."))
        return self

    @property
    def has_products(self) -> bool:
        """Whether the company holds anything an incident could be about."""
        return bool(self.park)

    @cached_property
    def people(self) -> list[Colleague]:
        """The colleagues who can be put in copy."""
        ticked = self["copies"].value() or []
        ticked = {str(pk) for pk in ([ticked] if isinstance(ticked, str) else ticked)}
        return [
            Colleague(person.pk, str(person), str(person.pk) in ticked)
            for person in self._colleagues()
        ]

    def _colleagues(self) -> QuerySet[User]:
        """Most declarations name nobody, and are taken without looking who there is."""
        company, person = self.others
        return colleagues(company).exclude(pk=person.pk)

    def chosen_product(self) -> Product | None:
        """The product chosen; None for a software that the company holds no licence of."""
        product = self.cleaned_data["product"]
        return None if product == OTHER else cast("Product", product)

    def chosen_text(self) -> str:
        """The text as it is declared: it names the software that is in no list."""
        body: str = self.cleaned_data["body"]
        if self.chosen_product() is not None:
            return body
        named = _t("Logiciel concerné\u00a0: %(name)s") % {
            "name": self.cleaned_data["other_product"]
        }
        return f"{named}\n\n{body}"

    def chosen_site(self) -> Site | None:
        """The site chosen; a company's only one is taken without asking."""
        if len(self.sites) == 1:
            return self.sites[0]
        return self.cleaned_data.get("site")

    def chosen_licence(self) -> Licence | None:
        """The licence named, or the one that the form was opened for, or the only one.

        None of another product than the chosen one.
        """
        product = self.chosen_product()
        if product is None:
            return None
        is_asked = "licence" in self.fields and "licence" in self.data
        named = self.cleaned_data["licence"] if is_asked else self.opened_for
        if named is not None and named.product_id == product.pk:
            return cast("Licence", named)
        held = [row for row in self.park if row.product_id == product.pk]
        return held[0] if len(held) == 1 else None

    def cards(self, terms: Terms | None, at: datetime) -> list[SeverityCard]:
        """The severities as cards, the chosen one ticked."""
        return severity_cards(terms, at, str(self["severity"].value() or ""))

    def first_page_faults(self) -> Iterator[str]:
        """Fields of the first page that must be corrected before the second."""
        return (name for name in FIRST_PAGE if name in self.errors)

    def first_page_in_short(self) -> list[str]:
        """What the first page asked, as answered: « Revit », « Bloquant », the title.

        Empty when something of it is missing or unknown: the fields then say so better.
        """
        said = []
        for name in ("product", "severity"):
            field: Any = self.fields[name]
            labels = {str(value): str(label) for value, label in field.choices if value}
            said.append(labels.get(str(self[name].value() or ""), ""))
        if self["product"].value() == OTHER:
            said[0] = str(self["other_product"].value() or "")
        said.append(str(self["title"].value() or ""))
        return said if all(said) else []


def _described(licence: Licence) -> str:
    """« Revit 2027 · contrat ••••4812 · Lyon · 5 postes »: the number is not shown whole."""
    facts = [str(licence), _t("contrat ••••%(end)s") % {"end": licence.contract_number[-4:]}]
    if licence.site is not None:
        facts.append(licence.site.name)
    seats = licence.seats
    facts.append(f"{seats}\u00a0{_t('poste') if seats < 2 else _t('postes')}")
    return " · ".join(facts)
