"""Agencies, companies, sites, and who belongs to which company."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import operations
from accounts.admin.acts import act_on_each, actor_of
from accounts.admin_forms import MembershipForm
from accounts.enums import CompanyRole
from accounts.models import Agency, Company, Membership, Site
from accounts.queries import companies_named, memberships_named, sites_named
from foundation.admin import ActingAdmin, LongListAdmin

if TYPE_CHECKING:
    AnyTabularInline = admin.TabularInline[Any, Any]
    AnyStackedInline = admin.StackedInline[Any, Any]
else:
    AnyTabularInline = admin.TabularInline
    AnyStackedInline = admin.StackedInline


@admin.register(Agency)
class AgencyAdmin(LongListAdmin):
    list_display = ["name", "city", "phone", "hours_text"]


class SiteInline(AnyStackedInline):
    """Stacked: the fields of Django's tables have no labels."""

    model = Site
    # Django's template puts a colon right after it; the space that holds stands here.
    verbose_name = _("site\u00a0")
    verbose_name_plural = _("sites")
    extra = 0
    fields = ["name", "address", "postal_code", "city", "agency"]
    can_delete = False


class MembersInline(AnyTabularInline):
    """Who belongs to the company; corrected on the membership's own page."""

    model = Membership
    extra = 0
    fields = ("user", "role", "site", "is_active", "told_of_all")
    readonly_fields = fields
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).select_related("user", "company", "site")

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Company)
class CompanyAdmin(LongListAdmin):
    list_display = ["name", "code", "agency", "phone", "is_active"]
    list_filter = ["agency", "is_active"]
    list_select_related = ["agency"]
    search_fields = ["name", "code"]
    search_help_text = _("Raison sociale ou code client")
    inlines = [SiteInline, MembersInline]

    def searched(self, rows: QuerySet[Any], words: list[str]) -> QuerySet[Any] | None:
        return companies_named(rows, words)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Its incidents must stay readable: a company is closed, never deleted."""
        return False


@admin.register(Site)
class SiteAdmin(LongListAdmin):
    list_display = ["name", "company", "city", "agency"]
    list_select_related = ["company", "agency"]
    search_fields = ["name", "company__name", "city"]
    search_help_text = _("Site, société ou ville")
    autocomplete_fields = ["company"]

    def searched(self, rows: QuerySet[Any], words: list[str]) -> QuerySet[Any] | None:
        every = Site.objects.order_by().values("pk")
        for word in words:
            companies = companies_named(Company.objects.all(), [word]).order_by().values("pk")
            named = sites_named([word]).order_by().values("pk")
            rows = rows.filter(pk__in=named.union(every.filter(company__in=companies)))
        return rows

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Membership)
class MembershipAdmin(ActingAdmin):
    """Accesses. Opening, closing and roles go through the operations that tell and sign out."""

    form = MembershipForm
    list_display = ["user", "company", "role", "site", "is_active", "awaiting_since"]
    list_filter = ["role", "is_active"]
    list_select_related = ["user", "company", "site"]
    search_fields = ["user__email", "user__last_name", "company__name", "company__code"]
    search_help_text = _("Personne, adresse e-mail, société ou code client")
    autocomplete_fields = ["user", "company", "site"]
    fields = ["user", "company", "role", "site", "told_of_all", "is_active", "awaiting_since"]
    actions = ["close", "reopen", "remind"]

    def searched(self, rows: QuerySet[Any], words: list[str]) -> QuerySet[Any] | None:
        return rows.filter(pk__in=memberships_named(words).order_by().values("pk"))

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        fixed = ["is_active", "awaiting_since"]
        return [*fixed, "user", "company"] if obj else fixed

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_model(
        self, request: HttpRequest, obj: Membership, form: ModelForm[Membership], change: bool
    ) -> None:
        actor, at = actor_of(request), timezone.now()
        role, site = CompanyRole(obj.role), obj.site
        if not change:
            made = operations.add_to_company(
                actor=actor, at=at, user=obj.user, company=obj.company, role=role, site=site
            )
            obj.pk = made.pk
        operations.correct_membership(
            actor=actor,
            at=at,
            membership_id=obj.pk,
            role=role,
            site=site,
            told_of_all=obj.told_of_all,
        )

    @admin.action(description=_("Fermer l’accès"), permissions=["change"])
    def close(self, request: HttpRequest, queryset: QuerySet[Membership]) -> None:
        act_on_each(
            self,
            request,
            queryset,
            operations.deactivate,
            argument="membership_id",
            done=gettext("accès fermé"),
        )

    @admin.action(description=_("Rouvrir l’accès"), permissions=["change"])
    def reopen(self, request: HttpRequest, queryset: QuerySet[Membership]) -> None:
        act_on_each(
            self,
            request,
            queryset,
            operations.reactivate,
            argument="membership_id",
            done=gettext("accès rouvert"),
        )

    @admin.action(description=_("Relancer l’invitation"), permissions=["change"])
    def remind(self, request: HttpRequest, queryset: QuerySet[Membership]) -> None:
        act_on_each(
            self,
            request,
            queryset,
            operations.reinvite,
            argument="membership_id",
            done=gettext("invitation relancée"),
        )
