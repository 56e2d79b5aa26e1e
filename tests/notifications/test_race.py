"""Several senders at once, with real commits: each mail leaves once, in its incident's order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from time import sleep
from uuid import uuid4

from django.db import connection, transaction

from accounts.models import User
from notifications import operations, sender
from notifications.enums import DeliveryState
from notifications.models import Delivery
from notifications.operations import digests, making
from tests.factories.cast import Cast, make_cast
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


def beside(work: Callable[[], object], pool: ThreadPoolExecutor) -> Future[None]:
    """Another sender, on a connection of its own."""

    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    return pool.submit(run)


def test_an_event_that_another_sender_is_telling_holds_back_the_next_of_its_incident(
    committed_db: str, server: FaultyServer
) -> None:
    cast = make_cast()
    ticket = make_ticket(requester=cast.alice)
    tickets.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=LATER)
    first = EventToTell.objects.earliest("event__sequence")
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        making._derive_one(first.pk, LATER)
        beside(lambda: sender.deliver_pending(at=LATER), pool).result()
        assert server.taken == []
    sender.deliver_pending(at=LATER)
    kinds = [
        str(mail["Subject"]).partition("] ")[2].partition("\u00a0:")[0] for mail in server.taken
    ]
    assert [kind.partition(" :")[0] for kind in kinds] == ["Bien reçu", "Pris en charge"]


NEXT_MORNING = TUESDAY_10 + timedelta(hours=23)


def hold_a_message(server: FaultyServer) -> Cast:
    """A message to Alice, who wants a digest; all else has left."""
    cast = make_cast()
    User.objects.filter(pk=cast.alice.pk).update(wants_digest=True)
    ticket = make_ticket(requester=cast.alice)
    tickets.post_message(
        ticket_id=ticket.pk, actor=cast.ines, body="Essayez ceci.", at=LATER, form_token=uuid4()
    )
    sender.deliver_pending(at=LATER)
    server.taken.clear()
    return cast


def test_a_choice_that_changes_while_the_digest_is_made_loses_no_message(
    committed_db: str, server: FaultyServer
) -> None:
    cast = hold_a_message(server)
    since = digests._opened_today(NEXT_MORNING)
    assert since is not None
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            assert digests._gather(cast.alice.pk, since, NEXT_MORNING)
            User.objects.filter(pk=cast.alice.pk).update(wants_digest=False)
            other = beside(lambda: digests._let_go(NEXT_MORNING), pool)
            sleep(0.5)
        other.result()
    sender.deliver_pending(at=NEXT_MORNING)
    assert [str(mail["Subject"])[:13] for mail in server.taken] == ["Récapitulatif"]
    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.SENT}


def test_four_senders_make_one_digest(committed_db: str, server: FaultyServer) -> None:
    hold_a_message(server)
    at_once(lambda: sender.deliver_pending(at=NEXT_MORNING))
    sender.deliver_pending(at=NEXT_MORNING)
    assert len(server.taken) == 1
    assert Delivery.objects.filter(is_digest=True).count() == 1
    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.SENT}
