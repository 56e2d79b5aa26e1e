"""The ledger in words, and the bar beside them (S15)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sla.drawing import draw
from sla.hours import OpeningHours, StretchKind
from sla.ledger import Hold, Ledger, Segment, ledger

PARIS = ZoneInfo("Europe/Paris")
NBSP = "\u00a0"
NAMES = {
    "2026-11-11": "Armistice",
    "2026-05-15": "pont de l’Ascension",
    "2026-05-14": "Ascension",
    "2026-04-06": "Lundi de Pâques",
}
WEEK = {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
DESK = OpeningHours.from_dict({"tz": "Europe/Paris", "weekly": WEEK, "holidays": list(NAMES)})
SATURDAYS = OpeningHours.from_dict(
    {"tz": "Europe/Paris", "weekly": {**WEEK, "sat": [["09:00", "12:00"]]}, "holidays": []}
)


def paris(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


def told(
    start: str, minutes: int, *, hours: OpeningHours = DESK, holds: tuple[Hold, ...] = ()
) -> Ledger:
    """The ledger from `start` to the deadline that many working minutes later."""
    spans = [(hold.start, hold.end) for hold in holds]
    due_at = hours.add(paris(start), timedelta(minutes=minutes), spans)
    assert due_at is not None
    return ledger([Segment(paris(start), due_at, hours, NAMES)], holds, due_at=due_at)


def plain(text: str) -> str:
    return text.replace(NBSP, " ")


def closures(found: Ledger) -> list[str]:
    return [line.what for line in found.lines if not line.counted]


# --- words ----------------------------------------------------------------------------------------


def test_s15_the_issues_example_word_for_word() -> None:
    assert told("2026-11-20T17:45", 30).sentence == (
        "ven.\u00a020\u00a0nov. 17\u00a0h\u00a045\u00a0→ 18\u00a0h\u00a000\u00a0: "
        "15\u00a0min comptées · "
        "18\u00a0h\u00a000\u00a0→ lun.\u00a023\u00a0nov. 9\u00a0h\u00a000\u00a0: "
        "support fermé (week-end) · "
        "9\u00a0h\u00a000\u00a0→ 9\u00a0h\u00a015\u00a0: 15\u00a0min comptées, échéance"
    )


@pytest.mark.parametrize(
    ("start", "says"),
    [
        ("2026-11-17T17:45", "support fermé (nuit)"),
        ("2026-11-10T17:45", "support fermé (Armistice)"),
        ("2026-05-13T17:45", "support fermé (week-end, Ascension, pont de l’Ascension)"),
        ("2026-04-03T17:45", "support fermé (week-end, Lundi de Pâques)"),
        ("2026-11-22T15:00", "support fermé (week-end)"),
        ("2026-11-17T07:00", "support fermé"),
    ],
)
def test_s15_one_closure_is_one_line_with_its_reasons(start: str, says: str) -> None:
    assert closures(told(start, 30)) == [says]


def test_s15_a_night_before_an_open_saturday_is_no_week_end() -> None:
    found = told("2026-11-20T17:45", 30, hours=SATURDAYS)
    assert closures(found) == ["support fermé (nuit)"]


def test_s15_seconds_are_shown_when_there_are_any() -> None:
    found = told("2026-11-20T17:58:20", 30)
    assert plain(found.lines[0].when) == "ven. 20 nov. 17 h 58 min 20 s → 18 h 00"
    assert [plain(line.figure) for line in found.lines] == ["1 min 40 s", "63 h", "28 min 20 s"]


def test_s15_parts_of_a_second_never_spoil_the_sum() -> None:
    start = paris("2026-11-20T17:58:20").replace(microsecond=900_000)
    due_at = DESK.add(start, timedelta(minutes=30))
    found = ledger([Segment(start, due_at, DESK, NAMES)], due_at=due_at)
    counted = [int(line.length.total_seconds()) for line in found.lines if line.counted]
    assert (counted, sum(counted)) == ([100, 1700], 1800)
    assert found.wall == due_at - start.replace(tzinfo=None).replace(tzinfo=PARIS)


def test_s15_a_pause_says_why_and_who_once() -> None:
    hold = Hold(
        paris("2026-11-17T17:00"), paris("2026-11-18T10:00"), "suspendu, en attente", "Le\njournal",
        "Inès Roy",
    )  # fmt: skip
    found = told("2026-11-17T16:00", 120, holds=(hold,))
    assert plain(found.sentence) == (
        "mar. 17 nov. 16 h 00 → 17 h 00 : 1 h comptée · "
        "17 h 00 → 18 h 00 : suspendu, en attente (« Le journal », Inès Roy) · "
        "18 h 00 → mer. 18 nov. 9 h 00 : support fermé (nuit) · "
        "9 h 00 → 10 h 00 : suspendu, en attente · "
        "10 h 00 → 11 h 00 : 1 h comptée, échéance"
    )
    assert plain(found.sums[1]) == (
        "Durée totale : 19 h = 2 h comptées + 15 h de fermeture + 2 h de suspension"
    )


def test_s15_what_came_after_the_deadline_is_told_apart() -> None:
    start, end = paris("2026-11-17T10:00"), paris("2026-11-17T10:45")
    due_at = paris("2026-11-17T10:30")
    found = ledger([Segment(start, end, DESK, NAMES)], due_at=due_at, ended="prise en charge")
    assert [plain(line.words) for line in found.lines] == [
        "30 min comptées, échéance", "15 min comptées, après l’échéance, prise en charge",
    ]  # fmt: skip
    assert plain(found.sums[0]) == "Compté : 45 min, dont 15 min après l’échéance"


def test_s15_a_running_promise_is_cut_at_now() -> None:
    start, due_at = paris("2026-11-17T10:00"), paris("2026-11-17T10:30")
    found = ledger(
        [Segment(start, due_at, DESK, NAMES)], due_at=due_at, now=paris("2026-11-17T10:12")
    )
    assert [(plain(line.figure), line.is_ahead) for line in found.lines] == [
        ("12 min", False), ("18 min", True),
    ]  # fmt: skip
    assert plain(found.sums[0]) == "Compté : 12 min, et 18 min à venir jusqu’à l’échéance"


def test_s15_the_year_is_said_when_it_changes() -> None:
    found = told("2026-12-31T17:45", 30)
    assert plain(found.lines[1].when) == "18 h 00 → ven. 1er janv. 2027 9 h 00"


def test_s12_a_promise_counted_on_two_calendars_is_one_ledger() -> None:
    start, change, end = (paris(f"2026-11-{day}") for day in ("20T17:00", "20T20:00", "21T10:00"))
    found = ledger(
        [Segment(start, change, DESK, {}), Segment(change, end, SATURDAYS, {})], due_at=end
    )
    assert [(line.kind, plain(line.figure)) for line in found.lines] == [
        (StretchKind.COUNTED, "1 h"), (StretchKind.CLOSED, "15 h"), (StretchKind.COUNTED, "1 h"),
    ]  # fmt: skip
    assert found.wall == end - start


def test_c4_a_clock_change_adds_up() -> None:
    found = told("2026-10-23T17:45", 30)
    assert plain(found.lines[1].figure) == "64 h"
    assert found.wall == timedelta(hours=64, minutes=30)


# --- the bar --------------------------------------------------------------------------------------


def widths(found: Ledger) -> list[float]:
    return [float(block.width.rstrip("%")) for block in draw(found).blocks]


def test_s15_the_bar_is_full_and_working_time_is_to_scale() -> None:
    found = widths(told("2026-11-20T17:40", 60))
    assert sum(found) == pytest.approx(100, abs=0.1)
    assert found[2] == pytest.approx(2 * found[0], rel=0.01)


def test_s15_a_week_end_does_not_crush_the_quarter_of_an_hour() -> None:
    quarter, week_end, _rest = widths(told("2026-11-20T17:45", 30))
    assert week_end < quarter


def test_s15_kinds_of_time_differ_by_shape() -> None:
    hold = Hold(paris("2026-11-10T17:50"), paris("2026-11-10T17:55"), "suspendu")
    shapes = [block.shape for block in draw(told("2026-11-10T17:45", 15, holds=(hold,))).blocks]
    assert shapes == ["counted", "paused", "counted", "holiday", "counted"]


def test_s15_marks_stand_at_their_instants() -> None:
    start, due_at = paris("2026-11-17T10:00"), paris("2026-11-17T11:00")
    found = draw(
        ledger([Segment(start, due_at, DESK, {})], due_at=due_at, now=paris("2026-11-17T10:15"))
    )
    assert found.now is not None
    assert found.due is not None
    assert (found.now.x, plain(found.now.label)) == ("25.00%", "maintenant 10 h 15")
    assert (found.due.x, found.due.anchor, plain(found.due.label)) == (
        "100.00%", "end", "échéance 11 h 00",
    )  # fmt: skip


def test_s15_a_promise_met_early_shows_the_time_it_did_not_use() -> None:
    start, end, due_at = (paris(f"2026-11-17T{hour}:00") for hour in ("10", "11", "14"))
    found = draw(ledger([Segment(start, end, DESK, {})], due_at=due_at, ended="résolution"))
    assert [block.css for block in found.blocks] == ["past", "spare"]
    assert found.done is not None
    assert (found.done.x, plain(found.done.label)) == ("25.00%", "résolution 11 h 00")


def test_s15_an_instant_end_draws_and_says_nothing_counted() -> None:
    start = datetime(2026, 11, 17, 9, tzinfo=UTC)
    found = ledger([Segment(start, start, DESK, {})], due_at=start, ended="prise en charge")
    assert (found.lines, draw(found).blocks, found.wall) == ((), [], timedelta(0))
