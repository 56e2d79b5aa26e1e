"""S10: each rung exactly once, whatever happens to beat, to its process or to the clock."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest
from django.db import connection, transaction
from django.utils import timezone

from portal import health
from sla.enums import CommitmentKind, Severity
from tests.factories.accounts import make_engineer, make_manager
from tests.factories.tickets import TUESDAY_10, acknowledged_ticket, make_ticket
from tickets import operations
from tickets.enums import Act
from tickets.models import CatchUp, EventToTell, Rung, Ticket, TicketEvent
from tickets.operations import due

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 200 if os.environ.get("PORTAL_TORTURE") == "1" else 4
INCIDENTS = 6
EIGHT = {(kind, percent) for kind in CommitmentKind for percent in (50, 75, 100, 150)}


def at(minutes: float) -> datetime:
    return TUESDAY_10 + timedelta(minutes=minutes)


def recorded(ticket: Ticket) -> list[tuple[str, int]]:
    """The rungs of an incident as its history tells them, in its order."""
    events = TicketEvent.objects.filter(ticket=ticket, act=Act.RUNG).order_by("sequence")
    return [(event.facts["kind"], event.facts["percent"]) for event in events]


def acknowledgement_rungs(ticket: Ticket) -> list[tuple[int, datetime]]:
    found = Rung.objects.filter(commitment__ticket=ticket, commitment__kind="acknowledgement")
    return list(found.order_by("percent").values_list("percent", "reached_at"))


# --- two at once --------------------------------------------------------------------------------


def sweep_twice_at_once(now: datetime) -> int:
    """Two beats post their sweep at the same instant; what both recorded together."""
    barrier = Barrier(2, timeout=60)

    def sweep() -> int:
        barrier.wait()
        try:
            return operations.sweep_deadlines(at=now)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        return sum(future.result() for future in [pool.submit(sweep) for _ in range(2)])


@pytest.mark.usefixtures("committed_db")
def test_s10_two_beats_at_once_record_each_rung_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # Few at a time: the two meet on the same incidents again and again.
    monkeypatch.setattr(due, "_TOGETHER", 2)
    make_engineer()
    declared = make_ticket()
    for _round in range(ROUNDS):
        tickets = [
            make_ticket(requester=declared.requester, product=declared.product)
            for _number in range(INCIDENTS)
        ]
        found = sum(sweep_twice_at_once(at(minutes)) for minutes in (46, 91))
        # What one of the two left to the other is there at the next pass.
        found += operations.sweep_deadlines(at=at(91))
        assert [recorded(ticket) for ticket in tickets] == [
            [("acknowledgement", percent) for percent in (50, 75, 100, 150)]
        ] * INCIDENTS
        assert found >= 4 * INCIDENTS
    assert "sweep_failed" not in caplog.text
    assert TicketEvent.objects.filter(act=Act.RUNG).count() == Rung.objects.count()


@pytest.mark.usefixtures("committed_db")
def test_s10_a_sweep_leaves_an_incident_that_somebody_holds_and_waits_for_nobody() -> None:
    held, free = make_ticket(), make_ticket()

    def sweep() -> int:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '2s'")
            return operations.sweep_deadlines(at=at(31))
        finally:
            connection.close()

    with transaction.atomic(), ThreadPoolExecutor(1) as pool:
        Ticket.objects.select_for_update().get(pk=held.pk)
        assert pool.submit(sweep).result() == 1
    assert (recorded(held), recorded(free)) == ([], [("acknowledgement", 50)])
    held.refresh_from_db()
    assert held.next_check_at == at(30)


# --- killed in the middle -------------------------------------------------------------------------


def start_sweep() -> subprocess.Popen[bytes]:
    """What beat has run, as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "manage.py", "sweep_deadlines"],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def kill_in_the_middle(total: int) -> None:
    sweep = start_sweep()
    try:
        deadline = time.monotonic() + 60
        while not Rung.objects.exists():
            assert time.monotonic() < deadline, "nothing recorded"
            time.sleep(0.002)
    finally:
        sweep.send_signal(signal.SIGKILL)
        sweep.wait()
    assert 0 < Rung.objects.count() < total


