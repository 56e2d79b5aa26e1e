"""The state of a licence on a day (P9): bounds included, nothing else than dates."""

from __future__ import annotations

from datetime import date

import pytest

from foundation.wording import NBSP
from licences.enums import LicenceState
from licences.lifecycle import standing

START = date(2026, 1, 1)
DAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "state", "days_left"),
    [
        (START, date(2026, 11, 22), LicenceState.EXPIRED, None),
        (START, date(2026, 11, 23), LicenceState.EXPIRING, 0),
        (START, date(2026, 11, 24), LicenceState.EXPIRING, 1),
        (START, date(2027, 2, 21), LicenceState.EXPIRING, 90),
        (START, date(2027, 2, 22), LicenceState.ACTIVE, 91),
        (START, None, LicenceState.ACTIVE, None),
        (DAY, None, LicenceState.ACTIVE, None),
        (date(2026, 11, 24), None, LicenceState.UPCOMING, None),
        (date(2026, 11, 24), date(2026, 12, 1), LicenceState.UPCOMING, None),
    ],
)
def test_p9_state_on_a_day(
    starts_on: date, ends_on: date | None, state: LicenceState, days_left: int | None
) -> None:
    found = standing(starts_on, ends_on, DAY)

    assert (found.state, found.days_left) == (state, days_left)


@pytest.mark.parametrize(
    ("ends_on", "label"),
    [
        (date(2026, 11, 22), "expirée"),
        (date(2026, 11, 23), "expire aujourd’hui"),
        (date(2026, 11, 24), f"expire dans 1{NBSP}jour"),
        (date(2026, 12, 13), f"expire dans 20{NBSP}jours"),
        (date(2028, 1, 1), "active"),
    ],
)
def test_p9_state_in_words(ends_on: date, label: str) -> None:
    assert standing(START, ends_on, DAY).label == label
