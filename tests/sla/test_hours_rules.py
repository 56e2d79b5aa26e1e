"""One named test or more for each rule C1-C11, and the cases that broke other systems' clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sla.hours import (
    NaiveInstant,
    NegativeDuration,
    NeverCloses,
    NeverOpens,
    OpeningHours,
    OpeningsRunOut,
    OutOfReach,
    Pause,
    Stretch,
    StretchKind,
)

PARIS = ZoneInfo("Europe/Paris")
OFFICE_DAYS = {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
ALL_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
COUNTED, CLOSED = StretchKind.COUNTED, StretchKind.CLOSED
HOLIDAY, PAUSED = StretchKind.HOLIDAY, StretchKind.PAUSED


def calendar(
    weekly: dict[str, Any] | None = None,
    *,
    holidays: tuple[str, ...] = (),
    extra: tuple[tuple[str, str, str], ...] = (),
    tz: str = "Europe/Paris",
) -> OpeningHours:
    """A calendar, by default the charter's: Monday to Friday, 9 to 18."""
    return OpeningHours.from_dict(
        {
            "tz": tz,
            "weekly": OFFICE_DAYS if weekly is None else weekly,
            "holidays": list(holidays),
            "extra_openings": [{"date": d, "from": a, "to": b} for d, a, b in extra],
        }
    )


OFFICE = calendar()
ROUND = calendar({day: [["00:00", "24:00"]] for day in ALL_DAYS})
EMPTY = calendar({})


def at(text: str) -> datetime:
    """A wall time of Paris; with an offset in the text, that instant in Paris."""
    parsed = datetime.fromisoformat(text)
    return parsed.astimezone(PARIS) if parsed.tzinfo else parsed.replace(tzinfo=PARIS)


def iso(instant: datetime | None) -> str | None:
    """Compared as text: two zones in an hour that occurs twice never compare equal."""
    return None if instant is None else instant.isoformat()


# C1: a window is [open, close) on the local wall clock


def test_c1_open_from_the_first_instant_of_the_window() -> None:
    assert OFFICE.is_open(at("2026-11-20 09:00"))


def test_c1_closed_just_before_the_window() -> None:
    assert not OFFICE.is_open(at("2026-11-20 08:59:59.999999"))


def test_c1_closed_at_the_closing_instant() -> None:
    assert not OFFICE.is_open(at("2026-11-20 18:00"))


def test_c1_start_at_exactly_18_counts_from_the_next_opening() -> None:
    assert OFFICE.add(at("2026-11-20 18:00:00"), 30 * MINUTE) == at("2026-11-23 09:30")


def test_c1_start_at_08_59_59_counts_from_nine() -> None:
    assert OFFICE.add(at("2026-11-20 08:59:59"), 30 * MINUTE) == at("2026-11-20 09:30")


# C2: the earliest instant at which the time is used up


def test_c2_one_hour_from_tuesday_17_ends_on_tuesday_18() -> None:
    assert OFFICE.add(at("2026-11-24 17:00"), HOUR) == at("2026-11-24 18:00")


def test_c2_a_whole_week_ends_on_its_last_closing() -> None:
    assert OFFICE.add(at("2026-11-23 09:00"), 45 * HOUR) == at("2026-11-27 18:00")


def test_c2_one_microsecond_more_goes_to_the_next_opening() -> None:
    reached = OFFICE.add(at("2026-11-24 17:00"), HOUR + timedelta(microseconds=1))
    assert reached == at("2026-11-25 09:00:00.000001")


# C3: zero duration


def test_c3_zero_gives_the_start_when_open() -> None:
    assert OFFICE.add(at("2026-11-24 10:12:13"), timedelta()) == at("2026-11-24 10:12:13")


def test_c3_zero_gives_the_next_opening_when_closed() -> None:
    assert OFFICE.add(at("2026-11-24 18:00"), timedelta()) == at("2026-11-25 09:00")


def test_c3_zero_within_a_pause_gives_its_end() -> None:
    pause = (at("2026-11-24 10:00"), at("2026-11-24 11:00"))
    assert OFFICE.add(at("2026-11-24 10:30"), timedelta(), [pause]) == at("2026-11-24 11:00")


# C4: time is physical


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25)])
def test_c4_a_round_day_of_paris_has_23_or_25_hours(day: str, hours: int) -> None:
    midnight = at(day)
    assert ROUND.elapsed(midnight, midnight + timedelta(days=1)) == hours * HOUR


