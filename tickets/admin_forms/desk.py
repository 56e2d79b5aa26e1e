"""Forms of the queue, of an incident's workspace and of a call."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Site, User
from accounts.queries import colleagues
from files.forms import WaitingFilesForm
from foundation.refusals import Refusal
from foundation.text import LINE_MAX, TextField
from foundation.text import LineField as Line
from licences.models import Product
from sla.enums import Severity
from tickets.admin_forms.instants import InstantInput
from tickets.enums import Sequel
from tickets.models import Canned, Copy, Ticket
from tickets.queries.around import engineers
from tickets.queries.canned import require_known
from tickets.recipients import viewers_of

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    PersonChoiceField = forms.ModelChoiceField[User]
    CannedModelForm = forms.ModelForm[Canned]
else:
    PersonChoiceField = forms.ModelChoiceField
    CannedModelForm = forms.ModelForm


def lines(number: int) -> forms.Textarea:
    """A text of so many lines."""
    return forms.Textarea(attrs={"rows": str(number)})


def until_field(help_text: StrOrPromise) -> forms.DateField:
    """The day by which an answer is awaited (S5)."""
    return forms.DateField(
        label=_("Réponse attendue le"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=help_text,
    )


class ReplyForm(WaitingFilesForm):
    """A public answer, with files. Every customer who follows the incident reads it.

    A ready-made one may bring a sequel: what is done with the answer, in one act.
    """

    body = TextField(label=_("Réponse"), required=False, widget=lines(7))
    sequel = forms.ChoiceField(
        choices=[("", ""), *Sequel.choices], required=False, widget=forms.HiddenInput
    )
    reason = TextField(label=_("Ce qui est attendu"), required=False, widget=lines(2))
    canned_id = forms.IntegerField(
        required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput
    )

    @property
    def follows(self) -> str:
        """The sequel in words; empty without one."""
        found = self["sequel"].value()
        return str(Sequel(found).label) if found in Sequel.values else ""

    @property
    def waits(self) -> bool:
        """The sequel asks what is awaited."""
        return self["sequel"].value() in {Sequel.WAIT_CUSTOMER, Sequel.WAIT_VENDOR}


class CannedForm(CannedModelForm):
    """A ready-made answer as managers write it: an unknown variable is named at once."""

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        for name in ("body", "reason"):
            try:
                require_known((cleaned or {}).get(name) or "")
            except Refusal as refusal:
                self.add_error(name, refusal.sentence)
        return cleaned


class WithdrawForm(forms.Form):
    """Which answer is taken back."""

    message = forms.IntegerField(min_value=1, max_value=2**63 - 1)


class NoteForm(forms.Form):
    """An internal note: no customer ever learns that it exists (B1)."""

    form_token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    body = TextField(label=_("Note interne"), widget=lines(7))


class WaitForm(WaitingFilesForm):
    """Waiting for the customer or the vendor: what is awaited, and until when (S5)."""

    reason = TextField(label=_("Ce qui est attendu"), widget=lines(4))
    until = until_field(_("Facultatif. Le client lit aussi cette date."))


class SolutionForm(WaitingFilesForm):
    """The solution that the customer accepts or refuses (S9)."""

    solution = TextField(label=_("Solution"), widget=lines(7))


class ReasonForm(forms.Form):
    """An act that only needs a reason, which the customer reads."""

    reason = TextField(label=_("Motif"), widget=lines(4))


class RequalifyForm(forms.Form):
    """Another severity, and why: the customer reads the reason (S7)."""

    severity = forms.TypedChoiceField(
        label=_("Nouvelle criticité"), choices=[("", "—"), *Severity.choices], coerce=Severity
    )
    reason = TextField(label=_("Motif"), widget=lines(3))


class EscalationAnswerForm(forms.Form):
    """What a manager answers to an escalation: every customer who follows the incident reads it."""

    form_token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    answer = TextField(label=_("Réponse au client"), widget=lines(4))


class DeclineForm(forms.Form):
    """Why the severity that a customer asked for is not retained. `ask_id`: the request shown."""

    ask_id = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**63 - 1)
    reason = TextField(label=_("Motif du refus"), widget=lines(3))


class GrantForm(RequalifyForm):
    """The same requalification with the severity that was asked for: only the reason is typed."""

    severity = forms.TypedChoiceField(
        choices=Severity.choices, coerce=Severity, widget=forms.HiddenInput
    )


class CorrectForm(forms.Form):
    """The true instant of the acknowledgement, and why it was wrong (S14)."""

    acknowledged_at = forms.DateTimeField(
        label=_("Prise en charge réelle"),
        widget=InstantInput(),
        help_text=_("Heure de Paris. Les deux valeurs restent dans l’historique."),
    )
    reason = TextField(label=_("Motif"), widget=lines(3))


class PersonChoice(PersonChoiceField):
    """People by their full name."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.full_name)


