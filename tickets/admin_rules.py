"""Calendars, service levels and contracts, written by managers.

They are registered on this floor because a change of them may be applied to open incidents
(S12). Every version is saved through `VersionAdmin.save_related`: a preview of the deadlines that
would move belongs there, before it.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.admin import LongListAdmin
from foundation.wording import day as day_fr
from foundation.wording import paris, weekday_name
from licences.models import SupportContract
from sla.enums import CommitmentKind, Severity
from sla.models import Calendar, CalendarVersion, ExceptionalDay, ServiceLevel, ServiceLevelVersion
from tickets.admin_forms.hours import DAYS, day_in_words
from tickets.admin_forms.rules import (
    CalendarVersionForm,
    ContractForm,
    ExceptionalDayForm,
    ExceptionalDayFormSet,
    ServiceLevelVersionForm,
)
from tickets.models import Commitment, Ticket

if TYPE_CHECKING:
    DayTabularInline = admin.TabularInline[ExceptionalDay, CalendarVersion]
else:
    DayTabularInline = admin.TabularInline

# The severity × promise table, in the order of the page.
_CELLS = tuple(f"{kind}_{severity}" for kind in CommitmentKind for severity in Severity)
_A_MONDAY = date(2024, 1, 1)


class RuleAdmin(LongListAdmin):
    """Rules are added and changed, never deleted: incidents and figures refer to them."""

    view_on_site = False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """What another manager saved at the same instant is refused by the database alone."""
        try:
            with transaction.atomic():
                return super().changeform_view(request, object_id, form_url, extra_context)
        except IntegrityError:
            messages.error(
                request,
                _(
                    "Quelqu’un vient d’enregistrer la même chose\u00a0: "
                    "relisez avant de recommencer."
                ),
            )
            return HttpResponseRedirect(request.get_full_path())


class VersionAdmin(RuleAdmin):
    """A dated version. One that an incident was promised by is read, never changed (S12)."""

    def is_locked(self, version: Any) -> bool:
        """Whether somebody was promised something by this version, or may have been."""
        raise NotImplementedError

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        if obj is not None and self.is_locked(obj):
            return False
        return super().has_change_permission(request, obj)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm[Any]]:
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.today = paris(timezone.now()).date()
        found: type[forms.ModelForm[Any]] = form
        return found


def _version_links(rows: Any, name: str) -> SafeString:
    return format_html_join(
        "",
        '<li><a href="{}">{}</a></li>',
        (
            (reverse(f"admin:sla_{name}_change", args=[row.pk]), day_fr(row.effective_from))
            for row in rows.order_by("-effective_from")
        ),
    )


class _FamilyAdmin(RuleAdmin):
    """A calendar or a service level: its name, and the list of its versions."""

    search_fields = ("name", "code")
    ordering = ("name",)
    version_model = ""
    family_field = ""

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        # Contracts and settings know it by its code.
        return ("code", "versions") if obj is not None else ()

    @admin.display(description=gettext_lazy("versions"))
    def versions(self, family: Any) -> SafeString:
        add = reverse(f"admin:sla_{self.version_model}_add")
        return format_html(
            '<ul class="versions">{}</ul><p><a class="addlink" href="{}?{}={}">{}</a></p>',
            _version_links(family.versions, self.version_model),
            add,
            self.family_field,
            family.pk,
            _("Ajouter une version"),
        )


@admin.register(Calendar)
class CalendarAdmin(_FamilyAdmin):
    """Opening hours, in dated versions."""

    list_display = ("name", "code")
    version_model = "calendarversion"
    family_field = "calendar"

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return ("name", "code", "versions") if obj is not None else ("name", "code")


@admin.register(ServiceLevel)
class ServiceLevelAdmin(_FamilyAdmin):
    """What contracts promise, in dated versions."""

    list_display = ("name", "code", "description")
    version_model = "servicelevelversion"
    family_field = "service_level"

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        fields = ("name", "code", "description")
        return (*fields, "versions") if obj is not None else fields


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
    if Commitment.objects.filter(calendar_version=version).exists():
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

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        version, days = form.instance, formsets[0].days() if formsets else ()
        version.hours, version.holiday_names = form.compose(days)
        version.save(update_fields=["hours", "holiday_names"])

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


@admin.register(ServiceLevelVersion)
class ServiceLevelVersionAdmin(VersionAdmin):
    """The severity × promise table that holds from a date on."""

    form = ServiceLevelVersionForm
    list_display = ("service_level", "effective_from", "calendar", "pauses_on_vendor")
    list_display_links = ("service_level", "effective_from")
    list_filter = ("service_level",)
    list_select_related = ("service_level", "calendar")
    fieldsets = (
        (None, {"fields": ("service_level", "effective_from", "calendar", "pauses_on_vendor")}),
        (gettext_lazy("Délai de prise en charge"), {"fields": _CELLS[:3]}),
        (gettext_lazy("Délai de résolution"), {"fields": _CELLS[3:]}),
    )

    def is_locked(self, version: ServiceLevelVersion) -> bool:
        return Ticket.objects.filter(service_level_version=version).exists()

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new version starts from the last one."""
        initial: dict[str, Any] = dict(super().get_changeform_initial_data(request))
        family = str(initial.get("service_level", ""))
        last = ServiceLevelVersion.objects.filter(service_level=int(family)) if (
            family.isdecimal()
        ) else None  # fmt: skip
        version = last.order_by("-effective_from").first() if last is not None else None
        if version is not None:
            for name in ("calendar", "pauses_on_vendor", *_CELLS):
                initial[name] = getattr(version, name)
        return initial


@admin.register(SupportContract)
class SupportContractAdmin(RuleAdmin):
    """A company's contract. What incidents were declared under stays as it was (S12, S13)."""

    form = ContractForm
    list_display = ("number", "company", "service_level", "starts_on", "ends_on")
    list_filter = ("service_level",)
    list_select_related = ("company", "service_level")
    search_fields = ("number", "company__name", "company__code")
    search_help_text = gettext_lazy("Numéro ou société")
    fields = ("company", "number", "service_level", "starts_on", "ends_on")
    ordering = ("company__name", "-starts_on")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ()
        used = Ticket.objects.filter(contract=obj).exists()
        return ("company", "service_level", "starts_on") if used else ("company",)
