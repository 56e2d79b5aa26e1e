"""Reading and writing a calendar's dict, the form used for storage, import and export.

Bad data is refused whole, with a French sentence that names the field: a calendar decides what
customers are promised, so nothing in it is guessed or ignored.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from itertools import pairwise
from typing import NamedTuple, NoReturn
from zoneinfo import available_timezones

from sla.hours.errors import InvalidCalendar

Window = tuple[int, int]  # minutes since local midnight: opens, closes (1440 is 24:00)
ExtraOpening = tuple[date, int, int]

DAYS = {
    "mon": "lundi",
    "tue": "mardi",
    "wed": "mercredi",
    "thu": "jeudi",
    "fri": "vendredi",
    "sat": "samedi",
    "sun": "dimanche",
}
REQUIRED = {"tz": "le fuseau horaire", "weekly": "la semaine type", "holidays": "les jours fériés"}
EXTRA_KEYS = ("date", "from", "to")
TIME = re.compile(r"([0-9]{2}):([0-9]{2})")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MIDNIGHT = 24 * 60


class Rules(NamedTuple):
    """A calendar's content in normal form: equal content, equal value."""

    tz: str
    weekly: tuple[tuple[Window, ...], ...]
    holidays: frozenset[date]
    extra_openings: tuple[ExtraOpening, ...]


def read(data: object) -> Rules:
    """The rules in `data`; `InvalidCalendar` (a ValueError) names the first wrong field."""
    fields = _mapping(data, "calendar", "Calendrier")
    for key, label in REQUIRED.items():
        if key not in fields:
            _refuse(key, f"Il manque au calendrier le champ « {key} » ({label}).")
    _known_keys(fields, (*REQUIRED, "extra_openings"), "calendar", "Calendrier")
    return Rules(
        tz=_zone(fields["tz"]),
        weekly=_weekly(fields["weekly"]),
        holidays=frozenset(
            _date(item, f"holidays[{i}]", f"Jours fériés (holidays), ligne {i + 1}")
            for i, item in enumerate(_list(fields["holidays"], "holidays", "Jours fériés"))
        ),
        extra_openings=tuple(sorted(set(_extra_openings(fields.get("extra_openings", []))))),
    )


def write(rules: Rules) -> dict[str, object]:
    """The dict that `read` turns back into the same rules; only plain JSON types."""
    data: dict[str, object] = {
        "tz": rules.tz,
        "weekly": {
            day: [[_clock(opens), _clock(closes)] for opens, closes in windows]
            for day, windows in zip(DAYS, rules.weekly, strict=True)
            if windows
        },
        "holidays": [day.isoformat() for day in sorted(rules.holidays)],
    }
    if rules.extra_openings:
        data["extra_openings"] = [
            {"date": day.isoformat(), "from": _clock(opens), "to": _clock(closes)}
            for day, opens, closes in rules.extra_openings
        ]
    return data


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _zone(value: object) -> str:
    if not isinstance(value, str) or value not in _zones():
        _refuse("tz", f"Fuseau horaire (tz) : {_shown(value)} n’est pas un fuseau connu.")
    return value


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _weekly(value: object) -> tuple[tuple[Window, ...], ...]:
    week = _mapping(value, "weekly", "Semaine type (weekly)")
    _known_keys(week, DAYS, "weekly", "Semaine type (weekly)")
    return tuple(_day(week.get(day, []), f"weekly.{day}", name) for day, name in DAYS.items())


def _day(value: object, path: str, name: str) -> tuple[Window, ...]:
    label = f"Horaires du {name} ({path})"
    windows = sorted(
        _window(item, f"{path}[{i}]", f"{label}, plage {i + 1}")
        for i, item in enumerate(_list(value, path, label))
    )
    for (opens, closes), (next_opens, next_closes) in pairwise(windows):
        if next_opens < closes:
            first = f"{_clock(opens)}-{_clock(closes)}"
            second = f"{_clock(next_opens)}-{_clock(next_closes)}"
            _refuse(path, f"{label} : les plages {first} et {second} se chevauchent.")
    return tuple(windows)


