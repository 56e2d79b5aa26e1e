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
    # Accepted, then sent back by the recipient's own server: never reached anybody.
    BOUNCED = "bounced", _("rebondi")
    DROPPED = "dropped", _("abandonné")


# What reached nobody, and may be sent again by hand.
FAILED = frozenset({DeliveryState.REFUSED, DeliveryState.BOUNCED, DeliveryState.DROPPED})
