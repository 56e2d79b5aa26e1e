"""What a manager asks of a rehearsal: a period, a service level, other targets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from foundation.wording import paris
from reports.queries import Span, midnight, month_span, targets_in_force
from reports.rehearsal import Asked, Cell
from sla.enums import CommitmentKind, Severity
from sla.models import ServiceLevel

FIRST_DAY = date(2000, 1, 1)
# About a year and a half of working days; further, calendars have no holidays any more.
MOST_MINUTES = 200_000
PERIODS = (
    ("month", _("le mois dernier")),
    ("quarter", _("le trimestre dernier")),
    ("year", _("les douze derniers mois")),
    ("dates", _("les dates ci-dessous")),
)
CELLS: tuple[Cell, ...] = tuple(
    (kind.value, severity.value) for severity in Severity for kind in CommitmentKind
)


def name_of(cell: Cell) -> str:
    """The field of a cell."""
    return "_".join(cell)


@dataclass(frozen=True)
class TriedTarget:
    """A cell of the table: its field, the target in force (None: it varies), whether it changed."""

    field: forms.BoundField
    value: str
    in_force: int | None
    is_asked: bool


class RehearsalForm(forms.Form):
    """Kept in the address. A cell that differs from the target in force is the question."""

    period = forms.ChoiceField(label=_("Période"), choices=PERIODS)
    from_day = forms.DateField(label=_("Du"), required=False)
    to_day = forms.DateField(label=_("Au"), required=False)
    level = forms.ModelChoiceField(
        label=_("Niveau de service"), required=False, queryset=ServiceLevel.objects.all(),
        empty_label=_("Tous les niveaux"),
    )  # fmt: skip
    # The level whose targets the table was filled with: another one may be chosen with it.
    filled_for = forms.ModelChoiceField(required=False, queryset=ServiceLevel.objects.all())

    def __init__(self, data: QueryDict, *, at: datetime) -> None:
        super().__init__(data if "period" in data else None, initial={"period": "quarter"})
        self._at = at
        self._today = paris(at).date()
        for kind, severity in CELLS:
            self.fields[name_of((kind, severity))] = forms.IntegerField(
                label=f"{Severity(severity).label}, {CommitmentKind(kind).label.lower()}",
                required=False, min_value=1, max_value=MOST_MINUTES,
            )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Free dates need both ends, in their order."""
        cleaned = super().clean() or {}
        if cleaned.get("period") == "dates" and not {"from_day", "to_day"} & set(self.errors):
            first, last = cleaned.get("from_day"), cleaned.get("to_day")
            if first is None or last is None:
                self.add_error("from_day", _("Indiquez les deux dates."))
            elif not FIRST_DAY <= first <= last <= self._today:
                self.add_error(
                    "from_day", _("Le début précède la fin, et la fin n’est pas dans le futur.")
                )
        return cleaned

    @property
    def days(self) -> list[forms.BoundField]:
        """The two ends of free dates."""
        return [self["from_day"], self["to_day"]]

    @property
    def level_asked(self) -> ServiceLevel | None:
        """None: all of them."""
        return getattr(self, "cleaned_data", {}).get("level")

    @property
    def asked(self) -> Asked:
        """The targets to try: the cells that no longer say what they were filled with."""
        given = getattr(self, "cleaned_data", {})
        filled = targets_in_force(given.get("filled_for"), self._today)
        minutes = {cell: given.get(name_of(cell)) for cell in CELLS}
        return {
            cell: timedelta(minutes=value)
            for cell, value in minutes.items()
            if value is not None and value != filled[cell]
        }

    @property
    def span(self) -> Span:
        """The days that the period holds, in Paris; nothing after today."""
        asked = self.cleaned_data["period"]
        this_month = self._today.replace(day=1)
        if asked == "month":
            return month_span((this_month - timedelta(days=1)).replace(day=1))
        if asked == "quarter":
            return _quarter_before(this_month)
        if asked == "year":
            return Span(midnight(self._today - timedelta(days=365)), _end_of(self._today))
        return Span(midnight(self.cleaned_data["from_day"]), _end_of(self.cleaned_data["to_day"]))

    def table(self) -> list[tuple[Severity, list[TriedTarget]]]:
        """The severity × promise table: what is tried, else the target in force."""
        in_force = targets_in_force(self.level_asked, self._today)
        asked = self.asked if self.is_bound else {}
        return [
            (
                severity,
                [self._tried((kind.value, severity.value), in_force, asked)
                 for kind in CommitmentKind],
            )
            for severity in Severity
        ]  # fmt: skip

    def _tried(self, cell: Cell, in_force: dict[Cell, int | None], asked: Asked) -> TriedTarget:
        field = self[name_of(cell)]
        value: Any = in_force[cell]
        if cell in asked:
            value = int(asked[cell].total_seconds() // 60)
        elif field.errors:
            value = field.value()
        return TriedTarget(
            field, "" if value is None else str(value), in_force[cell], cell in asked
        )


def _end_of(last: date) -> datetime:
    return midnight(last + timedelta(days=1))


def _quarter_before(first: date) -> Span:
    """The whole quarter before the one that a month is in."""
    begins = first.replace(month=first.month - (first.month - 1) % 3)
    before = (begins - timedelta(days=1)).replace(day=1)
    return Span(midnight(before.replace(month=before.month - 2)), midnight(begins))
