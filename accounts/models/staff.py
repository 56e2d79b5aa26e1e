"""What is known of our engineers: absences and training."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User


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
