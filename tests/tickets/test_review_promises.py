"""Promises in the corners: at the deadline, while paused, at a clock change (C4, S7, S10)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sla.enums import CommitmentKind, Severity
from tests.factories.accounts import make_company, make_engineer, make_manager
from tests.factories.licences import make_contract
from tests.factories.sla import make_calendar, make_service_level
from tests.factories.tickets import TUESDAY_10, acknowledged_ticket, make_ticket, promise
from tickets import operations
from tickets.models import Rung, Ticket
from tickets.verification import verify

pytestmark = pytest.mark.django_db
ACKNOWLEDGEMENT, RESOLUTION = CommitmentKind.ACKNOWLEDGEMENT, CommitmentKind.RESOLUTION
HOUR = timedelta(hours=1)
# Friday 18 September 2026, 18:00 in Paris: the desk closes.
CLOSING = datetime(2026, 9, 18, 16, 0, tzinfo=UTC)
# Clocks go back from 3:00 to 2:00 on Sunday 25 October 2026, at 1:00 UTC.
NIGHT_OF_TWO_TWOS = datetime(2026, 10, 24, 23, 40, tzinfo=UTC)
EVERY_DAY = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_AND_NIGHT: dict[str, object] = {
    "tz": "Europe/Paris",
    "weekly": {day: [["00:00", "24:00"]] for day in EVERY_DAY},
    "holidays": [],
}


def at(minutes: float) -> datetime:
    return TUESDAY_10 + timedelta(minutes=minutes)


def test_s7_raised_at_the_very_deadline_the_promise_wins_no_week_end() -> None:
    ticket = make_ticket(at=CLOSING - HOUR)
    operations.requalify(
        ticket_id=ticket.pk, actor=make_manager(), severity=Severity.BLOCKING, reason="Urgent.",
        at=CLOSING,
    )  # fmt: skip
    assert promise(ticket, ACKNOWLEDGEMENT).due_at == CLOSING


def test_c8_lowered_while_paused_at_its_very_deadline_it_has_none() -> None:
    engineer = make_engineer()
    ticket = acknowledged_ticket(engineer=engineer, severity=Severity.BLOCKING)
    deadline = promise(ticket, RESOLUTION).due_at
    assert deadline is not None
    operations.wait_for_customer(
        ticket_id=ticket.pk, actor=engineer, reason="Le journal.", until=None, at=deadline
    )
    operations.requalify(
        ticket_id=ticket.pk, actor=engineer, severity=Severity.IMPAIRING, reason="Moins grave.",
        at=deadline,
    )  # fmt: skip
    assert promise(ticket, RESOLUTION).due_at is None
    operations.sweep_deadlines(at=deadline + 48 * HOUR)
    assert promise(ticket, RESOLUTION).breached_at is None
    assert list(verify()) == []


@pytest.fixture
def raised_while_paused() -> Ticket:
    """13 of 27 hours used, then paused, then blocking: 13 of 17 hours, 76 %."""
    engineer = make_engineer()
    ticket = acknowledged_ticket(engineer=engineer, severity=Severity.INFORMATIONAL)
    operations.wait_for_customer(
        ticket_id=ticket.pk, actor=engineer, reason="Le journal.", until=None, at=at(28 * 60)
    )
    operations.requalify(
        ticket_id=ticket.pk, actor=engineer, severity=Severity.BLOCKING, reason="Urgent.",
        at=at(28 * 60 + 30),
    )  # fmt: skip
    return ticket


def rungs(ticket: Ticket) -> list[tuple[int, datetime]]:
    found = Rung.objects.filter(commitment__ticket=ticket, commitment__kind=RESOLUTION)
    return list(found.order_by("percent").values_list("percent", "reached_at"))


def test_s10_a_rung_that_a_change_while_paused_puts_before_it_is_dated_at_the_change(
    raised_while_paused: Ticket,
) -> None:
    assert rungs(raised_while_paused) == [(50, at(28 * 60 + 30)), (75, at(28 * 60 + 30))]


def test_s10_after_the_pause_only_later_rungs_fall(raised_while_paused: Ticket) -> None:
    ticket = Ticket.objects.get(pk=raised_while_paused.pk)
    assert ticket.assignee is not None
    operations.resume(ticket_id=ticket.pk, actor=ticket.assignee, at=at(29 * 60))
    due_at = promise(ticket, RESOLUTION).due_at
    assert due_at is not None
    operations.sweep_deadlines(at=due_at + timedelta(seconds=1))
    assert rungs(ticket)[2:] == [(100, due_at)]


def test_c4_a_deadline_in_the_hour_that_occurs_twice_verifies() -> None:
    company = make_company()
    level = make_service_level(calendar=make_calendar(hours=DAY_AND_NIGHT))
    make_contract(company, service_level=level)
    ticket = make_ticket(company=company, at=NIGHT_OF_TWO_TWOS)
    due_at = promise(ticket, ACKNOWLEDGEMENT).due_at
    assert (due_at, list(verify())) == (NIGHT_OF_TWO_TWOS + HOUR, [])
