"""`OpeningHours` as a value: equality, hash, pickling, threads, purity."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sla.hours import OpeningHours
from sla.hours.timeline import Timeline

DATA: dict[str, Any] = {
    "tz": "Europe/Paris",
    "weekly": {"mon": [["09:00", "12:00"], ["14:00", "18:00"]], "fri": [["09:00", "24:00"]]},
    "holidays": ["2026-12-25", "2027-01-01"],
    "extra_openings": [{"date": "2026-12-24", "from": "09:00", "to": "12:00"}],
}
HOURS = OpeningHours.from_dict(DATA)
START = datetime(2026, 11, 24, 10, tzinfo=UTC)


def test_calendars_of_equal_content_are_equal() -> None:
    same = {
        **DATA,
        "weekly": {"fri": [("09:00", "24:00")], "tue": [], "mon": DATA["weekly"]["mon"][::-1]},
        "holidays": ["2027-01-01", "2026-12-25", "2027-01-01"],
    }
    assert (OpeningHours.from_dict(same), hash(OpeningHours.from_dict(same))) == (
        HOURS,
        hash(HOURS),
    )


@pytest.mark.parametrize(
    "change",
    [
        {"tz": "Europe/Brussels"},
        {"weekly": {}},
        {"holidays": []},
        {"extra_openings": []},
    ],
    ids=str,
)
def test_calendars_of_other_content_differ(change: dict[str, Any]) -> None:
    assert OpeningHours.from_dict({**DATA, **change}) != HOURS


def test_the_value_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        HOURS.tz = "UTC"  # type: ignore[misc]  # the refusal at run time is what is tested


def test_changing_the_dict_afterwards_changes_nothing() -> None:
    data = copy.deepcopy(DATA)
    hours = OpeningHours.from_dict(data)
    data["weekly"]["mon"].clear()
    data["holidays"].append("2026-11-30")
    assert hours == HOURS


def test_the_dict_given_out_is_the_callers_own() -> None:
    given: Any = HOURS.to_dict()
    given["weekly"].clear()
    assert HOURS.to_dict() == DATA


@pytest.mark.parametrize("again", [pickle.dumps, copy.copy, copy.deepcopy])
def test_pickled_and_copied_calendars_are_equal(again: Any) -> None:
    HOURS.add(START, timedelta(hours=40))
    other = again(HOURS)
    other = pickle.loads(other) if isinstance(other, bytes) else other  # noqa: S301
    assert other == HOURS


def test_a_pickled_calendar_answers_alike() -> None:
    other = pickle.loads(pickle.dumps(HOURS))  # noqa: S301
    assert other.add(START, timedelta(hours=40)) == HOURS.add(START, timedelta(hours=40))


def test_the_pickle_carries_the_rules_and_no_index() -> None:
    HOURS.elapsed(START, START + timedelta(days=3_000))
    assert len(pickle.dumps(HOURS)) < 500


def test_equal_calendars_share_their_index() -> None:
    first, second = OpeningHours.from_dict(DATA), OpeningHours.from_dict(DATA)
    assert first._timeline is second._timeline


def test_the_index_keeps_a_bounded_number_of_years() -> None:
    for year in range(100, 9_900, 20):
        HOURS.is_open(datetime(year, 6, 1, tzinfo=UTC))
    assert len(HOURS._timeline._chunks) <= 256


def test_threads_get_the_answers_of_one_thread() -> None:
    starts = [START + timedelta(days=40 * n) for n in range(200)]
    alone = [HOURS.add(start, timedelta(hours=30)) for start in starts]
    fresh = Timeline(HOURS._rules())
    hours = copy.copy(HOURS)
    object.__setattr__(hours, "_timeline", fresh)
    with ThreadPoolExecutor(8) as pool:
        answers = [
            list(pool.map(lambda start: hours.add(start, timedelta(hours=30)), starts))
            for _ in range(4)
        ]
    assert answers == [alone] * 4


def test_the_clock_imports_neither_django_nor_anything_installed() -> None:
    code = (
        "import sys; before = set(sys.modules); import sla.hours, sla.workdays; "
        "new = {name.partition('.')[0] for name in set(sys.modules) - before}; "
        "own = new - set(sys.stdlib_module_names); "
        "print(sorted(name for name in own if not name.startswith('_sysconfigdata')))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "['sla']\n"
