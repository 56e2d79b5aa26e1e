"""S12: calendars that follow one another, beside the minute-walking oracle and by their laws."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from sla.hours import NeverOpens, OpeningHours, OutOfReach, StretchKind, SuccessiveHours
from tests.sla.oracle import Oracle
from tests.sla.strategies import Case, calendars, cases, spans

TORTURE = os.environ.get("PORTAL_TORTURE") == "1"
SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much]
judged = settings(max_examples=2_000 if TORTURE else 40, deadline=None, suppress_health_check=SLOW)
OFFICE = {"tz": "Europe/Paris", "weekly": {"mon": [["09:00", "18:00"]]}, "holidays": []}
MONDAY_10 = datetime(2026, 9, 14, 8, tzinfo=UTC)


class Terms(NamedTuple):
    """A random case whose calendar is replaced once or twice, soon after its start."""

    case: Case
    earlier: list[tuple[datetime, dict[str, Any]]]

    @property
    def hours(self) -> SuccessiveHours:
        return SuccessiveHours(
            tuple((until, OpeningHours.from_dict(data)) for until, data in self.earlier),
            OpeningHours.from_dict(self.case.calendar),
        )


@st.composite
def changed(draw: st.DrawFn) -> Terms:
    case = draw(cases())
    day = case.start.date()
    lengths = draw(st.lists(spans(2), min_size=1, max_size=2))
    earlier, until = [], case.start - timedelta(hours=6)
    for length in lengths:
        until += length
        earlier.append((until, draw(calendars(day))))
    return Terms(case, earlier)


def counted_by_the_oracle(terms: Terms, end: datetime) -> int:
    """Seconds, each part walked on the calendar that held for it."""
    total, start = 0, terms.case.start
    for until, data in [*terms.earlier, (end, terms.case.calendar)]:
        stop = min(until, end)
        if start < stop:
            total += Oracle(data).elapsed(start, stop, terms.case.pauses)
            start = stop
    return total


@judged
@given(terms=changed(), length=spans(4))
def test_s12_elapsed_is_the_sum_of_what_each_calendar_counted(
    terms: Terms, length: timedelta
) -> None:
    end = terms.case.start + length
    found = terms.hours.elapsed(terms.case.start, end, terms.case.pauses)
    assert found == timedelta(seconds=counted_by_the_oracle(terms, end))


@judged
@given(terms=changed(), duration=spans(1))
def test_s12_add_is_the_earliest_instant_at_which_the_time_is_used_up(
    terms: Terms, duration: timedelta
) -> None:
    hours, start, pauses = terms.hours, terms.case.start, terms.case.pauses
    assume(duration > timedelta(0))
    try:
        reached = hours.add(start, duration, pauses)
    except (NeverOpens, OutOfReach):
        reached = None
    assume(reached is not None)
    assert reached is not None
    before = reached.astimezone(UTC) - timedelta(seconds=1)
    assert hours.elapsed(start, reached, pauses) == duration
    assert hours.elapsed(start, before, pauses) == duration - timedelta(seconds=1)


@judged
@given(terms=changed(), length=spans(4))
def test_s15_the_ledger_of_several_calendars_adds_up(terms: Terms, length: timedelta) -> None:
    start, pauses = terms.case.start, terms.case.pauses
    stretches = terms.hours.ledger(start, start + length, pauses)
    counted = [s.length for s in stretches if s.kind is StretchKind.COUNTED]
    assert sum((s.length for s in stretches), timedelta()) == length
    assert sum(counted, timedelta()) == terms.hours.elapsed(start, start + length, pauses)


@judged
@given(case=cases(), duration=spans(1), length=spans(2))
def test_s12_the_same_calendar_again_changes_nothing(
    case: Case, duration: timedelta, length: timedelta
) -> None:
    hours = OpeningHours.from_dict(case.calendar)
    twice = SuccessiveHours(((case.start + length, hours),), hours)
    try:
        expected = hours.add(case.start, duration, case.pauses)
    except (NeverOpens, OutOfReach):
        assume(False)
    found = twice.add(case.start, duration, case.pauses)
    assert found == expected


def test_c2_time_used_up_at_the_very_change_ends_on_the_old_calendar() -> None:
    """Two hours by noon: the new calendar, which opens on Tuesday, has no say."""
    tuesday = {**OFFICE, "weekly": {"tue": [["09:00", "18:00"]]}}
    noon = MONDAY_10 + timedelta(hours=2)
    hours = SuccessiveHours(
        ((noon, OpeningHours.from_dict(OFFICE)),), OpeningHours.from_dict(tuesday)
    )
    assert hours.add(MONDAY_10, timedelta(hours=2), ()) == noon


def test_c3_nothing_to_count_at_a_closed_instant_gives_the_next_opening_of_the_new() -> None:
    early = {**OFFICE, "weekly": {"tue": [["07:00", "18:00"]]}}
    evening, night = MONDAY_10 + timedelta(hours=9), MONDAY_10 + timedelta(hours=10)
    hours = SuccessiveHours(
        ((night, OpeningHours.from_dict(OFFICE)),), OpeningHours.from_dict(early)
    )
    assert hours.add(evening, timedelta(0), ()) == datetime(2026, 9, 15, 5, tzinfo=UTC)
