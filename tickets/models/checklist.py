"""What is not to be forgotten on a kind of incident: written by managers, ticked by engineers."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from licences.models import Product
from sla.enums import Severity
from tickets.models.ticket import Ticket


class Checklist(models.Model):
    """Steps for the incidents of a product, of a severity, of both, or for all of them."""

    name = models.CharField(_("nom"), max_length=80, unique=True)
    product = models.ForeignKey(
        Product,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("produit"),
        help_text=_("Vide\u00a0: tous les produits."),
    )
    severity = models.CharField(
        _("criticité"),
        max_length=15,
        choices=Severity.choices,
        blank=True,
        default="",
        help_text=_("Vide\u00a0: toutes les criticités."),
    )
    is_active = models.BooleanField(_("proposée"), default=True)

    class Meta:
        verbose_name = _("liste de contrôle")
        verbose_name_plural = _("listes de contrôle")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ChecklistStep(models.Model):
    """One thing to do. One that was ticked somewhere is never deleted."""

    checklist = models.ForeignKey(Checklist, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField(_("ordre"), default=0)
    text = models.CharField(_("étape"), max_length=200)

    class Meta:
        verbose_name = _("étape")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.text


class StepDone(models.Model):
    """A step ticked on an incident: by whom, when. Taking the tick back deletes the row."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="steps_done")
    step = models.ForeignKey(ChecklistStep, on_delete=models.PROTECT, related_name="+")
    done_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    done_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "step"], name="step_done_once")]

    def __str__(self) -> str:
        return f"{self.step_id} · {self.done_at:%d/%m/%Y}"