@pytest.mark.parametrize("year", range(2018, 2031))
def test_c4_a_round_year_of_paris_has_all_its_hours(year: int) -> None:
    start, end = at(f"{year}-01-01"), at(f"{year + 1}-01-01")
    assert ROUND.elapsed(start, end) == end.astimezone(UTC) - start.astimezone(UTC)


def test_c4_the_start_may_be_in_any_zone() -> None:
    tokyo = datetime(2026, 11, 24, 18, 30, tzinfo=ZoneInfo("Asia/Tokyo"))
    assert iso(OFFICE.add(tokyo, HOUR)) == "2026-11-24T11:30:00+01:00"


def test_c4_answers_are_in_the_calendars_zone() -> None:
    hours = calendar(tz="Indian/Reunion")
    reached = hours.add(datetime(2026, 11, 24, 6, tzinfo=UTC), HOUR)
    assert reached.tzinfo == ZoneInfo("Indian/Reunion")


# C5: elapsed is 0 when the end is not after the start


@pytest.mark.parametrize("end", ["2026-11-24 10:00", "2026-11-24 09:00", "2025-01-01"])
def test_c5_elapsed_is_zero_when_the_end_is_not_after_the_start(end: str) -> None:
    assert OFFICE.elapsed(at("2026-11-24 10:00"), at(end)) == timedelta()


# C6: a calendar that never opens, or runs out of openings


@pytest.mark.parametrize("duration", [timedelta(), HOUR, timedelta(days=9999)])
def test_c6_add_on_a_calendar_that_never_opens_is_refused(duration: timedelta) -> None:
    with pytest.raises(NeverOpens, match="n’ouvre jamais"):
        EMPTY.add(at("2026-11-24 10:00"), duration)


def test_c6_elapsed_on_a_calendar_that_never_opens_is_zero() -> None:
    assert EMPTY.elapsed(at("2026-01-01"), at("2026-12-31")) == timedelta()


@pytest.mark.parametrize("ask", [OpeningHours.next_opening, OpeningHours.next_closing])
def test_c6_a_calendar_that_never_opens_has_no_next_opening(ask: Any) -> None:
    with pytest.raises(NeverOpens):
        ask(EMPTY, at("2026-11-24 10:00"))


def test_c6_add_past_the_last_extra_opening_is_refused() -> None:
    hours = calendar({}, extra=(("2026-11-25", "09:00", "12:00"),))
    with pytest.raises(OpeningsRunOut, match="plus assez d’ouvertures"):
        hours.add(at("2026-11-24 10:00"), 3 * HOUR + timedelta(microseconds=1))


def test_c6_add_up_to_the_last_instant_of_the_last_opening() -> None:
    hours = calendar({}, extra=(("2026-11-25", "09:00", "12:00"),))
    assert hours.add(at("2026-11-24 10:00"), 3 * HOUR) == at("2026-11-25 12:00")


def test_c6_an_extra_opening_decades_away_is_found() -> None:
    hours = calendar({}, extra=(("2071-11-25", "09:00", "12:00"),))
    assert hours.add(at("2026-11-24 10:00"), HOUR) == at("2071-11-25 10:00")


def test_c6_an_opening_in_the_hour_that_does_not_exist_never_opens() -> None:
    hours = calendar({}, extra=(("2026-03-29", "02:00", "03:00"),))
    with pytest.raises(NeverOpens):
        hours.add(at("2026-03-01"), timedelta())


def test_c6_a_calendar_that_never_opens_is_refused_while_a_pause_runs() -> None:
    with pytest.raises(NeverOpens):
        EMPTY.add(at("2026-11-24 10:00"), HOUR, [(at("2026-11-24 11:00"), None)])


def test_c6_openings_used_up_by_a_finished_pause_are_lacking_while_another_runs() -> None:
    hours = calendar({}, extra=(("2026-11-24", "10:00", "12:00"),))
    start, end = at("2026-11-24 10:00"), at("2026-11-24 12:00")
    with pytest.raises(OpeningsRunOut):
        hours.add(start, HOUR, [(start, None), (start, end)])


def test_c6_a_duration_past_a_century_is_refused() -> None:
    with pytest.raises(OutOfReach, match="un siècle"):
        OFFICE.add(at("2026-11-24 10:00"), timedelta.max)


