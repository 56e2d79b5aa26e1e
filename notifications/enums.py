"""Words of the notifications app."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    EMAIL = "email", _("e-mail")


class DeliveryState(models.TextChoices):
    """Where a mail stands."""

    # Until the person's digest of the day carries it (decision 0024).
    HELD = "held", _("au prochain récapitulatif")
    QUEUED = "queued", _("à envoyer")
    SENT = "sent", _("accepté par le serveur")
    REFUSED = "refused", _("refusé par le serveur")
    # Accepted, then sent back by the recipient's own server: never reached anybody.
    BOUNCED = "bounced", _("rebondi")
    DROPPED = "dropped", _("abandonné")


UNFINISHED = frozenset({DeliveryState.HELD, DeliveryState.QUEUED})
# What reached nobody, and may be sent again by hand.
FAILED = frozenset({DeliveryState.REFUSED, DeliveryState.BOUNCED, DeliveryState.DROPPED})


class Verdict(models.TextChoices):
    """What the closed mailbox did with a mail, and why (case M; RFC 3834)."""

    ANSWERED = "answered", _("réponse envoyée")
    NO_AUTHORITY = "no_authority", _("aucun serveur de confiance n’est réglé")
    UNPROVEN = "unproven", _("expéditeur non authentifié (DMARC)")
    NULL_SENDER = "null_sender", _("expéditeur vide (avis d’un serveur)")
    AUTOMATIC = "automatic", _("envoyé par un automate")
    BULK = "bulk", _("envoi en nombre")
    MAILING_LIST = "list", _("liste de diffusion")
    SUPPRESSED = "suppressed", _("réponse automatique refusée par l’expéditeur")
    MACHINE = "machine", _("adresse d’un automate")
    REPORT = "report", _("avis de remise ou de non-remise")
    OWN = "own", _("adresse du portail")
    NO_AUTHOR = "no_author", _("auteur absent ou multiple")
    SEEN = "seen", _("message déjà reçu")
    RECENT = "recent", _("déjà répondu à cette adresse depuis 7\u00a0jours")
    BUSY = "busy", _("50\u00a0réponses déjà envoyées dans l’heure")
    UNREADABLE = "unreadable", _("illisible, mis à l’écart")
