"""Real workers and a real broker, killed and stopped: no mail is lost, no page waits (N1, N3)."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
import redis
from celery import Celery
from django.utils import timezone

from notifications.enums import DeliveryState
from notifications.models import Delivery
from portal.embedded.places import valkey_binary
from portal.embedded.processes import Child, wait_ready
from portal.embedded.valkey import ValkeyServer
from tests.factories.accounts import PASSWORD
from tests.factories.cast import make_cast
from tests.factories.licences import make_licence, make_product
from tests.factories.tickets import make_ticket
from tests.journeys.scene import give_demo_passwords
from tests.journeys.stack import Stack
from tests.journeys.visitor import Visitor
from tests.notifications.smtp_stub import FaultyServer, running
from tickets.models import EventToTell, Ticket

pytestmark = pytest.mark.worker

TORTURE = bool(os.environ.get("PORTAL_TORTURE"))
MAILS = 300 if TORTURE else 6
KILLS = 20 if TORTURE else 1
STOPS = int(os.environ.get("STOPS", "20" if TORTURE else "1"))
PATIENCE = 60.0
# What a page may take while the broker is away, on a busy machine (N1: 1 s on a quiet one).
GENEROUS = 6.0


def eventually(holds: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def post(url: str, task: str) -> None:
    """Post a task as beat does."""
    with Celery(broker=url) as app:
        app.send_task(task)


@contextmanager
def portal(folder: Path, database_url: str, broker: str, smtp: FaultyServer) -> Iterator[Stack]:
    """A portal of the test's own, nothing started yet, mailing to `smtp`."""
    stack = Stack(folder, database_url=database_url, redis_url=broker)
    stack.environment |= {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(smtp.port)}
    try:
        yield stack
    finally:
        stack.stop()


@pytest.fixture
def smtp() -> Iterator[FaultyServer]:
    with running(FaultyServer()) as server:
        yield server


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[str]:
    """The address of a broker of the test's own."""
    with ValkeyServer(tmp_path / "valkey") as valkey:
        yield valkey.url(0)


def test_n3_a_worker_killed_while_sending_loses_no_mail(
    committed_db: str, tmp_path: Path, smtp: FaultyServer, broker: str
) -> None:
    alice = make_cast().alice
    for number in range(MAILS):
        make_ticket(requester=alice, title=f"Incident {number}", at=timezone.now())
    smtp.stall = 0.3
    with portal(tmp_path, committed_db, broker, smtp) as stack:
        for kill in range(KILLS):
            worker = stack.start_worker()
            before = len(smtp.taken)
            post(broker, "notifications.deliver_pending")
            eventually(partial(_has_more_than, smtp, before), "nothing was sent")
            worker.kill()
            assert len(set(mail_ids(smtp))) < MAILS, f"kill {kill} came after the last mail"
            let_leases_end()
        smtp.stall = 0.0
        stack.start_worker()
        post(broker, "notifications.deliver_pending")
        eventually(all_sent, "mails were left behind")

    times = Counter(mail_ids(smtp))
    expected = set(Delivery.objects.values_list("message_id", flat=True))
    assert (set(times), len(expected)) == (expected, MAILS)
    # The one in the sender's hands may come twice, under the same Message-ID.
    assert sum(times.values()) - MAILS <= KILLS


def _has_more_than(smtp: FaultyServer, number: int) -> bool:
    return len(smtp.taken) > number


def mail_ids(smtp: FaultyServer) -> list[str]:
    return [str(mail["Message-ID"]) for mail in list(smtp.taken)]


def let_leases_end() -> None:
    """Five minutes later: the mail that the dead worker held is free again."""
    held = Delivery.objects.filter(leased_until__isnull=False)
    held.update(leased_until=timezone.now() - timedelta(seconds=1))


def all_sent() -> bool:
    waiting = EventToTell.objects.exists()
    return not waiting and not Delivery.objects.exclude(state=DeliveryState.SENT).exists()


def test_n1_n5_a_stopped_and_emptied_broker_neither_slows_nor_loses_a_declaration(
    committed_db: str, tmp_path: Path, smtp: FaultyServer
) -> None:
    """Beat itself wakes the mails after the broker's return; nobody restarts anything."""
    cast = make_cast()
    make_licence(cast.company, product=make_product(name="Revit"))
    give_demo_passwords()
    with (
        ValkeyServer(tmp_path / "valkey") as valkey,
        portal(tmp_path, committed_db, valkey.url(0), smtp) as stack,
    ):
        # Every minute as in production at full figures, every other second otherwise.
        stack.start_all(beat_app="portal" if TORTURE else "tests.journeys.quick_beat")
        alice = Visitor(stack.address)
        alice.sign_in(cast.alice.email, PASSWORD)
        pages, returns = [], []
        broker: ValkeyServer | Child = valkey
        try:
            for stop in range(STOPS):
                broker.kill()
                sent = len(smtp.taken)
                pages += [_declare(alice, f"Panne {stop}, {number}") for number in range(3)]
                assert len(smtp.taken) == sent
                broker = _same_broker(tmp_path / "valkey", valkey.url(0))
                returns.append(_seconds_until(partial(_has_ids, smtp, 3 * stop + 3)))
        finally:
            broker.stop()
    declared, mails = Ticket.objects.count(), Counter(mail_ids(smtp))
    sys.stdout.write(
        f"\nN1, N5: broker stopped and emptied {STOPS} times: {declared} declared, "
        f"{len(mails)} mailed, {mails.total() - len(mails)} doubled; slowest page "
        f"{max(pages):.2f} s; consumption back in {max(returns):.0f} s at most\n"
    )
    assert (declared, len(mails), mails.total()) == (3 * STOPS,) * 3
    assert max(pages) < GENEROUS


def _seconds_until(holds: Callable[[], bool]) -> float:
    """After the broker's return; a minute is the promise, a busy machine gets twice as much."""
    began = time.monotonic()
    eventually(holds, "the mails never left", 2 * PATIENCE)
    return time.monotonic() - began


def _has_ids(smtp: FaultyServer, number: int) -> bool:
    return len(set(mail_ids(smtp))) == number


def _declare(person: Visitor, title: str) -> float:
    """How many seconds the page took to answer."""
    person.get("/incidents/declarer/")
    product = person.form("", "title").options["product"]["Revit"]
    began = time.monotonic()
    person.submit(product=product, severity="blocking", title=title, body="Plus rien.")
    taken = time.monotonic() - began
    assert title in person.words
    assert person.status == 200
    return taken


def _same_broker(folder: Path, url: str) -> Child:
    """The broker again, at the address that it had."""
    child = Child(
        "Valkey", [str(valkey_binary()), str(folder / "valkey.conf")], folder / "again.log",
        env={}, cwd=folder,
    )  # fmt: skip
    child.start()
    with redis.Redis.from_url(url, socket_timeout=1) as client:
        wait_ready(child, lambda: _answers(client), seconds=20)
    return child


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
