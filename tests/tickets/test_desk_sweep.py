"""What beat runs, and the same by hand: both read the clock once and call one operation."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from celery import current_app
from django.core.management import call_command
from freezegun import freeze_time

from sla.enums import CommitmentKind, Severity
from tests.factories.tickets import TUESDAY_10, make_ticket, promise
from tickets import tasks
from tickets.models import Rung

pytestmark = pytest.mark.django_db
# Half an hour of a blocking incident is over: 50, 75 and 100 % have fallen.
OVERDUE = TUESDAY_10 + timedelta(minutes=31)


@freeze_time(OVERDUE)
def test_the_task_records_what_fell_due() -> None:
    ticket = make_ticket(severity=Severity.BLOCKING)
    tasks.sweep_deadlines()
    row = promise(ticket, CommitmentKind.ACKNOWLEDGEMENT)
    assert row.breached_at == TUESDAY_10 + timedelta(minutes=30)


@freeze_time(OVERDUE)
def test_s10_sweeping_twice_records_once() -> None:
    make_ticket(severity=Severity.BLOCKING)
    tasks.sweep_deadlines()
    tasks.sweep_deadlines(argument_of_a_later_version=True)
    assert sorted(Rung.objects.values_list("percent", flat=True)) == [50, 75, 100]


@freeze_time(OVERDUE)
def test_the_command_says_how_much_it_recorded() -> None:
    make_ticket(severity=Severity.BLOCKING)
    said = StringIO()
    call_command("sweep_deadlines", stdout=said)
    assert said.getvalue() == "3\u00a0échéances enregistrées\n"


def test_beat_knows_the_task_by_its_name() -> None:
    scheduled = {entry["task"] for entry in current_app.conf.beat_schedule.values()}
    assert tasks.sweep_deadlines.name in scheduled
