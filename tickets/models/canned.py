"""Answers written once by managers, for engineers to send."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from tickets.enums import Sequel


class Canned(models.Model):
    """A ready-made answer; with a sequel, a macro: text, status and reason in one act.

    Its texts hold variables (`tickets.queries.canned`). It is put out of use, never deleted.
    """

    name = models.CharField(_("nom"), max_length=80, unique=True)
    body = models.TextField(_("texte"))
    sequel = models.CharField(
        _("puis"), max_length=20, choices=Sequel.choices, blank=True, default=""
    )
    reason = models.TextField(_("ce qui est attendu"), blank=True, default="")
    is_active = models.BooleanField(_("proposée"), default=True)
    uses = models.PositiveIntegerField(_("envois"), default=0, editable=False)

    class Meta:
        verbose_name = _("réponse type")
        verbose_name_plural = _("réponses types")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
