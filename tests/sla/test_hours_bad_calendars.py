"""What `from_dict` refuses: each with a French sentence that names the field."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from sla.hours import InvalidCalendar, OpeningHours

GOOD: dict[str, Any] = {
    "tz": "Europe/Paris",
    "weekly": {"mon": [["09:00", "12:00"], ["14:00", "18:00"]]},
    "holidays": ["2026-12-25"],
    "extra_openings": [{"date": "2026-12-24", "from": "09:00", "to": "12:00"}],
}
NESTED: list[Any] = []
for _ in range(100_000):
    NESTED = [NESTED]


def monday(*windows: Any) -> dict[str, Any]:
    """A calendar with these windows on Monday."""
    return {**GOOD, "weekly": {"mon": list(windows)}}


def extra(**fields: Any) -> dict[str, Any]:
    """A calendar with an extra opening changed by `fields`."""
    return {**GOOD, "extra_openings": [{**GOOD["extra_openings"][0], **fields}]}


def without(key: str) -> dict[str, Any]:
    """A calendar that lacks a field."""
    return {name: value for name, value in GOOD.items() if name != key}


BAD: dict[str, tuple[Any, str]] = {
    "window ends before it starts": (monday(["18:00", "09:00"]), "weekly.mon[0]"),
    "window of no length": (monday(["09:00", "09:00"]), "weekly.mon[0]"),
    "window past midnight": (monday(["22:00", "06:00"]), "weekly.mon[0]"),
    "window until 00:00": (monday(["18:00", "00:00"]), "weekly.mon[0]"),
    "opens at 24:00": (monday(["24:00", "24:00"]), "weekly.mon[0]"),
    "overlap": (monday(["09:00", "12:00"], ["11:59", "18:00"]), "weekly.mon"),
    "overlap in disorder": (monday(["11:00", "18:00"], ["09:00", "12:00"]), "weekly.mon"),
    "same window twice": (monday(["09:00", "12:00"], ["09:00", "12:00"]), "weekly.mon"),
    "25th hour": (monday(["09:00", "25:00"]), "weekly.mon[0]"),
    "a minute past 24:00": (monday(["09:00", "24:01"]), "weekly.mon[0]"),
    "60th minute": (monday(["09:60", "12:00"]), "weekly.mon[0]"),
    "hour without zero": (monday(["9:00", "12:00"]), "weekly.mon[0]"),
    "hour with seconds": (monday(["09:00:00", "12:00"]), "weekly.mon[0]"),
    "hour with other digits": (monday(["٠٩:٠٠", "12:00"]), "weekly.mon[0]"),
    "hour with a line end": (monday(["09:00\n", "12:00"]), "weekly.mon[0]"),
    "hour as number": (monday([9, 12]), "weekly.mon[0]"),
    "hour missing": (monday(["09:00"]), "weekly.mon[0]"),
    "three hours": (monday(["09:00", "12:00", "14:00"]), "weekly.mon[0]"),
    "window as text": (monday("09:00-12:00"), "weekly.mon[0]"),
    "second window wrong": (monday(["09:00", "12:00"], ["14:00", "13:00"]), "weekly.mon[1]"),
    "day as text": ({**GOOD, "weekly": {"mon": "09:00-12:00"}}, "weekly.mon"),
    "day as nothing": ({**GOOD, "weekly": {"mon": None}}, "weekly.mon"),
    "unknown day": ({**GOOD, "weekly": {"lundi": []}}, "weekly"),
    "day by number": ({**GOOD, "weekly": {0: []}}, "weekly"),
    "week as list": ({**GOOD, "weekly": []}, "weekly"),
    "week missing": (without("weekly"), "weekly"),
    "zone missing": (without("tz"), "tz"),
    "unknown zone": ({**GOOD, "tz": "Mars/Phobos"}, "tz"),
    "zone that is a folder": ({**GOOD, "tz": "Europe"}, "tz"),
    "zone that climbs": ({**GOOD, "tz": "../../etc/passwd"}, "tz"),
    "zone with a zero byte": ({**GOOD, "tz": "Europe/Paris\0"}, "tz"),
    "zone of endless length": ({**GOOD, "tz": "x" * 100_000}, "tz"),
    "zone empty": ({**GOOD, "tz": ""}, "tz"),
    "zone as number": ({**GOOD, "tz": 1}, "tz"),
    "holidays missing": (without("holidays"), "holidays"),
    "holidays as text": ({**GOOD, "holidays": "2026-12-25"}, "holidays"),
    "holiday as number": ({**GOOD, "holidays": [20261225]}, "holidays[0]"),
    "holiday compact": ({**GOOD, "holidays": ["20261225"]}, "holidays[0]"),
    "holiday by week": ({**GOOD, "holidays": ["2026-W52-5"]}, "holidays[0]"),
    "holiday in French order": ({**GOOD, "holidays": ["25/12/2026"]}, "holidays[0]"),
    "holiday that does not exist": ({**GOOD, "holidays": ["2026-02-30"]}, "holidays[0]"),
    "second holiday wrong": ({**GOOD, "holidays": ["2026-12-25", "x"]}, "holidays[1]"),
    "year zero": ({**GOOD, "holidays": ["0000-01-01"]}, "holidays[0]"),
    "extra as object": ({**GOOD, "extra_openings": {}}, "extra_openings"),
    "extra as nothing": ({**GOOD, "extra_openings": None}, "extra_openings"),
    "extra as list": ({**GOOD, "extra_openings": [["2026-12-24"]]}, "extra_openings[0]"),
    "extra with a bad date": (extra(date="2026-13-01"), "extra_openings[0].date"),
    "extra that ends first": (extra(to="08:00"), "extra_openings[0]"),
    "extra with a bad hour": (extra(**{"from": True}), "extra_openings[0]"),
    "extra with an unknown field": (extra(reason="fête"), "extra_openings[0]"),
    "extra without end": (
        {**GOOD, "extra_openings": [{"date": "2026-12-24", "from": "09:00"}]},
        "extra_openings[0].to",
    ),
    "unknown field": ({**GOOD, "timezone": "Europe/Paris"}, "calendar"),
    "not an object": ([], "calendar"),
    "nothing": (None, "calendar"),
    "endless number": ({**GOOD, "tz": 10**5_000}, "tz"),
    "deep garbage as calendar": (NESTED, "calendar"),
    "deep garbage as zone": ({**GOOD, "tz": NESTED}, "tz"),
    "deep garbage as window": (monday(NESTED), "weekly.mon[0]"),
    "deep garbage as hour": (monday([NESTED, NESTED]), "weekly.mon[0]"),
    "deep garbage as holiday": ({**GOOD, "holidays": NESTED}, "holidays[0]"),
    "deep garbage as key": ({**GOOD, ("a",) * 9: 1}, "calendar"),
}


@pytest.mark.parametrize(("data", "field"), BAD.values(), ids=BAD)
def test_bad_calendar_is_refused_and_the_field_named(data: Any, field: str) -> None:
    with pytest.raises(InvalidCalendar) as refusal:
        OpeningHours.from_dict(data)
    assert refusal.value.field == field


@pytest.mark.parametrize(("data", "field"), BAD.values(), ids=BAD)
def test_the_refusal_is_one_short_french_sentence(data: Any, field: str) -> None:
    with pytest.raises(ValueError, match=r"^[A-ZÀ-Ý].{20,220}\.$"):
        OpeningHours.from_dict(data)


SENTENCES = {
    "window ends before it starts": (
        "Horaires du lundi (weekly.mon), plage 1⍽: la fermeture (09:00) doit venir après"
        " l’ouverture (18:00). Une nuit s’écrit en deux plages⍽: jusqu’à 24:00,"
        " puis à partir de 00:00."
    ),
    "overlap": (
        "Horaires du lundi (weekly.mon)⍽: les plages 09:00-12:00 et 11:59-18:00 se chevauchent."
    ),
    "25th hour": (
        "Horaires du lundi (weekly.mon), plage 1⍽: «⍽25:00⍽» dépasse la journée (de 00:00 à 24:00)."
    ),
    "unknown zone": "Fuseau horaire (tz)⍽: «⍽Mars/Phobos⍽» n’est pas un fuseau connu.",
    "week missing": "Il manque au calendrier le champ «⍽weekly⍽» (la semaine type).",
    "holiday that does not exist": (
        "Jours fériés (holidays), ligne 1⍽: le jour «⍽2026-02-30⍽» n’existe pas."
    ),
    "extra with an unknown field": (
        "Ouvertures exceptionnelles (extra_openings), ligne 1⍽: le champ «⍽reason⍽» est inconnu"
        " (attendus⍽: date, from, to)."
    ),
    "extra without end": (
        "Ouvertures exceptionnelles (extra_openings), ligne 1⍽: il manque le champ «⍽to⍽»."
    ),
}


@pytest.mark.parametrize("name", SENTENCES)
def test_the_sentence_tells_what_to_mend(name: str) -> None:
    with pytest.raises(InvalidCalendar) as refusal:
        OpeningHours.from_dict(BAD[name][0])
    assert str(refusal.value) == SENTENCES[name].replace("⍽", "\u00a0")


def test_the_refusal_can_be_pickled() -> None:
    refusal = pickle.loads(pickle.dumps(InvalidCalendar("tz", "Fuseau inconnu.")))  # noqa: S301
    assert (refusal.field, str(refusal)) == ("tz", "Fuseau inconnu.")


def test_c6_a_calendar_without_any_opening_is_accepted() -> None:
    data = {"tz": "Europe/Paris", "weekly": {}, "holidays": []}
    assert OpeningHours.from_dict(data).to_dict() == data


def test_windows_that_touch_are_accepted() -> None:
    data = monday(["09:00", "12:00"], ["12:00", "18:00"])
    assert OpeningHours.from_dict(data).to_dict() == data
