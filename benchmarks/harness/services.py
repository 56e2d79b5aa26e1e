"""The servers of one run: PostgreSQL, Valkey and the gunicorns, in a folder that goes with it."""

from __future__ import annotations

import http.client
import json
import os
import resource
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.harness.cpu import cpu_seconds
from portal.embedded.errors import ServiceError
from portal.embedded.places import own_folder
from portal.embedded.ports import LOOPBACK, listen_from
from portal.embedded.postgres import PostgresServer
from portal.embedded.processes import Child, run, wait_ready
from portal.embedded.valkey import ValkeyServer

ROOT = Path(__file__).resolve().parents[2]
# What the proxy of production would pass on; nothing resolves it.
HOST = "portail.bench.example"
READY_SECONDS = 60.0

Environment = dict[str, str]


class Effort(NamedTuple):
    """Seconds on the clock, and seconds of CPU of a program and the database together."""

    wall: float
    cpu: float


class Services:
    """PostgreSQL with the settings it is shipped with (durable, as in production), and Valkey."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._postgres = PostgresServer(folder / "postgres", durable=True)
        self._valkey = ValkeyServer(folder / "valkey")
        self._secret = secrets.token_urlsafe(60)
        self._sites: list[Child] = []
        self._steps = 0

    def start(self) -> None:
        """Start both. Raises ServiceError; `stop` is still needed."""
        self._valkey.start()
        self._postgres.start()

    def stop(self) -> None:
        """Stop everything and delete what was written."""
        for site in self._sites:
            site.stop()
        self._valkey.destroy()
        self._postgres.destroy()

    @property
    def database_pid(self) -> int:
        """The process whose children are the database's."""
        return self._postgres.child.pid

    def database(self, name: str) -> tuple[Environment, Environment]:
        """A new database; the environments of its owner and of the application."""
        self._postgres.create_database(name)
        owner, app = self._postgres.owner_url(name), self._postgres.app_url(name)
        return self._environment(owner), self._environment(app)

    def run(self, environment: Environment, *arguments: str) -> str:
        """Run a Python program of the project to its end; gives what it printed.

        Raises ServiceError with the end of its output when it fails.
        """
        self._steps += 1
        log = self._folder / "logs" / f"{self._steps}-{Path(arguments[0]).stem}.log"
        child = self._child(arguments[-1], list(arguments), log, environment)
        code = run(child)
        if code != 0:
            raise ServiceError(f"{' '.join(arguments)} : code {code}\n{child.tail(30)}")
        return log.read_text(encoding="utf-8")

    def ask(self, environment: Environment, step: str, facts: Any) -> Any:
        """Run a function of benchmarks.harness.inside with these facts; gives its answer."""
        answer = subprocess.run(
            [sys.executable, "-m", "benchmarks.harness.steps", step],
            input=json.dumps(facts), env=environment, cwd=ROOT, stdout=subprocess.PIPE,
            text=True, check=False,
        )  # fmt: skip
        if answer.returncode != 0:
            raise ServiceError(f"{step} : code {answer.returncode}")
        return json.loads(answer.stdout)

    def serve(self, environment: Environment, application: str, path: str) -> tuple[int, int]:
        """Start gunicorn as production does; gives its port and its pid once `path` answers."""
        listener = listen_from(0)
        port = int(listener.getsockname()[1])
        log = self._folder / "logs" / f"site-{port}.log"
        arguments = ["-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", application]
        arguments += ["--bind", f"fd://{listener.fileno()}", "--no-control-socket"]
        child = self._child("gunicorn", arguments, log, environment, pass_fds=(listener.fileno(),))
        child.start()
        self._sites.append(child)
        listener.close()
        wait_ready(child, lambda: _answers(port, path), seconds=READY_SECONDS)
        return port, child.pid

    def launch(
        self, name: str, environment: Environment, *arguments: str, passed: tuple[int, ...] = ()
    ) -> Child:
        """Start a program of the project that runs until the end."""
        log = self._folder / "logs" / f"{name}.log"
        child = self._child(name, list(arguments), log, environment, pass_fds=passed)
        child.start()
        self._sites.append(child)
        return child

    def launch_program(self, name: str, command: list[str]) -> Child:
        """The same for a program of somebody else."""
        log = self._folder / "logs" / f"{name}.log"
        child = Child(name=name, argv=command, log=log, env=os.environ)
        child.start()
        self._sites.append(child)
        return child

    def mail_server(self) -> Environment:
        """Start a mail server that keeps what it receives; what tells the portal of it."""
        mailbox = own_folder(self._folder / "mailbox")
        listener = listen_from(0)
        where = {
            "SMTP_HOST": LOOPBACK,
            "SMTP_PORT": str(listener.getsockname()[1]),
            "PORTAL_MAILBOX_DIR": str(mailbox),
            "BENCH_BEAT_SCHEDULE": str(self._folder / "beat-schedule"),
        }
        arguments = ["-m", "portal.demo.smtp", "--fd", str(listener.fileno())]
        self.launch("smtp", {**os.environ, **where}, *arguments, passed=(listener.fileno(),))
        listener.close()
        return where

    def _environment(self, database_url: str) -> Environment:
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "benchmarks.harness.settings",
            "DATABASE_URL": database_url,
            "REDIS_URL": self._valkey.url(0),
            "PORTAL_BASE_URL": f"https://{HOST}",
            "PORTAL_ALLOWED_HOSTS": HOST,
            "PORTAL_SECRET_KEY": self._secret,
            "PORTAL_DATA_DIR": str(self._folder / "data"),
            "BENCH_STATIC_ROOT": str(self._folder / "static"),
        }

    def _child(
        self,
        name: str,
        arguments: list[str],
        log: Path,
        environment: Environment,
        pass_fds: tuple[int, ...] = (),
    ) -> Child:
        return Child(
            name=name, argv=[sys.executable, *arguments], log=log, env=environment, cwd=ROOT,
            pass_fds=pass_fds,
        )  # fmt: skip


@contextmanager
def running() -> Iterator[Services]:
    """The services, started; everything they were is gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="portail-bench-"))
    # PostgreSQL, run as nobody when we are root, passes through it.
    folder.chmod(0o711)
    own_folder(folder / "logs")
    services = Services(folder)
    try:
        services.start()
        yield services
    finally:
        services.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _answers(port: int, path: str) -> bool:
    with closing(http.client.HTTPConnection(LOOPBACK, port, timeout=5)) as link:
        try:
            link.request("GET", path, headers={"Host": HOST, "X-Forwarded-Proto": "https"})
            return link.getresponse().status < 500
        except (OSError, http.client.HTTPException):
            return False


def timed(services: Services, environment: Environment, *arguments: str) -> Effort:
    """Run a program of the project to its end; gives what it took."""
    began, began_cpu = time.monotonic(), _cpu_used(services)
    services.run(environment, *arguments)
    return Effort(time.monotonic() - began, _cpu_used(services) - began_cpu)


def _cpu_used(services: Services) -> float:
    """By the programs that have ended and by the database."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime + cpu_seconds([services.database_pid])
