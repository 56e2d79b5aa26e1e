"""The worked cases of `vectors.json`: ours by hand, and those of other projects' test suites."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sla.hours import ClockRefusal, OpeningHours, Pause

VECTORS = json.loads(Path(__file__).with_name("vectors.json").read_text("utf-8"))["vectors"]


def _pauses(vector: dict[str, Any]) -> list[Pause]:
    return [
        (datetime.fromisoformat(start), datetime.fromisoformat(end) if end else None)
        for start, end in vector.get("pauses", [])
    ]


def _answer(vector: dict[str, Any]) -> str | int | None:
    """The clock's answer in the words of the file: an instant in UTC, seconds, or « error »."""
    hours = OpeningHours.from_dict(vector["calendar"])
    start = datetime.fromisoformat(vector["start"])
    if vector["kind"] == "elapsed":
        elapsed = hours.elapsed(start, datetime.fromisoformat(vector["end"]), _pauses(vector))
        return elapsed // timedelta(seconds=1)
    try:
        reached = hours.add(start, timedelta(seconds=vector["seconds"]), _pauses(vector))
    except ClockRefusal:
        return "error"
    return None if reached is None else _in_utc(reached.isoformat())


def _in_utc(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(UTC).isoformat()


def _accepted(vector: dict[str, Any]) -> list[str | int | None]:
    answers = [vector["expected"], *vector.get("also_accept", [])]
    return [_in_utc(a) if isinstance(a, str) and a != "error" else a for a in answers]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_vector(vector: dict[str, Any]) -> None:
    assert _answer(vector) in _accepted(vector)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_calendar_of_the_vector_round_trips(vector: dict[str, Any]) -> None:
    assert OpeningHours.from_dict(vector["calendar"]).to_dict() == vector["calendar"]


def test_all_hundred_and_twenty_vectors_are_there() -> None:
    assert len({vector["id"] for vector in VECTORS}) == 120
