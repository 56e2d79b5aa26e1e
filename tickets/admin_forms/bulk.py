"""The acts that are done to several incidents at once, each with its form.

One form token for all: each incident's own is derived from it (decision 0010), so that a form sent
twice does nothing twice.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from foundation.text import TextField
from sla.enums import Severity
from tickets import operations
from tickets.admin_forms.desk import PersonChoice, lines, until_field
from tickets.enums import Act
from tickets.queries.around import engineers

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class BulkForm(forms.Form):
    """An act without words."""

    form_token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)


class BulkAssignForm(BulkForm):
    """To whom, with the note that each incident keeps (E21)."""

    assignee = PersonChoice(label=_("Ingénieur"), queryset=User.objects.none())
    note = TextField(
        label=_("Note pour la suite"),
        required=False,
        widget=lines(3),
        help_text=_("Interne. Obligatoire pour confier les incidents à quelqu’un d’autre."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["assignee"] = PersonChoice(label=_("Ingénieur"), queryset=engineers())


class BulkReplyForm(BulkForm):
    """The same public answer on each."""

    body = TextField(label=_("Réponse"), widget=lines(6))


class BulkWaitForm(BulkForm):
    """The same question, or the same wait for the vendor (S5)."""

    reason = TextField(label=_("Ce qui est attendu"), widget=lines(4))
    until = until_field(_("Facultatif. Les clients lisent aussi cette date."))


class BulkSolutionForm(BulkForm):
    """The same solution on each (S9)."""

    solution = TextField(label=_("Solution"), widget=lines(6))


class BulkReasonForm(BulkForm):
    """A reason that each customer reads."""

    reason = TextField(label=_("Motif"), widget=lines(4))


class BulkRequalifyForm(BulkReasonForm):
    """Another severity (S7)."""

    severity = forms.TypedChoiceField(
        label=_("Nouvelle criticité"), choices=[("", "—"), *Severity.choices], coerce=Severity
    )
    field_order = ("severity", "reason")


@dataclass(frozen=True)
class BulkAct:
    """One act: its place in the lifecycle, its form, the operation, and its words.

    `words`: the field that the last words of another incident may fill.
    """

    name: str
    act: Act
    form: type[BulkForm]
    operation: Callable[..., object]
    label: StrOrPromise
    says: StrOrPromise
    icon: str
    words: str = ""
    has_token: bool = True


ACTS = {
    row.name: row
    for row in (
        BulkAct(
            "prendre", Act.ACKNOWLEDGE, BulkForm, operations.acknowledge, _("Prendre en charge"),
            _("Les incidents vous sont affectés. Les clients sont prévenus."), "check",
            has_token=False,
        ),
        BulkAct(
            "affecter", Act.ASSIGN, BulkAssignForm, operations.assign, _("Affecter"),
            _("Aucun délai ne change. La personne reçoit un e-mail par incident\u00a0; les clients "
              "n’en reçoivent pas."), "user",
        ),
        BulkAct(
            "repondre", Act.MESSAGE, BulkReplyForm, operations.answer, _("Répondre"),
            _("Chaque client lit cette réponse sur son incident, sans rien apprendre des autres."),
            "message", "body",
        ),
        BulkAct(
            "attendre-client", Act.WAIT_CUSTOMER, BulkWaitForm, operations.wait_for_customer,
            _("Attente client"),
            _("La résolution est suspendue jusqu’à la réponse de chaque client."),
            "waiting_customer",
        ),
        BulkAct(
            "attendre-editeur", Act.WAIT_VENDOR, BulkWaitForm, operations.wait_for_vendor,
            _("Attente éditeur"), _("Les clients sont prévenus."), "waiting_vendor",
        ),
        BulkAct(
            "resoudre", Act.RESOLVE, BulkSolutionForm, operations.resolve, _("Résoudre"),
            _("Chaque client lit la solution\u00a0; il l’accepte ou la refuse."), "resolved",
            "solution",
        ),
        BulkAct(
            "requalifier", Act.REQUALIFY, BulkRequalifyForm, operations.requalify,
            _("Changer la criticité"),
            _("Les délais en cours suivent. Les clients lisent le motif."), "alert",
        ),
        BulkAct(
            "annuler", Act.CANCEL, BulkReasonForm, operations.cancel, _("Annuler"),
            _("Les délais en cours deviennent sans objet. Les clients lisent le motif."),
            "cancelled",
        ),
    )
}  # fmt: skip
