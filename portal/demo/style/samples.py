"""What the style page shows beside clocks and forms: objects that were never saved."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import NamedTuple
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.utils.translation import gettext as _

from accounts.models import User
from files.enums import FileState
from files.models import StoredFile
from foundation.templatetags.icons import ICONS
from licences.enums import LicenceState
from portal.demo.style.clocks import NOW
from portal.navigation import Place
from portal.views.charter import Promised
from sla.enums import Severity
from tickets.enums import Side, Status, Turn
from tickets.queries.page import Step
from tickets.queries.thread import Entry

NBSP = "\u00a0"


class Section(NamedTuple):
    """A part of the page: its anchor is the name of its template."""

    anchor: str
    title: str

    @property
    def template(self) -> str:
        return f"demo/style/_{self.anchor}.html"


def sections() -> list[Section]:
    """The table of contents."""
    return [
        Section("couleurs", _("Couleurs et icônes")),
        Section("typographie", _("Typographie")),
        Section("boutons", _("Boutons et liens")),
        Section("alertes", _("Messages")),
        Section("pastilles", _("Pastilles")),
        Section("horloges", _("Horloges")),
        Section("decompte", _("Décompte")),
        Section("champs", _("Champs")),
        Section("erreurs", _("Erreurs d’un formulaire")),
        Section("fichiers", _("Fichiers")),
        Section("tableaux", _("Tableaux, pages et filtres")),
        Section("panneaux", _("Panneaux, fiches et replis")),
        Section("vides", _("Listes vides")),
        Section("echanges", _("Échanges d’un incident")),
        Section("cadre", _("En-tête, menu, pied de page, courrier")),
    ]


# --- files ----------------------------------------------------------------------------------------


def files() -> list[StoredFile]:
    """One in each state, one with a name that has no place to break."""
    states = [
        ("maquette-complete.rvt", 4_812_000_000, FileState.ARRIVING),
        ("journal-du-poste.zip", 18_400_000, FileState.CHECKING),
        ("capture.png", 412_000, FileState.AVAILABLE),
        ("installateur.exe", 1_000, FileState.REFUSED),
        ("plan_rez_de_chaussee_indice_F_version_finale_corrigee_v2_signee_par_tous_les_lots.dwg",
         99_950_000, FileState.AVAILABLE),
    ]  # fmt: skip
    return [
        StoredFile(uuid=UUID(int=number), name=name, size=size, state=state)
        for number, (name, size, state) in enumerate(states, 1)
    ]


# --- an incident's thread -------------------------------------------------------------------------

_ALICE = User(first_name="Alice", last_name="Durand", email="alice@exemple.fr")
_INES = User(first_name="Inès", last_name="Carpentier", email="ines@exemple.fr")


def steps() -> list[Step]:
    """Theirs, ours, a change, a call, a message with files."""
    return [
        _said(_ALICE, 180, _("Alice Durand a déclaré l’incident"), _DECLARED),
        _happened(170, _("Inès Carpentier a pris l’incident en charge"),
                  Status.DECLARED, Status.IN_PROGRESS),
        _said(_INES, 120, "Inès Carpentier", _ANSWERED),
        _said(_ALICE, 90, _("Appel d’Alice Durand, noté par Inès Carpentier"),
              _("Même chose sans les greffons.")),
        _said(_ALICE, 60, "Alice Durand", "", tuple(files()[2:3])),
        _happened(30, _("Inès Carpentier a mis Bob Martin en copie"), None, None),
        _happened(5, _("Le portail a clos l’incident"), Status.RESOLVED, Status.CLOSED),
    ]  # fmt: skip


_DECLARED = (
    "Revit se ferme à l’ouverture de la maquette, depuis ce matin.\n\n"
    f"Le message dit{NBSP}: «{NBSP}mémoire insuffisante{NBSP}»."
)
_ANSWERED = (
    "Bonjour,\n\nEssayez **sans greffon**, puis :\n\n1. ouvrez `revit.ini` ;\n"
    "2. effacez la ligne `MaxMemory` ;\n3. relancez.\n\n> Gardez une copie du fichier."
).replace(" :", f"{NBSP}:").replace(" ;", f"{NBSP};")  # fmt: skip


def _said(
    author: User, minutes: int, sentence: str, text: str, files: tuple[StoredFile, ...] = ()
) -> Step:
    is_ours = author is _INES
    entry = Entry(
        at=NOW - timedelta(minutes=minutes), kind="message", title=sentence, author=author,
        side=Side.ENGINEER if is_ours else Side.CUSTOMER, body=text, files=list(files),
    )  # fmt: skip
    return Step(entry, sentence, text, is_ours=is_ours)


def _happened(minutes: int, sentence: str, before: Status | None, after: Status | None) -> Step:
    entry = Entry(
        at=NOW - timedelta(minutes=minutes), kind="event", title=sentence, author=_INES,
        side=Side.ENGINEER, status_before=before, status_after=after,
    )  # fmt: skip
    return Step(entry, sentence, "", is_ours=True)


# --- the rest -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Samples:
    """Everything that the templates of the sections read."""

    severities: list[Severity] = field(default_factory=lambda: list(Severity))
    statuses: list[Status] = field(default_factory=lambda: list(Status))
    turns: list[Turn] = field(default_factory=lambda: list(Turn))
    files: list[StoredFile] = field(default_factory=files)
    steps: list[Step] = field(default_factory=steps)
    # One of each unit that a size may have.
    sizes: tuple[int, ...] = (1, 999, 1_000, 1_400_000, 99_950_000, 5_000_000_000)
    counts: tuple[int, ...] = (0, 1, 2, 12_345)
    next_year: datetime = NOW + timedelta(days=45)
    tomorrow: datetime = NOW + timedelta(days=1)
    yesterday: datetime = NOW - timedelta(days=1)
    durations: tuple[timedelta, ...] = (
        timedelta(seconds=40), timedelta(minutes=1), timedelta(minutes=125), timedelta(hours=27),
    )  # fmt: skip

    colours: tuple[str, ...] = (
        "paper", "surface", "sunken", "line", "line-strong", "ink", "ink-2", "ink-3", "accent",
        "accent-strong", "accent-soft", "on-accent", "ok", "ok-soft", "warn", "warn-soft", "bad",
        "bad-soft",
    )  # fmt: skip
    icons: tuple[str, ...] = tuple(ICONS)

    @property
    def standings(self) -> list[SimpleNamespace]:
        """Where a licence may stand."""
        return [SimpleNamespace(state=state.value, label=state.label) for state in LicenceState]

    @property
    def promised(self) -> list[Promised]:
        """The charter's delays."""
        minutes = {"blocking": (30, 480), "impairing": (60, 1080), "informational": (120, 2160)}
        return [Promised(severity, *minutes[severity.value]) for severity in Severity]

    @property
    def pages(self) -> list[Page[int]]:
        """The first, a middle and the last page of a list."""
        paginator = Paginator(range(1, 96), 20)
        return [paginator.page(number) for number in (1, 3, 5)]

    @property
    def facts(self) -> list[tuple[str, str]]:
        return [
            (_("Numéro"), "INC-2026-000117"),
            (_("Déclaré par"), "Alice Durand"),
            (_("Site"), ""),
            (_("Engagements"), f"contrat CS-2026-014, niveau «{NBSP}Avancé{NBSP}»"),
        ]

    @property
    def person(self) -> User:
        return _ALICE

    @property
    def account_places(self) -> list[Place]:
        """The account's own pages, the current one marked."""
        return [
            Place(_("Mon compte"), "#cadre", current="page", icon="user"),
            Place(_("Mot de passe"), "#cadre", icon="key"),
            Place(_("Sessions ouvertes"), "#cadre", icon="list"),
        ]

    @property
    def visitor(self) -> SimpleNamespace:
        """What the account menu reads of the request of somebody with two companies."""
        companies = [_Named(1, "Atelier Nord"), _Named(2, "Bâti Ouest")]
        return SimpleNamespace(company=companies[0], companies=companies, get_full_path="")


class _Named(NamedTuple):
    """A company of the menu."""

    pk: int
    name: str

    def __str__(self) -> str:
        return self.name
