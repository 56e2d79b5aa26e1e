"""Support contracts of companies."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from accounts.models import Company
from foundation.wording import paris
from licences.models import SupportContract
from sla.models import ServiceLevelVersion
from sla.queries import NoVersion
from tickets.admin_forms.rules import (
    ContractForm,
)
from tickets.admin_rules.base import RuleAdmin, RuleRequest
from tickets.admin_rules.terms import Asking, Subject
from tickets.clocks import terms_for
from tickets.models import Ticket


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

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        form.level_before = _level_today(obj.company, cast(RuleRequest, request).asking)
        super().save_model(request, obj, form, change)

    def changed_conditions(self, request: HttpRequest, form: Any, asking: Asking) -> Subject | None:
        """Only a change of the level in force today touches the company's open incidents."""
        company = form.instance.company
        level = _level_today(company, asking)
        if level is None or level == form.level_before:
            return None
        return Subject(level, company)

    def conditions(self, rule: SupportContract, asking: Asking) -> Subject | None:
        """What the contract in force gives to incidents that were declared under another."""
        if not rule.starts_on <= paris(asking.at).date() <= rule.ends_on:
            return None
        level = _level_today(rule.company, asking)
        return Subject(level, rule.company) if level is not None else None


def _level_today(company: Company, asking: Asking) -> ServiceLevelVersion | None:
    """The version that an incident of this company would be promised by at this instant."""
    try:
        return terms_for(company, asking.at).version
    except NoVersion:
        return None
