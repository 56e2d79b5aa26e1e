"""Laws of the clock on random calendars, and the clock beside the minute-walking oracle.

A normal run judges 200 cases by the oracle and 50 by each law; with PORTAL_TORTURE=1 in the
environment 10,000 by the oracle and 2,000 by each law.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, assume, given, settings

from sla.hours import NeverCloses, NeverOpens, OpeningHours, OutOfReach, StretchKind
from tests.sla.oracle import GaveUp, NoMoreOpenings, Oracle
from tests.sla.strategies import Case, cases, spans

TORTURE = os.environ.get("PORTAL_TORTURE") == "1"
SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much]

judged = settings(
    max_examples=10_000 if TORTURE else 200, deadline=None, suppress_health_check=SLOW
)
lawful = settings(max_examples=2_000 if TORTURE else 50, deadline=None, suppress_health_check=SLOW)


def seconds(at: datetime) -> int:
    """Whole seconds since 1970: instants are compared in UTC, where no hour occurs twice."""
    assert at.microsecond == 0
    return int(at.timestamp())


def reach(case: Case, duration: timedelta) -> datetime:
    """The answer of `add`; the example is dropped when there is none."""
    try:
        reached = OpeningHours.from_dict(case.calendar).add(case.start, duration, case.pauses)
    except (NeverOpens, OutOfReach):
        reached = None
    assume(reached is not None)
    assert reached is not None
    return reached


class Later(Exception):
    """The clock's answer lies where the oracle's patience had ended."""


def later(answer: datetime, case: Case, oracle: Oracle) -> None:
    """Raise Later if the oracle could not have seen this answer."""
    if seconds(answer) > seconds(case.start) + oracle.patience:
        raise Later


@judged
@given(case=cases(), duration=spans(1))
def test_add_equals_the_oracle(case: Case, duration: timedelta) -> None:
    hours, oracle = OpeningHours.from_dict(case.calendar), Oracle(case.calendar)
    try:
        expected = oracle.add(case.start, duration // timedelta(seconds=1), case.pauses)
    except NoMoreOpenings:
        with pytest.raises(NeverOpens):
            hours.add(case.start, duration, case.pauses)
    except GaveUp:
        with pytest.raises(Later):
            later(reach(case, duration), case, oracle)
    else:
        found = hours.add(case.start, duration, case.pauses)
        assert (None if found is None else seconds(found)) == expected


@judged
@given(case=cases(), duration=spans(6))
def test_elapsed_equals_the_oracle(case: Case, duration: timedelta) -> None:
    end = case.start + duration
    expected = Oracle(case.calendar).elapsed(case.start, end, case.pauses)
    hours = OpeningHours.from_dict(case.calendar)
    assert hours.elapsed(case.start, end, case.pauses) == timedelta(seconds=expected)


@judged
@given(case=cases(), duration=spans(5))
def test_ledger_equals_the_oracle(case: Case, duration: timedelta) -> None:
    end = case.start + duration
    expected = Oracle(case.calendar).ledger(case.start, end, case.pauses)
    ledger = OpeningHours.from_dict(case.calendar).ledger(case.start, end, case.pauses)
    assert [(seconds(s.start), seconds(s.end), s.kind.value, s.pause) for s in ledger] == [
        step[:4] for step in expected
    ]


@judged
@given(case=cases())
def test_next_opening_equals_the_oracle(case: Case) -> None:
    hours, oracle = OpeningHours.from_dict(case.calendar), Oracle(case.calendar)
    assert hours.is_open(case.start) == oracle.is_open(case.start)
    try:
        expected = oracle.next_opening(case.start)
    except (NoMoreOpenings, GaveUp):
        with pytest.raises((NeverOpens, Later)):
            later(hours.next_opening(case.start), case, oracle)
    else:
        assert seconds(hours.next_opening(case.start)) == expected


@lawful
@given(case=cases())
def test_next_closing_equals_the_oracle(case: Case) -> None:
    hours, oracle = OpeningHours.from_dict(case.calendar), Oracle(case.calendar)
    try:
        expected = oracle.next_closing(case.start)
    except (NoMoreOpenings, GaveUp):
        with pytest.raises((NeverOpens, NeverCloses, Later)):
            later(hours.next_closing(case.start), case, oracle)
    else:
        assert seconds(hours.next_closing(case.start)) == expected


@lawful
@given(case=cases(), duration=spans(60))
def test_elapsed_is_the_inverse_of_add(case: Case, duration: timedelta) -> None:
    reached = reach(case, duration)
    hours = OpeningHours.from_dict(case.calendar)
    assert hours.elapsed(case.start, reached, case.pauses) == duration


@lawful
@given(case=cases(), duration=spans(60))
def test_c2_nothing_earlier_uses_the_time_up(case: Case, duration: timedelta) -> None:
    assume(duration)
    earlier = reach(case, duration).astimezone(UTC) - timedelta(microseconds=1)
    hours = OpeningHours.from_dict(case.calendar)
    assert hours.elapsed(case.start, earlier, case.pauses) < duration


@lawful
@given(case=cases(), first=spans(10), second=spans(10))
def test_two_additions_equal_one(case: Case, first: timedelta, second: timedelta) -> None:
    middle = reach(case, first)
    assume(second)
    assert seconds(reach(case._replace(start=middle), second)) == seconds(
        reach(case, first + second)
    )


@lawful
@given(case=cases(), first=spans(20), second=spans(20))
def test_elapsed_is_additive(case: Case, first: timedelta, second: timedelta) -> None:
    hours = OpeningHours.from_dict(case.calendar)
    middle, end = case.start + first, case.start + first + second
    parts = hours.elapsed(case.start, middle, case.pauses) + hours.elapsed(middle, end, case.pauses)
    assert parts == hours.elapsed(case.start, end, case.pauses)


@lawful
@given(case=cases(), duration=spans(20), later=spans(20))
def test_add_never_goes_back(case: Case, duration: timedelta, later: timedelta) -> None:
    reached = reach(case, duration)
    started_later = case._replace(start=case.start + later)
    assert reach(started_later, duration).astimezone(UTC) >= reached.astimezone(UTC)
    assert reach(case, duration + later).astimezone(UTC) >= reached.astimezone(UTC)


@lawful
@given(case=cases(), duration=spans(60))
def test_s15_ledger_adds_up_to_the_wall_time(case: Case, duration: timedelta) -> None:
    end = case.start + duration
    ledger = OpeningHours.from_dict(case.calendar).ledger(case.start, end, case.pauses)
    edges = [seconds(case.start), *(seconds(s.end) for s in ledger)]
    assert [seconds(s.start) for s in ledger] == edges[:-1]
    assert edges[-1] == seconds(end)


@lawful
@given(case=cases(), duration=spans(60))
def test_s15_counted_stretches_add_up_to_elapsed(case: Case, duration: timedelta) -> None:
    hours, end = OpeningHours.from_dict(case.calendar), case.start + duration
    counted = [
        s.end.astimezone(UTC) - s.start.astimezone(UTC)
        for s in hours.ledger(case.start, end, case.pauses)
        if s.kind is StretchKind.COUNTED
    ]
    assert sum(counted, timedelta()) == hours.elapsed(case.start, end, case.pauses)


@lawful
@given(case=cases())
def test_next_closing_ends_an_opening(case: Case) -> None:
    hours = OpeningHours.from_dict(case.calendar)
    try:
        closing = hours.next_closing(case.start).astimezone(UTC)
    except (NeverOpens, NeverCloses):
        assume(False)
    assert not hours.is_open(closing)
    assert hours.is_open(closing - timedelta(microseconds=1))


@lawful
@given(case=cases())
def test_a_random_calendar_round_trips(case: Case) -> None:
    hours = OpeningHours.from_dict(case.calendar)
    assert OpeningHours.from_dict(hours.to_dict()) == hours
