"""`manage.py seed`: what COPY wrote must stand before the proof of the history."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from django.db import transaction

from tickets import operations
from tickets.management.commands.seed import PORTION
from tickets.models import Ticket
from tickets.verification import verify

UNTIL = datetime(2026, 11, 23, 9, tzinfo=UTC)


def seed(**options: object) -> None:
    call_command("seed", companies=3, tickets=60, until=UNTIL, **options)


@pytest.mark.django_db
def test_seeded_incidents_satisfy_verify_history() -> None:
    seed()
    assert (Ticket.objects.count(), list(verify())) == (60, [])


@pytest.mark.django_db
def test_seed_is_deterministic() -> None:
    seed(seed=7)
    first = sorted(Ticket.objects.values_list("title", "status", "received_at"))
    ids = set(Ticket.objects.values_list("pk", flat=True))
    seed(seed=7)
    again = Ticket.objects.exclude(pk__in=ids)
    strip = [(title.split(" (")[0], status, at) for title, status, at in first]
    assert sorted(
        (title.split(" (")[0], status, at)
        for title, status, at in again.values_list("title", "status", "received_at")
    ) == sorted(strip)


@pytest.mark.django_db
def test_seed_leaves_nothing_for_the_sweep_to_find() -> None:
    seed()
    assert operations.sweep_deadlines(at=UNTIL) == 0


def _dates(tickets: int) -> list[datetime]:
    call_command("seed", companies=3, tickets=tickets, until=UNTIL)
    return list(Ticket.objects.order_by("pk").values_list("received_at", flat=True))


@pytest.mark.usefixtures("committed_db")
def test_stories_told_by_several_processes_are_those_of_one() -> None:
    """Outside a transaction the portions are told side by side; inside, one after another."""
    with transaction.atomic():
        alone = _dates(PORTION + 20)
        transaction.set_rollback(True)
    together = _dates(PORTION + 20)
    assert (together, list(verify())) == (alone, [])
