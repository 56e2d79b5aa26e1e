"""« Calculer une échéance »: a question in the address, so that an answer can be shared."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from foundation.refusals import Refusal
from foundation.wording import paris
from sla.calculator import Calculation, calculate
from sla.enums import Severity
from sla.hours import ClockRefusal, Pause
from sla.models import ServiceLevel
from tickets.admin_forms.instants import InstantInput

if TYPE_CHECKING:
    LevelField = forms.ModelChoiceField[ServiceLevel]
else:
    LevelField = forms.ModelChoiceField

# The hours of a calendar version are known for some years; beyond, an answer would be a guess.
YEARS = range(2000, 2101)
PAUSES = (1, 2)
_UNREADABLE = _("Donnez une date et une heure, par exemple 20/11/2026 17:45.")


class InstantField(forms.DateTimeField):
    """An instant on the Paris wall clock, to the second."""

    def __init__(self, label: Any, *, required: bool, help_text: Any = "") -> None:
        super().__init__(
            label=label,
            required=required,
            help_text=help_text,
            widget=InstantInput(),
            error_messages={"invalid": _UNREADABLE},
        )

    def to_python(self, value: Any) -> datetime | None:
        if isinstance(value, str):
            value = value.replace("\x00", "").strip()
        try:
            found = super().to_python(value)
            if found is not None and paris(found).year not in YEARS:
                raise forms.ValidationError(_("Choisissez une date entre 2000 et 2100."))
        except (OverflowError, ValueError):
            raise forms.ValidationError(_UNREADABLE) from None
        return found


class CalculatorForm(forms.Form):
    """An instant, a severity, a service level, and the pauses of the resolution if any.

    What the address does not say has its usual value: now, « Bloquant », the charter.
    """

    instant = InstantField(
        _("Déclaré le"),
        required=False,
        help_text=_("Heure de Paris. Laissez vide pour maintenant."),
    )
    criticite = forms.TypedChoiceField(
        label=_("Criticité"),
        choices=Severity.choices,
        coerce=Severity,
        error_messages={"invalid_choice": _("Choisissez l’une des trois criticités.")},
    )
    niveau = LevelField(
        label=_("Niveau de service"),
        queryset=ServiceLevel.objects.order_by("name"),
        to_field_name="code",
        empty_label=None,
        error_messages={"invalid_choice": _("Ce niveau de service n’existe pas.")},
    )
    suspendu_1 = InstantField(_("Suspendu le"), required=False)
    repris_1 = InstantField(_("Repris le"), required=False)
    suspendu_2 = InstantField(_("Suspendu de nouveau le"), required=False)
    repris_2 = InstantField(_("Repris le"), required=False)

    def __init__(self, asked: QueryDict, at: datetime) -> None:
        usual = {
            "instant": f"{paris(at):%Y-%m-%dT%H:%M}",
            "criticite": Severity.BLOCKING.value,
            "niveau": settings.DEFAULT_SERVICE_LEVEL,
        }
        said = {name: value for name, value in asked.items() if value}
        super().__init__({**usual, **said})

    @property
    def has_pauses(self) -> bool:
        """Whether the part that most questions do without is shown open."""
        return any(self[f"{name}_{n}"].value() for n in PAUSES for name in ("suspendu", "repris"))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for n in PAUSES:
            began, ended = cleaned.get(f"suspendu_{n}"), cleaned.get(f"repris_{n}")
            if ended and not began and f"suspendu_{n}" not in self.errors:
                self.add_error(f"suspendu_{n}", _("Dites quand la suspension a commencé."))
            if began and ended and ended < began:
                self.add_error(f"repris_{n}", _("La suspension se termine avant d’avoir commencé."))
        return cleaned

    def calculation(self) -> Calculation | None:
        """The answer; None when the question has faults, which the form then says."""
        if not self.is_valid():
            return None
        asked = self.cleaned_data
        try:
            return calculate(asked["niveau"], asked["criticite"], asked["instant"], _pauses(asked))
        except (Refusal, ClockRefusal) as refusal:
            self.add_error(None, str(refusal))
            return None


def _pauses(asked: Mapping[str, Any]) -> list[Pause]:
    return [
        (asked[f"suspendu_{n}"], asked[f"repris_{n}"]) for n in PAUSES if asked[f"suspendu_{n}"]
    ]
