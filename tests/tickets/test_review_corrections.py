"""What a corrected acknowledgement counts, and whom its rungs tell (S14)."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from sla.enums import CommitmentKind, Severity
from tests.factories.accounts import make_manager
from tests.factories.tickets import TUESDAY_10, acknowledged_ticket, make_ticket, promise
from tickets import operations
from tickets.enums import Act
from tickets.models import Ticket, TicketEvent
from tickets.verification import verify

pytestmark = pytest.mark.django_db
ACKNOWLEDGEMENT = CommitmentKind.ACKNOWLEDGEMENT


def at(minutes: float) -> datetime:
    return TUESDAY_10 + timedelta(minutes=minutes)


@pytest.mark.parametrize("minutes", [20, 80], ids=["in time", "late"])
def test_s14_a_corrected_promise_counts_up_to_the_corrected_instant(minutes: int) -> None:
    ticket = acknowledged_ticket(taken_at=at(50))
    correct(ticket, at(minutes))
    assert promise(ticket, ACKNOWLEDGEMENT).counted_seconds == minutes * 60


def test_s14_an_instant_given_where_none_was_recorded_counts_from_the_start() -> None:
    ticket = make_ticket()
    correct(ticket, at(20))
    assert promise(ticket, ACKNOWLEDGEMENT).counted_seconds == 20 * 60


def test_s14_the_correction_of_a_requalified_promise_verifies() -> None:
    manager = make_manager()
    ticket = make_ticket()
    operations.requalify(
        ticket_id=ticket.pk, actor=manager, severity=Severity.BLOCKING, reason="Urgent.", at=at(40)
    )
    correct(ticket, at(10))
    row = promise(ticket, ACKNOWLEDGEMENT)
    # Due at 60: 50 minutes were left, more than the present target: nothing of it was used.
    assert (row.due_at, row.counted_seconds) == (at(60), Decimal(0))
    assert list(verify()) == []


def test_s14_rungs_found_by_the_correction_that_ends_the_promise_tell_nobody() -> None:
    ticket = make_ticket()
    correct(ticket, at(20))
    found = TicketEvent.objects.filter(ticket=ticket, act=Act.RUNG)
    assert {tuple(event.recipients) for event in found} == {()}


def correct(ticket: Ticket, instant: datetime) -> None:
    operations.correct_acknowledgement(
        ticket_id=ticket.pk, actor=make_manager(), acknowledged_at=instant, reason="Vu ensemble.",
        at=at(100),
    )  # fmt: skip
