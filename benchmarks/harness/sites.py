"""The portal and the floor on the data of each size, and pages asked of them in turns."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from benchmarks.harness.command import say
from benchmarks.harness.cpu import machine
from benchmarks.harness.measure import Sample, Server, in_turns, spin, take_floor, take_page
from benchmarks.harness.report import Row, floor_table, table
from benchmarks.harness.scenario import PAGES, Page
from benchmarks.harness.services import Effort, Environment, Services, timed
from benchmarks.harness.weight import weigh
from portal.embedded.errors import StopRequestedError
from portal.embedded.processes import interruption

OF_COMPANY = 400
LARGE_SHARE = 5  # a fifth
ROUNDS = 3


@dataclass(frozen=True)
class Site:
    """The portal and the floor on the data of one size."""

    size: int
    portal: Server
    floor: Server
    statements: dict[str, int]
    seeding: Effort
    app: Environment  # of the application


def make_sites(services: Services, sizes: list[int]) -> list[Site]:
    """Seed and serve each size."""
    return [_site(services, size, first=size == sizes[0]) for size in sizes]


def measured(sites: list[Site], seconds: float, pages: Iterable[Page] = PAGES) -> list[Row]:
    """One row per page, in the order of the scenario: one page after the other, sizes in turns."""
    rows = []
    wanted = list(pages)
    for number, page in enumerate(PAGES):
        if page not in wanted:
            continue
        statements = [site.statements[str(number)] for site in sites]
        row = Row(page, [Sample() for _ in sites], [Sample() for _ in sites], statements)
        in_turns(_cells(row, sites), seconds, ROUNDS)
        row.weight = weigh(sites[-1].portal, page) if page.is_weighed else None
        if interruption.requested:
            raise StopRequestedError
        figures = ", ".join(f"{sample.p50:.1f} ms" for sample in row.samples)
        say(f"  {row.label}: {figures}")
        rows.append(row)
    return rows


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
        size, _server(services, portal, facts), _server(services, floor, facts), statements,
        seeding, app,
    )  # fmt: skip


def _server(services: Services, site: tuple[int, int], facts: dict[str, object]) -> Server:
    port, pid = site
    return Server(port, (pid, services.database_pid), facts)


def _seeds(size: int) -> Iterator[list[str]]:
    """Many companies of the same activity, and a large one."""
    large = size // LARGE_SHARE
    many = size - large
    for companies, tickets, seed in ((max(2, many // OF_COMPANY), many, 1), (1, large, 2)):
        yield ["seed", f"--companies={companies}", f"--tickets={tickets}", f"--seed={seed}"]


def made(sites: list[Site]) -> Iterator[str]:
    """What the data of each size are."""
    for site in sites:
        facts = site.portal.facts
        yield (
            f"- {site.size:,} incidents: seeded in {site.seeding.wall:.0f} s "
            f"({site.seeding.cpu:.0f} s of CPU); {facts['open']:,} open; "
            f"the large company has {facts['history']:,}."
        )


def told(command: str, rows: list[Row], sites: list[Site]) -> Iterator[str]:
    """What was run, when and on what; the data, then the pages and the floor at each size."""
    sizes = [site.size for site in sites]
    yield (
        f"`{command}`, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC; {machine()}; load average "
        f"{os.getloadavg()[0]:.1f} at the end; a fixed loop takes {spin():.1f} ms."
    )
    yield ""
    yield from made(sites)
    yield ""
    yield "Times in ms; CPU is that of server and database together, per request."
    yield ""
    yield from table(rows, sizes)
    yield ""
    yield from floor_table(rows, sizes)
    yield ""
