"""Products, the customers' licence park, support contracts, patches."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q, Value
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Company, Site, User
from files.models import StoredFile
from foundation.database import words_of
from foundation.wording import paris
from licences.enums import LicenceKind, LicenceState
from licences.lifecycle import EXPIRING_DAYS, Standing, standing
from sla.models import ServiceLevel


class Product(models.Model):
    """A software that we support."""

    name = models.CharField(_("nom"), max_length=80, unique=True)
    vendor = models.CharField(_("éditeur"), max_length=80)
    is_active = models.BooleanField(_("proposé"), default=True)

    class Meta:
        verbose_name = _("produit")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class LicenceQuerySet(models.QuerySet["Licence"]):
    def visible_to(self, user: User) -> Self:
        """The park of the companies of this person (staff: all)."""
        if user.is_staff:
            return self
        return self.filter(company__in=Company.objects.visible_to(user))

    def in_force(self, day: date) -> Self:
        """Begun and not over on a day of Europe/Paris."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day), starts_on__lte=day)

    def standing(self, state: LicenceState, day: date) -> Self:
        """Those whose `standing_on(day)` has this state."""
        limit = day + timedelta(days=EXPIRING_DAYS)
        match state:
            case LicenceState.EXPIRED:
                return self.filter(ends_on__lt=day)
            case LicenceState.UPCOMING:
                return self.filter(starts_on__gt=day)
            case LicenceState.EXPIRING:
                return self.in_force(day).filter(ends_on__lte=limit)
            case LicenceState.ACTIVE:
                return self.in_force(day).exclude(ends_on__lte=limit)


class Licence(models.Model):
    """Seats of a product that a company holds."""

    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, related_name="licences", verbose_name=_("société")
    )
    site = models.ForeignKey(
        Site,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="licences",
        verbose_name=_("site"),
    )
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="licences", verbose_name=_("produit")
    )
    kind = models.CharField(_("type"), max_length=15, choices=LicenceKind.choices)
    version = models.CharField(_("version"), max_length=20)
    seats = models.PositiveIntegerField(_("postes"))
    contract_number = models.CharField(_("n° de contrat éditeur"), max_length=40)
    starts_on = models.DateField(_("début"))
    ends_on = models.DateField(_("échéance"), null=True, blank=True)
    # As people search them; the database keeps it. A version stands on very many: taking accents
    # off each time would cost more than the rest of a search.
    searched = models.GeneratedField(
        expression=words_of("version", "contract_number"),
        output_field=models.TextField(),
        db_persist=True,
    )

    objects = LicenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("licence")
        ordering = ["company", "product", "pk"]
        indexes = [
            GinIndex(
                fields=["searched"],
                opclasses=["gin_trgm_ops"],
                name="licence_searched",
                fastupdate=False,
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(seats__gt=0),
                name="licence_has_seats",
                violation_error_message=_("Une licence compte au moins un poste."),
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="licence_ends_after_it_starts",
                violation_error_message=_("La licence se termine avant d’avoir commencé."),
            ),
            models.CheckConstraint(
                condition=Q(kind=LicenceKind.PERPETUAL) | Q(ends_on__isnull=False),
                name="licence_subscription_has_an_end",
                violation_error_message=_("Un abonnement a une date d’échéance."),
            ),
            models.UniqueConstraint(
                fields=["company", "contract_number", "product"], name="licence_once_per_contract"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} {self.version}"

    def get_absolute_url(self) -> str:
        return reverse("licences:licence", args=[self.pk])

    def standing_on(self, day: date) -> Standing:
        """Active, about to expire, expired: on a day of Europe/Paris."""
        return standing(self.starts_on, self.ends_on, day)


class DayRange(Func):
    """daterange(starts_on, ends_on, '[]'): both days belong to the contract."""

    function = "daterange"
    output_field = DateRangeField()


class SupportContractQuerySet(models.QuerySet["SupportContract"]):
    def visible_to(self, user: User) -> Self:
        if user.is_staff:
            return self
        return self.filter(company__in=Company.objects.visible_to(user))

    def valid_on(self, day: date) -> Self:
        """Contracts in force on a day of Europe/Paris (S13)."""
        return self.filter(starts_on__lte=day, ends_on__gte=day)


class SupportContract(models.Model):
    """A company's support contract, covering all its products: one at a time (S13)."""

    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, related_name="contracts", verbose_name=_("société")
    )
    number = models.CharField(_("numéro"), max_length=40, unique=True)
    service_level = models.ForeignKey(
        ServiceLevel,
        on_delete=models.PROTECT,
        related_name="contracts",
        verbose_name=_("niveau de service"),
    )
    starts_on = models.DateField(_("du"))
    ends_on = models.DateField(_("au (inclus)"))

    objects = SupportContractQuerySet.as_manager()

    class Meta:
        verbose_name = _("contrat de support")
        verbose_name_plural = _("contrats de support")
        ordering = ["company", "-starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="contract_ends_after_it_starts",
                violation_error_message=_("Le contrat se termine avant d’avoir commencé."),
            ),
            ExclusionConstraint(
                name="contract_one_at_a_time",
                expressions=[
                    ("company", RangeOperators.EQUAL),
                    (DayRange("starts_on", "ends_on", Value("[]")), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("Cette société a déjà un contrat à ces dates."),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def standing_on(self, day: date) -> Standing:
        """Active, about to expire, expired: on a day of Europe/Paris."""
        return standing(self.starts_on, self.ends_on, day)


class PatchQuerySet(models.QuerySet["Patch"]):
    def offered(self, at: datetime) -> Self:
        """Published and not withdrawn at that instant."""
        return self.filter(
            Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gt=at), published_at__lte=at
        )

    def visible_to(self, user: User, at: datetime) -> Self:
        """Patches offered for a product that one of the person's companies is entitled to (A7).

        Entitled means: on that day of Europe/Paris the company holds a licence of the product in
        force and a support contract. Ours see all patches, drafts and withdrawn ones included.
        """
        if user.is_staff:
            return self
        day = paris(at).date()
        under_contract = SupportContract.objects.valid_on(day).values("company")
        entitling = Licence.objects.visible_to(user).in_force(day)
        return self.offered(at).filter(
            product__in=entitling.filter(company__in=under_contract).values("product")
        )


class Patch(models.Model):
    """A patch or a version to download, for companies that hold the product."""

    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="patches", verbose_name=_("produit")
    )
    title = models.CharField(_("titre"), max_length=160)
    version = models.CharField(_("version"), max_length=40)
    notes = models.TextField(_("notes"), blank=True)
    file = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, related_name="patches", verbose_name=_("fichier")
    )
    published_at = models.DateTimeField(_("publié le"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("retiré le"), null=True, blank=True)

    objects = PatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("correctif")
        ordering = ["-published_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gte=F("published_at")),
                name="patch_withdrawn_after_it_was_published",
            )
        ]

    def __str__(self) -> str:
        return self.title