def test_c6_the_search_for_openings_is_bounded() -> None:
    hours = calendar({"mon": [["09:00", "09:01"]]})
    with pytest.raises(OutOfReach):
        hours.add(at("2026-11-24 10:00"), timedelta(days=9_999))
    assert len(hours._timeline._chunks) <= 101


@pytest.mark.parametrize("year", [1, 9999])
def test_c6_dates_that_no_promise_has_are_refused(year: int) -> None:
    with pytest.raises(OutOfReach):
        OFFICE.add(datetime(year, 1, 2, tzinfo=UTC), HOUR)


@pytest.mark.parametrize("year", [5, 1500, 9995])
def test_c6_remote_years_are_counted_all_the_same(year: int) -> None:
    start = datetime(year, 7, 1, tzinfo=UTC)
    assert ROUND.add(start, HOUR).astimezone(UTC) == start + HOUR


def test_c6_elapsed_over_more_than_a_century_is_refused() -> None:
    with pytest.raises(OutOfReach):
        OFFICE.elapsed(at("1900-01-01"), at("2026-01-01"))


def test_c6_a_ledger_over_more_than_a_century_is_refused() -> None:
    with pytest.raises(OutOfReach):
        OFFICE.ledger(at("1900-01-01"), at("2026-01-01"))


# C7: a negative duration or a naive datetime


def test_c7_a_negative_duration_is_refused() -> None:
    with pytest.raises(NegativeDuration, match="ne peut pas être négative"):
        OFFICE.add(at("2026-11-24 10:00"), -timedelta(microseconds=1))


NAIVE = datetime(2026, 11, 24, 10)  # noqa: DTZ001 - what the rule is about
AWARE = datetime(2026, 11, 24, 9, tzinfo=UTC)
NAIVE_CALLS = {
    "add": lambda: OFFICE.add(NAIVE, HOUR),
    "elapsed start": lambda: OFFICE.elapsed(NAIVE, AWARE),
    "elapsed end": lambda: OFFICE.elapsed(AWARE, NAIVE),
    "is_open": lambda: OFFICE.is_open(NAIVE),
    "next_opening": lambda: OFFICE.next_opening(NAIVE),
    "next_closing": lambda: OFFICE.next_closing(NAIVE),
    "ledger": lambda: OFFICE.ledger(AWARE, NAIVE),
    "pause start": lambda: OFFICE.add(AWARE, HOUR, [(NAIVE, None)]),
    "pause end": lambda: OFFICE.elapsed(AWARE, AWARE, [(AWARE, NAIVE)]),
}


@pytest.mark.parametrize("call", NAIVE_CALLS.values(), ids=NAIVE_CALLS)
def test_c7_a_naive_datetime_is_refused(call: Any) -> None:
    with pytest.raises(NaiveInstant, match="fuseau horaire"):
        call()


def test_c7_the_refusals_are_value_errors() -> None:
    assert all(issubclass(e, ValueError) for e in (NaiveInstant, NegativeDuration, NeverOpens))


# C8: pauses


def test_c8_a_pause_stops_the_clock_by_its_open_part_only() -> None:
    pause = (at("2026-11-24 17:00"), at("2026-11-25 09:30"))
    assert OFFICE.add(at("2026-11-24 16:00"), 2 * HOUR, [pause]) == at("2026-11-25 10:30")


def test_c8_a_pause_out_of_hours_changes_nothing() -> None:
    pause = (at("2026-11-24 18:00"), at("2026-11-25 09:00"))
    assert OFFICE.add(at("2026-11-24 16:00"), 3 * HOUR, [pause]) == at("2026-11-25 10:00")


def test_c8_overlapping_pauses_count_once() -> None:
    pauses = [
        (at("2026-11-24 11:00"), at("2026-11-24 13:00")),
        (at("2026-11-24 12:00"), at("2026-11-24 14:00")),
        (at("2026-11-24 11:30"), at("2026-11-24 11:40")),
    ]
    assert OFFICE.elapsed(at("2026-11-24 10:00"), at("2026-11-24 17:00"), pauses) == 4 * HOUR


def test_c8_the_order_of_pauses_does_not_matter() -> None:
    pauses: list[Pause] = [
        (at("2026-11-25 11:00"), at("2026-11-25 12:00")),
        (at("2026-11-24 11:00"), at("2026-11-24 12:00")),
    ]
    assert OFFICE.add(at("2026-11-24 10:00"), 10 * HOUR, pauses) == at("2026-11-25 13:00")


