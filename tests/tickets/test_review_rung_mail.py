"""When the mail of a rung leaves: the closing instant is still an opening one (S10)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sla.enums import Severity
from tests.factories.accounts import make_engineer, make_manager
from tests.factories.tickets import make_ticket
from tickets import operations
from tickets.enums import Act
from tickets.models import TicketEvent

pytestmark = pytest.mark.django_db
# Friday 18 September 2026, 17:30 in Paris: a blocking incident is due at the closing instant.
FRIDAY_1730 = datetime(2026, 9, 18, 15, 30, tzinfo=UTC)
CLOSING = FRIDAY_1730 + timedelta(minutes=30)
MONDAY_9 = datetime(2026, 9, 21, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("found_at", "leaves_at"),
    [
        (CLOSING + timedelta(seconds=20), CLOSING + timedelta(seconds=20)),
        (CLOSING + timedelta(hours=2), MONDAY_9),
    ],
)
def test_s10_a_breach_at_the_closing_instant_is_told_at_once_if_found_at_once(
    found_at: datetime, leaves_at: datetime
) -> None:
    make_engineer()
    make_manager()
    ticket = make_ticket(at=FRIDAY_1730, severity=Severity.BLOCKING)
    operations.sweep_deadlines(at=found_at)
    event = TicketEvent.objects.get(
        ticket=ticket, act=Act.RUNG, facts__percent=100, facts__kind="acknowledgement"
    )
    assert (event.effective_at, event.to_tell.not_before) == (CLOSING, leaves_at)
