"""How late the mail of a rung is, end to end: from its instant to the mail in the SMTP server.

    python -m benchmarks.rungs [--incidents 20] [--into docs/performance.md]

Starts PostgreSQL (durable), Valkey, a mail server that keeps what it receives, one worker and beat
at its normal pace, under production's settings. Incidents whose acknowledgement is due within a
minute are declared every three seconds, so that their rungs fall at every moment of beat's round;
nobody takes them in charge. Some four minutes. Exit code 1 when a mail is a minute late or missing.
"""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.harness.cpu import machine
from benchmarks.harness.report import write_between
from benchmarks.harness.services import Services, running
from portal.embedded.errors import ServiceError, StopRequestedError

LATE_SECONDS = 60.0
SECONDS_APART = 3.0
# The last incident's last rung falls 90 s after it; then beat's round, and the goal itself.
AFTER_THE_LAST = 90.0 + 30.0 + 60.0
# The manager is of the agency too: 75 % and 100 % tell two people, 150 % one.
MAILS_OF_ONE = 5


def main() -> int:
    """Run, print the table; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rungs")
    parser.add_argument("--incidents", type=int, default=20)
    parser.add_argument("--into", type=Path, help="replace the table of this file")
    options = parser.parse_args()
    # Told to end, it does so as after Ctrl-C: with its clean-up.
    for signum in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, signal.default_int_handler)
    try:
        with running() as services:
            found = _measured(services, options.incidents)
    except (StopRequestedError, ServiceError) as error:
        print(error, file=sys.stderr)
        return 2
    lines = list(_lines(found, options.incidents))
    print("\n".join(lines))
    if options.into:
        write_between(options.into, "benchmarks.rungs", lines)
    return 0 if _is_kept(found, options.incidents) else 1


def _measured(services: Services, incidents: int) -> dict[str, Any]:
    owner, app = services.database("rungs")
    services.run(owner, "manage.py", "migrate", "--no-input")
    services.run(owner, "manage.py", "grant_rights")
    desk = services.ask(app, "open_desk", {})
    mail = services.mail_server()
    served = app | mail
    celery = ("-m", "celery", "-A", "portal")
    services.launch(
        "worker", served, *celery, "worker", "--concurrency=1", "--loglevel=WARNING",
        "--without-gossip", "--without-mingle",
    )  # fmt: skip
    services.launch("beat", served, *celery, "beat", f"--schedule={mail['BENCH_BEAT_SCHEDULE']}")
    pace = {"incidents": incidents, "seconds_apart": SECONDS_APART}
    services.ask(served, "declare_slowly", desk | pace)
    time.sleep(AFTER_THE_LAST)
    found: dict[str, Any] = services.ask(app, "lateness", {"mailbox": mail["PORTAL_MAILBOX_DIR"]})
    return found


def _is_kept(found: dict[str, Any], incidents: int) -> bool:
    mails = [late for times in found["late"].values() for late in times]
    return (
        found["missing"] == 0
        and len(mails) == MAILS_OF_ONE * incidents
        and max(mails) <= LATE_SECONDS
    )


def _lines(found: dict[str, Any], incidents: int) -> Iterator[str]:
    yield (
        f"`python -m benchmarks.rungs --incidents {incidents}`, "
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC; {machine()}; load average "
        f"{', '.join(f'{load:.1f}' for load in os.getloadavg())} at the end (1, 5 and 15 min)."
    )
    yield ""
    yield "| rung | mails | median, s late | longest, s late |"
    yield "|--:|--:|--:|--:|"
    for percent, times in sorted(found["late"].items(), key=lambda pair: int(pair[0])):
        yield f"| {percent} % | {len(times)} | {statistics.median(times):.1f} | {max(times):.1f} |"
    yield ""
    verdict = "yes" if _is_kept(found, incidents) else "no"
    yield (
        f"- Every mail there, at most {LATE_SECONDS:.0f} s late: **{verdict}** – "
        f"{found['missing']} missing; {found['rungs']} rungs recorded, at most "
        f"{found['recorded']:.1f} s late"
    )


if __name__ == "__main__":
    sys.exit(main())
