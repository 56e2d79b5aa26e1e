"""Speed of the engineers' desk at 100,000 and 1,000,000 incidents, 5 % of them open.

    python -m benchmarks.desk [--tickets 100000,1000000] [--seconds 6] [--requests 10000]
                              [--into docs/performance.md]

The data, the floor and the turns are those of `benchmarks.pages`. Beside the pages: « Prendre en
charge » from the queue, the question whether the queue has changed, and the memory of a worker of
its own after thousands of pages. A million incidents take some 25 GB and, to seed, a quarter of an
hour. Linux only. Exit code 1 when a goal is missed.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle
from pathlib import Path

from benchmarks.harness.client import Answer, Browser
from benchmarks.harness.command import STOPPED, failed, say, sizes, stop_when_told
from benchmarks.harness.cpu import resident_mb
from benchmarks.harness.measure import (
    SESSION,
    Sample,
    Server,
    checked,
    csrf,
    in_turns,
    take,
)
from benchmarks.harness.report import Row, is_equal, said, write_between
from benchmarks.harness.scenario import PAGES, Page
from benchmarks.harness.services import HOST, Services, running
from benchmarks.harness.sites import ROUNDS, Site, make_sites, measured, told
from portal.embedded.errors import ServiceError, StopRequestedError
from portal.embedded.processes import interruption

LIMIT_SECONDS = 3 * 60 * 60
DESK = [page for page in PAGES if page.who == "engineer"]
_QUEUE = next(page for page in DESK if page.path == "/admin/")
_WORKSPACE = next(page for page in DESK if page.name == "workspace")
_VERSION = re.compile(rb'id="file"[^>]* data-from="([^"]+)" data-version="([^"]+)"')

# The goals of the desk: queries, kB, milliseconds, shares.
QUEUE_QUERIES, WORKSPACE_QUERIES, WORKSPACE_KB = 12, 15, 60
GROWTH, PAGE_P95 = 1.2, 150.0
TAKE_P95, UNCHANGED_MS, MEMORY_GROWTH = 100.0, 15.0, 0.10


@dataclass
class Acts:
    """What is asked beside the pages, at one size."""

    taking: Sample = field(default_factory=Sample)
    unchanged: Sample = field(default_factory=Sample)


@dataclass(frozen=True)
class Memory:
    """Resident megabytes of a worker: warm, and after so many more pages."""

    requests: int
    before: float
    after: float

    @property
    def growth(self) -> float:
        """As a share of what it was."""
        return self.after / self.before - 1


def main() -> int:
    """Run, print the tables; gives the exit code."""
    options = _options()
    stop_when_told(LIMIT_SECONDS)
    try:
        with running() as services:
            sites = make_sites(services, options.tickets)
            rows = measured(sites, options.seconds, DESK)
            acts = _acts(sites, options.seconds)
            memory = _memory(services, sites[-1], options.requests)
    except StopRequestedError:
        return failed(STOPPED)
    except ServiceError as error:
        return failed(error)
    goals = list(_goals(rows, acts, memory))
    lines = [*_lines(rows, acts, memory, sites, options), *(said(*goal) for goal in goals)]
    print("\n".join(lines))
    if options.into:
        write_between(options.into, "benchmarks.desk", lines)
    return 1 if any(missed for _goal, missed in goals) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.desk")
    parser.add_argument("--tickets", type=sizes, default=[100_000, 1_000_000])
    parser.add_argument("--seconds", type=float, default=6.0, help="for each page at each size")
    parser.add_argument("--requests", type=int, default=10_000, help="before memory is read again")
    parser.add_argument("--into", type=Path, help="replace the tables of this file")
    return parser.parse_args()


# --- acts -----------------------------------------------------------------------------------------


def _acts(sites: list[Site], seconds: float) -> list[Acts]:
    found = [Acts() for _site in sites]
    waiting = [iter(site.portal.facts["to_take"]) for site in sites]
    for do, name in ((_ask_unchanged, "unchanged"), (_take_charge, "taking")):
        cells = [
            partial(do, site.portal, getattr(acts, name), left)
            for site, acts, left in zip(sites, found, waiting, strict=True)
        ]
        in_turns(cells, seconds, ROUNDS)
        if interruption.requested:
            raise StopRequestedError
    return found


def _signed_in(server: Server) -> Browser:
    return Browser(server.port, HOST, {SESSION: server.facts["sessions"]["engineer"]})


def _ask_unchanged(server: Server, sample: Sample, _left: Iterator[str], seconds: float) -> None:
    """What an open queue asks every few seconds. The version holds the minute: it is read again."""
    with closing(_signed_in(server)) as browser:
        take(server, _Unchanged(browser), sample, seconds)


class _Unchanged:
    """Asks whether the queue has changed; when it has, reads it anew, which does not count."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._address = ""

    def __call__(self) -> Answer:
        answer = self._browser.get(self._address) if self._address else None
        while answer is None or answer.status != 204:
            page = checked(self._browser.get(_QUEUE.path)).body
            found = _VERSION.search(page)
            if found is None:
                raise ServiceError("no version on the queue")
            address, version = (part.decode().replace("&amp;", "&") for part in found.groups())
            self._address = f"{address}{'&' if '?' in address else '?'}v={version}"
            answer = self._browser.get(self._address)
        return answer


