"""Calendars and service levels by name, each with the list of its dated versions."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.wording import day as day_fr
from sla.models import Calendar, ServiceLevel
from tickets.admin_rules.base import RuleAdmin


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
