"""How instants, durations, sizes and numbers read in French."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from foundation import wording
from foundation.templatetags import wording as filters

N = "\u00a0"
# 16:45 in Paris, in winter.
MONDAY = datetime(2026, 11, 23, 15, 45, tzinfo=UTC)


def test_day_has_weekday_and_year() -> None:
    assert wording.day(date(2026, 11, 23)) == f"lun.{N}23{N}nov. 2026"


def test_first_of_a_month_is_premier() -> None:
    assert wording.day(date(2026, 4, 1)) == f"mer.{N}1er{N}avr. 2026"


def test_hour_keeps_two_digits_for_minutes() -> None:
    assert wording.hour(datetime(2026, 7, 1, 7, 5, tzinfo=UTC)) == f"9{N}h{N}05"


@pytest.mark.parametrize(
    ("minutes", "said"), [(0, f"9{N}h"), (30, f"9{N}h{N}30"), (5, f"9{N}h{N}05")]
)
def test_opening_hour_is_said_without_zeros(minutes: int, said: str) -> None:
    assert wording.opening_hour(datetime(2026, 11, 23, 8, minutes, tzinfo=UTC)) == said


def test_instant_is_on_the_paris_wall_clock() -> None:
    assert wording.instant(MONDAY) == f"lun.{N}23{N}nov. 2026 à 16{N}h{N}45"


def test_instant_near_midnight_takes_the_day_of_paris() -> None:
    late = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)
    assert wording.instant(late) == f"mer.{N}1er{N}juil. 2026 à 0{N}h{N}30"


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (0, "aujourd’hui"),
        (1, "demain"),
        (-1, "hier"),
        (2, f"mer.{N}25{N}nov."),
        (-2, f"sam.{N}21{N}nov."),
        (60, f"ven.{N}22{N}janv. 2027"),
    ],
)
def test_near_instant_says_the_day_as_people_do(days: int, said: str) -> None:
    at = MONDAY + timedelta(days=days)
    assert wording.near_instant(at, MONDAY) == f"{said} à 16{N}h{N}45"


def test_near_instant_counts_days_of_paris_not_of_utc() -> None:
    now = datetime(2026, 11, 23, 22, 30, tzinfo=UTC)  # 23:30 in Paris
    after_midnight = datetime(2026, 11, 23, 23, 15, tzinfo=UTC)
    assert wording.near_instant(after_midnight, now) == f"demain à 0{N}h{N}15"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (timedelta(0), f"0{N}s"),
        (timedelta(seconds=59, microseconds=999_999), f"59{N}s"),
        (timedelta(minutes=12, seconds=59), f"12{N}min"),
        (timedelta(hours=1), f"1{N}h"),
        (timedelta(hours=2, minutes=5), f"2{N}h{N}05"),
        (timedelta(hours=27), f"27{N}h"),
        (-timedelta(minutes=3), f"3{N}min"),
    ],
)
def test_duration_cuts_and_never_rounds_up(value: timedelta, said: str) -> None:
    assert wording.duration(value) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (timedelta(0), f"0{N}s ouvrée"),
        (timedelta(minutes=1), f"1{N}min ouvrée"),
        (timedelta(hours=1), f"1{N}h ouvrée"),
        (timedelta(minutes=12), f"12{N}min ouvrées"),
        (timedelta(hours=1, minutes=30), f"1{N}h{N}30 ouvrées"),
        (timedelta(hours=10), f"10{N}h ouvrées"),
    ],
)
def test_working_time_agrees_in_number(value: timedelta, said: str) -> None:
    assert wording.working(value) == said


@pytest.mark.parametrize(
    ("octets", "said"),
    [
        (0, f"0{N}octet"),
        (1, f"1{N}octet"),
        (999, f"999{N}octets"),
        (1000, f"1{N}Ko"),
        (1_400_000, f"1,4{N}Mo"),
        (99_960_000, f"100{N}Mo"),
        (999_960, f"1{N}Mo"),
        (52_428_800, f"52,4{N}Mo"),
        (3_200_000_000, f"3,2{N}Go"),
        (1_500_000_000_000, f"1500{N}Go"),
    ],
)
def test_size_has_a_comma_and_the_right_unit(octets: int, said: str) -> None:
    assert wording.size(octets) == said


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "0"), (1, "1"), (2, "2")],
)
def test_plural_starts_at_two(number: int, said: str) -> None:
    word = "incident" if number < 2 else "incidents"
    assert wording.count(number, "incident") == f"{said}{N}{word}"


def test_irregular_plural_is_given() -> None:
    assert filters.count_fr(3, "cheval,chevaux") == f"3{N}chevaux"


def test_thousands_are_parted_by_a_narrow_space() -> None:
    assert wording.count(12_345, "incident") == f"12\u202f345{N}incidents"


@pytest.mark.parametrize(
    "filtered",
    [
        filters.day_fr(None),
        filters.instant_fr(None),
        filters.hour_fr(None),
        filters.near(None, MONDAY),
        filters.duration_fr(None),
        filters.minutes_fr(None),
        filters.size_fr(None),
        filters.working_fr(None),
        filters.day_month_fr(None),
    ],
)
def test_a_missing_value_shows_nothing(filtered: str) -> None:
    assert filtered == ""


def test_day_filter_takes_an_instant_at_its_paris_day() -> None:
    late = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)
    assert filters.day_fr(late) == f"mer.{N}1er{N}juil. 2026"


def test_minutes_filter_reads_targets() -> None:
    assert filters.minutes_fr(30) == f"30{N}min"
    assert filters.minutes_fr(27 * 60) == f"27{N}h"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Bob", "de Bob"), ("Odile", "d’Odile"), ("Élise", "d’Élise"), ("Œuvre", "d’Œuvre"),
        ("ATELIER", "d’ATELIER"), ("e", "d’e"), ("Yves", "d’Yves"), ("Yann", "de Yann"),
        ("Hugo", "de Hugo"), ("", "de "), ("Y", "de Y"), ("3D & Cie", "de 3D & Cie"),
    ],
)  # fmt: skip
def test_de_elides_before_a_vowel(name: str, said: str) -> None:
    assert wording.elided("de", name) == said
    assert filters.elided(name, "de") == said


def test_que_elides_too() -> None:
    assert wording.elided("que", "Odile") == "qu’Odile"
