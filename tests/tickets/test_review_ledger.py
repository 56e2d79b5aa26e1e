"""The ledger adds up to the wall time on the days when clocks change too (C4, S15)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sla.enums import CommitmentKind, Severity
from tests.factories.tickets import make_ticket, promise
from tickets.queries.clocks import ledger_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "declared_at",
    [datetime(2026, 10, 23, 15, 0, tzinfo=UTC), datetime(2026, 3, 27, 16, 0, tzinfo=UTC)],
    ids=["25 h", "23 h"],
)
def test_s15_the_stretches_add_up_across_a_clock_change(declared_at: datetime) -> None:
    row = promise(
        make_ticket(at=declared_at, severity=Severity.INFORMATIONAL), CommitmentKind.RESOLUTION
    )
    assert row.due_at is not None
    lines = ledger_of(row, declared_at, []).lines
    assert sum((line.length for line in lines), timedelta()) == row.due_at - row.started_at
