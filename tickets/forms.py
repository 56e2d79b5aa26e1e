"""What customers type on the page of an incident: an answer, a reason, a colleague in copy."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID, uuid4, uuid5

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Company, User
from accounts.queries import colleagues
from files.forms import WaitingFilesForm
from foundation.text import TextField
from tickets.models import Ticket


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
