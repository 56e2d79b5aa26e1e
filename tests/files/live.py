"""The portal over real HTTP, on real disks: for what a test client cannot break."""

from __future__ import annotations

import io
import os
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

from django.test import Client
from tusclient.client import TusClient
from tusclient.uploader.uploader import Uploader

from accounts.models import User
from files.enums import FileState
from files.models import StoredFile
from tests.journeys.stack import Stack

_CSRF = "c" * 32
PATIENCE = 30.0  # seconds


class Live:
    """gunicorn and a worker."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        self.stack = stack
        self.spool = folder / "data" / "spool"
        self.stored = folder / "data" / "files"
        self.web = stack.start_web()
        stack.start_worker()

    def headers_of(self, person: User) -> dict[str, str]:
        """What a signed-in browser sends with each request."""
        client = Client()
        client.force_login(person)
        name = f"demo{self.stack.port}"
        cookie = f"{name}_session={client.session.session_key}; {name}_csrf={_CSRF}"
        return {"Cookie": cookie, "X-CSRFToken": _CSRF}

    def tus(self, person: User) -> TusClient:
        """A client that nobody here wrote."""
        address = f"{self.stack.address}/fichiers/envois/"
        return TusClient(address, headers=self.headers_of(person))

    def begin(self, person: User, length: int, name: str = "plan.pdf") -> str:
        """The address of a file of which nothing has been sent yet."""
        stream = io.BytesIO(bytes(length))
        uploader = self.tus(person).uploader(file_stream=stream, metadata=metadata(name))
        return str(uploader.create_url())

    def go_on(self, person: User, address: str, content: bytes) -> Uploader:
        """A new client, which knows the address and has the file: it asks where to go on."""
        return self.tus(person).uploader(
            file_stream=io.BytesIO(content), chunk_size=1024**2, url=address
        )

    def connect(self) -> socket.socket:
        """A bare connection, for requests that end in the middle."""
        return socket.create_connection(("127.0.0.1", self.stack.port), timeout=PATIENCE)

    def begin_patch(self, person: User, address: str, offset: int, length: int) -> socket.socket:
        """A PATCH whose body is still to come."""
        link = self.connect()
        lines = [
            f"PATCH {address.removeprefix(self.stack.address)} HTTP/1.1",
            f"Host: 127.0.0.1:{self.stack.port}",
            "Tus-Resumable: 1.0.0",
            "Content-Type: application/offset+octet-stream",
            f"Upload-Offset: {offset}",
            f"Content-Length: {length}",
            *(f"{name}: {value}" for name, value in self.headers_of(person).items()),
        ]
        link.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        return link

    def spooled(self, address: str) -> int:
        """How many bytes of an upload are on the disk."""
        path = self.spool / address.rstrip("/").rpartition("/")[2]
        return path.stat().st_size if path.exists() else 0

    def workers(self) -> list[int]:
        """The processes of gunicorn that serve."""
        children = Path(f"/proc/{self.web.pid}/task/{self.web.pid}/children").read_text()
        return [int(pid) for pid in children.split()]

    def kill(self) -> None:
        """kill -9 of the whole server, in the middle of whatever it does."""
        os.killpg(self.web.pid, signal.SIGKILL)
        self.web.stop()

    def restart(self) -> None:
        """Start it again on the same port."""
        self.web = self.stack.start_web()


def metadata(name: str, token: UUID | None = None) -> dict[str, str]:
    """What tuspy sends with a creation."""
    return {"filename": name, "formtoken": str(token or uuid4())}


def file_at(address: str) -> StoredFile:
    """The row behind an upload's address."""
    return StoredFile.objects.get(pk=address.rstrip("/").rpartition("/")[2])


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that another process does."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def until_available(address: str) -> StoredFile:
    """Wait for the worker."""
    until(lambda: file_at(address).state == FileState.AVAILABLE)
    return file_at(address)
