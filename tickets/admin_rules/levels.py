"""Versions of service levels: the severity × promise table that holds from a date on."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from sla.enums import CommitmentKind, Severity
from sla.models import ServiceLevel, ServiceLevelVersion
from tickets.admin_forms.rules import (
    ServiceLevelVersionForm,
)
from tickets.admin_rules.base import VersionAdmin
from tickets.models import Commitment, EarlierTerms, Ticket

# The severity × promise table, in the order of the page.
_CELLS = tuple(f"{kind}_{severity}" for kind in CommitmentKind for severity in Severity)


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
        """Incidents keep the versions that they were promised by, earlier ones too (S12)."""
        return any(
            model.objects.filter(service_level_version=version).exists()
            for model in (Ticket, Commitment, EarlierTerms)
        )

    def family(self, version: ServiceLevelVersion) -> ServiceLevel:
        return version.service_level

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
