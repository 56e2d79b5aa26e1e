"""Several senders at once, with real commits: each mail leaves once, in its incident's order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

from django.db import connection

from notifications import operations, sender
from notifications.enums import DeliveryState
from notifications.models import Delivery
from tests.factories.cast import make_cast
from tests.factories.tickets import TUESDAY_10, make_ticket
from tests.notifications.smtp_stub import FaultyServer
from tickets import operations as tickets
from tickets.models import EventToTell

LATER = TUESDAY_10 + timedelta(minutes=10)
SENDERS = 4
INCIDENTS = 5


def at_once(work: Callable[[], object]) -> None:
    """Run `work` in all threads from the same instant."""
    barrier = Barrier(SENDERS, timeout=60)

    def run() -> None:
        barrier.wait()
        try:
            work()
        finally:
            connection.close()

    with ThreadPoolExecutor(SENDERS) as pool:
        for future in [pool.submit(run) for _ in range(SENDERS)]:
            future.result()


def declare_and_acknowledge() -> None:
    cast = make_cast()
    for _ in range(INCIDENTS):
        ticket = make_ticket(requester=cast.alice)
        tickets.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=LATER)


def test_n4_four_senders_send_each_mail_once(committed_db: str, server: FaultyServer) -> None:
    declare_and_acknowledge()
    for _ in range(3):
        at_once(lambda: sender.deliver_pending(at=LATER))
    ids = Counter(mail["Message-ID"] for mail in server.taken)
    assert (len(ids), set(ids.values())) == (2 * INCIDENTS, {1})
    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.SENT}


def test_each_incident_is_told_in_order_by_four_senders(
    committed_db: str, server: FaultyServer
) -> None:
    declare_and_acknowledge()
    for _ in range(3):
        at_once(lambda: sender.deliver_pending(at=LATER))
    told: dict[str, list[str]] = {}
    for mail in server.taken:
        reference, _, rest = str(mail["Subject"]).partition("] ")
        told.setdefault(reference, []).append(rest.partition(" :")[0])
    assert set(map(tuple, told.values())) == {("Bien reçu", "Pris en charge")}


def test_n1_four_workers_derive_each_event_once(committed_db: str) -> None:
    declare_and_acknowledge()
    at_once(lambda: operations.derive_pending(at=LATER, limit=100))
    assert (Delivery.objects.count(), EventToTell.objects.count()) == (2 * INCIDENTS, 0)
