"""Words of the licences app."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class LicenceKind(models.TextChoices):
    SUBSCRIPTION = "subscription", _("Abonnement")
    PERPETUAL = "perpetual", _("Licence perpétuelle")


class LicenceState(models.TextChoices):
    """Derived from the dates, never stored."""

    # With a context: « active » is also an English word, which Django would turn into « actif ».
    ACTIVE = "active", pgettext_lazy("licence", "active")
    EXPIRING = "expiring", _("expire bientôt")
    EXPIRED = "expired", _("expirée")
    UPCOMING = "upcoming", _("pas encore commencée")