class AssignForm(forms.Form):
    """The engineer who goes on with the incident (S8), and what they must know (E21)."""

    form_token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4, required=False)
    assignee = PersonChoice(label=_("Ingénieur"), queryset=User.objects.none())
    note = TextField(
        label=_("Note pour la suite"),
        required=False,
        widget=lines(3),
        help_text=_("Interne. Obligatoire pour confier l’incident à quelqu’un d’autre."),
    )

    def __init__(self, data: QueryDict | None, ticket: Ticket) -> None:
        super().__init__(data, initial={"assignee": ticket.assignee_id})
        self.fields["assignee"] = PersonChoice(label=_("Ingénieur"), queryset=engineers())


class CopyForm(forms.Form):
    """A colleague of the customer who follows the incident from now on (C8)."""

    user = PersonChoice(label=_("Ajouter en copie"), queryset=User.objects.none())

    def __init__(self, data: QueryDict | None, ticket: Ticket) -> None:
        super().__init__(data)
        following = Copy.objects.filter(ticket=ticket).values("user")
        others = colleagues(ticket.company).exclude(pk=ticket.requester_id)
        self.fields["user"] = PersonChoice(
            label=_("Ajouter en copie"),
            queryset=others.exclude(pk__in=following),
            empty_label=_("Choisir une personne"),
        )


class CopyRemovalForm(forms.Form):
    """Who follows it no more."""

    user = forms.ModelChoiceField(queryset=User.objects.none())

    def __init__(self, data: QueryDict, ticket: Ticket) -> None:
        super().__init__(data)
        self.fields["user"] = forms.ModelChoiceField(
            queryset=User.objects.filter(copied_tickets=ticket)
        )


class LoggedCallForm(forms.Form):
    """A call about this incident: who, since when, what was said (S6)."""

    form_token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    caller = PersonChoice(label=_("Qui appelle"), queryset=User.objects.none())
    began_at = forms.DateTimeField(
        label=_("Début de l’appel"),
        widget=InstantInput(),
        help_text=_("Heure de Paris. Une attente client se termine à cet instant."),
    )
    body = TextField(label=_("Ce que dit le client"), widget=lines(5))

    def __init__(
        self, data: QueryDict | None, ticket: Ticket, began_at: datetime | None = None
    ) -> None:
        super().__init__(data, initial={"caller": ticket.requester_id, "began_at": began_at})
        self.fields["caller"] = PersonChoice(label=_("Qui appelle"), queryset=viewers_of(ticket))


class CallForm(forms.Form):
    """A call, typed while or after talking (P7, S3, S4)."""

    form_token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    product = forms.ChoiceField(label=_("Produit"))
    site = forms.ModelChoiceField(
        label=_("Site"), queryset=Site.objects.none(), required=False, empty_label=_("Non précisé")
    )
    severity = forms.TypedChoiceField(
        label=_("Criticité"),
        choices=Severity.choices,
        coerce=Severity,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez l’une des trois criticités.")},
    )
    title = Line(label=_("Titre"), max_length=LINE_MAX)
    body = TextField(label=_("Ce que dit le client"), widget=lines(6))
    began_at = forms.DateTimeField(
        label=_("Début de l’appel"),
        widget=InstantInput(seconds=False),
        help_text=_("Heure de Paris. Les deux délais partent de cet instant."),
    )
    acknowledged_on_call = forms.BooleanField(
        label=_("Pris en charge pendant l’appel"),
        required=False,
        initial=True,
        help_text=_("L’incident vous est affecté et la prise en charge est tenue."),
    )

    def __init__(
        self, data: QueryDict | None, membership: Membership | None, began_at: datetime
    ) -> None:
        initial: dict[str, Any] = {"began_at": began_at}
        if membership is not None and membership.site_id:
            initial["site"] = membership.site_id
        super().__init__(data, initial=initial)
        if membership is not None and data is None:
            # The caller is known: the next key typed is the first of the title.
            self.fields["title"].widget.attrs["autofocus"] = True
        company = membership.company_id if membership is not None else None
        # The product of a customer who has only one.
        self._only_one: str | None = None
        self._products = {product.pk: product for product in Product.objects.order_by("name")}
        products = self._grouped(company)
        self.fields["product"] = forms.ChoiceField(
            label=_("Produit"), choices=products, initial=self._only_one
        )
        self.fields["site"] = forms.ModelChoiceField(
            label=_("Site"), queryset=Site.objects.filter(company=company), required=False,
            empty_label=_("Non précisé"),
        )  # fmt: skip

    def _grouped(self, company_id: int | None) -> list[tuple[Any, Any]]:
        """The company's park first; what it has no licence of can still be called about."""
        held = set(
            Product.objects.filter(licences__company=company_id).values_list("pk", flat=True)
        )
        park = [(str(pk), row.name) for pk, row in self._products.items() if pk in held]
        self._only_one = park[0][0] if len(park) == 1 else None
        others = [
            (str(pk), row.name)
            for pk, row in self._products.items()
            if pk not in held and row.is_active
        ]
        groups = [(_("Dans le parc du client"), park), (_("Autres produits"), others)]
        return [("", "—"), *(group for group in groups if group[1])]

    def clean_product(self) -> Product:
        return self._products[int(self.cleaned_data["product"])]
