"""The judge of random histories, judged by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sla.enums import CommitmentKind, Severity
from tests.sla.oracle import DAYS
from tests.tickets.history_oracle import (
    ACKNOWLEDGEMENT,
    RESOLUTION,
    Desk,
    Done,
    Judge,
    Promised,
    Watch,
    instant,
    stamp,
)

OFFICE = {
    "tz": "Europe/Paris",
    "weekly": {day: [["09:00", "18:00"]] for day in DAYS[:5]},
    "holidays": [],
}
CHARTER = Promised(
    calendar=OFFICE,
    minutes=dict(
        zip(
            [(kind, severity) for kind in CommitmentKind for severity in Severity],
            [30, 60, 120, 240, 540, 1620],
            strict=True,
        )
    ),
    pauses_on_vendor=False,
)
TUESDAY_10 = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return TUESDAY_10 + timedelta(minutes=minutes)


def judge(*acts: Done) -> Judge:
    """A judge who lived through a blocking incident of Tuesday 10:00 and these acts."""
    judge = Judge(CHARTER)
    for act in (Done("declare", at(0), "customer", Severity.BLOCKING), *acts):
        assert judge.apply(act)
    return judge


def fallen(watch: Watch) -> dict[int, datetime]:
    return {percent: instant(when) for percent, when in watch.rungs.items()}


def test_friday_1745_is_due_monday_0915() -> None:
    friday = datetime(2026, 11, 20, 16, 45, tzinfo=UTC)
    found = Desk(OFFICE).used_up(stamp(friday), 30 * 60_000_000)
    assert instant(found) == datetime(2026, 11, 23, 8, 15, tzinfo=UTC)


@pytest.mark.parametrize("seconds", [1, 3600])
def test_nothing_is_counted_backwards(seconds: int) -> None:
    start = stamp(at(1))
    assert Desk(OFFICE).counted(start, start - seconds * 1_000_000) == 0


def test_ten_working_days_end_at_a_closing() -> None:
    end = Desk(OFFICE).end_of_working_day(stamp(at(0)), 10)
    assert instant(end) == datetime(2026, 12, 8, 17, 0, tzinfo=UTC)


def test_s10_rungs_fall_at_their_instants() -> None:
    watch = judge(Done("sweep", at(200))).current(ACKNOWLEDGEMENT)
    assert fallen(watch) == {50: at(15), 75: at(22.5), 100: at(30), 150: at(45)}


def test_s17_met_at_the_due_instant_is_met() -> None:
    watch = judge(Done("acknowledge", at(30))).current(ACKNOWLEDGEMENT)
    assert (watch.breached, watch.met, sorted(watch.rungs)) == (None, stamp(at(30)), [50, 75])


def test_s5_a_pause_puts_the_deadline_off() -> None:
    lived = judge(
        Done("acknowledge", at(0)), Done("wait_customer", at(60)),
        Done("message", at(120), "customer"),
    )  # fmt: skip
    assert lived.due(lived.current(RESOLUTION)) == stamp(at(300))


def test_s5_without_the_promise_the_vendor_pauses_nothing() -> None:
    lived = judge(Done("acknowledge", at(0)), Done("wait_vendor", at(60)))
    assert lived.due(lived.current(RESOLUTION)) == stamp(at(240))


def test_s7_lowering_counts_the_new_target_from_the_start() -> None:
    lived = judge(Done("requalify", at(10), severity=Severity.IMPAIRING))
    assert lived.due(lived.current(ACKNOWLEDGEMENT)) == stamp(at(60))


def test_s14_a_breach_that_no_longer_holds_is_taken_back() -> None:
    lived = judge(Done("acknowledge", at(50)), Done("correct", at(60), "manager", moment=at(20)))
    watch = lived.current(ACKNOWLEDGEMENT)
    assert (watch.breached, watch.used, sorted(watch.rungs)) == (
        None, 20 * 60_000_000, [50, 75, 100, 150],
    )  # fmt: skip


def test_s18_what_was_open_ends_void() -> None:
    lived = judge(Done("cancel", at(45), "customer"))
    voided = [watch.voided for watch in lived.watches]
    assert voided == [None, stamp(at(45))]


def test_asking_moves_no_clock_and_no_status() -> None:
    lived = judge(
        Done("acknowledge", at(5)), Done("wait_customer", at(10)),
        Done("escalate", at(15), "customer"),
        Done("ask_severity", at(20), "customer", Severity.IMPAIRING),
        Done("answer", at(25), "manager"), Done("decline", at(30)), Done("resume", at(70)),
    )  # fmt: skip
    resolution = lived.current(RESOLUTION)
    assert lived.due(resolution) == stamp(at(240 + 60))


def test_what_is_asked_twice_is_refused() -> None:
    lived = judge(Done("escalate", at(15), "customer"), Done("answer", at(20), "manager"))
    assert not lived.apply(Done("escalate", at(25), "customer"))
    assert not lived.apply(Done("answer", at(30), "manager"))
