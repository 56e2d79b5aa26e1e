"""The mail backend of the portal: a mail is a row of the caller's transaction.

What allauth and invitations send is kept or lost with the act that wrote it, and leaves with the
others (design §4). These mails carry their own text, wiped once they have left.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from email.utils import parseaddr
from functools import partial

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils import timezone

from accounts.models import User, normalise_email
from foundation.text import tidy_line
from foundation.waking import wake
from notifications.models import Delivery
from notifications.rendering import SUBJECT_MAX, Mail, styled

DELIVER_PENDING = "notifications.deliver_pending"


class OutboxBackend(BaseEmailBackend):
    """EMAIL_BACKEND. One row per recipient; after commit the sender is woken, if it can be."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        rows = [
            _row(message, parseaddr(address)[1])
            for message in email_messages
            for address in message.recipients()
        ]
        Delivery.objects.bulk_create(rows)
        if rows:
            transaction.on_commit(partial(wake, DELIVER_PENDING), robust=True)
        return len(email_messages)


def keep(mail: Mail, reader: User, *, at: datetime) -> Delivery:
    """A mail about no incident, to one of ours: kept or lost with the act that wrote it."""
    transaction.on_commit(partial(wake, DELIVER_PENDING), robust=True)
    kept = _written(mail, reader, reader.email, at)
    kept.save(force_insert=True)
    return kept


def message_id(name: uuid.UUID) -> str:
    """« <uuid@domain of the portal's address> »: RFC 5322, 3.6.4."""
    return f"<{name}@{settings.PORTAL_FROM_EMAIL.rpartition('@')[2]}>"


def _row(message: EmailMessage, address: str) -> Delivery:
    person = User.objects.filter(email=normalise_email(address)).first()
    return _written(mail_of(message), person, address, timezone.now())


def _written(mail: Mail, person: User | None, address: str, at: datetime) -> Delivery:
    """A row that holds its own text until it has left."""
    return Delivery(
        recipient=person,
        address=address,
        subject=mail.subject,
        body_text=mail.text,
        body_html=mail.html,
        message_id=message_id(uuid.uuid4()),
        created_at=at,
        next_attempt_at=at,
    )


def mail_of(message: EmailMessage) -> Mail:
    """What the person reads of a message that Django was given."""
    subject = tidy_line(str(message.subject))[:SUBJECT_MAX]
    return Mail(subject, str(message.body), styled(_html_of(message)))


def _html_of(message: EmailMessage) -> str:
    alternatives: Iterable[tuple[object, object]] = (
        message.alternatives if isinstance(message, EmailMultiAlternatives) else ()
    )
    return next((str(body) for body, kind in alternatives if kind == "text/html"), "")
