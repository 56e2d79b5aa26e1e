"""Real workers and a real broker, killed and stopped: no mail is lost, no page waits (N1, N3)."""

from __future__ import annotations

import os
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
            assert len(set(_ids(smtp))) < MAILS, f"kill {kill} came after the last mail"
            _let_leases_end()
        smtp.stall = 0.0
        stack.start_worker()
        post(broker, "notifications.deliver_pending")
        eventually(_all_sent, "mails were left behind")

    times = Counter(_ids(smtp))
    expected = set(Delivery.objects.values_list("message_id", flat=True))
    assert (set(times), len(expected)) == (expected, MAILS)
    # The one in the sender's hands may come twice, under the same Message-ID.
    assert sum(times.values()) - MAILS <= KILLS


def _has_more_than(smtp: FaultyServer, number: int) -> bool:
    return len(smtp.taken) > number


def _ids(smtp: FaultyServer) -> list[str]:
    return [str(mail["Message-ID"]) for mail in list(smtp.taken)]


def _let_leases_end() -> None:
    """Five minutes later: the mail that the dead worker held is free again."""
    held = Delivery.objects.filter(leased_until__isnull=False)
    held.update(leased_until=timezone.now() - timedelta(seconds=1))


def _all_sent() -> bool:
    waiting = EventToTell.objects.exists()
    return not waiting and not Delivery.objects.exclude(state=DeliveryState.SENT).exists()


def test_n1_a_stopped_broker_neither_slows_nor_loses_a_declaration(
    committed_db: str, tmp_path: Path, smtp: FaultyServer
) -> None:
    cast = make_cast()
    make_licence(cast.company, product=make_product(name="Revit"))
    give_demo_passwords()
    with (
        ValkeyServer(tmp_path / "valkey") as valkey,
        portal(tmp_path, committed_db, valkey.url(0), smtp) as stack,
    ):
        stack.start_web()
        worker = stack.start_worker()
        alice = Visitor(stack.address)
        alice.sign_in(cast.alice.email, PASSWORD)
        valkey.kill()
        seconds = [_declare(alice, f"Sans file {number}") for number in range(3)]
        assert max(seconds) < GENEROUS
        assert Ticket.objects.count() == 3
        assert smtp.taken == []

        back = _same_broker(tmp_path / "valkey", valkey.url(0))
        try:
            _once_back(valkey.url(0))
            eventually(
                lambda: len(set(_ids(smtp))) == 3, f"the mails never left\n{worker.tail(30)}"
            )
        finally:
            back.stop()
    assert Counter(_ids(smtp)).total() == 3


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


def _once_back(url: str) -> None:
    """What beat posts within a minute of the broker's return."""
    post(url, "notifications.deliver_pending")
