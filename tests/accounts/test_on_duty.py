"""Who is on duty in an agency on a day (S11), and who lacks a training (P10)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from accounts.models import Agency, User
from accounts.queries import on_duty, training_gaps, trainings_ending
from tests.factories.accounts import (
    make_absence,
    make_administrator,
    make_agency,
    make_engineer,
    make_manager,
    make_training,
    make_user,
)

MONDAY = date(2026, 11, 23)

pytestmark = pytest.mark.django_db


@pytest.fixture
def lyon() -> Agency:
    return make_agency(name="Lyon")


def away(engineer: User, substitute: User | None = None, *, days: int = 0) -> None:
    make_absence(
        engineer, starts_on=MONDAY, ends_on=MONDAY + timedelta(days=days), substitute=substitute
    )


def test_s11_the_engineers_of_the_agency(lyon: Agency) -> None:
    here = {make_engineer(agency=lyon), make_engineer(agency=lyon)}
    make_engineer()
    assert set(on_duty(lyon, MONDAY)) == here


def test_s11_managers_of_the_agency_help_out(lyon: Agency) -> None:
    here = {make_engineer(agency=lyon), make_manager(agency=lyon)}
    make_administrator()
    assert set(on_duty(lyon, MONDAY)) == here


def test_s11_somebody_absent_is_not_on_duty(lyon: Agency) -> None:
    present, absent = make_engineer(agency=lyon), make_engineer(agency=lyon)
    away(absent)
    assert on_duty(lyon, MONDAY) == [present]


def test_s11_the_substitute_stands_in_from_any_agency(lyon: Agency) -> None:
    absent, substitute = make_engineer(agency=lyon), make_engineer()
    away(absent, substitute)
    assert on_duty(lyon, MONDAY) == [substitute]


def test_s11_a_substitute_of_the_agency_is_named_once(lyon: Agency) -> None:
    absent, substitute = make_engineer(agency=lyon), make_engineer(agency=lyon)
    away(absent, substitute)
    assert on_duty(lyon, MONDAY) == [substitute]


def test_s11_an_absent_substitute_stands_in_for_nobody(lyon: Agency) -> None:
    absent, substitute, present = (
        make_engineer(agency=lyon),
        make_engineer(),
        make_engineer(agency=lyon),
    )
    away(absent, substitute)
    away(substitute)
    assert on_duty(lyon, MONDAY) == [present]


def test_s11_a_closed_substitute_stands_in_for_nobody(lyon: Agency) -> None:
    absent, substitute = make_engineer(agency=lyon), make_engineer(is_active=False)
    present = make_engineer(agency=lyon)
    away(absent, substitute)
    assert on_duty(lyon, MONDAY) == [present]


def test_s11_closed_accounts_are_not_on_duty(lyon: Agency) -> None:
    present = make_engineer(agency=lyon)
    make_engineer(agency=lyon, is_active=False)
    assert on_duty(lyon, MONDAY) == [present]


def test_s11_the_substitute_of_somebody_closed_is_not_called(lyon: Agency) -> None:
    left, present = make_engineer(agency=lyon, is_active=False), make_engineer(agency=lyon)
    away(left, make_engineer())
    assert on_duty(lyon, MONDAY) == [present]


def test_s11_nobody_left_means_every_engineer(lyon: Agency) -> None:
    alone, elsewhere = make_engineer(agency=lyon), make_engineer()
    away(alone)
    make_user()
    assert set(on_duty(lyon, MONDAY)) == {alone, elsewhere}


def test_s11_an_agency_without_engineers_means_every_engineer(lyon: Agency) -> None:
    everyone = {make_engineer(), make_engineer()}
    assert set(on_duty(lyon, MONDAY)) == everyone


@pytest.mark.parametrize(("days", "on"), [(-1, True), (0, False), (2, False), (3, True)])
def test_s11_both_ends_of_an_absence_are_days_away(lyon: Agency, days: int, on: bool) -> None:
    present, absent = make_engineer(agency=lyon), make_engineer(agency=lyon)
    away(absent, days=2)
    assert (absent in on_duty(lyon, MONDAY + timedelta(days=days))) == on
    assert present in on_duty(lyon, MONDAY + timedelta(days=days))


def test_p10_an_engineer_without_a_training_this_year_is_a_gap() -> None:
    trained, untrained, last_year, project_only = [make_engineer() for _each in range(4)]
    make_training(trained, done_on=date(2026, 3, 2))
    make_training(last_year, done_on=date(2025, 12, 31))
    make_training(project_only, done_on=date(2026, 5, 4), is_field_project=True)
    assert set(training_gaps(on=MONDAY)) == {untrained, last_year, project_only}


def test_p10_an_expired_or_coming_training_does_not_count() -> None:
    expired, coming = make_engineer(), make_engineer()
    make_training(expired, done_on=date(2026, 1, 5), expires_on=date(2026, 11, 22))
    make_training(coming, done_on=date(2026, 12, 1))
    assert set(training_gaps(on=MONDAY)) == {expired, coming}


@pytest.mark.parametrize(("days", "is_said"), [(-1, False), (0, True), (90, True), (91, False)])
def test_e24_a_certification_is_said_to_end_ninety_days_before(days: int, is_said: bool) -> None:
    training = make_training(
        make_engineer(), done_on=date(2025, 1, 6), expires_on=MONDAY + timedelta(days=days)
    )
    assert list(trainings_ending(on=MONDAY)) == ([training] if is_said else [])


@pytest.mark.parametrize(
    ("vendor", "expires_on", "is_said"),
    [
        ("Autodesk", date(2028, 1, 1), False),
        ("Autodesk", None, False),
        ("Trimble", date(2028, 1, 1), True),
    ],
)
def test_e24_not_when_a_later_one_of_the_vendor_replaces_it(
    vendor: str, expires_on: date | None, is_said: bool
) -> None:
    engineer = make_engineer()
    ending = make_training(
        engineer, done_on=date(2025, 1, 6), expires_on=MONDAY + timedelta(days=9)
    )
    make_training(engineer, done_on=date(2026, 1, 6), expires_on=expires_on, vendor=vendor)
    assert (ending in trainings_ending(on=MONDAY)) is is_said
