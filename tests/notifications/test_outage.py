"""The mail server away for four hours in every way: nothing is lost, each incident in order (N2).

The hours are simulated: the sender is called sweep after sweep with the instant it would be. A
normal run has 100 mails queued; with PORTAL_TORTURE=1 in the environment 5,000.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from datetime import datetime, timedelta

import pytest
from pytest_django import Settings

from notifications import operations, sender, tasks
from notifications.enums import DeliveryState
from notifications.models import Delivery
from tests.factories.cast import Cast
from tests.factories.licences import make_product
from tests.factories.tickets import TUESDAY_10, make_ticket
from tests.notifications.smtp_stub import CUT, FaultyServer
from tickets import operations as tickets

pytestmark = pytest.mark.django_db

TORTURE = os.environ.get("PORTAL_TORTURE") == "1"
QUEUED = 5_000 if TORTURE else 100
OUTAGE = timedelta(hours=4)
MINUTE = timedelta(minutes=1)
# Between two sweeps of the outage: as beat does at full figures, coarser otherwise.
STEP = MINUTE if TORTURE else 5 * MINUTE
MODES = ["refused connection", "4xx", "5xx", "stall", "cut after DATA", "no STARTTLS"]
# Simulated, after the server's return.
DRAINED = 15


def test_n2_four_hours_without_a_mail_server_lose_nothing(
    cast: Cast, server: FaultyServer, settings: Settings
) -> None:
    _queue(cast)
    at = TUESDAY_10 + MINUTE
    port = server.port
    for mode in MODES:
        ends = at + OUTAGE / len(MODES)
        _break(server, settings, mode)
        while at < ends:
            sender.deliver_pending(at=at)
            at += STEP
        _mend(server, settings, port)
    left = Delivery.objects.exclude(state=DeliveryState.SENT).count()
    began = time.monotonic()
    minutes = _drain(at)
    seconds = time.monotonic() - began

    times = Counter(str(mail["Message-ID"]) for mail in server.taken)
    sys.stdout.write(
        f"\nN2: {QUEUED} queued, 4 h away ({', '.join(MODES)}): {left} waiting at its return, "
        f"{len(times)} delivered, {QUEUED - len(times)} lost, "
        f"{times.total() - len(times)} doubled under the same Message-ID; drained in "
        f"{minutes} simulated minutes ({seconds:.0f} s of work)\n"
    )
    assert left > QUEUED * 0.9
    assert len(times) == QUEUED
    assert minutes < DRAINED
    assert _told_in_order(server) == {("Bien reçu", "Pris en charge")}


def _queue(cast: Cast) -> None:
    """Declared and taken in charge: two mails of each incident wait."""
    product = make_product()
    for _ in range(QUEUED // 2):
        ticket = make_ticket(requester=cast.alice, product=product)
        tickets.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=TUESDAY_10)
    operations.derive_pending(at=TUESDAY_10, limit=QUEUED)


def _break(server: FaultyServer, settings: Settings, mode: str) -> None:
    if mode == "refused connection":
        settings.SMTP_PORT = 1
    elif mode == "no STARTTLS":
        settings.SMTP_STARTTLS = True
    elif mode == "stall":
        # The wait of a minute, shortened with the patience that it exceeds.
        server.stall, settings.SMTP_TIMEOUT = 0.4, 0.2
    elif mode == "cut after DATA":
        server.at_data = [CUT] * 1_000
    else:
        server.at_mail = [{"4xx": "451 4.3.0 panne", "5xx": "550 5.7.1 non"}[mode]] * 1_000


def _mend(server: FaultyServer, settings: Settings, port: int) -> None:
    settings.SMTP_PORT, settings.SMTP_STARTTLS, settings.SMTP_TIMEOUT = port, False, 5
    server.stall, server.at_data, server.at_mail = 0.0, [], []


def _drain(at: datetime) -> int:
    """Sweep once a minute, and again at once after a full sweep, as the task does.

    How many minutes it took.
    """
    for minute in range(4 * 60):
        if not Delivery.objects.exclude(state=DeliveryState.SENT).exists():
            return minute
        while sender.deliver_pending(at=at + MINUTE * minute, limit=200) == 200:
            pass
    raise AssertionError("mails were left behind")


@pytest.mark.parametrize(("sent", "woken"), [(200, 1), (199, 0)])
def test_n2_a_full_sweep_is_followed_by_another_at_once(
    sent: int, woken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    wakes: list[str] = []
    monkeypatch.setattr(sender, "deliver_pending", lambda **_: sent)
    monkeypatch.setattr(tasks, "wake", wakes.append)
    tasks.deliver_pending()
    assert wakes == ["notifications.deliver_pending"] * woken


def _told_in_order(server: FaultyServer) -> set[tuple[str, ...]]:
    """The kinds of mail that each incident got, each at its first arrival."""
    told: dict[str, list[str]] = {}
    for mail in server.taken:
        reference, _, rest = str(mail["Subject"]).partition("] ")
        kinds = told.setdefault(reference, [])
        if (kind := rest.partition(" :")[0]) not in kinds:
            kinds.append(kind)
    return set(map(tuple, told.values()))
