"""The sweep: one bad incident stops no other (S10)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from celery.exceptions import SoftTimeLimitExceeded

from sla.enums import CommitmentKind
from sla.models import CalendarVersion
from tests.factories.sla import LONG_AGO, make_calendar_version
from tests.factories.tickets import TUESDAY_10, make_ticket, promise
from tickets import operations
from tickets.models import Commitment, Rung, Ticket
from tickets.operations import due

pytestmark = pytest.mark.django_db
NEVER_OPEN: dict[str, object] = {"tz": "Europe/Paris", "weekly": {}, "holidays": []}


def at(minutes: float) -> datetime:
    return TUESDAY_10 + timedelta(minutes=minutes)


@pytest.fixture
def broken() -> Ticket:
    """An incident whose calendar was spoilt by hand: nothing can be computed on it."""
    ticket = make_ticket(at=at(-1))
    row = promise(ticket, CommitmentKind.ACKNOWLEDGEMENT)
    calendar = CalendarVersion.objects.get(pk=row.calendar_version_id).calendar
    spoilt = make_calendar_version(
        calendar, effective_from=LONG_AGO + timedelta(days=1), hours=NEVER_OPEN
    )
    Commitment.objects.filter(ticket=ticket).update(calendar_version=spoilt)
    return ticket


def test_an_incident_that_cannot_be_computed_stops_no_other(broken: Ticket) -> None:
    ticket = make_ticket()
    operations.sweep_deadlines(at=at(31))
    assert Rung.objects.filter(commitment__ticket=ticket).count() == 1


def test_an_incident_that_fails_is_looked_at_again_in_minutes(broken: Ticket) -> None:
    operations.sweep_deadlines(at=at(31))
    broken.refresh_from_db()
    assert broken.next_check_at == at(36)


def test_setting_aside_yields_to_who_acted_meanwhile() -> None:
    ticket = make_ticket()
    due._set_aside(ticket.pk, at(-5), at(31))
    ticket.refresh_from_db()
    assert ticket.next_check_at == at(30)


def test_the_end_of_the_task_is_no_fault_of_an_incident(monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = make_ticket()

    def stopped(*_arguments: object) -> int:
        raise SoftTimeLimitExceeded

    monkeypatch.setattr(due, "_record_together", stopped)
    with pytest.raises(SoftTimeLimitExceeded):
        operations.sweep_deadlines(at=at(31))
    ticket.refresh_from_db()
    assert ticket.next_check_at == at(30)
