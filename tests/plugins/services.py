"""Starts what the tests run on: PostgreSQL, Valkey and a mail server, fresh for each run.

pytest-django reads the settings while pytest loads its first conftest files, so the addresses
are exported just before that. Everything lives in one folder, in memory where there is room (a
copy of the database takes 10 ms there and 250 ms on a disk), gone at the end. A run that was
killed leaves no process (Linux), and the next run removes its folder.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from typing import IO

import pytest

from portal.embedded.places import own_folder, shelter, sheltered_name
from portal.embedded.ports import LOOPBACK, listen_from
from portal.embedded.postgres import PostgresServer
from portal.embedded.processes import Child
from portal.embedded.valkey import ValkeyServer

ROOT = Path(__file__).resolve().parents[2]
MEMORY = Path("/dev/shm")  # noqa: S108  (places.shelter checks whose folder it is)
ROOM = 1024**3  # bytes
# The database that tests run in; each run on a server of somebody else needs its own name.
DATABASE = f"portal_test_{os.getpid()}"


class Services:
    """The servers of one test run and the environment that names them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._postgres: PostgresServer | None = None
        self._valkey: ValkeyServer | None = None
        self._smtp: Child | None = None

    def start(self) -> None:
        """Start them and export their addresses; DATABASE_URL and REDIS_URL win when set."""
        environ = os.environ
        environ.update(
            DJANGO_SETTINGS_MODULE="portal.settings.test",
            PORTAL_BASE_URL="http://testserver",
            PORTAL_SECRET_KEY="tests-only-" + "x" * 50,
            PORTAL_DATA_DIR=str(self._folder / "data"),
        )
        self._start_smtp()
        if "REDIS_URL" not in environ:
            self._valkey = ValkeyServer(self._folder / "valkey")
            self._valkey.start()
            environ["REDIS_URL"] = self._valkey.url(0)
        if "DATABASE_URL" in environ:
            environ.setdefault("DATABASE_OWNER_URL", environ["DATABASE_URL"])
        else:
            self._postgres = PostgresServer(self._folder / "postgres", durable=False)
            self._postgres.start()
            environ["DATABASE_OWNER_URL"] = self._postgres.owner_url(DATABASE)
            environ["DATABASE_URL"] = self._postgres.app_url(DATABASE)

    def stop(self) -> None:
        """Stop them and remove their folder. May be called twice."""
        for server in (self._smtp, self._valkey):
            if server is not None:
                server.stop()
        if self._postgres is not None:
            self._postgres.destroy()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _start_smtp(self) -> None:
        self._smtp = start_smtp(self._folder)


def start_smtp(folder: Path) -> Child:
    """A mail server that keeps what it receives below `folder`; exports its address."""
    mailbox = folder / "mailbox"
    mailbox.mkdir()
    listener = listen_from(0)
    os.environ.update(
        SMTP_HOST=LOOPBACK,
        SMTP_PORT=str(listener.getsockname()[1]),
        PORTAL_MAILBOX_DIR=str(mailbox),
    )
    child = Child(
        name="SMTP",
        argv=[sys.executable, "-m", "portal.demo.smtp", "--fd", str(listener.fileno())],
        log=folder / "smtp.log",
        env=os.environ,
        cwd=ROOT,
        pass_fds=(listener.fileno(),),
    )
    child.start()
    listener.close()
    return child


def _runs() -> Path:
    """The folder that holds the runs of this checkout."""
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
        return shelter(f"tests-{os.geteuid()}-{sheltered_name(ROOT)}", MEMORY)
    return own_folder(own_folder(ROOT / ".local") / "tests")


def _new_folder() -> tuple[Path, IO[str]]:
    """A folder of this run, and the lock that says it is in use. Removes those of dead runs."""
    runs = _runs()
    with (runs / "lock").open("w") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        for old in runs.glob("run-*"):
            _remove_if_dead(old)
        folder = Path(tempfile.mkdtemp(prefix="run-", dir=runs))
        folder.chmod(runs.stat().st_mode & 0o777)
        in_use = (folder / "in-use").open("w")
        fcntl.flock(in_use, fcntl.LOCK_EX)
    return folder, in_use


def _remove_if_dead(folder: Path) -> None:
    try:
        with (folder / "in-use").open("a") as in_use:
            fcntl.flock(in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
            PostgresServer(folder / "postgres", durable=False).destroy()
            shutil.rmtree(folder, ignore_errors=True)
    except BlockingIOError:
        return


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Start the services before pytest-django reads the settings."""
    options = early_config.known_args_namespace
    if options.help or options.version or options.collectonly:
        return
    # A run that is told to end does so as after Ctrl-C: with its clean-up.
    for signum in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, signal.default_int_handler)
    folder, in_use = _new_folder()
    services = Services(folder)
    # Whatever ends the run: a failing conftest, Ctrl-C, a normal end.
    early_config.add_cleanup(in_use.close)
    early_config.add_cleanup(services.stop)
    atexit.register(services.stop)
    services.start()
