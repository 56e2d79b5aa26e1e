"""Our agencies, and people: customers’ and ours."""

from __future__ import annotations

import unicodedata
from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import StaffRole
from accounts.permissions import granted_to
from foundation.database import Digits, words_of


def normalise_email(email: str) -> str:
    """One spelling per address: NFKC, lower case (D5: look-alike logins are one login)."""
    return unicodedata.normalize("NFKC", email).strip().casefold()


class Agency(models.Model):
    """One of our five agencies."""

    name = models.CharField(_("nom"), max_length=80, unique=True)
    city = models.CharField(_("ville"), max_length=80)
    phone = models.CharField(_("téléphone"), max_length=30, blank=True)
    hours_text = models.CharField(
        _("horaires affichés"),
        max_length=120,
        blank=True,
        help_text=_("Pour information : les engagements suivent le calendrier du contrat."),
    )

    class Meta:
        verbose_name = _("agence")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class UserQuerySet(models.QuerySet["User"]):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def engineers(self) -> Self:
        """Those who take incidents in charge: engineers and managers alike."""
        return self.active().filter(staff_role__in=[StaffRole.ENGINEER, StaffRole.MANAGER])

    def managers(self) -> Self:
        return self.active().filter(staff_role=StaffRole.MANAGER)


# By what the desk finds somebody who calls; both are indexed.
PERSON_WORDS = ("first_name", "last_name", "email")


class UserManager(BaseUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Creates people; `manage.py createsuperuser` makes an administrator."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        fields.setdefault("joined_at", timezone.now())
        user: User = self.model(email=normalise_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, staff_role=StaffRole.ADMINISTRATOR, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        found: User = self.get(email=normalise_email(username or ""))
        return found


class User(AbstractBaseUser):
    """A person: a customer (no staff role) or one of ours. The e-mail address is the login."""

    email = models.EmailField(_("adresse e-mail"), unique=True)
    first_name = models.CharField(_("prénom"), max_length=80)
    last_name = models.CharField(_("nom"), max_length=80)
    phone = models.CharField(_("téléphone"), max_length=30, blank=True)
    staff_role = models.CharField(
        _("rôle chez nous"), max_length=20, choices=StaffRole.choices, blank=True, default=""
    )
    agency = models.ForeignKey(
        Agency,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="people",
        verbose_name=_("agence"),
    )
    is_active = models.BooleanField(_("compte actif"), default=True)
    joined_at = models.DateTimeField(_("créé le"), default=timezone.now, editable=False)
    # Since when the home tells what has changed: the sign-in before this one, or the instant up
    # to which the person said that they have seen everything (decision 0018).
    previous_login = models.DateTimeField(_("connexion précédente"), null=True, editable=False)
    seen_until = models.DateTimeField(_("tout vu jusqu’au"), null=True, editable=False)
    # Of the mails that change no status; the others always leave, at once (decision 0024).
    wants_digest = models.BooleanField(
        _("messages une fois par jour"), default=False, db_default=False
    )
    mutes_copies = models.BooleanField(
        _("sans les messages des incidents en copie"), default=False, db_default=False
    )

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["first_name", "last_name"]

    class Meta:
        verbose_name = _("personne")
        ordering = ["last_name", "first_name", "pk"]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_once"),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="user_email_lower"),
            models.CheckConstraint(
                condition=Q(staff_role__in=["", *StaffRole.values]), name="user_staff_role_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["staff_role", "agency"], name="user_staff", condition=~Q(staff_role="")
            ),
            GinIndex(
                OpClass(words_of(*PERSON_WORDS), "gin_trgm_ops"),
                name="user_named",
                fastupdate=False,
            ),
            GinIndex(
                OpClass(Digits("phone"), "gin_trgm_ops"), name="user_phoned", fastupdate=False
            ),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.email

    def get_full_name(self) -> str:
        return self.full_name

    def get_short_name(self) -> str:
        return self.first_name or self.full_name

    @property
    def is_staff(self) -> bool:
        """One of ours: the admin opens (its pages ask for permissions on top)."""
        return bool(self.staff_role)

    @property
    def is_superuser(self) -> bool:
        return self.staff_role == StaffRole.ADMINISTRATOR

    @property
    def is_engineer(self) -> bool:
        """May take incidents in charge: engineers, and managers who help out."""
        return self.staff_role in {StaffRole.ENGINEER, StaffRole.MANAGER}

    @property
    def is_manager(self) -> bool:
        return self.staff_role in {StaffRole.MANAGER, StaffRole.ADMINISTRATOR}

    def has_perm(self, perm: str, obj: object | None = None) -> bool:
        if not self.is_active or not self.is_staff:
            return False
        return self.is_superuser or perm in granted_to(self.staff_role)

    def has_perms(self, perm_list: list[str], obj: object | None = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        if not self.is_active or not self.is_staff:
            return False
        return self.is_superuser or any(
            code.startswith(f"{app_label}.") for code in granted_to(self.staff_role)
        )
