"""The filters of the customers’ list, read from an address: what holds, what is wrong with it.

An address comes from anywhere, a bookmark or a cookie of last year included: each value is looked
up in what exists, unknown keys are not read, and nothing of it reaches the ORM by name (A3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Company, User
from foundation.wording import PARIS, day, paris
from sla.enums import Severity
from tickets.asked import Chip, Select, WrongError, select_of, valid_among, words_asked
from tickets.enums import OPEN_STATUSES, Status, Turn
from tickets.queries.choices import Choices, choices_of
from tickets.queries.customer import LIVE_STATUSES, Filters

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

OPEN = "ouverts"
MINE = "moi"
BY_DUE = "echeance"
# Says « no filter at all », where no parameter means « the same as last time ».
ALL = "tout"
# Shows the other filters: without a script it is a page, with one they come into the page.
MORE = "filtres"

NAMES = {
    "q": gettext_lazy("Texte"),
    "tour": gettext_lazy("À qui le tour"),
    "statut": gettext_lazy("Statut"),
    "produit": gettext_lazy("Logiciel"),
    "site": gettext_lazy("Site"),
    "criticite": gettext_lazy("Criticité"),
    "periode": gettext_lazy("Reçus"),
    "du": gettext_lazy("Reçus du"),
    "au": gettext_lazy("Reçus au"),
    "de": gettext_lazy("Déclarés par"),
    "tri": gettext_lazy("Ordre"),
}
KNOWN = frozenset({*NAMES, ALL, MORE, "page"})
# Those that are looked up in the company's own; the others are the same for everybody.
_LOOKED_UP = ("produit", "site", "de")

_PERIODS = {
    "semaine": gettext_lazy("cette semaine"),
    "30j": gettext_lazy("depuis 30\u00a0jours"),
    "trimestre": gettext_lazy("ce trimestre"),
    "annee": gettext_lazy("cette année"),
}
_FIRST_DAY, _LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)


@dataclass
class Asked:
    """What an address asks of the list."""

    person: User
    companies: Sequence[Company]
    shows_all: bool
    at: datetime
    # Valid values by name, in the order of NAMES; and a sentence for each that is not.
    chosen: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    @cached_property
    def choices(self) -> Choices:
        """Asked of the database only when the page needs them."""
        return choices_of(self.person, self.companies)

    @property
    def filters(self) -> Filters:
        """What the list keeps."""
        chosen = self.chosen
        received = _received(chosen, self.at)
        return Filters(
            text=chosen.get("q", ""),
            turn=Turn(chosen["tour"]) if "tour" in chosen else None,
            statuses=_statuses(chosen),
            severity=Severity(chosen["criticite"]) if "criticite" in chosen else None,
            product_id=_number(chosen.get("produit")),
            site_id=_number(chosen.get("site")),
            requester_id=self.person.pk if chosen.get("de") == MINE else _number(chosen.get("de")),
            received_from=received[0],
            received_before=received[1],
            by_due=chosen.get("tri") == BY_DUE,
        )

    @property
    def is_unfolded(self) -> bool:
        """Whether one of the filters that stand folded holds."""
        return any(name in self.chosen for name in NAMES if name not in {"q", "tour", "tri"})

    def address(self, **changes: str) -> str:
        """The list with these filters, some of them changed; an empty value takes one away."""
        return address(self.chosen | changes)

    def chips(self) -> Iterator[Chip]:
        """The filters that hold, but for whose turn and the order: those are links of the page."""
        for name, value in self.chosen.items():
            if name not in {"tour", "tri"}:
                yield Chip(
                    f"{NAMES[name]}\u00a0: {self._in_words(name, value)}",
                    self.address(**{name: ""}),
                )

    def selects(self) -> Iterator[Select]:
        """The folded filters as lists of choices; one that offers no choice is left out."""
        offered = {
            "statut": (_("Tous"), _status_words()),
            "produit": (_("Tous"), self.choices.products),
            "site": (_("Tous"), self.choices.sites),
            "criticite": (_("Toutes"), _labels(Severity)),
            "de": (_("Tout le monde"), self._people()),
            "periode": (_("À toute date"), _PERIODS),
        }
        for name, (nothing, words) in offered.items():
            if len(words) < (2 if name == "site" else 1):
                continue
            held = self.chosen.get(name, "")
            yield select_of(name, NAMES[name], nothing, words, held)

    def _people(self) -> Mapping[str, str]:
        if not self.shows_all:
            return {}
        others = {pk: name for pk, name in self.choices.people.items() if pk != str(self.person.pk)}
        return {MINE: _("Moi"), **others}

    def _in_words(self, name: str, value: str) -> str:
        words: dict[str, Callable[[], Mapping[str, object]]] = {
            "statut": _status_words,
            "criticite": lambda: _labels(Severity),
            "periode": lambda: _PERIODS,
            "produit": lambda: self.choices.products,
            "site": lambda: self.choices.sites,
            "de": self._people,
        }
        if name in words:
            return str(words[name]()[value])
        return day(date.fromisoformat(value)) if name in {"du", "au"} else f"«\u00a0{value}\u00a0»"


def address(chosen: Mapping[str, str]) -> str:
    """The query of the list with these values; without any it says so, to be taken at its word."""
    kept = {name: value for name, value in chosen.items() if value}
    return f"?{urlencode(kept)}" if kept else f"?{ALL}=1"


def is_bare(data: QueryDict) -> bool:
    """Whether an address says nothing that the list knows."""
    return not KNOWN.intersection(data)


def read(
    data: QueryDict, *, person: User, companies: Sequence[Company], shows_all: bool, at: datetime
) -> Asked:
    """What an address asks; a value that cannot be is left out, with a sentence that says so."""
    asked = Asked(person, companies, shows_all, at)
    asked.chosen, asked.faults = valid_among(
        data, NAMES, lambda name, value: _READERS[name](value, asked)
    )
    _agree(asked.chosen, asked.faults)
    asked.chosen = {name: asked.chosen[name] for name in NAMES if asked.chosen.get(name)}
    return asked


def _agree(chosen: dict[str, str], faults: list[str]) -> None:
    """Filters that contradict each other, or that say the same thing twice."""
    if "du" in chosen and chosen["du"] > chosen.get("au", chosen["du"]):
        del chosen["du"], chosen["au"]
        faults.append(_("La période finit avant de commencer\u00a0: elle n’est pas appliquée."))
    if "du" in chosen or "au" in chosen:
        chosen.pop("periode", None)
    if "tri" in chosen and not _is_live(chosen):
        # What is over has no deadline to come.
        chosen["statut"] = OPEN
        if chosen.get("tour") == Turn.NOBODY:
            del chosen["tour"]


def _is_live(chosen: Mapping[str, str]) -> bool:
    """Whether only incidents are kept that still go on."""
    return chosen.get("tour") in {Turn.OURS, Turn.YOURS} or (
        "statut" in chosen and set(_statuses(chosen)) <= set(LIVE_STATUSES)
    )


# --- one value ------------------------------------------------------------------------------------


def _unknown(name: str) -> WrongError:
    return WrongError(
        _(
            "Le filtre «\u00a0%(name)s\u00a0» demande une valeur inconnue\u00a0: "
            "il n’est pas appliqué."
        )
        % {"name": NAMES[name]}
    )


def _one_of(name: str, values: Sequence[str]) -> Callable[[str, Asked], str]:
    known = frozenset(values)

    def reader(value: str, _asked: Asked) -> str:
        if value not in known:
            raise _unknown(name)
        return value

    return reader


def _offered(name: str, sentence: StrPromise) -> Callable[[str, Asked], str]:
    """One of the choices that the list offers this person under `name`."""

    def reader(value: str, asked: Asked) -> str:
        if value not in getattr(asked.choices, name):
            raise WrongError(str(sentence))
        return value

    return reader


def _person(value: str, asked: Asked) -> str:
    if not asked.shows_all:
        raise _unknown("de")
    if value not in {MINE, *asked.choices.people}:
        raise WrongError(
            _("Cette personne n’est pas de votre société\u00a0: le filtre n’est pas appliqué.")
        )
    return MINE if value == str(asked.person.pk) else value


def _day(name: str) -> Callable[[str, Asked], str]:
    def reader(value: str, _asked: Asked) -> str:
        try:
            found = date.fromisoformat(value)
        except ValueError:
            found = date.min
        if not _FIRST_DAY <= found <= _LAST_DAY:
            raise WrongError(
                _(
                    "«\u00a0%(name)s\u00a0» n’est pas une date du calendrier\u00a0: "
                    "elle n’est pas appliquée."
                )
                % {"name": NAMES[name]}
            )
        return found.isoformat()

    return reader


_READERS: dict[str, Callable[[str, Asked], str]] = {
    "q": lambda value, _asked: words_asked(value),
    "tour": _one_of("tour", Turn.values),
    "statut": _one_of("statut", [OPEN, *Status.values]),
    "produit": _offered(
        "products",
        gettext_lazy(
            "Ce logiciel n’est pas, ou n’est plus, dans votre parc\u00a0: "
            "le filtre n’est pas appliqué."
        ),
    ),
    "site": _offered(
        "sites",
        gettext_lazy(
            "Ce site n’est pas, ou n’est plus, l’un des vôtres\u00a0: le filtre n’est pas appliqué."
        ),
    ),
    "criticite": _one_of("criticite", Severity.values),
    "periode": _one_of("periode", list(_PERIODS)),
    "du": _day("du"),
    "au": _day("au"),
    "de": _person,
    "tri": _one_of("tri", [BY_DUE]),
}


# --- what it means --------------------------------------------------------------------------------


def _number(value: str | None) -> int | None:
    return int(value) if value else None


def _statuses(chosen: Mapping[str, str]) -> tuple[Status, ...]:
    status = chosen.get("statut")
    if status == OPEN:
        return OPEN_STATUSES
    return (Status(status),) if status else ()


def _labels(kind: type[Severity]) -> dict[str, str]:
    return {member.value: str(member.label) for member in kind}


def _status_words() -> dict[str, str]:
    return {OPEN: _("Ouverts"), **{status.value: str(status.label) for status in Status}}


def _received(chosen: Mapping[str, str], at: datetime) -> tuple[datetime | None, datetime | None]:
    """From which instant, and before which one; days are those of Paris."""
    today = paris(at).date()
    match chosen.get("periode"):
        case "semaine":
            return _midnight(today - timedelta(days=today.weekday())), None
        case "30j":
            return _midnight(today - timedelta(days=30)), None
        case "trimestre":
            return _midnight(date(today.year, (today.month - 1) // 3 * 3 + 1, 1)), None
        case "annee":
            return _midnight(date(today.year, 1, 1)), None
    first, last = chosen.get("du"), chosen.get("au")
    return (
        _midnight(date.fromisoformat(first)) if first else None,
        _midnight(date.fromisoformat(last) + timedelta(days=1)) if last else None,
    )


def _midnight(value: date) -> datetime:
    return datetime.combine(value, time.min, PARIS)
