"""The processes of the demo: what each is given, how each is known to be ready."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from portal.demo.launcher_console import say, step
from portal.demo.launcher_environment import publish
from portal.embedded.errors import ServiceError
from portal.embedded.keys import kept_secret
from portal.embedded.places import own_folder
from portal.embedded.ports import LOOPBACK, listen_from
from portal.embedded.postgres import PostgresServer
from portal.embedded.processes import Child, pause, run, wait_ready
from portal.embedded.valkey import ValkeyServer

FIRST_PORT = 8000
READY_SECONDS = 60.0
DATABASE = "portal"


@dataclass
class Part:
    """One process of the portal, and the question that tells whether it is ready."""

    child: Child
    is_ready: Callable[[], bool]


class Demo:
    """Everything that `make demo` runs, on the data of one folder."""

    def __init__(self, root: Path, folder: Path) -> None:
        self._root = root
        self._folder = folder
        self._logs = folder / "journaux"
        self._environment_file = folder / "environnement"
        self._postgres = PostgresServer(
            folder / "postgres", durable=True, log=self._logs / "postgres.log"
        )
        self._valkey = ValkeyServer(folder / "valkey", log=self._logs / "valkey.log")
        self._environment: dict[str, str] = {}
        self._web_listener = listen_from(FIRST_PORT)
        self._smtp_listener = listen_from(0)
        self._parts: list[Part] = []
        self.port = _port(self._web_listener)
        # Address of the site, without a final slash.
        self.address = f"http://{LOOPBACK}:{self.port}"

    def reset(self) -> None:
        """Delete the data of earlier runs."""
        self._postgres.destroy()
        shutil.rmtree(self._folder, ignore_errors=True)

    def start(self) -> None:
        """Start everything and wait until each part is ready.

        Raises ServiceError (a French sentence) or StopRequestedError; `stop` is still needed.
        """
        for folder in (self._folder.parent, self._folder, self._logs):
            own_folder(folder)
        self._environment = self._base_environment()
        self._launch(self._smtp())
        self._start_servers()
        self._upgrade()
        # The site boots while the story loads; the sweeps must not see half of it.
        self._launch(self._web())
        self._load()
        for part in (self._worker(), self._beat()):
            self._launch(part)
        for listener in (self._web_listener, self._smtp_listener):
            listener.close()
        for part in self._parts:
            with step(part.child.name):
                wait_ready(part.child, part.is_ready, seconds=READY_SECONDS)
        publish(self._environment_file, self._environment)

    def watch(self) -> None:
        """Stay until a signal asks to stop (StopRequestedError).

        Raises ServiceError, with the last lines of its log, when a process ends by itself.
        """
        while True:
            for child in self._children():
                code = child.exit_code()
                if code is not None:
                    raise ServiceError(
                        f"{child.name} s’est arrêté (code {code}). Journal : {child.log}\n"
                        f"{child.tail()}"
                    )
            for _ in range(10):
                pause()

    def stop(self) -> None:
        """Stop in order: what serves people and works, then the mail server, then the data."""
        self._environment_file.unlink(missing_ok=True)
        mail, workers = self._parts[:1], self._parts[1:]
        for part in workers:
            part.child.ask_to_stop()
        for part in workers + mail:
            part.child.stop()
        self._valkey.stop()
        self._postgres.stop()

    # --- Data -------------------------------------------------------------------------------

    def _base_environment(self) -> dict[str, str]:
        """What settings read, apart from the addresses of the servers."""
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "portal.settings.demo",
            "PORTAL_BASE_URL": self.address,
            "PORTAL_DATA_DIR": str(self._folder),
            "PORTAL_SECRET_KEY": kept_secret(self._folder / "keys" / "django"),
            "PORTAL_MAILBOX_DIR": str(self._folder / "courrier"),
            "SMTP_HOST": LOOPBACK,
            "SMTP_PORT": str(_port(self._smtp_listener)),
            "PYTHONUNBUFFERED": "1",
        }

    def _start_servers(self) -> None:
        """Start Valkey and PostgreSQL, unless REDIS_URL and DATABASE_URL name others."""
        environment = self._environment
        if environment.get("REDIS_URL"):
            say("  Valkey : celui de REDIS_URL")
        else:
            with step("Valkey"):
                self._valkey.start()
                environment["REDIS_URL"] = self._valkey.url(0)
        if environment.get("DATABASE_URL"):
            say("  PostgreSQL : celui de DATABASE_URL")
            environment.setdefault("DATABASE_OWNER_URL", environment["DATABASE_URL"])
        else:
            with step("PostgreSQL"):
                self._postgres.start()
                self._postgres.create_database(DATABASE)
                environment["DATABASE_URL"] = self._postgres.app_url(DATABASE)
                environment["DATABASE_OWNER_URL"] = self._postgres.owner_url(DATABASE)
            if self._folder not in self._postgres.cluster.parents:
                say(f"  (données dans {self._postgres.cluster} : ce dossier-ci est fermé à nobody)")

    def _upgrade(self) -> None:
        """Bring tables and rights up to date, as the owner of the tables."""
        environment = self._environment
        as_owner = environment | {"DATABASE_URL": environment["DATABASE_OWNER_URL"]}
        with step("Mise à jour de la base"):
            self._run("mise-a-jour.log", ["-m", "portal.demo.launcher_upgrade"], env=as_owner)

    def _load(self) -> None:
        """Tell the demo's story, as the application; does nothing when it is told."""
        with step("Données de démonstration"):
            self._run("donnees.log", ["manage.py", "load_demo"], env=self._environment)

    def _run(self, log: str, arguments: list[str], *, env: dict[str, str]) -> None:
        name = arguments[-1]
        child = self._child(name, log, arguments, env=env)
        code = run(child)
        if code != 0:
            raise ServiceError(
                f"{name} a échoué (code {code}). Journal : {child.log}\n{child.tail(25)}"
            )

    # --- Processes --------------------------------------------------------------------------

    def _child(
        self,
        name: str,
        log: str,
        arguments: list[str],
        *,
        env: dict[str, str] | None = None,
        listener: socket.socket | None = None,
    ) -> Child:
        return Child(
            name=name,
            argv=[sys.executable, *arguments],
            log=self._logs / log,
            env=env or self._environment,
            cwd=self._root,
            pass_fds=(listener.fileno(),) if listener else (),
        )

    def _launch(self, part: Part) -> None:
        part.child.start()
        self._parts.append(part)

    def _children(self) -> Iterator[Child]:
        yield from (part.child for part in self._parts)
        for server in (self._valkey, self._postgres):
            if server.is_running:
                yield server.child

    def _smtp(self) -> Part:
        listener = self._smtp_listener
        port = _port(listener)
        arguments = ["-m", "portal.demo.smtp", "--fd", str(listener.fileno())]
        child = self._child("E-mail (SMTP)", "courriel.log", arguments, listener=listener)
        return Part(child, lambda: _greets(port))

    def _web(self) -> Part:
        listener = self._web_listener
        port = _port(listener)
        arguments = ["-m", "gunicorn", "portal.wsgi:application", "--preload"]
        arguments += ["--worker-class", "gthread", "--workers", "2", "--threads", "4"]
        arguments += ["--bind", f"fd://{listener.fileno()}", "--no-control-socket"]
        arguments += ["--graceful-timeout", "5", "--access-logfile", "-"]
        arguments += ["--limit-request-line", "8190"]
        child = self._child("Site (gunicorn)", "site.log", arguments, listener=listener)
        return Part(child, lambda: _is_healthy(port))

    def _worker(self) -> Part:
        arguments = ["-m", "celery", "-A", "portal", "worker", "--concurrency", "2"]
        arguments += ["--loglevel", "INFO", "--without-gossip", "--without-mingle"]
        child = self._child("Tâches (worker)", "taches.log", arguments)
        return Part(child, lambda: _says(child, "ready."))

    def _beat(self) -> Part:
        schedule = own_folder(self._folder / "beat") / "schedule"
        arguments = ["-m", "celery", "-A", "portal", "beat", "--schedule", str(schedule)]
        arguments += ["--loglevel", "INFO"]
        child = self._child("Horloge (beat)", "horloge.log", arguments)
        return Part(child, lambda: _says(child, "beat: Starting"))


def _port(listener: socket.socket) -> int:
    return int(listener.getsockname()[1])


def _greets(port: int) -> bool:
    """Whether a mail server answers (RFC 5321: it speaks first)."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=2) as link:
            return link.recv(64).startswith(b"220")
    except OSError:
        return False


def _is_healthy(port: int) -> bool:
    """Whether the site answers 200 on its health page."""
    with closing(http.client.HTTPConnection(LOOPBACK, port, timeout=5)) as link:
        try:
            link.request("GET", "/sante/")
            return link.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False


def _says(child: Child, words: str) -> bool:
    return words in child.tail(200)
