"""Rehearsals of random histories: today's targets change nothing; both ways of counting agree."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command

from reports import queries
from reports.queries import past
from reports.rehearsal import Asked, Tally, Window
from tests.factories.tickets import TUESDAY_10
from tests.reports.walk import PLAIN, TELLING, walk
from tickets.enums import Act
from tickets.models import Commitment

pytestmark = pytest.mark.django_db
UNTIL = datetime(2026, 11, 23, 9, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def in_force() -> Asked:
    targets = queries.targets_in_force(None, TUESDAY_10.date())
    return {cell: minutes * MINUTE for cell, minutes in targets.items() if minutes is not None}


def all_until(at: datetime) -> Window:
    return Window(LONG_AGO, at, at)


def changed(tally: Tally) -> dict[object, int]:
    return {key: number for key, number in tally.numbers.items() if key[1] is not key[2]}


@pytest.mark.parametrize("seed", range(6))
def test_the_targets_in_force_give_exactly_what_happened(seed: int) -> None:
    tally = queries.tally_of(in_force(), all_until(walk(seed, TELLING)))
    assert (changed(tally), tally.read) == ({}, Commitment.objects.count())


def test_the_targets_in_force_give_exactly_what_was_seeded() -> None:
    call_command("seed", companies=3, tickets=300, until=UNTIL)
    tally = queries.tally_of(in_force(), all_until(UNTIL + MINUTE))
    assert (changed(tally), tally.read) == ({}, 600)


@pytest.mark.parametrize("seed", range(4))
def test_adding_and_telling_again_agree(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    window = all_until(walk(seed, PLAIN))
    dice = random.Random(seed)
    asked = {cell: dice.choice((10, 31, 60, 121, 240, 600)) * MINUTE for cell in in_force()}
    added = queries.tally_of(asked, window)
    monkeypatch.setattr(past, "TELLING_ACTS", list(Act))
    told = queries.tally_of(asked, window)
    assert (changed(added) != {}, told.numbers) == (True, added.numbers)
