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
