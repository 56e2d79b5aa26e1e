"""Words of the notifications app."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    EMAIL = "email", _("e-mail")


class DeliveryState(models.TextChoices):
    """Where a mail stands."""

    QUEUED = "queued", _("à envoyer")
    SENT = "sent", _("accepté par le serveur")
    REFUSED = "refused", _("refusé par le serveur")
    DROPPED = "dropped", _("abandonné")