def _window(value: object, path: str, label: str) -> Window:
    pair = _list(value, path, label)
    if len(pair) != 2:
        _refuse(path, f"{label} : il faut deux heures, l’ouverture et la fermeture.")
    return _open_then_close(pair[0], pair[1], path, label)


def _open_then_close(start: object, end: object, path: str, label: str) -> Window:
    opens, closes = _time(start, path, label), _time(end, path, label)
    if closes <= opens:
        hint = " Une nuit s’écrit en deux plages : jusqu’à 24:00, puis à partir de 00:00."
        order = f"la fermeture ({_clock(closes)}) doit venir après l’ouverture ({_clock(opens)})."
        _refuse(path, f"{label} : {order}{hint}")
    return opens, closes


def _time(value: object, path: str, label: str) -> int:
    found = TIME.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        _refuse(path, f"{label} : {_shown(value)} n’est pas une heure de la forme 09:00.")
    hours, minutes = int(found[1]), int(found[2])
    if minutes > 59 or hours * 60 + minutes > MIDNIGHT:
        _refuse(path, f"{label} : {_shown(value)} dépasse la journée (de 00:00 à 24:00).")
    return hours * 60 + minutes


def _extra_openings(value: object) -> Iterator[ExtraOpening]:
    name = "Ouvertures exceptionnelles (extra_openings)"
    for i, item in enumerate(_list(value, "extra_openings", name)):
        path, label = f"extra_openings[{i}]", f"{name}, ligne {i + 1}"
        fields = _mapping(item, path, label)
        for key in EXTRA_KEYS:
            if key not in fields:
                _refuse(f"{path}.{key}", f"{label} : il manque le champ « {key} ».")
        _known_keys(fields, EXTRA_KEYS, path, label)
        day = _date(fields["date"], f"{path}.date", label)
        yield day, *_open_then_close(fields["from"], fields["to"], path, label)


def _date(value: object, path: str, label: str) -> date:
    if not isinstance(value, str) or DATE.fullmatch(value) is None:
        _refuse(path, f"{label} : {_shown(value)} n’est pas une date de la forme 2026-12-25.")
    try:
        return date.fromisoformat(value)
    except ValueError:
        _refuse(path, f"{label} : le jour {_shown(value)} n’existe pas.")


def _mapping(value: object, path: str, label: str) -> Mapping[object, object]:
    if not isinstance(value, Mapping):
        _refuse(path, f"{label} : un objet est attendu, pas {_shown(value)}.")
    return value


def _list(value: object, path: str, label: str) -> list[object] | tuple[object, ...]:
    if not isinstance(value, list | tuple):
        _refuse(path, f"{label} : une liste est attendue, pas {_shown(value)}.")
    return value


def _known_keys(
    fields: Mapping[object, object], known: Iterable[str], path: str, label: str
) -> None:
    allowed = tuple(known)
    for key in fields:
        if key not in allowed:
            names = ", ".join(allowed)
            _refuse(path, f"{label} : le champ {_shown(key)} est inconnu (attendus : {names}).")


def _shown(value: object) -> str:
    """A short safe wording of a wrong value: no repr of what may be huge or nested."""
    if isinstance(value, str):
        text = "".join(c if c.isprintable() else "?" for c in value[:41])
        return f"« {text[:40]}… »" if len(text) > 40 else f"« {text} »"
    if value is None:
        return "une valeur vide"
    if isinstance(value, int | float):
        return "un nombre"
    if isinstance(value, Mapping):
        return "un objet"
    return "une liste" if isinstance(value, list | tuple) else "une valeur d’un autre type"


def _refuse(field: str, sentence: str) -> NoReturn:
    raise InvalidCalendar(field, sentence)
