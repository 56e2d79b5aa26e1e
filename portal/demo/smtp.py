"""The demo's mail server: takes every mail, sends none on, keeps each as one file.

`python -m portal.demo.smtp --fd N` serves on a socket that the launcher already listens on;
`--port N` opens one on the loopback. Mails go to PORTAL_MAILBOX_DIR as `<n>.eml`, numbered in
order of arrival, each whole or not there at all.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import signal
import socket
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from portal.embedded.ports import LOOPBACK

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
MAX_BYTES = 30 * 1024 * 1024


class Mailbox:
    """A folder of mails, as aiosmtpd's handler."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        kept = [int(path.stem) for path in folder.glob("*.eml") if path.stem.isdigit()]
        self._last = max(kept, default=0)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep one mail (RFC 5321: after 250 it is ours, so it is on disk before)."""
        self._last += 1
        self.keep(self._last, envelope)
        return f"250 OK : {self._last}.eml"

    def keep(self, number: int, envelope: Envelope) -> None:
        """Write the mail beside its place, then put it there in one move."""
        content = envelope.content or b""
        body = content.encode() if isinstance(content, str) else content
        # Blind copies appear nowhere in a mail: say who really receives it.
        recipients = _CONTROL.sub("?", ", ".join(envelope.rcpt_tos))
        # aiosmtpd writes « no sender » as <>.
        sender = _CONTROL.sub("?", (envelope.mail_from or "").strip("<>"))
        trace = f"X-Envelope-From: <{sender}>\r\nX-Envelope-To: {recipients}\r\n"
        draft = self._folder / f"{number}.tmp"
        draft.write_bytes(trace.encode("utf-8", "surrogateescape") + body)
        draft.replace(self._folder / f"{number}.eml")


async def serve(listener: socket.socket, mailbox: Mailbox) -> None:
    """Take mails until SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, stop.set)
    server = await loop.create_server(
        lambda: SMTP(
            mailbox, hostname="localhost", data_size_limit=MAX_BYTES, enable_SMTPUTF8=True
        ),
        sock=listener,
    )
    async with server:
        await stop.wait()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m portal.demo.smtp")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--fd", type=int, help="socket already listening")
    where.add_argument("--port", type=int, help="port of the loopback")
    options = parser.parse_args()
    if options.fd is not None:
        listener = socket.socket(fileno=options.fd)
    else:
        listener = socket.create_server((LOOPBACK, options.port))
    asyncio.run(serve(listener, Mailbox(Path(os.environ["PORTAL_MAILBOX_DIR"]))))


if __name__ == "__main__":
    main()
