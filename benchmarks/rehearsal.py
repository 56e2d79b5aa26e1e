"""Speed of a rehearsal (`/pilotage/repetition/`) over a seeded history.

    python -m benchmarks.rehearsal [--tickets 100000] [--into docs/performance.md]

Starts PostgreSQL (durable) in a temporary folder, seeds one database and asks four questions of
it, each once, in one process. The goal over 100,000 incidents is 20 s. Linux only.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.harness.command import STOPPED, failed, stop_when_told
from benchmarks.harness.cpu import machine
from benchmarks.harness.measure import spin
from benchmarks.harness.report import write_between
from benchmarks.harness.services import Services, running
from portal.embedded.errors import ServiceError, StopRequestedError

OF_COMPANY = 400
LIMIT_SECONDS = 15 * 60


def main() -> int:
    """Run, print the table; gives the exit code."""
    options = _options()
    stop_when_told(LIMIT_SECONDS)
    try:
        with running() as services:
            answer = _measured(services, options.tickets)
    except StopRequestedError:
        return failed(STOPPED)
    except ServiceError as error:
        return failed(error)
    lines = list(_lines(answer, options.tickets))
    print("\n".join(lines))
    if options.into:
        write_between(options.into, "benchmarks.rehearsal", lines)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rehearsal")
    parser.add_argument("--tickets", type=int, default=100_000)
    parser.add_argument("--into", type=Path, help="replace the table of this file")
    return parser.parse_args()


def _measured(services: Services, tickets: int) -> dict[str, Any]:
    owner, app = services.database("bench_rehearsal")
    services.run(owner, "manage.py", "migrate", "--no-input")
    services.run(owner, "manage.py", "grant_rights")
    companies = max(2, tickets // OF_COMPANY)
    services.run(
        app, "manage.py", "seed", f"--companies={companies}", f"--tickets={tickets}", "--seed=1"
    )
    answer: dict[str, Any] = services.ask(app, "rehearse", {})
    return answer


def _lines(answer: dict[str, Any], tickets: int) -> Iterator[str]:
    yield (
        f"`python -m benchmarks.rehearsal --tickets {tickets}`, "
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC; {machine()}; load average "
        f"{os.getloadavg()[0]:.1f} at the end; a fixed loop takes {spin():.1f} ms."
    )
    yield ""
    yield f"{answer['incidents']:,} incidents. Seconds; memory is the process's peak so far."
    yield ""
    yield "| question | promises read | changed sides | s | CPU s (Python) | promises/s | MiB |"
    yield "|---|--:|--:|--:|--:|--:|--:|"
    for question, run in answer["runs"].items():
        yield (
            f"| {question} | {run['read']:,} | {run['flips']:,} | {run['wall']:.1f} | "
            f"{run['cpu']:.1f} | {run['read'] / run['wall']:,.0f} | {run['memory']:.0f} |"
        )


if __name__ == "__main__":
    sys.exit(main())
