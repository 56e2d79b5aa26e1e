"""What customers type: an answer, a reason; and the filters of their list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast
from uuid import UUID, uuid4, uuid5

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.models import Company, User
from accounts.queries import colleagues
from files.forms import WaitingFilesForm
from foundation.text import TextField
from licences.models import Licence, Product
from sla.enums import Severity
from tickets.enums import OPEN_STATUSES, Status, Turn
from tickets.models import Ticket
from tickets.queries.customer import SEARCH_MAX, Filters


def _products(companies: Sequence[Company]) -> QuerySet[Product]:
    """What they hold licences of, past ones included: they may still need help with them."""
    return Product.objects.filter(
        pk__in=Licence.objects.filter(company__in=companies).values("product")
    ).order_by("name")


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
