"""What customers type: a declaration, an answer, a reason; and the filters of their list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from uuid import UUID, uuid4, uuid5

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.models import Company, Site, User
from accounts.queries import colleagues
from files.forms import WaitingFilesForm
from foundation.text import LineField, TextField
from licences.models import Licence, Product
from sla.enums import Severity
from tickets.clocks import Preview, Terms, preview
from tickets.enums import OPEN_STATUSES, Status, Turn
from tickets.models import Ticket
from tickets.queries.customer import SEARCH_MAX, Filters

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


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


class DeclareForm(WaitingFilesForm):
    """A declaration for one company: its products, its sites, its people are the only choices."""

    use_required_attribute = False
    # As the page shows them: faults are listed in this order.
    field_order = ("product", "severity", "title", "body", "uploads", "site", "copies")

    product = forms.ModelChoiceField(
        label=_("Logiciel concerné"),
        queryset=Product.objects.none(),
        empty_label=_("Choisissez…"),
        error_messages={
            "required": _("Indiquez le logiciel concerné."),
            "invalid_choice": _("Choisissez un logiciel de votre société."),
        },
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
        help_text=_("Par exemple : « Revit se ferme à l’ouverture de la maquette »."),
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
    site = forms.ModelChoiceField(
        label=_("Site"), queryset=Site.objects.none(), required=False, empty_label=_("Non précisé")
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
        self.licence = licence
        self.sites = list(company.sites.all())
        _choose_among(self, "product", _products([company]))
        _choose_among(self, "copies", colleagues(company).exclude(pk=person.pk))
        if len(self.sites) > 1:
            _choose_among(self, "site", company.sites.all())
        else:
            del self.fields["site"]
        _never_cut(self, "title", "body")
        self._offer(company, follows)

    def _offer(self, company: Company, follows: Ticket | None) -> None:
        """What can be guessed is filled in."""
        if self.licence is not None:
            self.initial.setdefault("product", self.licence.product_id)
            self.initial.setdefault("site", self.licence.site_id)
        products = list(_products([company])[:2])
        if len(products) == 1:
            self.initial.setdefault("product", products[0].pk)
        if follows is not None:
            self.initial.setdefault("product", follows.product_id)
            self.initial.setdefault("site", follows.site_id)
            self.initial.setdefault("title", follows.title)

    @property
    def has_products(self) -> bool:
        """Whether the company holds anything an incident could be about."""
        return bool(cast("forms.ModelChoiceField[Product]", self.fields["product"]).queryset)

    def chosen_site(self) -> Site | None:
        """The site chosen; a company's only one is taken without asking."""
        if len(self.sites) == 1:
            return self.sites[0]
        site: Site | None = self.cleaned_data.get("site")
        return site

    def chosen_licence(self, company: Company) -> Licence | None:
        """The licence that the form was opened for, unless another product was chosen then."""
        product: Product = self.cleaned_data["product"]
        if self.licence is not None and self.licence.product_id == product.pk:
            return self.licence
        return only_licence(company, product)

    def cards(self, terms: Terms | None, at: datetime) -> list[SeverityCard]:
        """The severities as cards, the chosen one ticked."""
        return severity_cards(terms, at, str(self["severity"].value() or ""))


def _products(companies: Sequence[Company]) -> QuerySet[Product]:
    """What they hold licences of, past ones included: they may still need help with them."""
    return Product.objects.filter(
        pk__in=Licence.objects.filter(company__in=companies).values("product")
    ).order_by("name")


def only_licence(company: Company, product: Product) -> Licence | None:
    """The licence that an incident is about, when there can be only one."""
    found = list(Licence.objects.filter(company=company, product=product)[:2])
    return found[0] if len(found) == 1 else None


def _choose_among(form: forms.Form, name: str, rows: QuerySet[Any]) -> None:
    cast("forms.ModelChoiceField[Any]", form.fields[name]).queryset = rows


def _never_cut(form: forms.Form, *names: str) -> None:
    """A browser would cut a long paste without a word; the form says what is too long instead."""
    for name in names:
        form.fields[name].widget.attrs.pop("maxlength", None)


