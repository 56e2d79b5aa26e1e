"""The portal as it runs: gunicorn, a worker and beat as processes of their own, on the test
run's servers and a database of their own.

The environment is the one that the demo's launcher gives (portal.settings.demo).
"""

from __future__ import annotations

import http.client
import os
import sys
from contextlib import closing
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from portal.embedded.ports import LOOPBACK, listen_from
from portal.embedded.processes import Child, wait_ready

ROOT = Path(__file__).resolve().parents[2]
# Valkey has sixteen numbered databases: caches of the at most eight test processes come first.
_FIRST_BROKER = 8
READY_SECONDS = 90.0


def broker_url() -> str:
    """The queues of this test process's portal: another's workers must not take its tasks."""
    cache = urlsplit(os.environ["REDIS_URL"])
    number = _FIRST_BROKER + int(cache.path.removeprefix("/"))
    return cache._replace(path=f"/{number}").geturl()


class Stack:
    """The processes of one portal. Start what is needed, `stop` ends it all in order."""

    def __init__(self, folder: Path, *, database_url: str, redis_url: str) -> None:
        self._folder = folder
        self._listener = listen_from(0)
        self._children: list[Child] = []
        self.port = int(self._listener.getsockname()[1])
        # Without a final slash.
        self.address = f"http://{LOOPBACK}:{self.port}"
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "portal.settings.demo",
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "PORTAL_BASE_URL": self.address,
            "PORTAL_DATA_DIR": str(folder / "data"),
            "PYTHONUNBUFFERED": "1",
            # What the test run's own interpreter was told is no business of the portal's.
            "PYTHONWARNINGS": "default",
        }

    def start_web(self) -> Child:
        """Gunicorn on our listener, ready to answer."""
        return self._ready([self.launch_web()])[0]

    def start_all(self, *, beat_app: str = "portal") -> None:
        """Everything; the parts boot side by side."""
        self._ready([self.launch_web(), self.launch_worker(), self.launch_beat(beat_app)])

    def start_worker(self) -> Child:
        """One worker, ready for tasks."""
        return self._ready([self.launch_worker()])[0]

    def launch_web(self) -> Child:
        """Gunicorn, booting."""
        arguments = ["-m", "gunicorn", "portal.wsgi:application", "--preload"]
        arguments += ["--worker-class", "gthread", "--workers", "1", "--threads", "6"]
        arguments += ["--bind", f"fd://{self._listener.fileno()}", "--no-control-socket"]
        arguments += ["--graceful-timeout", "5", "--access-logfile", "-"]
        return self._launch("web", arguments, passed=(self._listener.fileno(),))

    def launch_worker(self) -> Child:
        """A worker with one process for tasks, booting."""
        arguments = ["-m", "celery", "-A", "portal", "worker", "--concurrency", "1"]
        arguments += ["--loglevel", "INFO", "--without-gossip", "--without-mingle"]
        return self._launch("worker", arguments)

    def launch_beat(self, app: str = "portal") -> Child:
        """Beat with the schedule of `app`, booting."""
        schedule = self._folder / "beat-schedule"
        arguments = ["-m", "celery", "-A", app, "beat", "--schedule", str(schedule)]
        return self._launch("beat", [*arguments, "--loglevel", "INFO"])

    def stop(self) -> None:
        """Ask all of them to end, then wait for each."""
        for child in self._children:
            child.ask_to_stop()
        for child in self._children:
            child.stop()
        self._listener.close()

    def _launch(self, name: str, arguments: list[str], *, passed: tuple[int, ...] = ()) -> Child:
        child = Child(
            name=name,
            argv=[sys.executable, *arguments],
            log=self._folder / f"{name}.log",
            env=self.environment,
            cwd=ROOT,
            pass_fds=passed,
        )
        child.start()
        self._children.append(child)
        return child

    def _ready(self, children: list[Child]) -> list[Child]:
        for child in children:
            wait_ready(child, partial(self._is_ready, child), seconds=READY_SECONDS)
        return children

    def _is_ready(self, child: Child) -> bool:
        if child.name == "web":
            return _answers(self.port)
        return {"worker": "ready.", "beat": "beat: Starting"}[child.name] in child.tail(200)


def _answers(port: int) -> bool:
    with closing(http.client.HTTPConnection(LOOPBACK, port, timeout=10)) as link:
        try:
            link.request("GET", "/sante/")
            return link.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
