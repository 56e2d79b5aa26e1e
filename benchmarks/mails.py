"""How fast mails leave: mails a second, from the commit of an act to SMTP, and what a claim costs.

    python -m benchmarks.mails [--mails 2000] [--acts 200] [--sent 1000,1000000] [--queued 5000]
                               [--into docs/performance.md]

Starts PostgreSQL (durable), Valkey and a mail server in a process of its own that keeps what it
receives, under production's settings. One worker drains a queue of mails, in turns with the floor:
bare smtplib that sends letters composed beforehand to the same server. Then a real worker and beat
send what acts committed at four a second. Last, the next mail is claimed out of so many queued
ones, beside so many that have left, for several shapes of a queue. Linux only. A million rows take
some 1 GB. Exit code 1 when a goal is missed.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.harness.command import STOPPED, failed, say, sizes, stop_when_told
from benchmarks.harness.cpu import cpu_seconds, machine
from benchmarks.harness.measure import spin
from benchmarks.harness.report import write_between
from benchmarks.harness.services import Environment, Services, running
from portal.embedded.errors import ServiceError, StopRequestedError

LIMIT_SECONDS = 60 * 60
COMPANIES, TICKETS = 40, 8000
PACE = 4.0  # acts a second
SETTLED_SECONDS = 15.0

# The goals.
MAILS_A_SECOND = 50.0
WAIT_SECONDS = 5.0
# Medians of a few ms: from one size to the other they may differ by the machine's noise.
CLAIM_GROWTH, CLAIM_NOISE_MS = 1.5, 1.0

Facts = dict[str, Any]


@dataclass(frozen=True)
class Claim:
    """A claim out of a queue of one shape, beside so many that have left."""

    shape: str
    head: str
    beside: dict[int, Facts]


@dataclass(frozen=True)
class Found:
    """All that was measured."""

    queue: Facts
    drained: Facts
    database_ms: float  # of CPU, per mail
    waits: Facts
    claims: list[Claim]


def main() -> int:
    """Run, print the tables; gives the exit code."""
    options = _options()
    stop_when_told(LIMIT_SECONDS)
    try:
        with running() as services:
            found = _measured(services, options)
    except StopRequestedError:
        return failed(STOPPED)
    except ServiceError as error:
        return failed(error)
    lines = list(_lines(found, options))
    print("\n".join(lines))
    if options.into:
        write_between(options.into, "benchmarks.mails", lines)
    return 0 if all(kept for _goal, kept, _figure in _goals(found)) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mails")
    parser.add_argument("--mails", type=int, default=2_000, help="to drain")
    parser.add_argument("--acts", type=int, default=200, help="at a calm pace")
    parser.add_argument("--sent", type=sizes, default=[1_000, 1_000_000], help="beside a claim")
    parser.add_argument("--queued", type=int, default=5_000, help="to claim from")
    parser.add_argument("--into", type=Path, help="replace the tables of this file")
    return parser.parse_args()


# --- the run --------------------------------------------------------------------------------------


def _measured(services: Services, options: argparse.Namespace) -> Found:
    _owner, app = _seeded(services, "mails")
    mail = services.mail_server()
    served = app | mail
    queue = services.ask(served, "queue", {"mails": options.mails})
    began = cpu_seconds([services.database_pid])
    drained = services.ask(served, "drain", {})
    used = cpu_seconds([services.database_pid]) - began
    say(f"  drained: {drained}")
    waits = _waits(services, served, options.acts)
    say(f"  commit to SMTP: {len(waits['seconds'])} mails")
    claims = _claims(services, options.sent, options.queued)
    return Found(queue, drained, used * 1e3 / queue["mails"], waits, claims)


def _seeded(services: Services, name: str) -> tuple[Environment, Environment]:
    owner, app = services.database(name)
    services.run(owner, "manage.py", "migrate", "--no-input")
    services.run(owner, "manage.py", "grant_rights")
    companies, tickets = f"--companies={COMPANIES}", f"--tickets={TICKETS}"
    services.run(app, "manage.py", "seed", companies, tickets, "--seed=1")
    return owner, app


def _claims(services: Services, sent: list[int], queued: int) -> list[Claim]:
    """Each shape beside each number of sent ones, in turns."""
    owners = {size: _seeded(services, f"claims_{size}")[0] for size in sent}
    shapes = [services.ask(owner, "fill", {"sent": size}) for size, owner in owners.items()]
    found = []
    for shape, head in shapes[0]["shapes"]:
        facts = {"shape": shape, "head": head, "queued": queued}
        figures = {size: services.ask(owner, "claims", facts) for size, owner in owners.items()}
        say(f"  {shape}, {head}: {figures}")
        found.append(Claim(shape, head, figures))
    return found


def _waits(services: Services, served: Environment, acts: int) -> Facts:
    """A worker and beat as in production, and acts at a steady pace."""
    celery = ("-m", "celery", "-A", "portal")
    services.launch(
        "worker", served, *celery, "worker", "--concurrency=1", "--loglevel=WARNING",
        "--without-gossip", "--without-mingle",
    )  # fmt: skip
    services.launch("beat", served, *celery, "beat", f"--schedule={served['BENCH_BEAT_SCHEDULE']}")
    time.sleep(SETTLED_SECONDS)
    facts = services.ask(served, "act_calmly", {"acts": acts, "pace": PACE})
    time.sleep(SETTLED_SECONDS)
    mailbox = {"mailbox": served["PORTAL_MAILBOX_DIR"]}
    waits: Facts = services.ask(served, "waits", facts | mailbox)
    return waits


# --- what it says ---------------------------------------------------------------------------------


def _lines(found: Found, options: argparse.Namespace) -> Iterator[str]:
    command = (
        f"--mails {options.mails} --acts {options.acts} "
        f"--sent {','.join(map(str, options.sent))} --queued {options.queued}"
    )
    yield (
        f"`python -m benchmarks.mails {command}`, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC; "
        f"{machine()}; load average {', '.join(f'{load:.1f}' for load in os.getloadavg())} at the "
        f"end (1, 5 and 15 min); a fixed loop takes {spin():.1f} ms."
    )
    yield ""
    yield from _drained(found)
    yield ""
    yield "| from the commit of an act to SMTP | mails | p50, s | p95, s | longest, s |"
    yield "|---|--:|--:|--:|--:|"
    seconds = found.waits["seconds"]
    yield (
        f"| {options.acts} acts, {PACE:g} a second | {len(seconds)} "
        f"| {statistics.median(seconds):.2f} | {_p95(seconds):.2f} | {seconds[-1]:.2f} |"
    )
    yield ""
    yield from _claim_table(found.claims, options.queued)
    yield ""
    for goal, kept, figure in _goals(found):
        yield f"- {goal}: **{'yes' if kept else 'no'}** – {figure}"


def _drained(found: Found) -> Iterator[str]:
    drained = found.drained
    yield "| one worker | mails a second | slowest slice | CPU per mail, ms | statements per mail |"
    yield "|---|--:|--:|--:|--:|"
    yield (
        f"| {found.queue['mails']:,} mails, {found.queue['incidents']:,} incidents, "
        f"{found.queue['people']} people | {_speed(drained['slices']):.0f} "
        f"| {min(drained['slices']):.0f} | {drained['cpu_ms']:.1f}, and {found.database_ms:.1f} "
        f"of the database | {drained['queries']:.1f} |"
    )
    yield (
        f"| floor: bare smtplib, letters composed beforehand | {_speed(drained['floor']):.0f} "
        f"| {min(drained['floor']):.0f} | – | – |"
    )


def _claim_table(claims: list[Claim], queued: int) -> Iterator[str]:
    sizes = claims[0].beside
    heads = " | ".join(f"{size:,} sent: p50, ms | longest, ms" for size in sizes)
    yield f"| a claim out of {queued:,} queued | the first mails | {heads} |"
    yield "|---|---" + "|--:" * (2 * len(sizes)) + "|"
    for claim in claims:
        rows = claim.beside.values()
        figures = " | ".join(f"{row['p50']:.1f} | {row['worst']:.1f}" for row in rows)
        yield f"| {claim.shape} | {claim.head} | {figures} |"


def _goals(found: Found) -> Iterator[tuple[str, bool, str]]:
    """Each goal, whether it is kept, and the figure that decides."""
    speed = _speed(found.drained["slices"])
    yield (
        f"One worker: at least {MAILS_A_SECOND:.0f} mails a second, none left behind",
        speed >= MAILS_A_SECOND and not found.drained["left"],
        f"{speed:.0f}; {found.drained['left']} left",
    )
    p95 = _p95(found.waits["seconds"])
    yield (
        f"Commit to SMTP: p95 under {WAIT_SECONDS:g} s, none missing",
        p95 < WAIT_SECONDS and not found.waits["missing"],
        f"{p95:.2f} s; {found.waits['missing']} missing",
    )
    grown = []
    for claim in found.claims:
        few, many = (claim.beside[pick(claim.beside)]["p50"] for pick in (min, max))
        if many > few * CLAIM_GROWTH + CLAIM_NOISE_MS:
            grown.append(f"{claim.shape}, {claim.head}: {few:.1f} → {many:.1f} ms")
    yield "A claim: the same beside few and many sent", not grown, "; ".join(grown) or "all"


def _speed(slices: list[float]) -> float:
    """Of slices of as many mails each: all mails over all the time."""
    return statistics.harmonic_mean(slices)


def _p95(ordered: list[float]) -> float:
    return ordered[int(0.95 * (len(ordered) - 1))]


if __name__ == "__main__":
    sys.exit(main())
