"""What the style page shows beside clocks and forms: objects that were never saved."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, NamedTuple
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.utils.translation import gettext as _

from accounts.models import User
from files.enums import FileState, Scan
from files.models import StoredFile, Upload
from foundation.templatetags.icons import ICONS
from licences.enums import LicenceState
from portal.demo.style.clocks import NOW
from portal.navigation import Place
from portal.views.charter import Promised
from sla.enums import Severity
from tickets.enums import Act, Origin, Side, Status, Turn
from tickets.models import Ticket
from tickets.queries.page import Step, steps_of
from tickets.queries.told import Entry, Fact, Person

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
        Section("envois", _("Envoi de fichiers")),
        Section("tableaux", _("Tableaux, pages et filtres")),
        Section("panneaux", _("Panneaux, fiches et replis")),
        Section("vides", _("Listes vides")),
        Section("declarer", _("Déclarer un incident")),
        Section("listes", _("Listes d’incidents")),
        Section("tour", _("À qui le tour")),
        Section("echanges", _("Échanges d’un incident")),
        Section("suivi", _("Ce que dit une page qui se tient à jour")),
        Section("demandes", _("Escalade et criticité")),
        Section("fiche", _("Fiche d’un incident")),
        Section("cadre", _("En-tête, menu, pied de page, courrier")),
    ]


# --- files ----------------------------------------------------------------------------------------


def files() -> list[StoredFile]:
    """One in each state, and a name that has no place to break."""
    states = [
        _file("maquette-complete.rvt", 4_812_000_000, FileState.ARRIVING),
        _file("journal-du-poste.zip", 18_400_000, FileState.CHECKING),
        _file("capture.png", 412_000, FileState.AVAILABLE, content_type="image/png"),
        _file("nuage-de-points.rcp", 4_950_000_000, FileState.AVAILABLE, scan=Scan.TOO_LARGE),
        _file("installateur.zip", 1_000, FileState.REFUSED, refusal=_REFUSED),
        _file(
            "plan_rez_de_chaussee_indice_F_version_finale_corrigee_v2_signee_par_tous_les_lots.dwg",
            99_950_000, FileState.AVAILABLE,
        ),
    ]  # fmt: skip
    for number, file in enumerate(states, 1):
        file.uuid = UUID(int=number)
    return states


_REFUSED = f"«{NBSP}installateur.zip{NBSP}» contient un programme{NBSP}: il n’est pas accepté."


def _file(name: str, size: int, state: FileState, **rest: str) -> StoredFile:
    return StoredFile(name=name, size=size, state=state, **rest)


def waiting_files() -> list[StoredFile]:
    """The same with a form: the first arrived to 62 %."""
    found = files()
    for file in found:
        Upload(file=file, offset=int(file.size * (0.62 if file.state == "arriving" else 1)))
    return found


# --- an incident's thread -------------------------------------------------------------------------

_ALICE = Person(1, "Alice Durand")
_BOB = Person(2, "Bob Martin")
_INES = Person(3, "Inès Carpentier", "Lyon")
_DECLARED = (
    "Revit se ferme à l’ouverture de la maquette, depuis ce matin.\n\n"
    f"Le message dit{NBSP}: «{NBSP}mémoire insuffisante{NBSP}»."
)
_ANSWERED = (
    f"Bonjour,\n\nEssayez **sans greffon**, puis{NBSP}:\n\n1. ouvrez `revit.ini`{NBSP};\n"
    f"2. effacez la ligne `MaxMemory`{NBSP};\n3. relancez.\n\n> Gardez une copie du fichier."
)


def steps() -> list[Step]:
    """Theirs, ours, changes, a call, a wait and the answer that ends it, a solution, the end."""
    declared, working, waiting = Status.DECLARED, Status.IN_PROGRESS, Status.WAITING_CUSTOMER
    entries = [
        _told(1, Act.DECLARE, _ALICE, "", declared, _DECLARED),
        _told(2, Act.ACKNOWLEDGE, _INES, declared, working),
        _told(3, Act.MESSAGE, _INES, working, working, _ANSWERED),
        _told(4, Act.CALL, _INES, working, working, "Même chose sans les greffons.", named=_ALICE),
        _told(5, Act.ADD_COPY, _ALICE, working, working, named=_BOB),
        _told(6, Act.WAIT_CUSTOMER, _INES, working, waiting, "Le journal du poste."),
        _told(7, Act.MESSAGE, _ALICE, waiting, working, "Le voici.", files=files()[2:]),
        _told(8, Act.RESOLVE, _INES, working, Status.RESOLVED, "Videz le cache des familles."),
        _told(9, Act.ACCEPT, _ALICE, Status.RESOLVED, Status.CLOSED),
    ]
    return steps_of(Ticket(requester_id=_ALICE.pk), entries, NOW, _BOB.pk)


def _told(sequence: int, act: Act, author: Person, *between: str, **rest: Any) -> Entry:
    """An act; `between`: the status before it, the status after it, its text if any."""
    before, after, body = [*between, ""][:3]
    return Entry(
        sequence=sequence,
        at=NOW - timedelta(hours=20 - 2 * sequence),
        side=Side.ENGINEER if author is _INES else Side.CUSTOMER,
        author=author,
        event=Fact(act, Origin.PORTAL, before, {}),
        status_after=Status(after),
        body=body,
        message_id=sequence,
        named=rest.get("named"),
        files=rest.get("files", []),
    )


# --- the rest -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Samples:
    """Everything that the templates of the sections read."""

    severities: list[Severity] = field(default_factory=lambda: list(Severity))
    statuses: list[Status] = field(default_factory=lambda: list(Status))
    turns: list[Turn] = field(default_factory=lambda: list(Turn))
    files: list[StoredFile] = field(default_factory=files)
    waiting_files: list[StoredFile] = field(default_factory=waiting_files)
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
        return User(first_name="Alice", last_name="Durand", email="alice@exemple.fr")

    @property
    def account_places(self) -> tuple[Place, ...]:
        """The account's own pages, the current one marked."""
        return (
            Place(_("Mon compte"), "#cadre", current="page", icon="user"),
            Place(_("Mot de passe"), "#cadre", icon="key"),
            Place(_("Sessions ouvertes"), "#cadre", icon="list"),
        )

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