class ReplyForm(WaitingFilesForm):
    """A public message with files. One of the two is enough."""

    use_required_attribute = False

    body = TextField(
        label=_("Votre message"), required=False, widget=forms.Textarea(attrs={"rows": 5})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _never_cut(self, "body")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not (cleaned.get("body") or self.waiting_files or self.errors):
            self.add_error("body", _("Écrivez un message ou joignez un fichier."))
        return cleaned


class ReasonForm(forms.Form):
    """Why the solution is refused, the incident reopened or cancelled."""

    use_required_attribute = False

    form_token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    # What the page showed: a reason given for one cycle is none for the next (G4).
    cycle = forms.IntegerField(widget=forms.HiddenInput, required=False)
    reason = TextField(
        label=_("Motif"),
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": _("Dites pourquoi\u00a0: le support en a besoin pour la suite.")
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "reason_%s")
        super().__init__(*args, **kwargs)
        _never_cut(self, "reason")


class AcceptForm(forms.Form):
    """Which solution is accepted: that of the cycle the page showed (G4)."""

    cycle = forms.IntegerField(widget=forms.HiddenInput)


class CopyForm(forms.Form):
    """A colleague of the incident's company, put in copy or taken out."""

    person = forms.ModelChoiceField(
        label=_("Collègue"),
        queryset=User.objects.none(),
        empty_label=_("Choisissez…"),
        error_messages={
            "required": _("Choisissez une personne."),
            "invalid_choice": _("Cette personne n’appartient pas à la société de l’incident."),
        },
    )
    removed = forms.BooleanField(required=False)

    def __init__(self, *args: Any, company: Company, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose_among(self, "person", colleagues(company))


def bound_token(form_token: UUID, person: User, ticket: Ticket | None = None) -> UUID:
    """A form's token, of this person and this incident only: somebody else's leads nowhere."""
    return uuid5(form_token, f"{person.pk} {ticket.reference if ticket else ''}")


class IncidentFilter(forms.Form):
    """The filters of the list, read from the address; a wrong value counts as none (A3)."""

    use_required_attribute = False

    q = forms.CharField(label=_("Numéro ou titre"), required=False)
    tour = forms.ChoiceField(label=_("À qui le tour"), required=False, choices=Turn.choices)
    statut = forms.ChoiceField(
        label=_("Statut"),
        required=False,
        choices=[
            ("", _("Tous")),
            ("ouverts", _("Ouverts")),
            *((status.value, status.label) for status in Status),
        ],
    )
    produit = forms.ChoiceField(label=_("Logiciel"), required=False)
    criticite = forms.ChoiceField(
        label=_("Criticité"), required=False, choices=[("", _("Toutes")), *Severity.choices]
    )
    de = forms.ChoiceField(
        label=_("Déclarés par"),
        required=False,
        choices=[("", _("Tout le monde")), ("moi", _("Moi"))],
    )

    def __init__(self, data: QueryDict, *, companies: Sequence[Company], shows_all: bool) -> None:
        super().__init__(data)
        products = _products(companies) if companies else Product.objects.order_by("name")
        self.fields["produit"] = forms.ChoiceField(
            label=_("Logiciel"),
            required=False,
            choices=[("", _("Tous")), *((str(row.pk), row.name) for row in products)],
        )
        if not shows_all:
            del self.fields["de"]
        self.is_valid()

    def chosen(self) -> dict[str, str]:
        """The values that are valid and not empty, by field."""
        return {name: value for name, value in self.cleaned_data.items() if value}

    def filters(self, person: User) -> Filters:
        """What the list keeps."""
        chosen = self.chosen()
        status = chosen.get("statut", "")
        product = chosen.get("produit")
        return Filters(
            text=chosen.get("q", "")[:SEARCH_MAX],
            turn=Turn(chosen["tour"]) if "tour" in chosen else None,
            statuses=_statuses(status),
            severity=Severity(chosen["criticite"]) if "criticite" in chosen else None,
            product_id=int(product) if product else None,
            requester_id=person.pk if chosen.get("de") == "moi" else None,
        )

    def folded(self) -> Iterator[forms.BoundField]:
        """The fields beside the search box."""
        for name in ("statut", "produit", "criticite", "de"):
            if name in self.fields:
                yield self[name]

    @property
    def is_unfolded(self) -> bool:
        """Whether one of them keeps something."""
        return any(field.name in self.chosen() for field in self.folded())


def _statuses(chosen: str) -> tuple[Status, ...]:
    if chosen == "ouverts":
        return OPEN_STATUSES
    return (Status(chosen),) if chosen else ()
