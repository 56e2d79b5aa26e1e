"""Products, licences and patches in the admin.

Support contracts are registered in `tickets.admin_rules`: saving them may move open incidents.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Company, User
from accounts.queries import companies_named
from foundation.admin import LongListAdmin
from foundation.refusals import Refusal
from foundation.wording import size
from licences import operations
from licences.admin_forms import KeepingAdmin, LicenceForm, PatchForm
from licences.models import Licence, Patch, Product


class ParkAdmin(LongListAdmin):
    """Nothing of the park is deleted: incidents refer to it."""

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Product)
class ProductAdmin(ParkAdmin):
    list_display = ["name", "vendor", "is_active"]
    list_filter = ["vendor", "is_active"]
    search_fields = ["name", "vendor"]


class EndsFilter(admin.SimpleListFilter):
    """When a licence ends. A hierarchy of dates would read every row of the park at each page."""

    title = gettext_lazy("échéance")
    parameter_name = "echeance"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("passee", _("Passée")),
            ("30", _("Dans les 30\u00a0jours")),
            ("90", _("Dans les 90\u00a0jours")),
            ("apres", _("Plus tard")),
            ("aucune", _("Sans échéance")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        today, wanted = timezone.localdate(), self.value()
        if wanted in {"30", "90"}:
            last = today + timedelta(days=int(wanted))
            return queryset.filter(ends_on__gte=today, ends_on__lte=last)
        if wanted == "aucune":
            return queryset.filter(ends_on__isnull=True)
        if wanted == "passee":
            return queryset.filter(ends_on__lt=today)
        later = today + timedelta(days=90)
        return queryset.filter(ends_on__gt=later) if wanted == "apres" else queryset


@admin.register(Licence)
class LicenceAdmin(ParkAdmin):
    form = LicenceForm
    list_display = [
        *("product", "version", "company", "ends_on", "state"),
        *("seats", "contract", "site", "starts_on"),
    ]
    list_filter = [EndsFilter, "product", "kind"]
    list_select_related = ["product", "company", "site"]
    search_fields = ["contract_number", "company__name", "company__code", "product__name"]
    search_help_text = gettext_lazy("Société, code client, produit ou n°\u00a0de contrat éditeur")

    def searched(self, rows: QuerySet[Any], words: list[str]) -> QuerySet[Any] | None:
        for word in words:
            companies = companies_named(Company.objects.all(), [word])
            rows = rows.filter(
                Q(contract_number__icontains=word)
                | Q(product__name__icontains=word)
                | Q(company__in=companies.order_by().values("pk"))
            )
        return rows

    @admin.display(
        description=gettext_lazy("n°\u00a0de contrat éditeur"), ordering="contract_number"
    )
    def contract(self, licence: Licence) -> str:
        return licence.contract_number

    @admin.display(description=gettext_lazy("état"))
    def state(self, licence: Licence) -> str:
        return licence.standing_on(timezone.localdate()).label


@admin.register(Patch)
class PatchAdmin(KeepingAdmin):
    form = PatchForm
    list_display = ["title", "product", "version", "state", "published_at", "withdrawn_at"]
    list_filter = ["product"]
    list_select_related = ["product"]
    search_fields = ["title", "version", "product__name"]
    actions = ["publish", "withdraw"]

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        described = ["product", "title", "version", "notes"]
        return [*described, "file_kept", "state"] if obj else [*described, "content"]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["product", "file_kept", "state"] if obj else []

    def save_model(self, request: HttpRequest, obj: Patch, form: PatchForm, change: bool) -> None:
        actor, at, given = cast(User, request.user), timezone.now(), form.cleaned_data
        if change:
            operations.describe_patch(
                patch_id=obj.pk,
                actor=actor,
                at=at,
                title=given["title"],
                version=given["version"],
                notes=given["notes"],
            )
        else:
            obj.pk = operations.add_patch(actor=actor, at=at, **given).pk
            obj.refresh_from_db()

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Who took which patch stays readable: a patch is withdrawn, never deleted."""
        return False

    @admin.display(description=gettext_lazy("état"))
    def state(self, patch: Patch) -> str:
        if patch.withdrawn_at:
            return _("retiré")
        return _("publié") if patch.published_at else _("brouillon")

    @admin.display(description=gettext_lazy("fichier"))
    def file_kept(self, patch: Patch) -> SafeString:
        return format_html(
            '<a href="{}">{}</a> · {}<br>SHA-256\u00a0: {}',
            reverse("files:download", args=[patch.file_id]),
            patch.file.name,
            size(patch.file.size),
            patch.file.sha256,
        )

    @admin.action(description=gettext_lazy("Publier"), permissions=["change"])
    def publish(self, request: HttpRequest, chosen: QuerySet[Patch]) -> None:
        self._act(request, chosen, operations.publish_patch, _("Correctifs publiés"))

    @admin.action(description=gettext_lazy("Retirer"), permissions=["change"])
    def withdraw(self, request: HttpRequest, chosen: QuerySet[Patch]) -> None:
        self._act(request, chosen, operations.withdraw_patch, _("Correctifs retirés"))

    def _act(self, request: HttpRequest, chosen: QuerySet[Patch], act: Any, done: str) -> None:
        """One operation per patch; a refusal of one does not stop the others."""
        at, number = timezone.now(), 0
        for patch in chosen:
            try:
                act(patch_id=patch.pk, actor=cast(User, request.user), at=at)
                number += 1
            except Refusal as refusal:
                messages.error(request, refusal.sentence)
        if number:
            messages.success(request, f"{done}\u00a0: {number}.")