def test_c8_a_pause_that_began_before_the_start_counts_from_it() -> None:
    pause = (at("2026-11-20 10:00"), at("2026-11-24 11:00"))
    assert OFFICE.add(at("2026-11-24 10:00"), HOUR, [pause]) == at("2026-11-24 12:00")


def test_c8_a_pause_that_begins_at_the_deadline_does_not_move_it() -> None:
    pause = (at("2026-11-24 14:00"), at("2026-11-24 16:00"))
    assert OFFICE.add(at("2026-11-24 10:00"), 4 * HOUR, [pause]) == at("2026-11-24 14:00")


def test_c8_a_running_pause_means_no_deadline() -> None:
    assert OFFICE.add(at("2026-11-24 10:00"), HOUR, [(at("2026-11-24 10:59:59"), None)]) is None


def test_c8_a_running_pause_keeps_a_deadline_already_reached() -> None:
    pause = (at("2026-11-24 11:00"), None)
    assert OFFICE.add(at("2026-11-24 10:00"), HOUR, [pause]) == at("2026-11-24 11:00")


def test_c8_no_time_counts_while_a_pause_runs() -> None:
    pause = (at("2026-11-24 11:00"), None)
    assert OFFICE.elapsed(at("2026-11-24 10:00"), at("2026-12-24"), [pause]) == HOUR


def test_c8_zero_duration_at_the_beginning_of_a_running_pause_has_no_deadline() -> None:
    start = at("2026-11-24 11:00")
    assert OFFICE.add(start, timedelta(), [(start, None)]) is None


def test_c8_a_pause_that_ends_before_it_begins_holds_no_time() -> None:
    pause = (at("2026-11-24 12:00"), at("2026-11-24 11:00"))
    assert OFFICE.add(at("2026-11-24 10:00"), 3 * HOUR, [pause]) == at("2026-11-24 13:00")


def test_c8_pauses_may_come_from_a_generator() -> None:
    pauses = (pause for pause in [(at("2026-11-24 11:00"), at("2026-11-24 12:00"))])
    assert OFFICE.add(at("2026-11-24 10:00"), 2 * HOUR, pauses) == at("2026-11-24 13:00")


# C9: wall times that do not exist, and those that occur twice

NIGHT = calendar({"sun": [["02:15", "02:45"]]})


def test_c9_a_wall_time_that_does_not_exist_is_never_open() -> None:
    assert NIGHT.elapsed(at("2027-03-28"), at("2027-03-29")) == timedelta()


def test_c9_the_opening_that_does_not_exist_is_skipped() -> None:
    assert NIGHT.next_opening(at("2027-03-28")) == at("2027-04-04 02:15")


def test_c9_a_window_that_begins_in_the_missing_hour_opens_after_it() -> None:
    hours = calendar({"sun": [["02:30", "04:00"]]})
    assert iso(hours.next_opening(at("2027-03-28"))) == "2027-03-28T03:00:00+02:00"


def test_c9_a_wall_time_that_occurs_twice_is_open_twice() -> None:
    assert NIGHT.elapsed(at("2026-10-25"), at("2026-10-26")) == HOUR


def test_c9_between_its_two_occurrences_the_desk_is_closed() -> None:
    closing = NIGHT.next_closing(at("2026-10-25 00:00"))
    assert iso(NIGHT.next_opening(closing)) == "2026-10-25T02:15:00+01:00"


def test_c9_both_occurrences_of_a_start_are_told_apart() -> None:
    start = datetime(2026, 10, 25, 2, 30, tzinfo=PARIS)
    answers = [iso(ROUND.add(start.replace(fold=fold), HOUR)) for fold in (0, 1)]
    assert answers == ["2026-10-25T02:30:00+01:00", "2026-10-25T03:30:00+01:00"]


def test_c9_a_local_day_that_does_not_exist_has_no_opening() -> None:
    hours = calendar({day: [["00:00", "24:00"]] for day in ("fri",)}, tz="Pacific/Apia")
    start = datetime(2011, 12, 28, tzinfo=UTC)
    assert iso(hours.next_opening(start)) == "2012-01-06T00:00:00+14:00"


# C10: extra openings


