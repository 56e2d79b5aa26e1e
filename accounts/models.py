"""People and companies."""

from __future__ import annotations

import unicodedata
from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import CompanyRole, LinkPurpose, StaffRole
from accounts.permissions import granted_to


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
    previous_login = models.DateTimeField(_("connexion précédente"), null=True, editable=False)
    seen_until = models.DateTimeField(_("tout vu jusqu’au"), null=True, editable=False)

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


class CompanyQuerySet(models.QuerySet["Company"]):
    def visible_to(self, user: User) -> Self:
        """Companies whose name and park this person may see (staff: all)."""
        if user.is_staff:
            return self
        return self.filter(memberships__user=user, memberships__is_active=True, is_active=True)

    def managed_by(self, user: User) -> Self:
        """Companies of which this person is the référent."""
        return self.filter(
            memberships__user=user,
            memberships__is_active=True,
            memberships__role=CompanyRole.MANAGER,
            is_active=True,
        )


class Company(models.Model):
    """A customer."""

    name = models.CharField(_("raison sociale"), max_length=120, unique=True)
    code = models.CharField(_("code client"), max_length=20, unique=True)
    agency = models.ForeignKey(
        Agency, on_delete=models.PROTECT, related_name="companies", verbose_name=_("agence")
    )
    phone = models.CharField(_("téléphone"), max_length=30, blank=True)
    alert_note = models.CharField(
        _("alerte pour les ingénieurs"),
        max_length=200,
        blank=True,
        help_text=_("Affichée dans la file et sur chaque incident. Jamais montrée au client."),
    )
    is_active = models.BooleanField(_("client actif"), default=True)
    members = models.ManyToManyField(User, through="Membership", related_name="companies")

    objects = CompanyQuerySet.as_manager()

    class Meta:
        verbose_name = _("société")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Site(models.Model):
    """A place of a customer's."""

    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, related_name="sites", verbose_name=_("société")
    )
    name = models.CharField(_("nom du site"), max_length=120)
    address = models.CharField(_("adresse"), max_length=200, blank=True)
    postal_code = models.CharField(_("code postal"), max_length=10, blank=True)
    city = models.CharField(_("ville"), max_length=80, blank=True)
    agency = models.ForeignKey(
        Agency,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="sites",
        verbose_name=_("agence"),
        help_text=_("À défaut, celle de la société (S11)."),
    )

    class Meta:
        verbose_name = _("site")
        ordering = ["company", "name"]
        constraints = [
            models.UniqueConstraint(fields=["company", "name"], name="site_name_once_per_company")
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person belongs to a company, as a contact or as its manager (référent)."""

    user = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("personne")
    )
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("société")
    )
    role = models.CharField(
        _("rôle"), max_length=10, choices=CompanyRole.choices, default=CompanyRole.CONTACT
    )
    site = models.ForeignKey(
        Site,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="memberships",
        verbose_name=_("site"),
    )
    is_active = models.BooleanField(_("accès ouvert"), default=True)
    told_of_all = models.BooleanField(
        _("reçoit les changements de tous les incidents de la société"),
        default=False,
        help_text=_("Pour un référent seulement."),
    )
    # Until the person signs in, the company reads only what its manager typed: somebody who
    # already has an account elsewhere looks like somebody who has none (A5).
    awaiting_since = models.DateTimeField(
        _("invitation en attente depuis"), null=True, blank=True, editable=False
    )
    invited_as = models.CharField(_("invité sous le nom"), max_length=161, blank=True, default="")

    class Meta:
        verbose_name = _("rattachement")
        constraints = [
            models.UniqueConstraint(fields=["user", "company"], name="membership_once"),
            models.CheckConstraint(
                condition=Q(told_of_all=False) | Q(role=CompanyRole.MANAGER),
                name="membership_told_of_all_is_for_managers",
            ),
            models.CheckConstraint(
                condition=Q(invited_as="") | Q(awaiting_since__isnull=False),
                name="membership_typed_name_while_awaiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.company}"

    @property
    def is_manager(self) -> bool:
        """The company’s manager (référent)."""
        return self.role == CompanyRole.MANAGER

    @property
    def shown_name(self) -> str:
        """The person’s name as the company may read it (A5)."""
        return self.invited_as or self.user.full_name


class Absence(models.Model):
    """Days on which an engineer is away, and who stands in (S11)."""

    engineer = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="absences", verbose_name=_("ingénieur")
    )
    substitute = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="substitutions",
        verbose_name=_("remplaçant"),
    )
    starts_on = models.DateField(_("du"))
    ends_on = models.DateField(_("au (inclus)"))

    class Meta:
        verbose_name = _("absence")
        ordering = ["-starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="absence_ends_after_it_starts",
                violation_error_message=_("L’absence se termine avant d’avoir commencé."),
            ),
            models.CheckConstraint(
                condition=~Q(substitute=F("engineer")),
                name="absence_substitute_is_another",
                violation_error_message=_("Une personne ne peut pas se remplacer elle-même."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.engineer} · {self.starts_on:%d/%m/%Y}"


class Training(models.Model):
    """A vendor training or a field project of an engineer (P10)."""

    engineer = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="trainings", verbose_name=_("ingénieur")
    )
    vendor = models.CharField(_("éditeur"), max_length=80)
    title = models.CharField(_("formation ou projet"), max_length=160)
    is_field_project = models.BooleanField(_("projet de déploiement"), default=False)
    done_on = models.DateField(_("suivie le"))
    expires_on = models.DateField(_("valable jusqu’au"), null=True, blank=True)

    class Meta:
        verbose_name = _("formation")
        ordering = ["-done_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_on__isnull=True) | Q(expires_on__gt=F("done_on")),
                name="training_expires_after_it_was_done",
                violation_error_message=_("La validité se termine avant la formation."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.engineer})"


class Invitation(models.Model):
    """A single-use link to choose a password: a first one (P2, F7) or a lost one (F5).

    Only the digest of the token is kept. It is bound to the account, and dies with its hour, its
    use, a newer one of the same purpose, or a change of the person's address or password.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="invitations")
    purpose = models.CharField(
        max_length=10, choices=LinkPurpose.choices, default=LinkPurpose.INVITATION
    )
    token_digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    replaced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("invitation")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="invitation_lasts"
            ),
            models.UniqueConstraint(
                fields=["user", "purpose"],
                name="invitation_one_open_per_purpose",
                condition=Q(used_at__isnull=True, replaced_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"Invitation {self.pk}"
