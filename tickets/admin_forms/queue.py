"""What an address asks of the queue: a tab, filters, a page; what holds, what is wrong with it.

An address comes from anywhere, a colleague's message or a bookmark of last year: each value is
looked up in what exists, and nothing of it reaches the ORM by name (A3). What cannot be applied is
left out with a sentence, and the rest is shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urlencode

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from sla.enums import Severity
from tickets.asked import Chip, Select, WrongError, select_of, valid_among, words_asked
from tickets.enums import OPEN_STATUSES, Status
from tickets.models import SavedView
from tickets.queries.desk import Criteria, Cursor, Tab
from tickets.queries.queue_choices import agencies, engineers, products
from tickets.queries.saved_views import view_of

NAMES = {
    "q": gettext_lazy("Texte"),
    "criticite": gettext_lazy("Criticité"),
    "statut": gettext_lazy("Statut"),
    "produit": gettext_lazy("Produit"),
    "ingenieur": gettext_lazy("Ingénieur"),
    "agence": gettext_lazy("Agence"),
}
# The tab, where a page begins, and whether the filters that cost a query are shown.
TAB, AFTER, MORE = "onglet", "apres", "filtres"
# Of a saved view: what it asks stands in the place of the filters.
VIEW = "vue"
NOBODY = "personne"
_FEMININE = frozenset({"criticite", "agence"})
# Those whose choices are asked of the database.
_LOOKED_UP = frozenset({"produit", "ingenieur", "agence"})


@dataclass
class Asked:
    """What an address asks of the queue. `faults`: a sentence for each value left out."""

    tab: Tab
    after: Cursor | None
    wants_more: bool
    view: SavedView | None = None
    chosen: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    @cached_property
    def products(self) -> dict[str, str]:
        """Asked of the database only when a filter needs them."""
        return products()

    @cached_property
    def engineers(self) -> dict[str, str]:
        return engineers()

    @cached_property
    def agencies(self) -> dict[str, str]:
        return agencies()

    @property
    def criteria(self) -> Criteria:
        """What the queue is narrowed to."""
        chosen = self.chosen
        engineer = chosen.get("ingenieur", "")
        return Criteria(
            words=chosen.get("q", ""),
            severity=chosen.get("criticite", ""),
            status=chosen.get("statut", ""),
            product=int(chosen["produit"]) if "produit" in chosen else None,
            engineer=0 if engineer == NOBODY else int(engineer) if engineer else None,
            agency=int(chosen["agence"]) if "agence" in chosen else None,
        )

    @property
    def kept(self) -> dict[str, str]:
        """What a saved view keeps of it."""
        return {TAB: self.tab.value, **self.chosen}

    @property
    def is_kept(self) -> bool:
        """Whether there is anything to give a name to."""
        return bool(self.chosen) or self.tab is not Tab.ALL

    @property
    def text(self) -> str:
        return self.chosen.get("q", "")

    @property
    def is_unfolded(self) -> bool:
        """Whether the filters that cost a query are shown."""
        return self.wants_more or not _LOOKED_UP.isdisjoint(self.chosen)

    def address(self, **changes: str) -> str:
        """The first page of the queue with these filters; an empty value takes one away."""
        asked = {TAB: self.tab.value, **self.chosen, **changes}
        if asked[TAB] == Tab.ALL:
            del asked[TAB]
        kept = {name: value for name, value in asked.items() if value}
        return f"?{urlencode(kept)}" if kept else "?"

    @property
    def here(self) -> str:
        """This very page."""
        return self.address(**{AFTER: str(self.after or "")})

    @property
    def everything(self) -> str:
        """The same tab without any filter."""
        return self.address(**dict.fromkeys(self.chosen, ""))

    @property
    def unfolded(self) -> str:
        """The same page with every filter."""
        return self.address(**{MORE: "1"})

    def chips(self) -> Iterator[Chip]:
        """The filters that hold, in words."""
        for name, value in self.chosen.items():
            words = f"«\u00a0{value}\u00a0»" if name == "q" else self.offered(name)[value]
            yield Chip(f"{NAMES[name]}\u00a0: {words}", self.address(**{name: ""}))

    def selects(self) -> Iterator[Select]:
        """The filters that are chosen from a list."""
        for name, label in NAMES.items():
            if name == "q" or (name in _LOOKED_UP and not self.is_unfolded):
                continue
            held = self.chosen.get(name, "")
            everything = f"{label}\u00a0: {_('toutes') if name in _FEMININE else _('tous')}"
            yield select_of(name, label, everything, self.offered(name), held)

    def offered(self, name: str) -> Mapping[str, str]:
        """The choices of a filter: words by the value that stands in the address."""
        match name:
            case "criticite":
                return {level.value: str(level.label) for level in Severity}
            case "statut":
                return {status.value: str(Status(status).label) for status in OPEN_STATUSES}
            case "produit":
                return self.products
            case "agence":
                return self.agencies
            case _:
                return {NOBODY: capfirst(_("personne")), **self.engineers}


def asked_of(data: Mapping[str, str], *, person: User) -> Asked:
    """What an address asks, or the saved view that it names; one query more for a view."""
    number = data.get(VIEW, "")
    if not number:
        return read(data, person=person)
    view = view_of(person, number)
    if view is None:
        asked = read(data, person=person)
        asked.faults.insert(0, _("Cette vue n’existe pas, ou n’est plus partagée avec vous."))
        return asked
    return read_view(view, data, person=person)


def read_view(view: SavedView, data: Mapping[str, str], *, person: User) -> Asked:
    """What a saved view asks today, of the page that the address names."""
    known = {TAB, *NAMES}
    held = {name: value for name, value in view.asked.items() if isinstance(value, str)}
    asked = read(held | {AFTER: data.get(AFTER, "")}, person=person)
    asked.view = view
    if not known.issuperset(view.asked):
        asked.faults.append(_("Un filtre de cette vue n’existe plus : il n’est pas appliqué."))
    if asked.faults:
        asked.faults.append(
            _("Le reste de la vue « %s » est appliqué.") % view.name
            if asked.chosen
            else _("La vue « %s » n’a plus d’autre filtre.") % view.name
        )
    return asked


def read(data: Mapping[str, str], *, person: User) -> Asked:
    """What these values ask; `person` has an agency's tab or not."""
    tab = next((tab for tab in Tab if tab.value == data.get(TAB)), Tab.ALL)
    if tab is Tab.AGENCY and person.agency_id is None:
        tab = Tab.ALL
    asked = Asked(tab, Cursor.read(data.get(AFTER, "")), bool(data.get(MORE)))

    def understood(name: str, value: str) -> str:
        return words_asked(value) if name == "q" else _one_of(name, value, asked)

    asked.chosen, asked.faults = valid_among(data, NAMES, understood)
    return asked


def _one_of(name: str, value: str, asked: Asked) -> str:
    if value not in asked.offered(name):
        raise WrongError(str(_GONE[name]))
    return value


_GONE = {
    "criticite": gettext_lazy("Cette criticité n’existe pas\u00a0: le filtre n’est pas appliqué."),
    "statut": gettext_lazy(
        "Ce statut n’est pas, ou n’est plus, celui d’un incident ouvert\u00a0: "
        "le filtre n’est pas appliqué."
    ),
    "produit": gettext_lazy(
        "Ce produit n’existe pas, ou plus\u00a0: le filtre n’est pas appliqué."
    ),
    "ingenieur": gettext_lazy(
        "Cette personne ne fait pas, ou plus, partie du support\u00a0: "
        "le filtre n’est pas appliqué."
    ),
    "agence": gettext_lazy(
        "Cette agence n’existe pas, ou plus\u00a0: le filtre n’est pas appliqué."
    ),
}