def test_c10_extra_openings_are_a_union_with_the_week() -> None:
    hours = calendar(extra=(("2026-11-24", "17:00", "20:00"),))
    assert hours.elapsed(at("2026-11-24"), at("2026-11-25")) == 11 * HOUR


def test_c10_extra_openings_may_overlap_each_other() -> None:
    hours = calendar({}, extra=(("2026-11-24", "09:00", "12:00"), ("2026-11-24", "11:00", "13:00")))
    assert hours.elapsed(at("2026-11-24"), at("2026-11-25")) == 4 * HOUR


def test_c10_a_holiday_closes_the_whole_local_day() -> None:
    hours = calendar(holidays=("2026-11-24",))
    assert hours.elapsed(at("2026-11-24"), at("2026-11-25")) == timedelta()


def test_c10_an_extra_opening_wins_over_a_holiday() -> None:
    hours = calendar(holidays=("2026-12-24",), extra=(("2026-12-24", "09:00", "12:00"),))
    assert hours.add(at("2026-12-24 11:00"), 2 * HOUR) == at("2026-12-25 10:00")


def test_c10_the_weekly_windows_of_the_holiday_stay_closed() -> None:
    hours = calendar(holidays=("2026-12-24",), extra=(("2026-12-24", "20:00", "21:00"),))
    assert not hours.is_open(at("2026-12-24 10:00"))


# C11: seconds are kept


def test_c11_seconds_and_below_are_kept() -> None:
    reached = OFFICE.add(at("2026-11-24 17:45:10.123456"), 30 * MINUTE)
    assert iso(reached) == "2026-11-25T09:15:10.123456+01:00"


def test_c11_elapsed_keeps_microseconds() -> None:
    end = at("2026-11-24 10:00:00.000007")
    assert OFFICE.elapsed(at("2026-11-24 10:00"), end) == timedelta(microseconds=7)


# « ouvert jusqu’à … »


def test_next_opening_is_the_instant_itself_when_open() -> None:
    assert OFFICE.next_opening(at("2026-11-24 10:00:01")) == at("2026-11-24 10:00:01")


def test_next_closing_is_the_end_of_the_present_opening() -> None:
    assert OFFICE.next_closing(at("2026-11-24 09:00")) == at("2026-11-24 18:00")


def test_next_closing_at_a_closing_is_that_of_the_next_opening() -> None:
    assert OFFICE.next_closing(at("2026-11-27 18:00")) == at("2026-11-30 18:00")


def test_next_closing_goes_on_through_midnight() -> None:
    hours = calendar({"mon": [["22:00", "24:00"]], "tue": [["00:00", "06:00"]]})
    assert hours.next_closing(at("2026-11-23 23:00")) == at("2026-11-24 06:00")


def test_next_closing_of_a_desk_open_for_good_is_refused() -> None:
    with pytest.raises(NeverCloses, match="jour et nuit"):
        ROUND.next_closing(at("2026-11-24 10:00"))


def test_next_closing_of_a_round_desk_is_its_next_holiday_however_far() -> None:
    hours = calendar({day: [["00:00", "24:00"]] for day in ALL_DAYS}, holidays=("2035-05-01",))
    assert hours.next_closing(at("2026-11-24 10:00")) == at("2035-05-01")


def test_next_closing_of_a_round_desk_past_its_last_holiday_is_refused() -> None:
    hours = calendar({day: [["00:00", "24:00"]] for day in ALL_DAYS}, holidays=("2026-05-01",))
    with pytest.raises(NeverCloses):
        hours.next_closing(at("2026-11-24 10:00"))


# S15: the ledger


def told(ledger: tuple[Stretch, ...]) -> list[tuple[str, str, StretchKind, int | None]]:
    """The ledger with wall times as text."""
    return [(f"{s.start:%d %H:%M}", f"{s.end:%d %H:%M}", s.kind, s.pause) for s in ledger]


def test_s15_ledger_of_a_week_end() -> None:
    assert told(OFFICE.ledger(at("2026-11-20 17:45"), at("2026-11-23 09:15"))) == [
        ("20 17:45", "20 18:00", COUNTED, None),
        ("20 18:00", "23 09:00", CLOSED, None),
        ("23 09:00", "23 09:15", COUNTED, None),
    ]


