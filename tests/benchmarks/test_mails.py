"""The queues that are measured are what they are said to be."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from benchmarks.harness import mailing
from notifications import operations as mails
from notifications.enums import DeliveryState
from notifications.models import Delivery
from tests.factories.tickets import TUESDAY_10
from tests.notifications.conftest import server
from tests.notifications.smtp_stub import FaultyServer

pytestmark = pytest.mark.django_db
__all__ = ["server"]


@pytest.fixture(autouse=True)
def _seeded(db: None) -> None:
    call_command("seed", companies=2, tickets=20, until=TUESDAY_10)


def test_a_queue_of_acts_is_drained(server: FaultyServer) -> None:
    queued = mailing.queue({"mails": 20})
    drained = mailing.drain({})
    assert (len(server.taken), drained["left"]) == (queued["mails"], 0)


@pytest.mark.parametrize(
    ("shape", "head", "leaves"),
    [
        ("many incidents, many people", "free", True),
        ("many incidents, many people", "put off", True),
        ("one person, many incidents", "put off", True),
        ("one incident, one person", "free", True),
        ("one incident, one person", "put off", False),
        ("many incidents, many people", "half of all to a slow domain", True),
    ],
)
def test_a_shape_of_a_queue_lets_a_mail_leave_or_not(shape: str, head: str, leaves: bool) -> None:
    mailing._queue_of(40, *mailing.SHAPES[shape], head)
    at = Delivery.objects.latest("created_at").created_at
    assert (mails.claim(at=at) is not None) == leaves
    assert Delivery.objects.filter(state=DeliveryState.QUEUED).count() == 40
