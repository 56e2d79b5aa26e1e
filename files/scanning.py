"""clamd, the antivirus daemon: one file over its socket (INSTREAM), nothing else of it.

The file itself is sent, by chunks, so the daemon needs no right on our disk and may be on another
machine. It alone opens archives (C4).
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from typing import NamedTuple

_CONNECT_SECONDS = 5.0
# For each exchange; the last one is the analysis itself, long for a large archive.
_ANSWER_SECONDS = 900.0
_ANSWER_MAX = 4096


class ScannerAway(Exception):
    """It is absent, silent or confused: the file is held and asked about again later."""


class Verdict(Enum):
    """What clamd says of a content."""

    CLEAN = "clean"
    INFECTED = "infected"
    TOO_LARGE = "too large"


class Answer(NamedTuple):
    """The verdict, and the name of what was found."""

    verdict: Verdict
    found: str = ""


class Scan:
    """One content on its way to clamd."""

    def __init__(self, link: socket.socket) -> None:
        self._link = link
        self._stopped = False
        self._link.sendall(b"zINSTREAM\0")

    def send(self, chunk: bytes) -> None:
        """The next bytes. After clamd has stopped reading (its limit), they go nowhere."""
        if chunk:
            self._push(struct.pack("!L", len(chunk)) + chunk)

    def answer(self) -> Answer:
        """The verdict on what was sent. Raises ScannerAway."""
        self._push(struct.pack("!L", 0))
        text = self._line().removeprefix("stream: ")
        if text == "OK":
            return Answer(Verdict.CLEAN)
        if text.endswith(" FOUND"):
            return Answer(Verdict.INFECTED, text.removesuffix(" FOUND"))
        if "size limit exceeded" in text:
            return Answer(Verdict.TOO_LARGE)
        raise ScannerAway(text)

    def _push(self, data: bytes) -> None:
        if self._stopped:
            return
        try:
            self._link.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            # It has hung up; what it said before can still be read.
            self._stopped = True

    def _line(self) -> str:
        found = b""
        while not found.endswith(b"\0") and len(found) < _ANSWER_MAX:
            more = self._link.recv(_ANSWER_MAX)
            if not more:
                break
            found += more
        return found.rstrip(b"\0\n").decode(errors="replace")


@contextmanager
def scan(address: str) -> Iterator[Scan]:
    """A scan by the daemon at « host:port » or at the path of a socket. Raises ScannerAway."""
    try:
        with _connected(address) as link:
            link.settimeout(_ANSWER_SECONDS)
            yield Scan(link)
    except OSError as error:
        raise ScannerAway(type(error).__name__) from error


def _connected(address: str) -> socket.socket:
    if address.startswith("/"):
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            link.settimeout(_CONNECT_SECONDS)
            link.connect(address)
        except OSError:
            link.close()
            raise
        return link
    host, _colon, port = address.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=_CONNECT_SECONDS)
