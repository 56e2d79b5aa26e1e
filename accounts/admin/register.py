"""Absences, and the training register with its gaps (P10, S11)."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import ForeignKey
from django.forms import ModelChoiceField
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts import queries
from accounts.admin_forms import AbsenceForm
from accounts.models import Absence, Training, User
from foundation.admin import LongListAdmin


class EngineersOnly(LongListAdmin):
    """Choosing somebody here means choosing one of our engineers."""

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField[Any] | None:
        if db_field.related_model is User:
            kwargs["queryset"] = User.objects.engineers()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Absence)
class AbsenceAdmin(EngineersOnly):
    form = AbsenceForm
    list_display = ["engineer", "starts_on", "ends_on", "substitute"]
    list_select_related = ["engineer", "substitute"]
    date_hierarchy = "starts_on"
    search_fields = ["engineer__last_name", "engineer__first_name"]


@admin.register(Training)
class TrainingAdmin(EngineersOnly):
    """The register, and above it who has followed no vendor training this year, and what ends."""

    change_list_template = "accounts/admin/training_list.html"
    list_display = ["engineer", "vendor", "title", "is_field_project", "done_on", "expires_on"]
    list_filter = ["vendor", "is_field_project"]
    list_select_related = ["engineer"]
    date_hierarchy = "done_on"
    search_fields = ["engineer__last_name", "engineer__first_name", "title", "vendor"]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        today = timezone.localdate()
        gaps = {
            "gaps": queries.training_gaps(on=today),
            "ending": queries.trainings_ending(on=today),
            "year": today.year,
        }
        return super().changelist_view(request, {**(extra_context or {}), **gaps})
