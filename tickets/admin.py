"""Incidents, their history and their promises in the admin: to look at, never to edit.

Engineers work in the queue and the workspace (templates/admin/index.html, tickets.admin_actions);
these lists are for looking things up. Acts are posted to operations, so no form here saves one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.models import Company
from accounts.queries import companies_named
from foundation.admin import CapitalisedFilter, LongListAdmin, ReadOnlyAdmin
from foundation.wording import instant
from tickets import admin_rules
from tickets.admin_forms.desk import CannedForm
from tickets.models import (
    Canned,
    Checklist,
    ChecklistStep,
    Commitment,
    Ticket,
    TicketEvent,
    holding,
)
from tickets.queries.canned import VARIABLES

if TYPE_CHECKING:
    AnyTabularInline = admin.TabularInline[Any, Any]
else:
    AnyTabularInline = admin.TabularInline

__all__ = [
    "CannedAdmin",
    "ChecklistAdmin",
    "CommitmentAdmin",
    "TicketAdmin",
    "TicketEventAdmin",
    "admin_rules",
]


def workspace_link(ticket: Ticket) -> str:
    """The reference, leading to the incident's workspace."""
    return format_html(
        '<a href="{}">{}</a>', reverse("desk:ticket", args=[ticket.reference]), ticket.reference
    )


def _among_tickets(rows: QuerySet[Any], words: list[str]) -> QuerySet[Any]:
    """Each word in the number, the title or the company: a union, so that each half keeps its
    index."""
    every = Ticket.objects.order_by().values("pk")
    for word in words:
        companies = companies_named(Company.objects.all(), [word]).order_by().values("pk")
        either = every.filter(holding(word)).union(every.filter(company__in=companies))
        rows = rows.filter(pk__in=either)
    return rows


@admin.register(Ticket)
class TicketAdmin(ReadOnlyAdmin):
    """Every incident, closed ones included."""

    list_display = (
        "link", "title", "company", "severity", "status", "assignee", "received_at",
    )  # fmt: skip
    list_display_links = None
    list_filter = ("status", "severity", "agency")
    list_select_related = ("company", "assignee")
    search_fields = ("reference", "title", "company__name")
    search_help_text = _("Numéro, titre ou société")
    ordering = ("-received_at", "-pk")
    view_on_site = False
    fields = (
        "link", "title", "company", "site", "agency", "product", "licence", "contract",
        "service_level_version", "requester", "assignee", "origin", "is_private",
        "declared_severity", "severity", "status", "cycle", "received_at", "acknowledged_at",
        "resolved_at", "closed_at", "cancelled_at", "merged_into", "follows",
        "waiting_reason", "waiting_until", "last_event_at",
    )  # fmt: skip

    def searched(self, rows: QuerySet[Any], words: list[str]) -> QuerySet[Any] | None:
        return _among_tickets(rows, words)

    @admin.display(description=_("incident"), ordering="reference")
    def link(self, ticket: Ticket) -> str:
        return workspace_link(ticket)


class _OfTicketAdmin(ReadOnlyAdmin):
    """Rows of an incident: its reference leads to its workspace.

    These tables are the longest of all: only a whole number is looked for.
    """

    search_fields = ("ticket__reference",)
    search_help_text = _("Numéro d’incident")
    view_on_site = False

    def searched(self, rows: QuerySet[Any], words: list[str]) -> QuerySet[Any] | None:
        return rows.filter(ticket__reference=" ".join(words).upper())

    @admin.display(description=_("incident"))
    def incident(self, row: TicketEvent | Commitment) -> str:
        return workspace_link(row.ticket)


@admin.register(TicketEvent)
class TicketEventAdmin(_OfTicketAdmin):
    """The history. Its table refuses changes from everybody (P10, J2)."""

    list_display = ("when", "incident", "sequence", "act", "side", "actor", "status_after")
    list_display_links = ("when",)
    list_filter = (
        "act", ("side", CapitalisedFilter), ("origin", CapitalisedFilter),
    )  # fmt: skip
    list_select_related = ("ticket", "actor")
    ordering = ("-pk",)
    fields = (
        "incident", "sequence", "act", "side", "actor", "origin", "recorded_at", "effective_at",
        "status_before", "status_after", "acknowledgement_due_at", "resolution_due_at", "facts",
        "recipients", "text_digest", "previous_hash", "hash",
    )  # fmt: skip

    @admin.display(description=_("enregistré le"))
    def when(self, event: TicketEvent) -> str:
        return instant(event.recorded_at)


@admin.register(Commitment)
class CommitmentAdmin(_OfTicketAdmin):
    """The promises, as they were made and as they ended."""

    list_display = (
        "commitment", "incident", "cycle", "severity", "target_minutes", "state", "due_at",
    )  # fmt: skip
    list_display_links = ("commitment",)
    list_filter = ("kind", "severity")
    list_select_related = ("ticket",)
    ordering = ("-pk",)
    fields = (
        "incident", "kind", "cycle", "severity", "target_minutes", "service_level_version",
        "calendar_version", "pauses_on_vendor", "started_at", "counted_seconds", "counting_since",
        "due_at", "met_at", "breached_at", "voided_at", "stopped_at",
    )  # fmt: skip

    @admin.display(description=_("engagement"), ordering="kind")
    def commitment(self, row: Commitment) -> str:
        return row.get_kind_display()

    @admin.display(description=_("état"))
    def state(self, row: Commitment) -> str:
        return str(row.outcome.label)


@admin.register(Canned)
class CannedAdmin(LongListAdmin):
    """Ready-made answers: managers write them, engineers send them; none is deleted."""

    form = CannedForm
    list_display = ("name", "sequel", "is_active", "uses")
    list_filter = ("is_active", "sequel")
    search_fields = ("name", "body")
    ordering = ("name",)
    fields = ("name", "body", "sequel", "reason", "is_active", "uses")
    readonly_fields = ("uses",)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and db_field.name == "body":
            known = ", ".join(f"{{{name}}} ({label})" for name, label in VARIABLES.items())
            field.help_text = _("Variables\u00a0: %(known)s.") % {"known": known}
        elif field is not None and db_field.name == "reason":
            field.help_text = _(
                "Pour une mise en attente. Laissé vide, le texte de la réponse en tient lieu."
            )
        return field


class _StepInline(AnyTabularInline):
    """The steps, in the order of their numbers. One ticked on an incident cannot be deleted."""

    model = ChecklistStep
    extra = 3
    fields = ("position", "text")


@admin.register(Checklist)
class ChecklistAdmin(LongListAdmin):
    """What is not to be forgotten: managers write it, engineers tick it; no list is deleted."""

    inlines = (_StepInline,)
    list_display = ("name", "product", "severity", "is_active")
    list_filter = ("is_active", "severity", "product")
    list_select_related = ("product",)
    search_fields = ("name",)
    ordering = ("name",)
    fields = ("name", "product", "severity", "is_active")

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
