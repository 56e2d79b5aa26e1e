"""People: customers and ours. Passwords are never shown, typed or changed here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import operations
from accounts.admin.acts import act_on_each, actor_of
from accounts.admin.companies import MembersInline
from accounts.admin_forms import NewPersonForm, PersonForm
from accounts.models import User
from accounts.queries import people_named
from foundation.admin import ActingAdmin

_WHO = (None, {"fields": ["email", "first_name", "last_name", "phone"]})
_OURS = (_("Chez nous"), {"fields": ["staff_role", "agency"]})
_CUSTOMER = (_("Société"), {"fields": ["company", "role", "send_invitation"]})
_STATE = (
    _("État du compte"),
    {"fields": ["is_active", "has_password", "has_second_factor", "last_login", "joined_at"]},
)


class CompaniesInline(MembersInline):
    """The companies of a person."""

    fields = ("company", "role", "site", "is_active", "told_of_all")
    readonly_fields = fields


@admin.register(User)
class PersonAdmin(ActingAdmin):
    """Managers run customers’ accounts; staff accounts are the administrators’ (J1)."""

    list_display = ["name", "email", "companies_text", "staff_role", "agency", "is_active"]
    list_filter = ["staff_role", "agency", "is_active"]
    list_select_related = ["agency"]
    search_fields = ["email", "last_name", "first_name"]
    search_help_text = _("Nom, prénom ou adresse e-mail")
    ordering = ["last_name", "first_name", "pk"]
    inlines = [CompaniesInline]
    actions = ["invite", "close", "reopen", "end_sessions", "remove_second_factor"]

    def searched(self, rows: QuerySet[Any], words: list[str]) -> QuerySet[Any] | None:
        return people_named(rows, words)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        people: QuerySet[User] = super().get_queryset(request)
        return people.prefetch_related("memberships__company")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Neither the hash nor anything read from it may be searched in the address bar (A3)."""
        return not lookup.startswith("password") and super().lookup_allowed(lookup, value, request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        ours = isinstance(obj, User) and obj.is_staff
        return allowed and (not ours or actor_of(request).is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """An account is closed: its incidents must stay readable."""
        return False

    def get_form(
        self, request: HttpRequest, obj: Any | None = None, change: bool = False, **kwargs: Any
    ) -> type[ModelForm[Any]]:
        kwargs["form"] = PersonForm if obj else NewPersonForm
        form: type[ModelForm[Any]] = super().get_form(request, obj, change, **kwargs)
        return form

    def get_fieldsets(self, request: HttpRequest, obj: Any | None = None) -> Any:
        ours = [_OURS] if actor_of(request).is_superuser or (obj and obj.is_staff) else []
        if obj is None:
            return [_WHO, _CUSTOMER, *ours]
        return [_WHO, *ours, _STATE]

    def get_inlines(self, request: HttpRequest, obj: Any | None) -> list[Any]:
        return [] if obj is None or obj.is_staff else self.inlines

    def get_readonly_fields(self, request: HttpRequest, obj: Any | None = None) -> list[str]:
        facts = ["is_active", "has_password", "has_second_factor", "last_login", "joined_at"]
        return facts if actor_of(request).is_superuser else [*facts, "staff_role", "agency"]

    def save_model(
        self, request: HttpRequest, obj: User, form: ModelForm[User], change: bool
    ) -> None:
        actor, at = actor_of(request), timezone.now()
        if not change:
            self._create(actor, at, obj, form)
            return
        operations.correct_person(
            actor=actor,
            at=at,
            user_id=obj.pk,
            first_name=obj.first_name,
            last_name=obj.last_name,
            phone=obj.phone,
            staff_role=obj.staff_role,
            agency=obj.agency,
        )
        if "email" in form.changed_data:
            operations.change_address(actor=actor, at=at, user_id=obj.pk, email=obj.email)

    def _create(self, actor: User, at: datetime, obj: User, form: ModelForm[User]) -> None:
        """Account, company and invitation are one act: Django wraps the page in a transaction."""
        made = operations.create_person(
            actor=actor,
            at=at,
            email=obj.email,
            first_name=obj.first_name,
            last_name=obj.last_name,
            phone=obj.phone,
            staff_role=obj.staff_role,
            agency=obj.agency,
        )
        obj.pk = made.pk
        company = form.cleaned_data["company"]
        if company is not None:
            operations.add_to_company(
                actor=actor, at=at, user=made, company=company, role=form.cleaned_data["role"]
            )
        if form.cleaned_data["send_invitation"]:
            operations.invite_person(actor=actor, at=at, user_id=made.pk)

    @admin.display(description=_("nom"), ordering="last_name")
    def name(self, user: User) -> str:
        return user.full_name

    @admin.display(description=_("sociétés"))
    def companies_text(self, user: User) -> str:
        return ", ".join(sorted(row.company.name for row in user.memberships.all()))

    @admin.display(description=_("mot de passe choisi"), boolean=True)
    def has_password(self, user: User) -> bool:
        return user.has_usable_password()

    @admin.display(description=_("double authentification"), boolean=True)
    def has_second_factor(self, user: User) -> bool:
        return bool(is_mfa_enabled(user, [Authenticator.Type.TOTP]))

    def _act(
        self, request: HttpRequest, people: QuerySet[User], act: Callable[..., User], done: str
    ) -> None:
        act_on_each(self, request, people, act, argument="user_id", done=done)

    @admin.action(description=_("Envoyer l’invitation"), permissions=["change"])
    def invite(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._act(request, queryset, operations.invite_person, gettext("invitation envoyée"))

    @admin.action(description=_("Fermer le compte"), permissions=["change"])
    def close(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._act(request, queryset, operations.close_account, gettext("compte fermé"))

    @admin.action(description=_("Rouvrir le compte"), permissions=["change"])
    def reopen(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._act(request, queryset, operations.reopen_account, gettext("compte rouvert"))

    @admin.action(description=_("Fermer toutes les sessions"), permissions=["change"])
    def end_sessions(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._act(request, queryset, operations.end_sessions, gettext("sessions fermées"))

    @admin.action(description=_("Retirer la double authentification"), permissions=["change"])
    def remove_second_factor(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        done = gettext("double authentification retirée")
        self._act(request, queryset, operations.remove_second_factor, done)
