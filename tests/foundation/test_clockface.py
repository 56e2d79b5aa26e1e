"""How a promise reads: words, bar and shape."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from foundation.clockface import face, percent_used

N = "\u00a0"
NOW = datetime(2026, 11, 23, 15, 45, tzinfo=UTC)  # Monday, 16:45 in Paris
HALF_HOUR = timedelta(minutes=30)


@dataclass
class Facts:
    outcome: str
    used: timedelta
    target: timedelta = HALF_HOUR
    due_at: datetime | None = NOW + timedelta(minutes=12)
    met_at: datetime | None = None
    label: str = "Prise en charge"
    paused_reason: str = ""


def test_running_gives_the_deadline_and_what_is_left() -> None:
    shown = face(Facts("running", timedelta(minutes=18)), NOW)
    assert (shown.deadline, shown.left) == (
        f"aujourd’hui à 16{N}h{N}57",
        f"dans 12{N}min ouvrées",
    )


def test_running_bar_is_as_full_as_the_time_used() -> None:
    shown = face(Facts("running", timedelta(minutes=18)), NOW)
    assert (shown.percent, shown.bar_label) == (60, f"60{N}% du délai utilisé")


@pytest.mark.parametrize(
    ("minutes", "state", "icon"), [(22.4, "en cours", "clock"), (22.5, "bientôt", "alert")]
)
def test_from_75_percent_word_and_shape_change(minutes: float, state: str, icon: str) -> None:
    shown = face(Facts("running", timedelta(minutes=minutes)), NOW)
    assert (shown.state, shown.icon) == (state, icon)


def test_used_up_before_the_sweep_came_is_said_so() -> None:
    shown = face(Facts("running", HALF_HOUR, due_at=NOW), NOW)
    assert (shown.state, shown.percent, shown.left) == ("échéance passée", 100, "")


def test_paused_gives_what_remains_and_no_deadline() -> None:
    shown = face(Facts("paused", timedelta(minutes=10), due_at=None), NOW)
    assert (shown.state, shown.deadline) == ("suspendu", f"Il reste 20{N}min ouvrées")


def test_met_gives_the_instant_and_the_time_it_took() -> None:
    shown = face(Facts("met", timedelta(minutes=4), met_at=NOW), NOW)
    assert (shown.state, shown.deadline, shown.left) == (
        "tenu",
        f"aujourd’hui à 16{N}h{N}45",
        f"en 4{N}min ouvrées sur 30{N}min",
    )


def test_met_at_once_is_not_counted_in_seconds() -> None:
    shown = face(Facts("met", timedelta(seconds=59), met_at=NOW), NOW)
    assert shown.left == f"en moins d’une minute sur 30{N}min"


def test_missed_and_still_awaited_says_by_how_much() -> None:
    due = NOW - timedelta(minutes=20)
    shown = face(Facts("breached", timedelta(minutes=50), due_at=due), NOW)
    assert (shown.state, shown.deadline, shown.left) == (
        "dépassé",
        f"aujourd’hui à 16{N}h{N}25",
        f"dépassé de 20{N}min ouvrées",
    )


def test_missed_and_done_since_says_when() -> None:
    facts = Facts("breached", timedelta(minutes=35), due_at=NOW - HALF_HOUR, met_at=NOW)
    shown = face(facts, NOW)
    assert shown.left == f"fait aujourd’hui à 16{N}h{N}45, 5{N}min ouvrées trop tard"


def test_void_promises_nothing() -> None:
    assert face(Facts("void", timedelta(0)), NOW).state == "sans objet"


@pytest.mark.parametrize(
    ("used", "percent"),
    [
        (timedelta(0), 0),
        (timedelta(minutes=29, seconds=59), 99),
        (HALF_HOUR, 100),
        (timedelta(hours=9), 100),
        (-timedelta(minutes=1), 0),
    ],
)
def test_bar_is_full_only_when_the_time_is_used_up(used: timedelta, percent: int) -> None:
    assert percent_used(used, HALF_HOUR) == percent
