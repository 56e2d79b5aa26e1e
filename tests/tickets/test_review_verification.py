"""What verify_history names, beyond promises: pauses and the terms of a promise (S15)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from sla.models import CalendarVersion
from tests.factories.accounts import make_engineer
from tests.factories.sla import make_calendar_version
from tests.factories.tickets import TUESDAY_10, acknowledged_ticket
from tickets import operations
from tickets.models import Commitment, Pause, Ticket
from tickets.verification import verify

pytestmark = pytest.mark.django_db


@pytest.fixture
def paused() -> Ticket:
    engineer = make_engineer()
    ticket = acknowledged_ticket(engineer=engineer)
    for minutes in (10, 30):
        at = TUESDAY_10 + timedelta(minutes=minutes)
        operations.wait_for_customer(
            ticket_id=ticket.pk, actor=engineer, reason="Le journal.", until=None, at=at
        )
        operations.resume(ticket_id=ticket.pk, actor=engineer, at=at + timedelta(minutes=5))
    return ticket


def test_s15_pauses_recomputed_from_the_history_are_the_stored_ones(paused: Ticket) -> None:
    assert list(verify()) == []


def test_s15_a_pause_made_longer_by_hand_is_named(paused: Ticket) -> None:
    pause = Pause.objects.filter(ticket=paused).first()
    assert pause is not None
    assert pause.ended_at is not None
    pause.ended_at += timedelta(minutes=1)
    pause.save()
    assert [found.reference for found in verify()] == [paused.reference]


def test_s12_a_promise_moved_to_another_calendar_by_hand_is_named(paused: Ticket) -> None:
    row = Commitment.objects.filter(ticket=paused).first()
    assert row is not None
    calendar = CalendarVersion.objects.get(pk=row.calendar_version_id).calendar
    row.calendar_version = make_calendar_version(calendar, effective_from=date(2026, 1, 1))
    row.save()
    assert [found.reference for found in verify()] == [paused.reference]
