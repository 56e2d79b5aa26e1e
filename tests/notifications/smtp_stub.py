"""A mail server on the loopback that fails as it is told to."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session

logging.getLogger("mail.log").setLevel(logging.ERROR)

CUT = "cut"  # the message is taken, the connection is lost before the answer
OK = "250 2.0.0 pris"


class FaultyServer:
    """Answers each recipient and each mail as scripted; keeps what it took."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.taken: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.connections = 0
        self.senders = defaultdict[str, int](int)
        # Answers, by address; a list is used up, then all is well.
        self.at_rcpt: dict[str, list[str]] = {}
        self.at_data: list[str] = []
        self.at_mail: list[str] = []
        self.stall = 0.0
        # Seconds before an answer about a recipient, by domain.
        self.stalls: dict[str, float] = {}

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        self._listener.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            self._loop.create_server(self._protocol, sock=self._listener)
        )
        self._loop.run_forever()
        server.close()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()

    def _protocol(self) -> SMTP:
        self.connections += 1
        return SMTP(
            self, hostname="stub.test", tls_context=self._tls, require_starttls=bool(self._tls)
        )

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.at_mail:
            return self.at_mail.pop(0)
        envelope.mail_from = address
        self.senders[address] += 1
        return OK

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        await asyncio.sleep(self.stalls.get(address.rpartition("@")[2], self.stall))
        answers = self.at_rcpt.get(address)
        if answers:
            return answers.pop(0)
        envelope.rcpt_tos.append(address)
        return OK

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        answer = self.at_data.pop(0) if self.at_data else OK
        if answer == CUT or answer.startswith("2"):
            content = envelope.content if isinstance(envelope.content, bytes) else b""
            self.taken.append(message_from_bytes(content, policy=policy.default))
            self.recipients += envelope.rcpt_tos
        if answer == CUT and isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
        return answer if answer != CUT else OK


@contextmanager
def running(server: FaultyServer) -> Iterator[FaultyServer]:
    """Start it, and stop it at the end."""
    server.start()
    try:
        yield server
    finally:
        server.stop()
