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
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from benchmarks.harness.command import STOPPED, failed, say, sizes, stop_when_told
from benchmarks.harness.cpu import machine
from benchmarks.harness.measure import Sample, Server, in_turns, spin, take_floor, take_page
from benchmarks.harness.report import (
    Row,
    floor_table,
    is_equal,
    table,
    verdicts,
    weight_table,
    write_between,
)
from benchmarks.harness.scenario import PAGES, Page
from benchmarks.harness.services import Effort, Services, running, timed
from benchmarks.harness.weight import weigh
from portal.embedded.errors import ServiceError, StopRequestedError
from portal.embedded.processes import interruption

OF_COMPANY = 400
LARGE_SHARE = 5  # a fifth
ROUNDS = 3
LIMIT_SECONDS = 30 * 60


@dataclass(frozen=True)
class Site:
    """The portal and the floor on the data of one size."""

    portal: Server
    floor: Server
    statements: dict[str, int]
    seeding: Effort


def main() -> int:
    """Run, print the tables; gives the exit code."""
    options = _options()
    stop_when_told(LIMIT_SECONDS)
    try:
        with running() as services:
            rows, sites = _measured(services, options)
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
    if not any(_is_wanted(page, options.only) for page in PAGES):
        parser.error("--only: " + ", ".join(page.name for page in PAGES))
    return options


def _words(text: str) -> list[str]:
    return text.lower().split(",")


def _is_wanted(page: Page, words: list[str]) -> bool:
    return any(word in f"{page.name}, {page.who}".lower() for word in words)


# --- the run --------------------------------------------------------------------------------------


def _measured(services: Services, options: argparse.Namespace) -> tuple[list[Row], list[Site]]:
    sizes = options.tickets
    sites = [_site(services, size, first=size == sizes[0]) for size in sizes]
    rows = []
    for number, page in enumerate(PAGES):
        if not _is_wanted(page, options.only):
            continue
        statements = [site.statements[str(number)] for site in sites]
        row = Row(page, [Sample() for _ in sites], [Sample() for _ in sites], statements)
        in_turns(_cells(row, sites), options.seconds, ROUNDS)
        row.weight = weigh(sites[-1].portal, page) if page.is_weighed else None
        if interruption.requested:
            raise StopRequestedError
        figures = ", ".join(f"{sample.p50:.1f} ms" for sample in row.samples)
        say(f"  {row.label}: {figures}")
        rows.append(row)
    return rows, sites


def _cells(row: Row, sites: list[Site]) -> Iterator[Callable[[float], None]]:
    """The page and the floor's, at each size."""
    for site, sample, floor in zip(sites, row.samples, row.floors, strict=True):
        yield partial(take_page, site.portal, row.page, sample)
        yield partial(take_floor, site.floor, row.page.floor, floor)


def _site(services: Services, size: int, *, first: bool) -> Site:
    owner, app = services.database(f"bench_{size}")
    if first:
        services.run(app, "manage.py", "collectstatic", "--no-input")
    services.run(owner, "manage.py", "migrate", "--no-input")
    services.run(owner, "manage.py", "grant_rights")
    parts = [timed(services, app, "manage.py", *part) for part in _seeds(size)]
    seeding = Effort(sum(part.wall for part in parts), sum(part.cpu for part in parts))
    say(f"{size} incidents seeded in {seeding.wall:.0f} s")
    facts = services.ask(owner, "prepare", {})
    statements = services.ask(app, "count", facts)
    portal = services.serve(app, "portal.wsgi", "/sante/")
    bare = app | {"DJANGO_SETTINGS_MODULE": "benchmarks.harness.floor.settings"}
    floor = services.serve(bare, "django.core.wsgi:get_wsgi_application()", "/list/")
    return Site(
        _server(services, portal, facts), _server(services, floor, facts), statements, seeding
    )


def _server(services: Services, site: tuple[int, int], facts: dict[str, object]) -> Server:
    port, pid = site
    return Server(port, (pid, services.database_pid), facts)


def _seeds(size: int) -> Iterator[list[str]]:
    """Many companies of the same activity, and a large one."""
    large = size // LARGE_SHARE
    many = size - large
    for companies, tickets, seed in ((max(2, many // OF_COMPANY), many, 1), (1, large, 2)):
        yield ["seed", f"--companies={companies}", f"--tickets={tickets}", f"--seed={seed}"]


# --- what it says ---------------------------------------------------------------------------------


def _lines(rows: list[Row], sites: list[Site], options: argparse.Namespace) -> Iterator[str]:
    sizes = options.tickets
    command = f"--tickets {','.join(map(str, sizes))} --seconds {options.seconds:g}"
    if options.only != [""]:
        command += f" --only {','.join(options.only)}"
    yield (
        f"`python -m benchmarks.pages {command}`, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC; "
        f"{machine()}; load average {os.getloadavg()[0]:.1f} at the end; "
        f"a fixed loop takes {spin():.1f} ms."
    )
    yield ""
    for size, site in zip(sizes, sites, strict=True):
        facts = site.portal.facts
        yield (
            f"- {size:,} incidents: seeded in {site.seeding.wall:.0f} s "
            f"({site.seeding.cpu:.0f} s of CPU); {facts['open']:,} open; "
            f"the large company has {facts['history']:,}."
        )
    yield ""
    yield "Times in ms; CPU is that of server and database together, per request."
    yield ""
    yield from table(rows, sizes)
    yield ""
    yield from floor_table(rows, sizes)
    yield ""
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
