"""The worker killed at random while incidents change: each change is mailed all the same (N3).

A normal run makes 200 changes and 4 kills; with PORTAL_TORTURE=1 in the environment 10,000 and
200, where dead workers' leases end by themselves and beat sweeps as in production. CHANGES and
KILLS in the environment make other runs.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Celery
from django.utils import timezone

from notifications.models import Delivery
from portal.embedded.valkey import ValkeyServer
from tests.factories.cast import make_cast
from tests.factories.licences import make_product
from tests.factories.tickets import make_ticket
from tests.journeys.stack import Stack
from tests.journeys.test_worker import all_sent, eventually, let_leases_end, mail_ids, portal, post
from tests.notifications.smtp_stub import FaultyServer, running
from tickets import operations as tickets
from tickets.models import TicketEvent

pytestmark = pytest.mark.worker

TORTURE = os.environ.get("PORTAL_TORTURE") == "1"
CHANGES = int(os.environ.get("CHANGES", "10000" if TORTURE else "200"))
KILLS = int(os.environ.get("KILLS", "200" if TORTURE else "4"))
# Seconds after the last kill: five minutes of lease, then the next minute's sweep.
LAST_ONE = 600.0


def test_n3_each_status_change_is_mailed_whatever_kills_the_worker(
    committed_db: str, tmp_path: Path
) -> None:
    with (
        running(FaultyServer()) as smtp,
        ValkeyServer(tmp_path / "valkey") as valkey,
        portal(tmp_path, committed_db, valkey.url(0), smtp) as stack,
        Celery(broker=valkey.url(0)) as posting,
    ):
        smtp.stall = 0.02
        if TORTURE:
            stack.launch_beat()
        _change_and_kill(stack, posting)
        last_kill = time.monotonic()
        stack.start_worker()
        if not TORTURE:
            let_leases_end()
            post(valkey.url(0), "notifications.deliver_pending")
        eventually(all_sent, "mails were left behind", LAST_ONE)
        seconds = time.monotonic() - last_kill

    times = Counter(mail_ids(smtp))
    doubled = sum(times.values()) - len(times)
    sys.stdout.write(
        f"\nN3: {CHANGES} status changes, {KILLS} kill -9: {len(times)} delivered, "
        f"{CHANGES - len(times)} lost, {doubled} doubled under the same Message-ID, "
        f"last one {seconds:.0f} s after the last kill\n"
    )
    assert set(times) == set(Delivery.objects.values_list("message_id", flat=True))
    assert len(times) == CHANGES
    assert doubled <= KILLS


def _change_and_kill(stack: Stack, posting: Celery) -> None:
    """As many changes as each worker's share; it dies before one of them, drawn at random."""
    changes = _changes()
    for _ in range(KILLS):
        worker = stack.start_worker()
        share = CHANGES // KILLS
        fatal = random.randrange(share)
        for number in range(share):
            if number == fatal:
                worker.kill()
            # What `wake` posts after the commit, to this portal's broker.
            event = TicketEvent.objects.filter(ticket_id=next(changes)).latest("sequence")
            posting.send_task("notifications.deliver_event", kwargs={"event_id": event.pk})


def _changes() -> Iterator[int]:
    """Declared, then taken in charge, one incident after the other; gives whose change it was."""
    cast, product = make_cast(), make_product()
    while True:
        ticket = make_ticket(requester=cast.alice, product=product, at=timezone.now())
        yield ticket.pk
        tickets.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=timezone.now())
        yield ticket.pk
