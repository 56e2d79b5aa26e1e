"""Forms of calendars, service levels and contracts: what a manager types, judged in French.

A version applies from its date to incidents declared after it (S12). So a version never begins
in the past of one that already held, and nothing in it is left to be guessed.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import BaseInlineFormSet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin_forms import CompanyField
from accounts.models import Company
from foundation.text import LineField, TextField
from foundation.wording import NBSP, duration
from foundation.wording import day as day_fr
from licences.models import SupportContract
from sla.enums import CommitmentKind, Severity
from sla.hours import InvalidCalendar
from sla.models import CalendarVersion, ExceptionalDay, ServiceLevelVersion
from tickets.admin_forms.hours import (
    DAYS,
    PARIS,
    Day,
    UnreadableDay,
    compose,
    day_in_words,
    read_day,
)

if TYPE_CHECKING:
    VersionModelForm = forms.ModelForm[Any]
    ContractModelForm = forms.ModelForm[SupportContract]
    DayModelForm = forms.ModelForm[ExceptionalDay]
    DayFormSet = BaseInlineFormSet[Any, Any, Any]
else:
    VersionModelForm = ContractModelForm = DayModelForm = forms.ModelForm
    DayFormSet = BaseInlineFormSet

# Working minutes: past a thousand hours a promise is a typing error, and its deadline absurd.
LONGEST = 60_000
_DURATION = re.compile(
    r"(?:(?P<hours>[0-9]{1,4})\s*h)?\s*(?:(?P<minutes>[0-9]{1,5})\s*(?:min|minutes?)?)?",
    re.IGNORECASE,
)


class MinutesField(forms.CharField):
    """Working minutes, typed « 30 », « 4 h » or « 1 h 30 »; shown the same way."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=20, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return duration(timedelta(minutes=value)) if isinstance(value, int) else value

    def clean(self, value: Any) -> int:
        text = super().clean(value)
        found = _DURATION.fullmatch(text.strip())
        if found is None or not (found["hours"] or found["minutes"]):
            raise ValidationError(
                _(
                    "«\u00a0%(text)s\u00a0» n’est pas une durée. "
                    "Écrivez 30, 4\u00a0h ou 1\u00a0h\u00a030."
                )
                % {"text": text[:20]}
            )
        if found["hours"] and int(found["minutes"] or 0) >= 60:
            raise ValidationError(
                _("«\u00a0%(text)s\u00a0»\u00a0: après les heures, les minutes vont de 0 à 59.")
                % {"text": text[:20]}
            )
        minutes = int(found["hours"] or 0) * 60 + int(found["minutes"] or 0)
        if minutes < 1:
            raise ValidationError(_("Un délai est d’au moins une minute ouvrée."))
        if minutes > LONGEST:
            raise ValidationError(_("Un délai est d’au plus 1\u00a0000\u00a0heures ouvrées."))
        return minutes


class _VersionForm(VersionModelForm):
    """What calendars and service levels share: the day from which a version holds."""

    # The day of the request in Paris, given by the ModelAdmin.
    today: ClassVar[date]

    def clean_effective_from(self) -> date:
        day: date = self.cleaned_data["effective_from"]
        if day.year > self.today.year + 5:
            raise ValidationError(
                _("Cette date est dans plus de cinq ans\u00a0: vérifiez l’année.")
            )
        return day

    def _require_not_retroactive(self, family: str) -> None:
        """S12: a version holds for incidents declared after its date, never for earlier ones."""
        day, owner = self.cleaned_data.get("effective_from"), self.cleaned_data.get(family)
        if day is None or owner is None or day >= self.today:
            return
        if owner.versions.exclude(pk=self.instance.pk).exists():
            self.add_error(
                "effective_from",
                _("Une nouvelle version prend effet au plus tôt aujourd’hui (%(day)s).")
                % {"day": day_fr(self.today)},
            )


def _day_field(label: Any, help_text: Any = "") -> LineField:
    return LineField(label=label, required=False, max_length=100, help_text=help_text)


