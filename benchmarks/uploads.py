"""A large file from a browser to the storage: memory, speed, and what the worker takes.

    python -m benchmarks.uploads [--gigabytes 5] [--into docs/performance.md]

Starts PostgreSQL (durable), Valkey, gunicorn with the threads of compose's `uploads`, the worker of
the files and the nginx of deploy/nginx.conf.template (over TLS), under production's settings. One
file is sent by the tus protocol: the line is cut in the middle, then one request brings the rest.
The worker sums and stores it, and it is downloaded again through nginx. Memory is read from /proc
five times a second; it counts from after a first small file, when everything is loaded. Linux only,
and nginx (apt-get install nginx-light). Exit code 1 when the web process grows by 60 MB or the
file is not the same at the end.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.harness.command import STOPPED, failed, say, stop_when_told
from benchmarks.harness.cpu import machine
from benchmarks.harness.proxy import configure, program
from benchmarks.harness.report import write_between
from benchmarks.harness.services import HOST, Services, running
from benchmarks.harness.streaming import Figures, Line, Watched, measured
from portal.embedded.errors import ServiceError, StopRequestedError
from portal.embedded.ports import free_port
from portal.embedded.processes import interruption

GROWTH_MB = 60.0
LIMIT_SECONDS = 60 * 60


def main() -> int:
    """Run, print the table; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.uploads")
    parser.add_argument("--gigabytes", type=float, default=5.0, help="of 1024³ bytes")
    parser.add_argument("--into", type=Path, help="replace the table of this file")
    options = parser.parse_args()
    if program() is None:
        return failed("nginx is needed: apt-get install nginx-light")
    stop_when_told(LIMIT_SECONDS)
    try:
        with running() as services, tempfile.TemporaryDirectory(prefix="portail-nginx-") as folder:
            found = _run(services, Path(folder), int(options.gigabytes * 1024**3))
    except StopRequestedError:
        return failed(STOPPED)
    except ServiceError as error:
        return failed(error)
    if interruption.requested:
        return failed(STOPPED)
    lines = list(_lines(found, options.gigabytes))
    print("\n".join(lines))
    if options.into:
        write_between(options.into, "benchmarks.uploads", lines)
    return 0 if _is_kept(found) else 1


def _run(services: Services, folder: Path, size: int) -> Figures:
    owner, app = services.database("uploads")
    services.run(owner, "manage.py", "migrate", "--no-input")
    services.run(owner, "manage.py", "grant_rights")
    data = Path(app["PORTAL_DATA_DIR"])
    app |= {
        "GUNICORN_WORKERS": "1", "GUNICORN_THREADS": "32", "DATABASE_CONN_MAX_AGE": "0",
        "FILE_ACCEL_PREFIX": "/fichiers-internes/",
    }  # fmt: skip
    session = services.ask(app, "somebody", {})["session"]
    port, web = services.serve(app, "portal.wsgi", "/sante/")
    checker = services.launch(
        "checker", app, "-m", "celery", "-A", "portal", "worker", "--concurrency=1",
        "--loglevel=WARNING", "--without-gossip", "--without-mingle", "--queues=files",
    )  # fmt: skip
    # nginx runs as another user when we are root.
    folder.chmod(0o711)
    secured = free_port()
    config = configure(
        folder, host=HOST, ports=(free_port(), secured), web=port, uploads=port,
        stored=data / "files",
    )  # fmt: skip
    front = services.launch_program(
        "nginx", [str(program()), "-c", str(config), "-e", f"{folder}/error.log"]
    )
    line = Line(secured, HOST, folder / "portal.crt", session)
    say(f"sending {size:,} bytes")
    return measured(line, size, Watched(web=web, worker=checker, proxy=front))


def _is_kept(found: Figures) -> bool:
    return found.same and found.growth_mb["web"] < GROWTH_MB


def _lines(found: Figures, gigabytes: float) -> Iterator[str]:
    yield (
        f"`python -m benchmarks.uploads --gigabytes {gigabytes:g}`, "
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC; {machine()}; load average "
        f"{os.getloadavg()[0]:.1f} at the end."
    )
    yield ""
    yield "| | seconds | MB/s | memory grew by, MB | at most, MB |"
    yield "|---|--:|--:|--:|--:|"
    megabytes = found.size / 1e6
    for what, process, seconds in (
        ("sent: nginx", "proxy", found.sending), ("sent: gunicorn", "web", found.sending),
        ("summed and stored: worker", "worker", found.checking),
        ("downloaded: nginx", "proxy", found.downloading),
    ):  # fmt: skip
        yield (
            f"| {what} | {seconds:.1f} | {megabytes / seconds:.0f} | "
            f"{found.growth_mb[process]:.1f} | {found.peak_mb[process]:.0f} |"
        )
    yield ""
    yield (
        f"- The line was cut at {found.cut_at:,} bytes; {found.resumed_at:,} were kept, and the "
        f"next request went on from there"
    )
    yield f"- CPU while it was sent: gunicorn {found.web_cpu:.1f} s"
    grew = "yes" if found.growth_mb["web"] < GROWTH_MB else "no"
    yield f"- The web process grows by less than {GROWTH_MB:.0f} MB: **{grew}**"
    yield f"- The same sha256 sent, kept and downloaded: **{'yes' if found.same else 'no'}**"


if __name__ == "__main__":
    sys.exit(main())
