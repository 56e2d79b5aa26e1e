"""Windows counted in working days."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sla.hours import NaiveInstant, NeverOpens, OpeningHours, OpeningsRunOut
from sla.workdays import end_of_nth_working_day

PARIS = ZoneInfo("Europe/Paris")
OFFICE: dict[str, Any] = {
    "tz": "Europe/Paris",
    "weekly": {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
    "holidays": [],
}
ROUND: dict[str, Any] = {
    **OFFICE,
    "weekly": {
        day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    },
}


def end(after: str, days: int, calendar: dict[str, Any] = OFFICE) -> str:
    """The end of the window as wall time of Paris."""
    instant = datetime.fromisoformat(after)
    instant = instant if instant.tzinfo else instant.replace(tzinfo=PARIS)
    return end_of_nth_working_day(OpeningHours.from_dict(calendar), instant, days).isoformat()


@pytest.mark.parametrize("time", ["00:00", "08:00", "12:00", "18:00", "23:59:59"])
def test_the_day_itself_does_not_count(time: str) -> None:
    assert end(f"2026-11-24T{time}", 1) == "2026-11-25T18:00:00+01:00"


def test_s9_ten_working_days_are_two_weeks() -> None:
    assert end("2026-11-20T17:45", 10) == "2026-12-04T18:00:00+01:00"


def test_a_window_that_begins_on_a_closed_day_counts_from_the_next_open_one() -> None:
    assert end("2026-11-21T10:00", 1) == "2026-11-23T18:00:00+01:00"


def test_holidays_do_not_count() -> None:
    calendar = {**OFFICE, "holidays": ["2026-12-25", "2027-01-01"]}
    assert end("2026-12-23T10:00", 6, calendar) == "2027-01-04T18:00:00+01:00"


def test_a_half_day_counts_as_a_day_and_ends_at_its_closing() -> None:
    calendar = {
        **OFFICE,
        "holidays": ["2026-12-24"],
        "extra_openings": [{"date": "2026-12-24", "from": "09:00", "to": "12:00"}],
    }
    assert end("2026-12-23T10:00", 1, calendar) == "2026-12-24T12:00:00+01:00"


def test_a_lunch_break_does_not_end_the_day() -> None:
    calendar = {**OFFICE, "weekly": {"mon": [["09:00", "12:00"], ["14:00", "18:00"]]}}
    assert end("2026-11-20T10:00", 2, calendar) == "2026-11-30T18:00:00+01:00"


def test_a_day_open_until_24_closes_at_the_next_midnight() -> None:
    assert end("2026-11-24T10:00", 3, ROUND) == "2026-11-28T00:00:00+01:00"


def test_the_night_after_midnight_belongs_to_the_next_day() -> None:
    calendar = {**OFFICE, "weekly": {"mon": [["22:00", "24:00"]], "tue": [["00:00", "06:00"]]}}
    assert end("2026-11-22T10:00", 1, calendar) == "2026-11-24T00:00:00+01:00"


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("2026-03-27T10:00", "2026-03-30T00:00:00+02:00"),
        ("2026-10-23T10:00", "2026-10-26T00:00:00+01:00"),
    ],
)
def test_c4_days_of_23_and_25_hours_are_days(after: str, expected: str) -> None:
    assert end(after, 2, ROUND) == expected


def test_the_date_is_that_of_the_calendars_zone() -> None:
    assert end("2026-11-24T23:30:00+00:00", 1) == "2026-11-26T18:00:00+01:00"


def test_a_midnight_that_does_not_exist_still_begins_its_day() -> None:
    calendar = {**ROUND, "tz": "America/Sao_Paulo"}
    assert end("2018-11-03T12:00:00-03:00", 1, calendar) == "2018-11-05T00:00:00-02:00"


def test_a_midnight_that_occurs_twice_does_not_count_its_day_twice() -> None:
    calendar = {**ROUND, "tz": "America/St_Johns"}
    assert end("2010-11-05T12:00:00-02:30", 2, calendar) == "2010-11-08T00:00:00-03:30"


def test_c6_a_calendar_that_never_opens_is_refused() -> None:
    with pytest.raises(NeverOpens):
        end("2026-11-24T10:00", 1, {**OFFICE, "weekly": {}})


def test_c6_a_calendar_that_runs_out_of_openings_is_refused() -> None:
    extra = [{"date": "2026-11-25", "from": "09:00", "to": "12:00"}]
    with pytest.raises(OpeningsRunOut):
        end("2026-11-24T10:00", 2, {**OFFICE, "weekly": {}, "extra_openings": extra})


def test_c7_a_naive_instant_is_refused() -> None:
    with pytest.raises(NaiveInstant):
        end_of_nth_working_day(OpeningHours.from_dict(OFFICE), datetime(2026, 11, 24), 1)  # noqa: DTZ001


@pytest.mark.parametrize("days", [0, -1])
def test_fewer_than_one_day_is_refused(days: int) -> None:
    with pytest.raises(ValueError, match="au moins 1"):
        end("2026-11-24T10:00", days)