class CalendarVersionForm(_VersionForm):
    """A week in words, a date, the holidays of Alsace-Moselle or not."""

    mon = _day_field(
        gettext_lazy("Lundi"),
        gettext_lazy("Heures de Paris, par exemple 09:00-12:00, 14:00-18:00. Vide\u00a0: fermé."),
    )
    tue = _day_field(gettext_lazy("Mardi"))
    wed = _day_field(gettext_lazy("Mercredi"))
    thu = _day_field(gettext_lazy("Jeudi"))
    fri = _day_field(gettext_lazy("Vendredi"))
    sat = _day_field(gettext_lazy("Samedi"))
    sun = _day_field(gettext_lazy("Dimanche"))

    class Meta:
        model = CalendarVersion
        fields = ("calendar", "effective_from", "alsace_moselle")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stored = (self.instance.hours or {}).get("weekly", {})
        for name in DAYS:
            self.initial.setdefault(name, day_in_words(stored.get(name, [])))

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        self.week = {day: self._read(day) for day in DAYS if not self.has_error(day)}
        if not self.errors and not any(self.week.values()):
            raise ValidationError(
                _("Ce calendrier n’ouvre jamais\u00a0: aucun délai ne pourrait être promis.")
            )
        self._require_not_retroactive("calendar")
        if not self.errors:
            self._judge()
        return data

    def _read(self, day: str) -> list[list[str]]:
        try:
            return read_day(self.cleaned_data.get(day, ""))
        except UnreadableDay as error:
            self.add_error(day, str(error))
            return []

    def _judge(self) -> None:
        """The promise clock reads the calendar before anybody is promised anything by it."""
        try:
            self.compose()
        except InvalidCalendar as error:
            day = error.field.removeprefix("weekly.").split("[")[0]
            self.add_error(day if day in DAYS else None, _without_code(str(error)))

    def compose(self, days: tuple[Day, ...] = ()) -> tuple[dict[str, object], dict[str, str]]:
        """The `hours` and `holiday_names` of what was typed."""
        return compose(
            self.week,
            first_year=self.cleaned_data["effective_from"].year,
            alsace_moselle=self.cleaned_data["alsace_moselle"],
            days=days,
            tz=(self.instance.hours or {}).get("tz", PARIS),
        )


def _without_code(sentence: str) -> str:
    """The clock names the field of its dict in brackets; a manager reads the day alone."""
    return re.sub(r" \((?:weekly|extra_openings)[^)]*\)", "", sentence)


class ExceptionalDayForm(DayModelForm):
    """A closure, or a day with hours of its own."""

    reason = LineField(label=gettext_lazy("Motif"), max_length=120)

    class Meta:
        model = ExceptionalDay
        fields = ("day", "opens_at", "closes_at", "reason")


class ExceptionalDayFormSet(DayFormSet):
    """The exceptional days of a version: a date is closed or has windows, never both."""

    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        by_day: dict[date, list[Day]] = {}
        for row in self.days():
            by_day.setdefault(row.day, []).append(row)
        for day, rows in by_day.items():
            if len(rows) > 1 and any(row.opens_at is None for row in rows):
                raise ValidationError(
                    _("Le %(day)s est à la fois fermé et ouvert.") % {"day": day_fr(day)}
                )
            _require_apart(day, rows)

    def days(self) -> tuple[Day, ...]:
        """What was typed, without the lines that are taken out."""
        return tuple(
            Day(data["day"], data.get("opens_at"), data.get("closes_at"), data["reason"])
            for form in self.forms
            if (data := getattr(form, "cleaned_data", None))
            and data.get("day")
            and not data.get("DELETE")
        )


def _require_apart(day: date, rows: list[Day]) -> None:
    windows = sorted(
        (row.opens_at, row.closes_at) for row in rows if row.opens_at and row.closes_at
    )
    for (_opens, closes), (opens, _closes) in pairwise(windows):
        if opens < closes:
            raise ValidationError(
                _("Deux ouvertures du %(day)s se chevauchent.") % {"day": day_fr(day)}
            )


def _cell(kind: CommitmentKind, severity: Severity) -> str:
    return f"{kind.value}_{severity.value}"