def test_s15_ledger_tells_each_holiday_apart() -> None:
    hours = calendar(holidays=("2026-12-25", "2026-12-26"))
    assert told(hours.ledger(at("2026-12-24 17:00"), at("2026-12-28 10:00"))) == [
        ("24 17:00", "24 18:00", COUNTED, None),
        ("24 18:00", "25 00:00", CLOSED, None),
        ("25 00:00", "26 00:00", HOLIDAY, None),
        ("26 00:00", "27 00:00", HOLIDAY, None),
        ("27 00:00", "28 09:00", CLOSED, None),
        ("28 09:00", "28 10:00", COUNTED, None),
    ]


def test_s15_ledger_names_the_pause_that_began_first() -> None:
    pauses: list[Pause] = [
        (at("2026-11-24 12:00"), None),
        (at("2026-11-24 11:00"), at("2026-11-24 13:00")),
    ]
    assert told(OFFICE.ledger(at("2026-11-24 10:00"), at("2026-11-24 20:00"), pauses)) == [
        ("24 10:00", "24 11:00", COUNTED, None),
        ("24 11:00", "24 13:00", PAUSED, 1),
        ("24 13:00", "24 18:00", PAUSED, 0),
        ("24 18:00", "24 20:00", CLOSED, None),
    ]


def test_s15_ledger_names_the_first_given_of_pauses_that_began_together() -> None:
    noon, end = at("2026-11-24 12:00"), at("2026-11-24 13:00")
    ledger = OFFICE.ledger(noon, end, [(noon, None), (noon, end)])
    assert [stretch.pause for stretch in ledger] == [0]


def test_s15_ledger_of_an_empty_span_is_empty() -> None:
    assert OFFICE.ledger(at("2026-11-24 10:00"), at("2026-11-24 10:00")) == ()


# Cases that broke other systems


def test_declared_friday_17_45_is_due_monday_09_15() -> None:
    assert OFFICE.add(at("2026-11-20 17:45"), 30 * MINUTE) == at("2026-11-23 09:15")


def test_declared_friday_17_45_is_due_tuesday_09_15_if_monday_is_a_holiday() -> None:
    hours = calendar(holidays=("2026-11-23",))
    assert hours.add(at("2026-11-20 17:45"), 30 * MINUTE) == at("2026-11-24 09:15")


def test_declared_sunday_is_counted_from_monday() -> None:
    assert OFFICE.add(at("2026-11-22 15:00"), 30 * MINUTE) == at("2026-11-23 09:30")


def test_paused_friday_17_answered_saturday_runs_again_monday_09() -> None:
    pause = (at("2026-11-20 17:00"), at("2026-11-21 11:00"))
    assert OFFICE.add(at("2026-11-20 16:00"), 4 * HOUR, [pause]) == at("2026-11-23 12:00")


def test_two_pauses_in_a_day() -> None:
    pauses: list[Pause] = [
        (at("2026-11-24 10:00"), at("2026-11-24 10:30")),
        (at("2026-11-24 11:00"), at("2026-11-24 12:15")),
    ]
    assert OFFICE.add(at("2026-11-24 09:00"), 4 * HOUR, pauses) == at("2026-11-24 14:45")


def test_a_pause_across_a_holiday() -> None:
    hours = calendar(holidays=("2026-11-11",))
    pause = (at("2026-11-10 17:00"), at("2026-11-12 10:00"))
    assert hours.add(at("2026-11-10 16:00"), 2 * HOUR, [pause]) == at("2026-11-12 11:00")


def test_half_day_closure_on_24_december() -> None:
    hours = calendar(
        holidays=("2026-12-24", "2026-12-25"), extra=(("2026-12-24", "09:00", "12:00"),)
    )
    assert hours.add(at("2026-12-24 11:45"), 30 * MINUTE) == at("2026-12-28 09:15")


def test_an_alsace_moselle_agency_on_good_friday() -> None:
    france, alsace = calendar(), calendar(holidays=("2026-04-03",))
    start = at("2026-04-02 17:45")
    answers = france.add(start, 30 * MINUTE), alsace.add(start, 30 * MINUTE)
    assert answers == (at("2026-04-03 09:15"), at("2026-04-06 09:15"))


def test_a_fixed_offset_is_a_zone_like_another() -> None:
    start = datetime(2026, 11, 24, 14, 30, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert iso(OFFICE.add(start, HOUR)) == "2026-11-24T11:00:00+01:00"
