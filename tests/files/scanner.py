"""A clamd of straw: it reads INSTREAM as the real one does and finds EICAR and nothing else."""

from __future__ import annotations

import contextlib
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

# The antivirus industry's test file, in two halves so that no scanner stops at this one.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Clamd(socketserver.ThreadingTCPServer):
    """It listens on the loopback; `limit` is its StreamMaxLength, `mute` a daemon that hangs up."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, *, limit: int = 10 * 1024**2, mute: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.limit, self.mute = limit, mute
        self.received: list[bytes] = []

    @property
    def address(self) -> str:
        """CLAMD_ADDRESS."""
        host, port = self.server_address[:2]
        return f"{host!s}:{port}"


class _Session(socketserver.StreamRequestHandler):
    server: Clamd

    def handle(self) -> None:
        if self.server.mute or self.rfile.read(10) != b"zINSTREAM\0":
            return
        content = b""
        with contextlib.suppress(ConnectionError):
            while length := struct.unpack("!L", self.rfile.read(4))[0]:
                content += self.rfile.read(length)
                if len(content) > self.server.limit:
                    self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                    return
            self.server.received.append(content)
            found = EICAR in content
            self.wfile.write(b"stream: Eicar-Test-Signature FOUND\0" if found else b"stream: OK\0")


@contextmanager
def clamd(*, limit: int = 10 * 1024**2, mute: bool = False) -> Iterator[Clamd]:
    """A running one."""
    with Clamd(limit=limit, mute=mute) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
