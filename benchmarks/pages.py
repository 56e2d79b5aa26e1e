"""Speed of the portal's pages at several sizes, beside bare Django's on the same tables.

    python -m benchmarks.pages [--tickets 1000,100000] [--seconds 3] [--only home,list]
                               [--into docs/performance.md]

Starts PostgreSQL (durable) and Valkey in a temporary folder, seeds one database per size, serves
each by gunicorn under production's settings, and asks for the pages one after another on one
connection of the loopback. Sizes and floor take turns in short slices, so that a busy machine
disturbs them alike; CPU time (server and database together) is the steadiest figure. Linux only.

Companies have about 400 incidents each at every size, so that pages show as many rows; one more,
« large », has a fifth of all incidents. Exit code 1 when query counts differ between sizes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.harness.command import STOPPED, failed, sizes, stop_when_told
from benchmarks.harness.report import (
    Row,
    is_equal,
    verdicts,
    weight_table,
    write_between,
)
from benchmarks.harness.scenario import PAGES, Page
from benchmarks.harness.services import running
from benchmarks.harness.sites import Site, make_sites, measured, told
from portal.embedded.errors import ServiceError, StopRequestedError
from portal.embedded.processes import interruption

LIMIT_SECONDS = 30 * 60


def main() -> int:
    """Run, print the tables; gives the exit code."""
    options = _options()
    stop_when_told(LIMIT_SECONDS)
    try:
        with running() as services:
            sites = make_sites(services, options.tickets)
            rows = measured(sites, options.seconds, _wanted(options.only))
    except StopRequestedError:
        return failed(STOPPED)
    except ServiceError as error:
        return failed(error)
    if interruption.requested:
        return failed(STOPPED)
    lines = list(_lines(rows, sites, options))
    print("\n".join(lines))
    if options.into:
        write_between(options.into, "benchmarks.pages", lines)
    return 0 if all(is_equal(row) for row in rows) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages")
    parser.add_argument("--tickets", type=sizes, default=[1_000, 100_000])
    parser.add_argument("--seconds", type=float, default=3.0, help="for each page at each size")
    parser.add_argument(
        "--only", type=_words, default=[""], help="the pages whose name contains one of these words"
    )
    parser.add_argument("--into", type=Path, help="replace the tables of this file")
    options = parser.parse_args()
    if not _wanted(options.only):
        parser.error("--only: " + ", ".join(page.name for page in PAGES))
    return options


def _words(text: str) -> list[str]:
    return text.lower().split(",")


def _wanted(words: list[str]) -> list[Page]:
    return [
        page for page in PAGES if any(word in f"{page.name}, {page.who}".lower() for word in words)
    ]


# --- what it says ---------------------------------------------------------------------------------


def _lines(rows: list[Row], sites: list[Site], options: argparse.Namespace) -> Iterator[str]:
    sizes = options.tickets
    command = f"--tickets {','.join(map(str, sizes))} --seconds {options.seconds:g}"
    if options.only != [""]:
        command += f" --only {','.join(options.only)}"
    yield from told(f"python -m benchmarks.pages {command}", rows, sites)
    if any(row.weight for row in rows):
        yield (
            "What a first visit fetches, at the largest size: HTML as nginx compresses it, "
            "style sheets, scripts and images as they are served."
        )
        yield ""
        yield from weight_table(rows)
        yield ""
    yield from verdicts(rows)


if __name__ == "__main__":
    sys.exit(main())
