"""From a claimed row to the bytes that leave, or to the reason why nothing may leave.

Rights and address are checked here, at the moment of sending: a person who was deactivated or
moved since the act reads nothing more (N7).
"""

from __future__ import annotations

import base64
import uuid
from datetime import UTC, datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import User
from foundation.text import tidy_line
from foundation.wording import paris
from notifications.enums import DeliveryState
from notifications.messages import NoMessage, compose
from notifications.messages.digest import digest
from notifications.messages.story import Story
from notifications.models import Delivery
from notifications.operations import drop, thread_id
from notifications.queries import barred, barred_among
from notifications.rendering import Mail
from notifications.returns import return_path
from tickets.models import TicketEvent

# Seven bits only: no server has to be asked whether it takes eight.
_POLICY = SMTP.clone(cte_type="7bit")


class NotToSend(Exception):
    """The mail must not leave; the argument says why, in French, for the journal."""


class Letter(NamedTuple):
    """One mail to one address."""

    sender: str
    recipient: str
    content: bytes


def prepare(delivery: Delivery) -> Letter:
    """What to send for this row, now. Raises NotToSend."""
    if reason := barred(delivery):
        raise NotToSend(reason)
    person = delivery.recipient
    if delivery.is_digest and person is not None:
        return _letter(delivery, _gathered(delivery), person.email, delivery.created_at)
    if delivery.event is None or person is None:
        mail = Mail(delivery.subject, delivery.body_text, delivery.body_html)
        return _letter(delivery, mail, delivery.address, delivery.created_at)
    return _letter(
        delivery, _tell(delivery.event, person), person.email, delivery.event.recorded_at
    )


def _gathered(delivery: Delivery) -> Mail:
    """The digest of what may still be told; what may not is dropped by itself (N7)."""
    carried = delivery.carried.filter(state=DeliveryState.HELD)
    rows = list(carried.select_related("event__ticket__requester", "event__actor", "recipient"))
    reasons = barred_among(rows)
    stories = []
    for held in rows:
        if held.event is None or held.recipient is None:
            continue
        if reason := reasons[held.pk]:
            drop(delivery=held, reason=reason)
        else:
            stories.append(Story(held.event, held.recipient))
    if not stories:
        raise NotToSend(_("plus aucun message à annoncer"))
    return digest(stories, paris(delivery.created_at).date())


def _tell(event: TicketEvent, person: User) -> Mail:
    try:
        return compose(event, person)
    except NoMessage as error:
        raise NotToSend(_("cet événement n’est pas annoncé à cette personne")) from error


def _letter(delivery: Delivery, mail: Mail, address: str, dated: datetime) -> Letter:
    recipient = _wire_address(address)
    message = EmailMessage(policy=_POLICY)
    message["From"] = Address(settings.PORTAL_NAME, addr_spec=settings.PORTAL_FROM_EMAIL)
    # The address alone: a name is a text of somebody's, and readers disagree on its quoting.
    message["To"] = recipient
    message["Reply-To"] = settings.CLOSED_MAILBOX
    message["Date"] = format_datetime(dated)
    message["Message-ID"] = delivery.message_id
    if delivery.event is not None:
        thread = thread_id(delivery.event.ticket.reference)
        message["In-Reply-To"] = thread
        message["References"] = thread
        message["Thread-Topic"] = delivery.event.ticket.reference
        message["Thread-Index"] = _outlook_thread(thread, delivery.event.ticket.received_at)
    elif delivery.in_reply_to:
        message["In-Reply-To"] = delivery.in_reply_to
        message["References"] = delivery.in_reply_to
    # RFC 3834: no machine answers this. The second one is what Exchange goes by.
    message["Auto-Submitted"] = "auto-replied" if delivery.is_answer else "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(mail.text)
    if mail.html:
        message.add_alternative(mail.html, subtype="html")
    # After the content, which sets the Content- headers anew.
    message["Content-Language"] = "fr"
    content = _subject_line(_inert(mail.subject)) + message.as_bytes()
    # An answer has no return address, so that nothing ever answers it (RFC 3834, 3.3).
    sender = "" if delivery.is_answer else return_path(delivery.pk, delivery.resends.count())
    return Letter(sender, recipient, content)


def _outlook_thread(thread: str, began: datetime) -> str:
    """The conversation as Outlook and Exchange know it, in base64 (MS-OXOMSG 2.2.1.3).

    They group by this and by the topic, and without them by subject, which says here what
    happened. The high bytes of the beginning, in 100 ns since 1601; then 16 bytes of our own.
    """
    ticks = int((began - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()) * 10_000_000
    conversation = uuid.uuid5(uuid.NAMESPACE_URL, thread)
    return base64.b64encode(ticks.to_bytes(8, "big")[:6] + conversation.bytes).decode("ascii")


def _subject_line(subject: str) -> bytes:
    """The Subject header, encoded as one run.

    EmailMessage encodes words one by one and loses the space between two encoded ones: « ferme à
    l’ouverture » read « àl’ouverture ».
    """
    charset = "us-ascii" if subject.isascii() else "utf-8"
    encoded = Header(subject, charset, header_name="Subject").encode(linesep="\r\n")
    return f"Subject: {encoded}\r\n".encode("ascii")


def _inert(text: str) -> str:
    """One line that no reader takes for an encoded word (RFC 2047) hiding something (D4)."""
    return tidy_line(text).replace("=?", "= ?")


def _wire_address(address: str) -> str:
    """The address in ASCII: an accented domain in its IDNA form. Raises NotToSend."""
    local, _at, domain = address.rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode("ascii")
        local.encode("ascii")
        Address(addr_spec=f"{local}@{ascii_domain}")
    except (ValueError, IndexError) as error:
        raise NotToSend(_("l’adresse ne peut pas recevoir d’e-mail")) from error
    return f"{local}@{ascii_domain}"
