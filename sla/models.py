"""Calendars and service levels: dated versions, each a frozen promise (S2, S12)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sla.enums import CommitmentKind, Severity
from sla.hours import OpeningHours

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Calendar(models.Model):
    """Opening hours of a desk, in dated versions."""

    code = models.SlugField(_("code"), unique=True)
    name = models.CharField(_("nom"), max_length=80)

    class Meta:
        verbose_name = _("calendrier")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class CalendarVersion(models.Model):
    """Opening hours that hold from a date on.

    `hours` is the version's own `OpeningHours.to_dict()`, with the public holidays of its first
    year −1 to +10: upgrading a package never moves a promise. `holiday_names` gives each date
    its French name for the ledger. Rows are never edited once an incident has used them.
    """

    calendar = models.ForeignKey(
        Calendar, on_delete=models.PROTECT, related_name="versions", verbose_name=_("calendrier")
    )
    effective_from = models.DateField(_("en vigueur à partir du"))
    hours = models.JSONField(_("horaires"))
    holiday_names = models.JSONField(_("jours fériés"), default=dict, blank=True)
    alsace_moselle = models.BooleanField(_("jours fériés d’Alsace-Moselle"), default=False)

    class Meta:
        verbose_name = _("version de calendrier")
        verbose_name_plural = _("versions de calendrier")
        ordering = ["calendar", "-effective_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["calendar", "effective_from"], name="calendar_version_once_per_day"
            ),
            # What the windows say is judged by `OpeningHours.from_dict`, before it is stored.
            models.CheckConstraint(
                condition=Q(hours__has_keys=["tz", "weekly", "holidays"]),
                name="calendar_version_hours_complete",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.calendar} · {self.effective_from:%d/%m/%Y}"

    def opening_hours(self) -> OpeningHours:
        """The frozen value that the arithmetic works on."""
        return OpeningHours.from_dict(self.hours)


class ExceptionalDay(models.Model):
    """A closure (bridge day) or an opening, with its reason, part of a calendar version."""

    version = models.ForeignKey(
        CalendarVersion, on_delete=models.PROTECT, related_name="exceptional_days"
    )
    day = models.DateField(_("jour"))
    opens_at = models.TimeField(_("ouverture"), null=True, blank=True)
    closes_at = models.TimeField(_("fermeture"), null=True, blank=True)
    reason = models.CharField(_("motif"), max_length=120)

    class Meta:
        verbose_name = _("jour exceptionnel")
        verbose_name_plural = _("jours exceptionnels")
        ordering = ["day"]
        constraints = [
            models.CheckConstraint(
                condition=Q(opens_at__isnull=True, closes_at__isnull=True)
                | Q(opens_at__isnull=False, closes_at__gt=F("opens_at")),
                name="exceptional_day_closed_or_a_window",
                violation_error_message=_(
                    "L’ouverture exceptionnelle se termine avant de commencer."
                ),
            )
        ]

    def __str__(self) -> str:
        return f"{self.day:%d/%m/%Y} · {self.reason}"


class ServiceLevel(models.Model):
    """What a support contract promises, in dated versions."""

    code = models.SlugField(_("code"), unique=True)
    name = models.CharField(_("nom"), max_length=80)
    description = models.CharField(_("description"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("niveau de service")
        verbose_name_plural = _("niveaux de service")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


def _minutes(label: StrOrPromise) -> models.PositiveIntegerField[int, int]:
    return models.PositiveIntegerField(label, help_text=_("minutes ouvrées"))


class ServiceLevelVersion(models.Model):
    """The severity × promise table that holds from a date on, in working minutes.

    Six columns rather than six rows: a missing cell cannot be stored at all.
    """

    service_level = models.ForeignKey(
        ServiceLevel,
        on_delete=models.PROTECT,
        related_name="versions",
        verbose_name=_("niveau de service"),
    )
    effective_from = models.DateField(_("en vigueur à partir du"))
    calendar = models.ForeignKey(
        Calendar, on_delete=models.PROTECT, related_name="+", verbose_name=_("calendrier")
    )
    pauses_on_vendor = models.BooleanField(
        _("l’attente éditeur suspend la résolution"), default=False
    )
    acknowledgement_blocking = _minutes(_("prise en charge, bloquant"))
    acknowledgement_impairing = _minutes(_("prise en charge, gênant"))
    acknowledgement_informational = _minutes(_("prise en charge, informatif"))
    resolution_blocking = _minutes(_("résolution, bloquant"))
    resolution_impairing = _minutes(_("résolution, gênant"))
    resolution_informational = _minutes(_("résolution, informatif"))

    class Meta:
        verbose_name = _("version de niveau de service")
        verbose_name_plural = _("versions de niveau de service")
        ordering = ["service_level", "-effective_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["service_level", "effective_from"],
                name="service_level_version_once_per_day",
            ),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{kind}_{severity}__gt": 0}),
                    name=f"target_{kind}_{severity}_positive",
                    violation_error_message=_("Un délai est d’au moins une minute ouvrée."),
                )
                for kind in CommitmentKind.values
                for severity in Severity.values
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service_level} · {self.effective_from:%d/%m/%Y}"

    def target_minutes(self, kind: CommitmentKind, severity: Severity) -> int:
        """Working minutes promised for this promise and severity."""
        minutes: int = getattr(self, f"{kind.value}_{severity.value}")
        return minutes

    def target(self, kind: CommitmentKind, severity: Severity) -> timedelta:
        """The same as a duration of working time."""
        return timedelta(minutes=self.target_minutes(kind, severity))
