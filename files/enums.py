"""Words of the files app."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class FileState(models.TextChoices):
    """Where a stored file stands."""

    ARRIVING = "arriving", _("envoi en cours")
    CHECKING = "checking", _("vérification")
    AVAILABLE = "available", _("disponible")
    REFUSED = "refused", _("refusé")


class Scan(models.TextChoices):
    """What the antivirus said of an available file; empty when none was configured."""

    CLEAN = "clean", _("analysé")
    TOO_LARGE = "too_large", _("non analysé\u00a0: trop volumineux pour l’antivirus")
