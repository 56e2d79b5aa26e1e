"""What beat runs for incidents, called directly."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.utils import timezone

from portal.celery import app
from tests.factories.tickets import make_ticket
from tickets import tasks
from tickets.models import HistorySeal, Rung
from tickets.operations import seal_history

pytestmark = pytest.mark.django_db


def test_the_sweep_records_what_fell_due() -> None:
    ticket = make_ticket()
    tasks.sweep_deadlines()
    assert Rung.objects.filter(commitment__ticket=ticket, percent=100).exists()


def test_the_night_seals_the_history() -> None:
    tasks.seal_history()
    assert HistorySeal.objects.count() == 1


def test_a_broken_seal_is_said_to_the_operator(caplog: pytest.LogCaptureFixture) -> None:
    make_ticket()
    seal = seal_history(at=timezone.now())
    HistorySeal.objects.create(
        sealed_at=seal.sealed_at + timedelta(seconds=1), tickets=99, events=99, heads_hash="0" * 64
    )
    with caplog.at_level(logging.ERROR):
        tasks.seal_history()
    assert [record.getMessage() for record in caplog.records] == ["history_seal_broken"]


def test_every_task_of_beat_exists() -> None:
    app.loader.import_default_modules()
    wanted = {line["task"] for line in app.conf.beat_schedule.values()}
    assert wanted - set(app.tasks) == set()
