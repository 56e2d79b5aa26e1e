"""Mails of rungs that wait for the desk to open: pointless once their promise has ended (S10)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import QuerySet

from accounts.models import User
from notifications import operations
from notifications.enums import DeliveryState
from notifications.models import Delivery
from tests.factories.accounts import make_engineer
from tests.factories.tickets import TUESDAY_10, make_ticket
from tickets import operations as tickets
from tickets.enums import Act
from tickets.models import EventToTell, Ticket, TicketEvent

pytestmark = pytest.mark.django_db
# Declared on Tuesday at 17:30 in Paris; all rungs fell on Wednesday morning, found at 20:00.
DECLARED = datetime(2026, 9, 15, 15, 30, tzinfo=UTC)
FOUND = datetime(2026, 9, 16, 18, 0, tzinfo=UTC)
OPENING = datetime(2026, 9, 17, 7, 0, tzinfo=UTC)


@pytest.fixture
def engineer() -> User:
    return make_engineer()


@pytest.fixture
def held(engineer: User) -> Ticket:
    """An incident whose mails are kept until Thursday at nine."""
    ticket = make_ticket(at=DECLARED)
    operations.derive_pending(at=DECLARED, limit=100)
    tickets.sweep_deadlines(at=FOUND)
    return ticket


def rung_mails(kind: str = "acknowledgement") -> QuerySet[Delivery]:
    return Delivery.objects.filter(event__act=Act.RUNG, event__facts__kind=kind)


def states(kind: str = "acknowledgement") -> set[str]:
    return set(rung_mails(kind).values_list("state", flat=True))


def test_s10_a_held_rung_mail_leaves_at_the_opening(held: Ticket) -> None:
    operations.derive_pending(at=OPENING, limit=100)
    assert states() == {DeliveryState.QUEUED}


def test_s10_a_held_rung_mail_is_dropped_when_its_promise_ended_before_the_opening(
    held: Ticket, engineer: User
) -> None:
    tickets.acknowledge(ticket_id=held.pk, actor=engineer, at=FOUND + timedelta(minutes=30))
    operations.derive_pending(at=OPENING, limit=100)
    assert states() == {DeliveryState.DROPPED}


def test_s10_the_register_says_why_a_held_rung_mail_never_left(
    held: Ticket, engineer: User
) -> None:
    tickets.acknowledge(ticket_id=held.pk, actor=engineer, at=FOUND + timedelta(minutes=30))
    operations.derive_pending(at=OPENING, limit=100)
    assert set(rung_mails().values_list("server_answer", flat=True)) == {
        "l’engagement a pris fin avant l’ouverture"
    }
    assert not EventToTell.objects.exists()


def test_s10_the_event_of_a_dropped_mail_stays(held: Ticket, engineer: User) -> None:
    tickets.acknowledge(ticket_id=held.pk, actor=engineer, at=FOUND + timedelta(minutes=30))
    operations.derive_pending(at=OPENING, limit=100)
    rungs = TicketEvent.objects.filter(ticket=held, facts__kind="acknowledgement")
    percents = rungs.filter(act=Act.RUNG).values_list("facts__percent", flat=True)
    assert sorted(percents) == [50, 75, 100, 150]


def test_s10_the_other_promise_of_the_incident_still_warns(held: Ticket, engineer: User) -> None:
    tickets.acknowledge(ticket_id=held.pk, actor=engineer, at=FOUND + timedelta(minutes=30))
    operations.derive_pending(at=OPENING, limit=100)
    assert states("resolution") == {DeliveryState.QUEUED}


def test_n1_a_mail_that_could_leave_at_once_leaves_however_long_the_broker_was_away(
    engineer: User,
) -> None:
    ticket = make_ticket()
    tickets.sweep_deadlines(at=TUESDAY_10 + timedelta(minutes=46))
    tickets.acknowledge(ticket_id=ticket.pk, actor=engineer, at=TUESDAY_10 + timedelta(minutes=47))
    operations.derive_pending(at=TUESDAY_10 + timedelta(minutes=55), limit=100)
    assert states() == {DeliveryState.QUEUED}
