"""Words of the promise clock."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Severity(models.TextChoices):
    """How much the incident hampers the customer, in the charter's three words."""

    BLOCKING = "blocking", _("Bloquant")
    IMPAIRING = "impairing", _("Gênant")
    INFORMATIONAL = "informational", _("Informatif")

    @property
    def rank(self) -> int:
        """3 is the most severe: rank decides what raises and what lowers (S7)."""
        return {"blocking": 3, "impairing": 2, "informational": 1}[self.value]


class CommitmentKind(models.TextChoices):
    """The two promises on an incident (S1)."""

    ACKNOWLEDGEMENT = "acknowledgement", _("Prise en charge")
    RESOLUTION = "resolution", _("Résolution")
