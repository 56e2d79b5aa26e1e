"""The LMTP listener: our mail server hands the mails of the closed mailbox over, one by one.

Mails are judged one at a time, in one thread with one connection to the database, whatever the
number of sessions.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import Envelope, Session
from django.db import InterfaceError, OperationalError, close_old_connections, connection
from django.utils import timezone

from notifications.mailbox.limits import SIZE_MAX
from notifications.mailbox.receiving import note_oversized
from notifications.mailbox.routing import hand_over

logger = logging.getLogger(__name__)

_TAKEN = "250 2.0.0 Message taken"
# The mail server keeps the mail and comes back.
_LATER = "451 4.3.0 Try again later"
# What aiosmtpd says of a mail that it threw away while it arrived.
_THROWN_AWAY = ("552 Error: Too much mail data", "500 Line too long")
# What a client says of the size in MAIL FROM:<…>, after the address (RFC 1870).
_DECLARED_SIZE = re.compile(r"\sSIZE=\d+(?=[^>]*$)", re.IGNORECASE)


class Mailbox:
    """What aiosmtpd asks for each mail."""

    def __init__(self) -> None:
        self._one = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mailbox")

    async def handle_EHLO(  # noqa: N802  (aiosmtpd's signature)
        self, server: Any, session: Session, envelope: Envelope, hostname: str, said: list[str]
    ) -> list[str]:
        """What we can, but for a largest size: our mail server would itself refuse what is over
        it, and write to a forged sender.
        """
        session.host_name = hostname
        return [line for line in said if not line.startswith("250-SIZE")]

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """One reply per recipient (RFC 2033, 4.2)."""
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        said = await self.judged(
            lambda: hand_over(content=content, at=timezone.now(), **_claimed(envelope))
        )
        return "\r\n".join([said] * len(envelope.rcpt_tos))

    async def judged(self, take: Callable[[], object]) -> str:
        """The reply to a mail that `take` takes, in the one thread of the database."""
        return await asyncio.get_running_loop().run_in_executor(self._one, _guarded, take)


class Server(LMTP):
    """LMTP that lists what is too large instead of refusing it: a refusal would make our mail
    server write to a forged sender.
    """

    # Some programs write a paragraph on one line.
    line_length_limit = 1024**2

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802
        """Whatever size is declared: the mail is looked at, not the declaration."""
        await super().smtp_MAIL(arg and _DECLARED_SIZE.sub("", arg))

    async def push(self, status: Any) -> None:
        """Send a reply; that to a mail which was thrown away says that it is listed."""
        text = status if isinstance(status, str) else status.decode("ascii", "replace")
        if self.envelope is not None and text.startswith(_THROWN_AWAY):
            text = await self._noted(self.envelope)
        await super().push(text)

    async def _noted(self, envelope: Envelope) -> str:
        said = await self.event_handler.judged(
            lambda: note_oversized(size=SIZE_MAX, at=timezone.now(), **_claimed(envelope))
        )
        return "\r\n".join([said] * len(envelope.rcpt_tos))


class Listener(Controller):
    """The listener in a thread of its own: `start`, `stop`."""

    def __init__(self, *, host: str, port: int) -> None:
        super().__init__(Mailbox(), hostname=host, port=port)

    def factory(self) -> Server:
        """One per connection."""
        # The name is said in greetings only; looking it up would ask a name server each time.
        return Server(self.handler, data_size_limit=SIZE_MAX, hostname="portail", timeout=60)


def _claimed(envelope: Envelope) -> dict[str, str]:
    return {
        "sender": envelope.mail_from or "",
        "recipient": ", ".join(envelope.rcpt_tos),
    }


def _guarded(take: Callable[[], object]) -> str:
    close_old_connections()
    try:
        take()
    except (OperationalError, InterfaceError) as error:
        logger.warning("received_mail_later", extra={"reason": type(error).__name__})
        connection.close()
        return _LATER
    except Exception:
        # Not even a row could be made: the mail server keeps it, the next one is taken.
        logger.exception("received_mail_later")
        return _LATER
    return _TAKEN