class ServiceLevelVersionForm(_VersionForm):
    """The severity × promise table: six durations, none missing."""

    class Meta:
        model = ServiceLevelVersion
        fields = ("service_level", "effective_from", "calendar", "pauses_on_vendor")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in CommitmentKind:
            for severity in Severity:
                cell = _cell(kind, severity)
                self.fields[cell] = MinutesField(
                    label=f"{kind.label}, {severity.label.lower()}",
                    help_text=_("Temps ouvré\u00a0: 30, 4\u00a0h ou 1\u00a0h\u00a030."),
                )
                self.initial.setdefault(cell, getattr(self.instance, cell))

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        self._require_not_retroactive("service_level")
        self._require_open_calendar()
        for kind in CommitmentKind:
            self._require_graded(kind)
        for severity in Severity:
            self._require_ordered(severity)
        for kind in CommitmentKind:
            for severity in Severity:
                cell = _cell(kind, severity)
                setattr(self.instance, cell, data.get(cell))
        return data

    def _require_open_calendar(self) -> None:
        """Nothing can be promised on a day for which the calendar has no hours."""
        calendar, day = self.cleaned_data.get("calendar"), self.cleaned_data.get("effective_from")
        if calendar and day and not calendar.versions.filter(effective_from__lte=day).exists():
            self.add_error(
                "calendar",
                _("Ce calendrier n’a pas encore d’horaires le %(day)s.") % {"day": day_fr(day)},
            )

    def _require_graded(self, kind: CommitmentKind) -> None:
        """The more it hampers the customer, the sooner it is promised."""
        cells = [_cell(kind, severity) for severity in Severity]
        typed = [self.cleaned_data.get(cell) for cell in cells]
        for worse, milder, cell in zip(typed, typed[1:], cells[1:], strict=False):
            if worse is not None and milder is not None and milder < worse:
                self.add_error(
                    cell, _("Ce délai est plus court que celui d’une criticité plus grave.")
                )

    def _require_ordered(self, severity: Severity) -> None:
        """Nothing is solved before somebody takes charge of it."""
        acknowledgement = self.cleaned_data.get(_cell(CommitmentKind.ACKNOWLEDGEMENT, severity))
        cell = _cell(CommitmentKind.RESOLUTION, severity)
        resolution = self.cleaned_data.get(cell)
        if acknowledgement and resolution and resolution < acknowledgement:
            self.add_error(cell, _("La résolution ne peut pas précéder la prise en charge."))


class ContractForm(ContractModelForm):
    """One contract per company at a time (S13): an overlap names the contract in the way."""

    company = CompanyField(Company.objects.all())
    number = LineField(label=gettext_lazy("Numéro"), max_length=40)

    class Meta:
        model = SupportContract
        fields = ("company", "number", "service_level", "starts_on", "ends_on")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        starts_on = data.get("starts_on", self.instance.starts_on)
        company = data.get("company") or getattr(self.instance, "company", None)
        ends_on = data.get("ends_on")
        if not (company and starts_on and ends_on):
            return data
        if ends_on < starts_on:
            self.add_error("ends_on", _("Le contrat se termine avant d’avoir commencé."))
            return data
        other = (
            SupportContract.objects.filter(company=company)
            .filter(starts_on__lte=ends_on, ends_on__gte=starts_on)
            .exclude(pk=self.instance.pk)
            .order_by("starts_on")
            .first()
        )
        if other is not None:
            # On a field: the database's own constraint then has nothing to add.
            where = "starts_on" if "starts_on" in self.fields else "ends_on"
            self.add_error(where, _overlap(other))
        return data


def _overlap(other: SupportContract) -> str:
    return _(
        "Cette société a déjà le contrat %(number)s du %(start)s au %(end)s\u00a0: "
        "un seul contrat à la fois. Terminez-le d’abord la veille du nouveau."
    ) % {
        "number": other.number,
        "start": day_fr(other.starts_on).replace(" ", NBSP),
        "end": day_fr(other.ends_on).replace(" ", NBSP),
    }


class ReasonForm(forms.Form):
    """Why new conditions are applied to open incidents: their customers read it (S12)."""

    terms_reason = TextField(
        max_length=2_000,
        error_messages={
            "required": gettext_lazy("Indiquez le motif\u00a0: les clients concernés le lisent.")
        },
    )
