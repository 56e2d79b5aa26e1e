"""Whose business a mail is that our mail server hands over."""

from __future__ import annotations

from datetime import datetime

from notifications.mailbox.receiving import receive
from notifications.models import ReceivedMail
from notifications.operations import take_return
from notifications.returns import sending_of


def hand_over(*, content: bytes, sender: str, recipient: str, at: datetime) -> ReceivedMail | None:
    """A mail of ours that came back to its own address (None), or one to the old address.

    `recipient`: as the envelope says it, several with commas. Raises OperationalError or
    InterfaceError: the database is away.
    """
    for address in recipient.split(","):
        if sending_of(address) is not None:
            take_return(recipient=address, content=content, at=at)
            return None
    return receive(content=content, sender=sender, recipient=recipient, at=at)
