"""What customers type beside the conversation: escalating, another severity, the true subject."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast
from uuid import uuid4

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from foundation.text import LineField, TextField
from licences.models import Licence, Product
from licences.queries import only_licence
from sla.enums import Severity
from tickets.declare_forms import SEVERITY_TEXTS, SeverityText
from tickets.models import Ticket
from tickets.queries.asking import Asks

# Long enough to explain; the whole story belongs in a message.
REASON_MAX = 2_000


class EscalateForm(forms.Form):
    """Why a manager of ours should look at the incident."""

    use_required_attribute = False

    form_token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    reason = TextField(
        label=_("Pourquoi escalader"),
        max_length=REASON_MAX,
        error_messages={"required": _("Dites pourquoi\u00a0: le responsable le lit d’abord.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "escalate_%s")
        super().__init__(*args, **kwargs)


class SeverityForm(forms.Form):
    """Which severity would be right, and why. The one retained is refused by the operation."""

    use_required_attribute = False

    form_token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    severity = forms.TypedChoiceField(
        label=_("Criticité demandée"),
        choices=Severity.choices,
        coerce=Severity,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choisissez la criticité qui convient."),
            "invalid_choice": _("Choisissez l’une des criticités proposées."),
        },
    )
    reason = TextField(
        label=_("Ce qui a changé"),
        max_length=REASON_MAX,
        error_messages={
            "required": _("Dites ce qui le justifie\u00a0: le support décide d’après votre motif.")
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "ask_%s")
        super().__init__(*args, **kwargs)


class Choice(NamedTuple):
    """A severity that could be asked for, in the words of somebody whose work is hampered."""

    severity: Severity
    text: SeverityText
    is_chosen: bool


@dataclass(frozen=True)
class Fold:
    """A form as the page lays it out by hand: what is typed in it, and what is wrong with it.

    `came_back`: it was posted and not taken, or its session had ended (`is_unsent`).
    """

    token: str
    reason: str = ""
    severity: str = ""
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    came_back: bool = False
    is_unsent: bool = False


@dataclass(frozen=True)
class Shown:
    """All that the panel shows."""

    asks: Asks
    escalate: Fold
    severity: Fold
    choices: tuple[Choice, ...]


def shown(asks: Asks, refused: forms.Form | None = None) -> Shown:
    """The requests of an incident, with the form that came back, if any."""
    severity = _fold(refused, SeverityForm)
    return Shown(
        asks=asks,
        escalate=_fold(refused, EscalateForm),
        severity=severity,
        choices=tuple(
            Choice(choice, SEVERITY_TEXTS[choice], severity.severity == choice.value)
            for choice in asks.choices
        ),
    )


def _fold(refused: forms.Form | None, form_class: type[forms.Form]) -> Fold:
    """Blank, unless the form that came back is this one."""
    if not isinstance(refused, form_class):
        return Fold(token=str(uuid4()))
    typed = {name: str(refused[name].value() or "") for name in refused.fields}
    return Fold(
        token=typed["form_token"] or str(uuid4()),
        reason=typed["reason"],
        severity=typed.get("severity", ""),
        errors={name: [str(fault) for fault in faults] for name, faults in refused.errors.items()},
        came_back=True,
        is_unsent=not refused.is_bound,
    )


class SubjectForm(forms.Form):
    """What the incident is about: its title, and one of the company's products."""

    use_required_attribute = False

    title = LineField(
        label=_("Le problème en une phrase"),
        error_messages={"required": _("Donnez un titre à l’incident.")},
    )
    product = forms.ModelChoiceField(
        label=_("Logiciel concerné"),
        queryset=Product.objects.none(),
        empty_label=None,
        error_messages={
            "required": _("Indiquez le logiciel concerné."),
            "invalid_choice": _("Choisissez un logiciel de votre société."),
        },
    )

    def __init__(self, *args: Any, ticket: Ticket, **kwargs: Any) -> None:
        kwargs["initial"] = kwargs.get("initial") or {
            "title": ticket.title, "product": ticket.product_id,
        }  # fmt: skip
        super().__init__(*args, **kwargs)
        self._company = ticket.company
        # A call may be about what the company has no licence of.
        offered = Q(pk=ticket.product_id) | Q(
            pk__in=Licence.objects.filter(company=ticket.company).values("product")
        )
        cast(
            "forms.ModelChoiceField[Product]", self.fields["product"]
        ).queryset = Product.objects.filter(offered).order_by("name")
        # A browser would cut a long paste without a word; the form says what is too long instead.
        self.fields["title"].widget.attrs.pop("maxlength", None)

    def licence(self) -> Licence | None:
        """The company's licence of the product chosen, when there can be only one."""
        return only_licence(self._company, self.cleaned_data["product"])
