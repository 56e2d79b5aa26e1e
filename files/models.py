"""Files kept on the server, and uploads that wait for their owner's form."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from files.enums import FileState


class StoredFile(models.Model):
    """One file. Its storage key is made by the server; its name is data only (C1).

    Owners (a message, a patch) point here and register who may read it (`files.rights`).
    """

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(max_length=80, unique=True, editable=False)
    name = models.CharField(_("nom"), max_length=255)
    content_type = models.CharField(_("type"), max_length=100)
    size = models.PositiveBigIntegerField(_("taille en octets"))
    sha256 = models.CharField(max_length=64, blank=True)
    state = models.CharField(_("état"), max_length=10, choices=FileState.choices)
    created_at = models.DateTimeField(_("reçu le"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("fichier")
        ordering = ["created_at", "name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=FileState.values), name="stored_file_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state=FileState.AVAILABLE)
                | Q(size__gt=0, sha256__regex="^[0-9a-f]{64}$"),
                name="stored_file_available_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Upload(models.Model):
    """A file that a person has sent and not yet attached: it waits with its form (C6).

    `form_token` binds it to one form of one person. After a day it goes: with its file when no
    form claimed it, or when the form that did gave it no owner (it was sent twice).
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    form_token = models.UUIDField()
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="upload")
    offset = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("envoi")
        indexes = [
            models.Index(fields=["person", "form_token"], name="upload_of_form"),
            models.Index(fields=["created_at"], name="upload_age"),
        ]

    def __str__(self) -> str:
        return f"Envoi {self.pk}"


class FileAccess(models.Model):
    """One line per download: who took which file, when (A7, R2)."""

    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="accesses")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("téléchargement")
        indexes = [models.Index(fields=["file", "at"], name="file_access")]

    def __str__(self) -> str:
        return f"Téléchargement {self.pk}"
