"""Files kept on the server, and uploads that wait for their owner's form."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from files import types
from files.enums import FileState, Scan
from foundation.database import Plain


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
    # Why it was refused: one French sentence, fit for the page.
    refusal = models.CharField(_("motif du refus"), max_length=300, blank=True)
    scan = models.CharField(_("antivirus"), max_length=10, choices=Scan.choices, blank=True)
    # All its bytes are here since; the worker looks at it again at `check_after`.
    whole_at = models.DateTimeField(null=True)
    check_after = models.DateTimeField(null=True)
    checks = models.PositiveSmallIntegerField(default=0)
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
            models.CheckConstraint(
                condition=Q(
                    state=FileState.CHECKING, check_after__isnull=False, whole_at__isnull=False
                )
                | (~Q(state=FileState.CHECKING) & Q(check_after__isnull=True)),
                name="stored_file_checking_has_its_turn",
            ),
            models.CheckConstraint(
                condition=~Q(state=FileState.REFUSED) | ~Q(refusal=""),
                name="stored_file_refused_says_why",
            ),
        ]
        indexes = [
            models.Index(
                fields=["check_after"],
                name="stored_file_to_check",
                condition=Q(state=FileState.CHECKING),
            ),
            GinIndex(OpClass(Plain("name"), name="gin_trgm_ops"), name="stored_file_searched"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def has_preview(self) -> bool:
        """Whether a browser may show it in place (`files:preview`): images and PDF only (C2)."""
        return self.state == FileState.AVAILABLE and types.has_preview(self.content_type)


class Upload(models.Model):
    """A file that a person sends or has sent, and has not yet attached: it waits with its form.

    `form_token` binds it to one form of one person. Within a day of its last byte it goes (C6):
    with its file when no form claimed it, or when the form that did gave it no owner (it was sent
    twice). While it arrives `offset` follows the spool file, which is the truth (`files.spool`).
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    form_token = models.UUIDField()
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="upload")
    offset = models.PositiveBigIntegerField(default=0)
    # What the browser computes from the size and both ends of a file, to know it again.
    fingerprint = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()
    # The last byte, or the claim: what moves is not purged.
    touched_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("envoi")
        indexes = [
            models.Index(fields=["person", "form_token"], name="upload_of_form"),
            models.Index(fields=["touched_at"], name="upload_touched"),
            models.Index(fields=["person", "created_at"], name="upload_of_person"),
        ]

    def __str__(self) -> str:
        return f"Envoi {self.pk}"

    @property
    def percent(self) -> int:
        """How much has arrived, 0 to 99 while something is missing: never rounded up."""
        return self.offset * 100 // self.file.size if self.file.size else 0


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