@pytest.mark.usefixtures("committed_db")
def test_s10_a_beat_killed_in_the_middle_records_each_rung_once() -> None:
    make_engineer()
    week_ago = timezone.now() - timedelta(days=10)
    first = make_ticket(at=week_ago, severity=Severity.BLOCKING)
    tickets = [first] + [
        make_ticket(
            at=week_ago, severity=Severity.BLOCKING, requester=first.requester,
            product=first.product,
        )
        for _number in range(59)
    ]  # fmt: skip
    kill_in_the_middle(total=8 * len(tickets))
    deadline = time.monotonic() + 60
    # A server may take a moment to notice that its client is dead, and to give up its locks.
    while Ticket.objects.filter(next_check_at__lte=timezone.now()).exists():
        assert time.monotonic() < deadline, "the sweep never ends"
        assert start_sweep().wait(60) == 0
    for ticket in tickets:
        assert Counter(recorded(ticket)) == dict.fromkeys(EIGHT, 1)
    # 50 % tells nobody.
    assert EventToTell.objects.filter(event__act=Act.RUNG).count() == 4 * len(tickets)


# --- the clock and the pause of a sweep -----------------------------------------------------------


@pytest.mark.django_db
def test_s10_a_clock_set_back_records_each_rung_once() -> None:
    ticket = make_ticket()
    operations.sweep_deadlines(at=at(61))
    # An hour back: nothing falls again, and what somebody does meanwhile finds nothing either.
    assert operations.sweep_deadlines(at=at(1)) == 0
    operations.assign(
        ticket_id=ticket.pk, actor=make_engineer(), assignee=make_engineer(), note="À toi.",
        at=at(2),
    )  # fmt: skip
    assert operations.sweep_deadlines(at=at(46)) == 0
    operations.sweep_deadlines(at=at(100))
    assert acknowledgement_rungs(ticket) == [
        (50, at(30)), (75, at(45)), (100, at(60)), (150, at(90))
    ]  # fmt: skip
    assert recorded(ticket) == [("acknowledgement", percent) for percent in (50, 75, 100, 150)]


@pytest.mark.django_db
def test_s10_a_sweep_stopped_two_hours_records_each_rung_once_and_says_how_late(
    caplog: pytest.LogCaptureFixture,
) -> None:
    make_manager()
    ticket = make_ticket()
    operations.sweep_deadlines(at=at(30))
    with caplog.at_level(logging.WARNING):
        operations.sweep_deadlines(at=at(150))
    assert operations.sweep_deadlines(at=at(150.5)) == 0
    assert acknowledgement_rungs(ticket) == [
        (50, at(30)), (75, at(45)), (100, at(60)), (150, at(90))
    ]  # fmt: skip
    late = int(timedelta(minutes=150 - 45).total_seconds())
    (line,) = [record for record in caplog.records if record.message == "sweep_late"]
    assert (line.seconds, line.incidents) == (late, 1)  # type: ignore[attr-defined]  # extra
    assert health.sweep(at(151)) == health.Result(
        ok=False, figures={"oldest_due_seconds": None, "late_sweep_seconds": late}
    )


@pytest.mark.django_db
def test_a_late_sweep_is_forgotten_after_half_a_day() -> None:
    make_ticket()
    operations.sweep_deadlines(at=at(150))
    shown = at(150) + timedelta(hours=12)
    figures = [health.sweep(shown + timedelta(seconds=n)).figures for n in (0, 1)]
    assert [found["late_sweep_seconds"] is None for found in figures] == [False, True]


@pytest.mark.django_db
def test_s17_what_an_act_records_before_the_sweep_is_no_fault_of_the_sweep() -> None:
    acknowledged_ticket(taken_at=at(70))
    operations.sweep_deadlines(at=at(71))
    assert Rung.objects.filter(percent=100).exists()
    assert not CatchUp.objects.exists()


@pytest.mark.django_db
def test_a_sweep_in_time_says_nothing() -> None:
    make_ticket()
    operations.sweep_deadlines(at=at(34))
    assert not CatchUp.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(("minutes", "ok"), [(32, True), (32.1, False)])
def test_a_rung_that_waits_for_the_sweep_turns_health_red(minutes: float, ok: bool) -> None:
    make_ticket()
    result = health.sweep(at(minutes))
    assert (result.ok, result.figures["oldest_due_seconds"]) == (ok, int((minutes - 30) * 60))


@pytest.mark.django_db
def test_nothing_due_is_fine() -> None:
    make_ticket()
    assert health.sweep(at(29)) == health.Result(
        ok=True, figures={"oldest_due_seconds": None, "late_sweep_seconds": None}
    )
