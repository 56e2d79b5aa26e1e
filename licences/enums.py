"""Words of the licences app."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class LicenceKind(models.TextChoices):
    SUBSCRIPTION = "subscription", _("Abonnement")
    PERPETUAL = "perpetual", _("Licence perpétuelle")


class LicenceState(models.TextChoices):
    """Derived from the dates, never stored."""

    ACTIVE = "active", _("active")
    EXPIRING = "expiring", _("expire bientôt")
    EXPIRED = "expired", _("expirée")
    UPCOMING = "upcoming", _("pas encore commencée")