def _take_charge(server: Server, sample: Sample, left: Iterator[str], seconds: float) -> None:
    """« Prendre en charge » from a line of the queue, an incident each time."""
    with closing(_signed_in(server)) as browser:
        fields = {"csrfmiddlewaretoken": csrf(browser, _QUEUE.path), "queue": ""}

        def post() -> Answer:
            reference = next(left, None)
            if reference is None:
                raise ServiceError("too few incidents to take in charge: ask for more --tickets")
            return browser.post(f"/admin/incidents/{reference}/prendre-en-charge/", fields)

        take(server, post, sample, seconds)
        # The session keeps one notice per act until a page shows them.
        browser.get(_QUEUE.path)


def _memory(services: Services, site: Site, requests: int) -> Memory:
    """One process that is never started afresh, after every page of the desk in turns."""
    alone = site.app | {"GUNICORN_WORKERS": "1", "GUNICORN_CMD_ARGS": "--max-requests 0"}
    port, pid = services.serve(alone, "portal.wsgi", "/sante/")
    server = Server(port, (pid,), site.portal.facts)
    paths = cycle([page.path.format(**server.facts) for page in DESK])
    with closing(_signed_in(server)) as browser:
        for _number in range(max(10, requests // 20)):
            checked(browser.get(next(paths)))
        before = resident_mb(pid)
        for _number in range(requests):
            checked(browser.get(next(paths)))
            if interruption.requested:
                raise StopRequestedError
    memory = Memory(requests, before, resident_mb(pid))
    say(f"  memory: {memory}")
    return memory


# --- what it says ---------------------------------------------------------------------------------

Goal = tuple[str, list[str]]


def _goals(rows: list[Row], acts: list[Acts], memory: Memory) -> Iterator[Goal]:
    """Each goal and what misses it."""
    yield "Query counts equal at both sizes", [row.label for row in rows if not is_equal(row)]
    yield (
        f"At most {QUEUE_QUERIES} queries, {WORKSPACE_QUERIES} on the workspace",
        [
            f"{row.label}: {max(row.statements)}"
            for row in rows
            if max(row.statements) > (WORKSPACE_QUERIES if _is(row, _WORKSPACE) else QUEUE_QUERIES)
        ],
    )
    yield (
        "CPU within its multiple of the floor's",
        [f"{row.label}: {row.ratio:.1f}" for row in rows if row.ratio > (row.page.goal or 1e9)],
    )
    yield (
        f"CPU of the queue's first page within {GROWTH}× from one size to the other",
        [f"{row.cpu_growth:.2f}" for row in rows if _is(row, _QUEUE) and row.cpu_growth > GROWTH],
    )
    yield (
        f"p95 of every page at most {PAGE_P95:g} ms",
        [f"{row.label}: {row.samples[-1].p95:.0f}" for row in rows if _p95(row) > PAGE_P95],
    )
    yield (
        f"Workspace at most {WORKSPACE_KB} kB",
        [
            f"{row.samples[-1].size / 1000:.0f}"
            for row in rows
            if _is(row, _WORKSPACE) and row.samples[-1].size > WORKSPACE_KB * 1000
        ],
    )
    taking = max(act.taking.p95 for act in acts)
    yield f"Taking charge: p95 at most {TAKE_P95:g} ms", _past(taking, TAKE_P95)
    unchanged = max(act.unchanged.p95 for act in acts)
    yield f"An unchanged queue: p95 under {UNCHANGED_MS:g} ms", _past(unchanged, UNCHANGED_MS)
    grown = [f"{memory.growth:.1%}"] if memory.growth >= MEMORY_GROWTH else []
    yield f"Memory of a worker grows by less than {MEMORY_GROWTH:.0%}", grown


def _is(row: Row, page: Page) -> bool:
    return row.page is page


def _p95(row: Row) -> float:
    return max(sample.p95 for sample in row.samples)


def _past(figure: float, most: float) -> list[str]:
    return [f"{figure:.1f} ms"] if figure > most else []


def _lines(
    rows: list[Row],
    acts: list[Acts],
    memory: Memory,
    sites: list[Site],
    options: argparse.Namespace,
) -> Iterator[str]:
    shown = ",".join(str(site.size) for site in sites)
    command = f"--tickets {shown} --seconds {options.seconds:g} --requests {options.requests}"
    yield from told(f"python -m benchmarks.desk {command}", rows, sites)
    yield "| beside the pages | incidents | number | p50 | p95 | CPU |"
    yield "|---|--:|--:|--:|--:|--:|"
    for site, act in zip(sites, acts, strict=True):
        for name, sample in (
            ("take charge (POST)", act.taking),
            ("queue, unchanged (204)", act.unchanged),
        ):
            yield (
                f"| {name} | {site.size:,} | {len(sample.seconds)} | {sample.p50:.1f} "
                f"| {sample.p95:.1f} | {sample.cpu_ms:.1f} |"
            )
    yield ""
    yield (
        f"Memory of one worker at the largest size: {memory.before:.1f} MB when warm, "
        f"{memory.after:.1f} MB after {memory.requests:,} more pages ({memory.growth:+.1%})."
    )
    yield ""


if __name__ == "__main__":
    sys.exit(main())
