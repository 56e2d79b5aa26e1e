"""What people say and send. Texts live here, erasable; the history keeps their digest only."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from files.models import StoredFile
from tickets.enums import Side
from tickets.models.ticket import Ticket

# From when on a customer sees an answer that was taken back.
NEVER = datetime(9999, 12, 31, tzinfo=UTC)


class Message(models.Model):
    """A public message: every customer who may see the incident reads it, from an instant on.

    An answer of ours may be taken back until `visible_from`: until then no customer's page, mail
    or file shows it, and taken back it never does (`NEVER`). Null: at once.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="messages")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    side = models.CharField(max_length=10, choices=Side.choices)
    body = models.TextField(_("message"))
    written_at = models.DateTimeField()
    form_token = models.UUIDField(unique=True)
    visible_from = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("message")
        ordering = ["written_at", "pk"]
        indexes = [
            models.Index(fields=["ticket", "written_at"], name="message_thread"),
            # What customers do not see yet, or never will: nearly nothing, asked on each page.
            models.Index(
                fields=["ticket", "visible_from"],
                name="message_held",
                condition=models.Q(visible_from__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"Message {self.pk}"


class Attachment(models.Model):
    """A file of a message. The second subject of an incident shows files of the first (E13)."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="attachments")
    file = models.ForeignKey(
        StoredFile,
        on_delete=models.PROTECT,
        related_name="attachments",
        related_query_name="attachment",
    )
    # Shown here beside the message that it came with: a file comes with one message only.
    is_shared = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("pièce jointe")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["message", "file"], name="attachment_once"),
            models.UniqueConstraint(
                fields=["file"], name="attachment_file_came_once", condition=Q(is_shared=False)
            ),
        ]

    def __str__(self) -> str:
        return f"Pièce jointe {self.pk}"


class Note(models.Model):
    """An internal note. Its own model: no path of a customer's page or mail reads it (B1, E6)."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="notes")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    body = models.TextField(_("note interne"))
    written_at = models.DateTimeField()
    form_token = models.UUIDField(unique=True)

    class Meta:
        verbose_name = _("note interne")
        verbose_name_plural = _("notes internes")
        ordering = ["written_at", "pk"]
        indexes = [models.Index(fields=["ticket", "written_at"], name="note_thread")]

    def __str__(self) -> str:
        return f"Note {self.pk}"
