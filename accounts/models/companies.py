"""Customers, their sites, and who belongs to them."""

from __future__ import annotations

from typing import Self

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.enums import CompanyRole
from accounts.models.people import Agency, User
from foundation.database import Digits, words_of

# By what the desk finds the company of somebody who calls; both are indexed.
COMPANY_WORDS = ("name", "code")
SITE_WORDS = ("name", "city")


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
        indexes = [
            GinIndex(
                OpClass(words_of(*COMPANY_WORDS), "gin_trgm_ops"),
                name="company_named",
                fastupdate=False,
            ),
            GinIndex(
                OpClass(Digits("phone"), "gin_trgm_ops"), name="company_phoned", fastupdate=False
            ),
        ]

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
        indexes = [
            GinIndex(
                OpClass(words_of(*SITE_WORDS), "gin_trgm_ops"), name="site_named", fastupdate=False
            )
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
