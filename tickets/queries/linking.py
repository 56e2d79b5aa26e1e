"""The family of an incident, and the messages that may hold a second subject."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from files.models import StoredFile
from foundation.wording import elided, instant
from tickets.enums import OPEN_STATUSES, Side
from tickets.models import Attachment, Message, Ticket

# What a page can show of a long conversation: the last ones hold the second subject.
_MESSAGES = 30


@dataclass(frozen=True)
class Quotable:
    """A message of a customer, with its files."""

    pk: int
    author: str
    at: datetime
    body: str
    files: list[StoredFile]


def quotable(ticket: Ticket) -> list[Quotable]:
    """The customers' last messages, the newest first. Two queries."""
    rows = Message.objects.filter(ticket=ticket, side=Side.CUSTOMER).select_related("author")
    files = Prefetch("attachments", Attachment.objects.select_related("file"))
    return [
        Quotable(
            row.pk, row.author.full_name, row.written_at, row.body,
            [attachment.file for attachment in row.attachments.all()],
        )
        for row in rows.prefetch_related(files).order_by("-written_at", "-pk")[:_MESSAGES]
    ]  # fmt: skip


def quoted(message: Quotable) -> str:
    """Whose words these are and from when, above them."""
    head = _("Message %(of_who)s du %(when)s\u00a0:") % {
        "of_who": elided("de", message.author),
        "when": instant(message.at),
    }
    return f"{head}\n\n{message.body}"


def children_of(ticket: Ticket) -> list[Ticket]:
    """What hangs on this incident, the oldest first."""
    found = Ticket.objects.filter(parent=ticket)
    return list(found.select_related("company").order_by("pk"))


def open_among(children: list[Ticket]) -> list[Ticket]:
    """Those that somebody still works on."""
    return [child for child in children if child.status in OPEN_STATUSES]
