"""What `benchmarks.sweep` does inside Django: idle passes, and a thousand rungs due at once.

A process of its own declares incidents all the while, and says how long each took and how often it
was seen waiting for a lock: the longest declaration is more than anybody was kept waiting.
"""

from __future__ import annotations

import itertools
import statistics
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from threading import Thread
from typing import Any

from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from accounts.enums import StaffRole
from accounts.models import Agency, Membership, User
from licences.models import Product
from sla.enums import Severity
from tickets import operations
from tickets.models import Rung, Ticket, TicketEvent
from tickets.operations.due import sweep_deadlines

Facts = dict[str, Any]

PASSES = 300
AT_ONCE = 1000
# Of the half hour in which a blocking incident is taken in charge: what each pass finds.
_RUNGS = ((50, 15.0), (75, 22.5), (100, 30.0))
# Long enough to see how long a declaration takes when no sweep runs.
_QUIET_SECONDS = 4.0
_BETWEEN_DECLARATIONS = 0.1
_BETWEEN_LOOKS = 0.02
_WAITS_FOR_A_LOCK = "SELECT 1 FROM pg_stat_activity WHERE pid = %s AND wait_event_type = 'Lock'"


def idle(facts: Facts) -> Facts:
    """Passes that find nothing: statements, and milliseconds of each."""
    at = datetime.fromisoformat(facts["until"])
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
    sweep_deadlines(at=at, limit=100_000)
    with CaptureQueriesContext(connection) as captured:
        found = sweep_deadlines(at=at)
    times = [_timed(at) for _number in range(PASSES)]
    return {
        "found": found,
        "queries": len(captured),
        "p50": statistics.median(times),
        "worst": max(times),
        "open": Ticket.objects.open().count(),
        "events": TicketEvent.objects.count(),
    }


def _timed(at: datetime) -> float:
    began = time.perf_counter()
    sweep_deadlines(at=at)
    return (time.perf_counter() - began) * 1e3


# --- a thousand at once ---------------------------------------------------------------------------


def at_once(facts: Facts) -> list[Facts]:
    """A thousand incidents declared at one instant; a pass at each of their rungs."""
    declared_at = datetime.fromisoformat(facts["until"]) + timedelta(minutes=1)
    _desk()
    people = itertools.cycle(_customers())
    for _number in range(AT_ONCE):
        _declare(next(people), declared_at)
    return [_pass(percent, declared_at + timedelta(minutes=late)) for percent, late in _RUNGS]


def _pass(percent: int, at: datetime) -> Facts:
    """One pass, with somebody who declares meanwhile."""
    # What the other incidents of the seed had due before is no part of it.
    sweep_deadlines(at=at - timedelta(microseconds=1), limit=100_000)
    rungs = Rung.objects.count()
    with _declaring(at + timedelta(days=1)) as (quiet, busy):
        time.sleep(_QUIET_SECONDS)
        quiet.set()
        began, began_cpu = time.perf_counter(), time.process_time()
        sweep_deadlines(at=at + timedelta(seconds=1), limit=10 * AT_ONCE)
        seconds, cpu = time.perf_counter() - began, time.process_time() - began_cpu
        alone, meanwhile, waits = busy()
    return {
        "percent": percent,
        "rungs": Rung.objects.count() - rungs,
        "seconds": seconds,
        "cpu": cpu,
        "alone": alone,
        "meanwhile": meanwhile,
        "waits": waits,
    }


def _desk() -> None:
    """Engineers by agency and a manager: who is told of a rung."""
    agencies = list(Agency.objects.order_by("pk"))
    engineers = User.objects.filter(staff_role=StaffRole.ENGINEER).order_by("pk")
    for engineer, agency in zip(engineers, itertools.cycle(agencies), strict=False):
        engineer.agency = agency
        engineer.save(update_fields=["agency"])
    User.objects.create_user(
        f"responsable-{uuid.uuid4().hex[:8]}@bench.example", staff_role=StaffRole.MANAGER
    )


def _customers() -> list[tuple[User, Membership, Product]]:
    product = Product.objects.order_by("pk")[0]
    members = Membership.objects.select_related("user", "company").order_by("pk")[:300]
    return [(member.user, member, product) for member in members]


def _declare(who: tuple[User, Membership, Product], at: datetime) -> None:
    person, member, product = who
    operations.declare(
        actor=person, company=member.company, product=product, severity=Severity.BLOCKING,
        title="Revit se ferme", body="Depuis ce matin.", at=at, form_token=uuid.uuid4(),
    )  # fmt: skip


# --- somebody who declares meanwhile --------------------------------------------------------------

Declared = tuple[list[float], list[float], int]


@contextmanager
def _declaring(at: datetime) -> Iterator[tuple[Event, Callable[[], tuple[Facts, Facts, int]]]]:
    """A process that declares some ten times a second; what it saw, alone and during the pass."""
    connections.close_all()
    context = get_context("fork")
    swept, done = context.Event(), context.Event()
    ours, theirs = context.Pipe()
    declarer = context.Process(target=_declare_until, args=(at, swept, done, theirs))
    declarer.start()

    def answer() -> tuple[Facts, Facts, int]:
        done.set()
        alone, meanwhile, waits = ours.recv()
        return _summary(alone), _summary(meanwhile), waits

    try:
        yield swept, answer
    finally:
        done.set()
        declarer.join()


def _declare_until(at: datetime, swept: Event, done: Event, answer: Connection) -> None:
    times: tuple[list[float], list[float]] = ([], [])
    people = itertools.cycle(_customers())
    _declare(next(people), at)
    with _watched(done) as waits:
        while not done.wait(_BETWEEN_DECLARATIONS):
            during = swept.is_set()
            began = time.perf_counter()
            _declare(next(people), at)
            times[during or swept.is_set()].append((time.perf_counter() - began) * 1e3)
    connections.close_all()
    answer.send((*times, len(waits)))


@contextmanager
def _watched(done: Event) -> Iterator[list[float]]:
    """Looks at this process's session every 20 ms: the instants at which it waited for a lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    waits: list[float] = []

    def watch() -> None:
        with connection.cursor() as cursor:
            while not done.wait(_BETWEEN_LOOKS):
                cursor.execute(_WAITS_FOR_A_LOCK, [pid])
                if cursor.fetchone():
                    waits.append(time.monotonic())
        connection.close()

    watcher = Thread(target=watch)
    watcher.start()
    try:
        yield waits
    finally:
        watcher.join()


def _summary(times: list[float]) -> Facts:
    return {"number": len(times), "p50": statistics.median(times), "worst": max(times)}
