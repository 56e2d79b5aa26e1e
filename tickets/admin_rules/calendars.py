"""Versions of calendars: a week in words, holidays, exceptional days, and the year drawn."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from foundation.wording import day as day_fr
from foundation.wording import paris, weekday_name
from sla.holidays import YEARS_AFTER
from sla.hours import OpeningHours
from sla.models import Calendar, CalendarVersion, ExceptionalDay, ServiceLevelVersion
from tickets.admin_forms.hours import DAYS, day_in_words
from tickets.admin_forms.rules import (
    CalendarVersionForm,
    ExceptionalDayForm,
    ExceptionalDayFormSet,
)
from tickets.admin_rules.base import VersionAdmin
from tickets.admin_rules.terms import ANSWER, Answer
from tickets.models import Commitment, EarlierTerms
from tickets.queries.year import YearShown, draw_year

if TYPE_CHECKING:
    DayTabularInline = admin.TabularInline[ExceptionalDay, CalendarVersion]
else:
    DayTabularInline = admin.TabularInline

_A_MONDAY = date(2024, 1, 1)


class ExceptionalDayInline(DayTabularInline):
    """Bridge days and shortened days, each with its reason."""

    model = ExceptionalDay
    form = ExceptionalDayForm
    formset = ExceptionalDayFormSet
    extra = 0
    verbose_name_plural = gettext_lazy(
        "jours exceptionnels\u00a0: sans heures, le support est fermé\u00a0; "
        "sinon il n’ouvre qu’à ces heures"
    )

    def _is_open(self, request: HttpRequest, obj: Any) -> bool:
        return obj is None or not calendar_version_is_locked(obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_open(request, obj) and super().has_add_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_open(request, obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_open(request, obj) and super().has_delete_permission(request, obj)


def calendar_version_is_locked(version: CalendarVersion) -> bool:
    """An incident counts by it, or it is in force for a service level: processes keep it in
    memory (`sla.queries.hours_of`) and deadlines may have been shown by it.
    """
    for model in (Commitment, EarlierTerms):
        if model.objects.filter(calendar_version=version).exists():
            return True
    in_force = version.effective_from <= paris(timezone.now()).date()
    return in_force and ServiceLevelVersion.objects.filter(calendar=version.calendar_id).exists()


@admin.register(CalendarVersion)
class CalendarVersionAdmin(VersionAdmin):
    """The week typed in words, the holidays frozen with it."""

    form = CalendarVersionForm
    inlines = (ExceptionalDayInline,)
    list_display = ("calendar", "effective_from", "alsace_moselle", "week_in_words")
    list_display_links = ("calendar", "effective_from")
    list_filter = ("calendar",)
    list_select_related = ("calendar",)

    def is_locked(self, version: CalendarVersion) -> bool:
        return calendar_version_is_locked(version)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        head = ("calendar", "effective_from", "alsace_moselle")
        if self.has_change_permission(request, obj):
            return (*head, *DAYS)
        return (*head, "week_in_words", "holidays")

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        writes = self.has_change_permission(request, obj)
        return () if writes else ("week_in_words", "holidays")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new version starts from the last one: most changes touch one day."""
        initial: dict[str, Any] = dict(super().get_changeform_initial_data(request))
        family = str(initial.get("calendar", ""))
        last = CalendarVersion.objects.filter(calendar=int(family)) if family.isdecimal() else None
        version = last.order_by("-effective_from").first() if last is not None else None
        if version is not None:
            initial["alsace_moselle"] = version.alsace_moselle
            for day in DAYS:
                initial[day] = day_in_words(version.hours["weekly"].get(day, []))
        return initial

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.hours, obj.holiday_names = form.compose()
        super().save_model(request, obj, form, change)

    def complete(self, form: Any, formsets: Any) -> None:
        version, days = form.instance, formsets[0].days() if formsets else ()
        version.hours, version.holiday_names = form.compose(days)
        version.save(update_fields=["hours", "holiday_names"])

    def family(self, version: CalendarVersion) -> Calendar:
        return version.calendar

    # --- the year drawn -----------------------------------------------------------------------

    def shown_when_asked(self, rule: CalendarVersion) -> dict[str, Any]:
        return {"year": _drawn(rule, rule.effective_from.year)}

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """The year of the version as it is stored, or as it is typed when that was asked for."""
        version = context.get("original")
        context["can_look"] = self.has_change_permission(request, version)
        if request.POST.get(ANSWER) == Answer.LOOK:
            context["year"] = _typed(context["adminform"].form, context["inline_admin_formsets"])
        elif version is not None:
            first = version.effective_from.year
            year = _year_asked(request, first)
            context["year"] = _drawn(version, year)
            context["years"] = [
                other for other in (year - 1, year + 1) if first <= other <= first + YEARS_AFTER
            ]
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=gettext_lazy("semaine"))
    def week_in_words(self, version: CalendarVersion) -> str:
        weekly = version.hours["weekly"]
        return " · ".join(
            f"{weekday_name(date(2024, 1, number))[:3]}. {day_in_words(weekly[day])}"
            for number, day in enumerate(DAYS, start=_A_MONDAY.day)
            if day in weekly
        )

    @admin.display(description=gettext_lazy("jours fériés et fermetures"))
    def holidays(self, version: CalendarVersion) -> SafeString:
        today = paris(timezone.now()).date().isoformat()
        coming = [(day, name) for day, name in version.holiday_names.items() if day >= today]
        return format_html(
            '<ul class="versions">{}</ul>',
            format_html_join(
                "",
                "<li>{} · {}</li>",
                ((day_fr(date.fromisoformat(day)), name) for day, name in sorted(coming)[:15]),
            ),
        )


def _year_asked(request: HttpRequest, first: int) -> int:
    """« ?annee=2028 », among the years whose holidays the version holds."""
    asked = request.GET.get("annee", "")
    if asked.isdecimal() and len(asked) == 4 and first <= int(asked) <= first + YEARS_AFTER:
        return int(asked)
    return first


def _drawn(version: CalendarVersion, year: int) -> YearShown:
    exceptional = set(version.exceptional_days.values_list("day", flat=True))
    return draw_year(version.opening_hours(), version.holiday_names, exceptional, year)


def _typed(form: Any, formsets: Any) -> YearShown | None:
    """What is typed, drawn; None while something in it is wrong."""
    sets = [wrapped.formset for wrapped in formsets]
    if form.errors or any(not found.is_valid() for found in sets):
        return None
    days = sets[0].days() if sets else ()
    hours, names = form.compose(days)
    year = form.cleaned_data["effective_from"].year
    return draw_year(OpeningHours.from_dict(hours), names, {row.day for row in days}, year)
