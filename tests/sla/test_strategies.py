"""The random calendars reach all that item 1 of the clock names, within a normal run's cases."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, find, settings

from tests.sla.oracle import DAYS
from tests.sla.strategies import ROUND, Case, cases

# As many as the oracle judges in a normal run.
RUN = settings(
    max_examples=200,
    phases=[Phase.generate],
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


def windows(case: Case) -> list[list[list[str]]]:
    return [case.calendar["weekly"].get(day, []) for day in DAYS]


def changes_on(case: Case, month: int) -> bool:
    """Whether the clocks of Paris change in this month on the day of the start."""
    local = case.start.astimezone(ZoneInfo("Europe/Paris"))
    midnight = local.replace(hour=0, minute=0, second=0, fold=0)
    evening = local.replace(hour=23, minute=59, fold=0)
    is_there = case.calendar["tz"] == "Europe/Paris" and local.month == month
    return is_there and midnight.utcoffset() != evening.utcoffset()


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param(lambda case: changes_on(case, 3), id="the clock change of spring"),
        pytest.param(lambda case: changes_on(case, 10), id="the clock change of autumn"),
        pytest.param(lambda c: any(len(day) > 1 for day in windows(c)), id="a lunch break"),
        pytest.param(
            lambda c: any(day and day[-1][1] == "24:00" for day in windows(c)), id="24:00"
        ),
        pytest.param(lambda c: all(day == ROUND for day in windows(c)), id="24×7"),
        pytest.param(lambda c: "extra_openings" in c.calendar, id="an extra opening"),
        pytest.param(lambda c: bool(c.calendar["holidays"]), id="a holiday"),
        pytest.param(lambda c: c.calendar["tz"] != "Europe/Paris", id="another zone"),
        pytest.param(lambda c: not any(windows(c)), id="an empty week"),
        pytest.param(lambda c: any(end is None for _b, end in c.pauses), id="a running pause"),
        pytest.param(lambda c: len(c.pauses) > 1, id="several pauses"),
    ],
)
def test_random_cases_reach(wanted: Callable[[Case], bool]) -> None:
    assert wanted(find(cases(), wanted, settings=RUN))
