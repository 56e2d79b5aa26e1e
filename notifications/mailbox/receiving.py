"""One mail of the closed mailbox: judged, listed, and answered at most once (P4, case M).

Whatever is in it, it ends as one row. Only a database that is away raises, so that the mail
server keeps the mail and brings it again.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID, uuid4

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from foundation.waking import wake
from notifications.enums import Verdict
from notifications.mailbox import deciding, limits, reading
from notifications.messages.apart import redirected
from notifications.models import Delivery, ReceivedFile, ReceivedMail
from notifications.outbox import DELIVER_PENDING, message_id
from tickets.models import Ticket

logger = logging.getLogger(__name__)

# Text and files of a mail, for the person who wrote it.
KEPT = timedelta(days=7)
# At most one answer to an address in the first, and so many in all in the second (RFC 3834, 2).
PER_ADDRESS = timedelta(days=7)
IN_ALL = timedelta(hours=1)
IN_ALL_MAX = 50
PURGED_AT_ONCE = 500

# PostgreSQL's advisory lock under which answers are counted and made, one after the other.
_ANSWERING = (2, 3834)


@dataclass
class _Read:
    """What became of a mail so far."""

    row: ReceivedMail
    in_reply_to: str = ""
    files: list[reading.Attached] = field(default_factory=list)


def receive(*, content: bytes, sender: str, recipient: str, at: datetime) -> ReceivedMail:
    """Take one mail. Raises OperationalError or InterfaceError: the database is away."""
    row = _blank(sender=sender, recipient=recipient, size=len(content), at=at)
    try:
        row.name = reading.digest(content)
        return _settle(_judge(row, content))
    except limits.TooMuch as reason:
        return _quarantine(row, str(reason))
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        # Nothing in a mail stops the next one; the log names the fault, not the mail.
        logger.exception("received_mail_unreadable")
        row.subject = row.address = ""
        return _quarantine(row, type(error).__name__)


def note_oversized(*, sender: str, recipient: str, size: int, at: datetime) -> ReceivedMail:
    """A mail that was not even kept in memory: listed all the same."""
    row = _blank(sender=sender, recipient=recipient, size=size, at=at)
    row.name = f"oversized:{uuid4()}"
    return _quarantine(row, _("message trop volumineux"))


def purge(*, at: datetime, limit: int = PURGED_AT_ONCE) -> int:
    """Erase texts and files that were kept for seven days; the rows stay. How many files went."""
    old = ReceivedMail.objects.filter(received_at__lt=at - KEPT)
    numbers = list(ReceivedFile.objects.filter(mail__in=old).values_list("pk", flat=True)[:limit])
    with transaction.atomic():
        old.exclude(text="").update(text="")
        gone, _rows = ReceivedFile.objects.filter(pk__in=numbers).delete()
    return gone


def own_addresses() -> frozenset[str]:
    """Addresses of ours, which are never answered (M1)."""
    ours = (settings.PORTAL_FROM_EMAIL, settings.CLOSED_MAILBOX, settings.RETURN_ADDRESS)
    return frozenset(address.casefold() for address in ours if address)


def _judge(row: ReceivedMail, content: bytes) -> _Read:
    """What the mail itself says; the limits of answers come after. Raises TooMuch."""
    headers = reading.headers_of(limits.head_of(content))
    authors = reading.authors(headers)
    row.subject = reading.subject_of(headers)
    row.address = (authors[0] if authors else headers.get("from", [""])[0])[:320]
    identifier = reading.own_id(headers)
    row.name = identifier or row.name
    mail = deciding.Envelope(row.sender, authors, headers)
    found = deciding.refusal(mail, authserv_id=settings.MAILBOX_AUTHSERV_ID, own=own_addresses())
    read = _Read(row, identifier)
    row.verdict = found or Verdict.ANSWERED
    if found is None:
        limits.check_parts(content)
        row.ticket = _incident_of(headers)
        if User.objects.filter(email=row.address, is_active=True).exists():
            row.text, read.files = reading.body_of(content)
    return read


def _incident_of(headers: dict[str, list[str]]) -> Ticket | None:
    """The incident that one of our mails was about, by the identifiers it is answered under."""
    said = " ".join([*headers.get("in-reply-to", []), *headers.get("references", [])])
    mails = Delivery.objects.filter(
        message_id__in=reading.message_ids(said), event__isnull=False
    ).select_related("event__ticket")
    mail = mails.order_by("-pk").first()
    return mail.event.ticket if mail is not None and mail.event is not None else None


@transaction.atomic
def _settle(read: _Read) -> ReceivedMail:
    """The row, and the answer with it or not at all."""
    row = read.row
    if row.verdict == Verdict.ANSWERED:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", _ANSWERING)
        if held := _held_back(row):
            row.verdict, row.text, read.files = held, "", []
        else:
            row.answer = _answer(row.token, row.address, read.in_reply_to, row.received_at)
    row.save(force_insert=True)
    ReceivedFile.objects.bulk_create(
        ReceivedFile(mail=row, name=file.name, content=file.content) for file in read.files
    )
    return row


def _held_back(row: ReceivedMail) -> Verdict | None:
    """What answers already left; judged under the lock (M4)."""
    answered = ReceivedMail.objects.filter(verdict=Verdict.ANSWERED)
    if answered.filter(name=row.name).exists():
        return Verdict.SEEN
    since = row.received_at - PER_ADDRESS
    if answered.filter(address=row.address, received_at__gt=since).exists():
        return Verdict.RECENT
    since = row.received_at - IN_ALL
    if answered.filter(received_at__gt=since)[:IN_ALL_MAX].count() >= IN_ALL_MAX:
        return Verdict.BUSY
    return None


def _answer(token: UUID, address: str, in_reply_to: str, at: datetime) -> Delivery:
    """The same for everybody: nothing of the mail but its identifier (RFC 3834, 3)."""
    mail = redirected(token)
    transaction.on_commit(partial(wake, DELIVER_PENDING), robust=True)
    return Delivery.objects.create(
        address=address,
        subject=mail.subject,
        body_text=mail.text,
        body_html=mail.html,
        message_id=message_id(uuid4()),
        is_answer=True,
        in_reply_to=in_reply_to,
        created_at=at,
        next_attempt_at=at,
    )


def _blank(*, sender: str, recipient: str, size: int, at: datetime) -> ReceivedMail:
    return ReceivedMail(
        received_at=at,
        sender=reading.storable(sender)[:320],
        recipient=reading.storable(recipient)[:320],
        size=size,
    )


def _quarantine(row: ReceivedMail, detail: str) -> ReceivedMail:
    row.verdict, row.detail, row.text, row.ticket = Verdict.UNREADABLE, detail[:200], "", None
    row.answer = None
    row.save(force_insert=True)
    logger.warning("received_mail_set_aside", extra={"detail": row.detail})
    return row
