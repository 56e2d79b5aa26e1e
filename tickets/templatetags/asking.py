"""What a customer may ask on the page of an incident: its state, and the forms to ask with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import uuid4

from django import template
from django.forms import Form
from django.template.context import Context

from sla.enums import Severity
from tickets.asking_forms import EscalateForm, SeverityForm
from tickets.declare_forms import SEVERITY_TEXTS, SeverityText
from tickets.queries.asking import Asks

register = template.Library()


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


@register.simple_tag(takes_context=True)
def asks(context: Context) -> Shown:
    """The requests of the page's incident, with the form that came back (`refused`), if any."""
    refused = context.get("refused")
    found: Asks = context["page"].asks
    severity = _fold(refused, SeverityForm)
    return Shown(
        asks=found,
        escalate=_fold(refused, EscalateForm),
        severity=severity,
        choices=tuple(
            Choice(choice, SEVERITY_TEXTS[choice], severity.severity == choice.value)
            for choice in found.choices
        ),
    )


def _fold(refused: Form | None, form_class: type[Form]) -> Fold:
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
