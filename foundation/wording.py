"""Instants, durations, sizes the French way: one place, so that every page and mail agrees.

Everything is shown in Europe/Paris, whatever the calendar of a contract. Non-breaking spaces
stand where a careful typographer would put them.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from unicodedata import normalize
from zoneinfo import ZoneInfo

_VOWELS = frozenset("aeiouœæ")

PARIS = ZoneInfo("Europe/Paris")
NBSP = "\u00a0"

WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_DAYS = ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim.")
_MONTHS = (
    "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.",
    "déc.",
)  # fmt: skip


def paris(at: datetime) -> datetime:
    """The instant on the Paris wall clock."""
    return at.astimezone(PARIS)


def day(value: date) -> str:
    """« lun. 23 nov. 2026 »; the 1st is « 1er »."""
    return f"{day_without_year(value)} {value.year}"


def day_without_year(value: date) -> str:
    """« lun. 23 nov. »."""
    number = f"1er{NBSP}" if value.day == 1 else f"{value.day}{NBSP}"
    return f"{_DAYS[value.weekday()]}{NBSP}{number}{_MONTHS[value.month - 1]}"


def hour(at: datetime) -> str:
    """« 16 h 45 », « 9 h 00 », on the Paris wall clock."""
    local = paris(at)
    return f"{local.hour}{NBSP}h{NBSP}{local.minute:02d}"


def exact_hour(at: datetime) -> str:
    """« 16 h 45 », with the seconds when there are any: « 16 h 45 min 20 s »."""
    second = paris(at).second
    return f"{hour(at)}{NBSP}min{NBSP}{second:02d}{NBSP}s" if second else hour(at)


def opening_hour(at: datetime) -> str:
    """« 9 h », « 8 h 30 »: opening hours are said without zeros."""
    local = paris(at)
    minutes = f"{NBSP}{local.minute:02d}" if local.minute else ""
    return f"{local.hour}{NBSP}h{minutes}"


def weekday_name(value: date) -> str:
    """« lundi »."""
    return WEEKDAYS[value.weekday()]


def instant(at: datetime) -> str:
    """« lun. 23 nov. 2026 à 16 h 45 »."""
    return f"{day(paris(at).date())} à {hour(at)}"


def near_instant(at: datetime, now: datetime) -> str:
    """The same, with « aujourd’hui », « demain », « hier » when that is what people would say."""
    local, today = paris(at).date(), paris(now).date()
    names = {0: "aujourd’hui", 1: "demain", -1: "hier"}
    name = names.get((local - today).days)
    if name is None:
        name = day_without_year(local) if local.year == today.year else day(local)
    return f"{name} à {hour(at)}"


def duration(value: timedelta) -> str:
    """« 12 min », « 2 h 05 », « 27 h », « 40 s »: minutes are cut, never rounded up."""
    seconds = int(abs(value).total_seconds())
    hours, minutes = seconds // 3600, seconds // 60 % 60
    if hours and minutes:
        return f"{hours}{NBSP}h{NBSP}{minutes:02d}"
    if hours:
        return f"{hours}{NBSP}h"
    if minutes:
        return f"{minutes}{NBSP}min"
    return f"{seconds}{NBSP}s"


def exact_duration(value: timedelta) -> str:
    """To the second: « 15 min », « 1 min 40 s », « 2 h 05 min 10 s »; figures that add up (S15)."""
    seconds = int(abs(value).total_seconds())
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    if not rest or seconds < 60:
        return duration(value)
    tail = f"{NBSP}min{NBSP}{rest:02d}{NBSP}s"
    return f"{hours}{NBSP}h{NBSP}{minutes:02d}{tail}" if hours else f"{minutes}{tail}"


def agreeing(text: str, participle: str) -> str:
    """The participle that goes with a duration: « 12 min ouvrées », « 1 h ouvrée »."""
    number, _nbsp, rest = text.partition(NBSP)
    singular = number in {"0", "1"} and rest in {"h", "min", "s"}
    return participle if singular else f"{participle}s"


def working(value: timedelta) -> str:
    """A duration that counts while the desk is open: « 12 min ouvrées », « 1 h ouvrée »."""
    text = duration(value)
    return f"{text} {agreeing(text, 'ouvrée')}"


def size(octets: int) -> str:
    """« 1,4 Mo », « 1 octet »: units of a thousand, as disks and networks count."""
    if octets < 1000:
        return count(octets, "octet")
    amount = float(octets)
    for unit in ("Ko", "Mo", "Go"):
        amount /= 1000
        # 999,96 would be written 1000: it is the next unit's 1.
        if amount < 999.5 or unit == "Go":
            break
    number = f"{amount:.1f}" if amount < 99.95 else f"{amount:.0f}"
    return f"{number.removesuffix('.0').replace('.', ',')}{NBSP}{unit}"


def count(number: int, singular: str, plural: str | None = None) -> str:
    """« 0 incident », « 1 incident », « 12 incidents »: French plural starts at two."""
    word = singular if number < 2 else (plural or f"{singular}s")
    return f"{thousands(number)}{NBSP}{word}"


def elided(word: str, name: str) -> str:
    """« de Bob », « d’Odile », « qu’Élise »: `word` (« de », « que »…) before a name.

    An h is left without elision: nothing tells « d’Hugo » from « du Havre ». A y elides before a
    consonant only (« d’Yves », « de Yann »).
    """
    first, second = (_unaccented(letter) for letter in f"{name[:2]:2}")
    silent = first in _VOWELS or (first == "y" and second.isalpha() and second not in _VOWELS)
    return f"{word[:-1]}’{name}" if silent else f"{word} {name}"


def _unaccented(letter: str) -> str:
    return normalize("NFD", letter)[:1].lower()


def thousands(number: int) -> str:
    """« 12 345 » with narrow non-breaking spaces."""
    return f"{number:,}".replace(",", "\u202f")
