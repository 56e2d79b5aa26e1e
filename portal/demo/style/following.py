"""What the style page shows of lists and of an incident: lines, filters, whose turn, requests."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from blog.models import Article
from portal.demo.style.clocks import NOW, accounts
from portal.demo.style.declaring import Shown
from portal.demo.style.samples import steps
from sla.enums import CommitmentKind, Severity
from tickets.asked import Chip, Select
from tickets.enums import AskKind, Outcome, Status
from tickets.filters import Asked
from tickets.forms import ReasonForm, ReplyForm
from tickets.models import Ask, Commitment, Ticket
from tickets.queries.asking import Asks
from tickets.queries.changes import Change, Changed
from tickets.queries.clocks import Awaited, ClockFacts, PromiseShown
from tickets.queries.customer import LIST_MAX
from tickets.queries.lines import Line, Page
from tickets.queries.page import Step
from tickets.queries.told import Person
from tickets.views.lists import LINES_PER_PAGE, Pager, Tab

_MEMORY = "Revit et la mémoire du poste"
_TITLE = "Revit se ferme à l’ouverture de la maquette"
_ALICE, _BOB = Person(1, "Alice Durand"), Person(2, "Bob Martin")
_INES = Person(3, "Inès Carpentier", "Lyon")

# --- lists ----------------------------------------------------------------------------------------


def lines() -> list[Line]:
    """An incident in each status, private or not, late or not."""
    awaited = _("Le journal du poste, s’il vous plaît.")
    long = _("Une question") + " sur la licence réseau, " * 6
    return [
        _line(1, Status.DECLARED, Severity.BLOCKING, clock=_watched(20, 30, due=10)),
        _line(2, Status.IN_PROGRESS, Severity.IMPAIRING, clock=_watched(120, 480, due=360)),
        _line(3, Status.IN_PROGRESS, Severity.BLOCKING, clock=_watched(500, 480, due=-20)),
        _line(
            4, Status.WAITING_CUSTOMER, Severity.IMPAIRING, is_private=True,
            waiting_reason=awaited, waiting_until=date(2026, 11, 27),
            clock=_watched(120, 480, outcome=Outcome.PAUSED),
        ),
        _line(
            5, Status.WAITING_VENDOR, Severity.INFORMATIONAL,
            clock=_watched(300, 480, outcome=Outcome.PAUSED),
        ),
        _line(6, Status.RESOLVED, Severity.IMPAIRING),
        _line(7, Status.CLOSED, Severity.INFORMATIONAL, title=long, closed_at=ago(days=1)),
        _line(8, Status.CANCELLED, Severity.BLOCKING, cancelled_at=ago(hours=3)),
        _line(9, Status.CANCELLED, Severity.BLOCKING, cancelled_at=ago(days=9), is_merged=True),
    ]  # fmt: skip


def ago(**length: int) -> datetime:
    """Before the instant at which the page stands still."""
    return NOW - timedelta(**length)


def _watched(
    used: int, target: int, *, due: int | None = None, outcome: Outcome = Outcome.RUNNING
) -> Awaited:
    """Minutes; `due` is counted from now."""
    kind = CommitmentKind.ACKNOWLEDGEMENT if target < 60 else CommitmentKind.RESOLUTION
    due_at = None if due is None else NOW + timedelta(minutes=due)
    return Awaited(
        str(kind.label), outcome, due_at, timedelta(minutes=used), timedelta(minutes=target)
    )


def _line(number: int, status: Status, severity: Severity, **rest: Any) -> Line:
    return Line(
        reference=f"INC-2026-0001{number:02}",
        status=status,
        severity=severity.value,
        received_at=ago(hours=number * number),
        product="Revit" if number % 2 else "AutoCAD",
        company="Atelier Nord",
        requester="Alice Durand",
        **{
            "title": _TITLE, "is_private": False, "closed_at": None, "cancelled_at": None,
            "is_merged": False, "waiting_reason": "", "waiting_until": None, "clock": None, **rest,
        },
    )  # fmt: skip


def changed() -> list[Changed]:
    """What is new: one change; several, of which the last are told."""
    answered = Change(_("Inès Carpentier a répondu"), _("aujourd’hui à 9\u00a0h\u00a040"))
    taken = Change(_("Inès Carpentier a pris l’incident en charge"), _("hier à 16\u00a0h\u00a002"))
    return [
        Changed("INC-2026-000101", _TITLE, "Atelier Nord", [answered], 1),
        Changed("INC-2026-000102", _("Traceur muet"), "Bâti Ouest", [answered, taken], 5),
    ]


def filters() -> list[Shown]:
    """Folded; unfolded with what holds; what an address could not mean; those of last time."""
    chosen = {"q": "maquette", "statut": "ouverts", "criticite": "blocking"}
    select = [
        Select("statut", _("Statut"), [("", _("Tous"), False), ("ouverts", _("Ouverts"), True)]),
        Select("produit", _("Logiciel"), [("", _("Tous"), True), ("1", "Revit", False)]),
        Select("criticite", _("Criticité"), [("", _("Toutes"), True)]),
    ]
    chips = [
        Chip(f"{_('Texte')}\u00a0: maquette", "#listes"),
        Chip(f"{_('Statut')}\u00a0: {_('Ouverts')}", "#listes"),
    ]
    fault = _(
        "La date «\u00a0hier\u00a0» n’est pas une date\u00a0: elle n’est pas prise en compte."
    )
    return [
        Shown("replies", _("Repliés"), _filters()),
        Shown("deplies", _("Dépliés, avec ce qui est retenu"), _filters(chosen, select, chips)),
        Shown("faux", _("Une adresse qui ne veut rien dire"), _filters(faults=[fault])),
        Shown("repris", _("Filtres de la dernière fois"), _filters(chips=chips, recalled=True)),
    ]


def _filters(
    chosen: dict[str, str] | None = None, selects: list[Select] | None = None,
    chips: list[Chip] | None = None, *, faults: list[str] | None = None, recalled: bool = False,
) -> SimpleNamespace:  # fmt: skip
    asked = SimpleNamespace(chosen=chosen or {}, selects=selects or [], faults=faults or [])
    return SimpleNamespace(asked=asked, chips=chips or [], more=bool(selects), is_recalled=recalled)


def tabs() -> list[Tab]:
    return [
        Tab(_("Tous"), "#listes", is_current=True),
        Tab(_("À vous"), "#listes", is_current=False, icon="arrow-right"),
        Tab(_("À nous"), "#listes", is_current=False),
    ]


def pagers() -> list[Pager]:
    """The first, a middle and the last page; and the last one that can be turned to."""
    totals = [(0, 60), (25, 60), (50, 60), (LIST_MAX - LINES_PER_PAGE, LIST_MAX)]
    asked = Asked(User(), [], shows_all=False, at=NOW)
    line = lines()[0]
    return [
        Pager(asked, Page([line] * min(LINES_PER_PAGE, total - start), total, start))
        for start, total in totals
    ]


def nothing() -> list[Shown]:
    """Each reason for which a list is empty."""
    chip = Chip(f"{_('Texte')}\u00a0: maquette", "#listes")
    return [
        Shown("filtre", _("Filtre sans résultat"), SimpleNamespace(chips=[chip], tour="")),
        Shown("a-vous", _("Rien à faire"), SimpleNamespace(chips=[], tour="yours")),
        Shown("a-nous", _("Rien en cours"), SimpleNamespace(chips=[], tour="ours")),
        Shown("finis", _("Rien de terminé"), SimpleNamespace(chips=[], tour="nobody")),
        Shown("premier", _("Aucun incident"), SimpleNamespace(chips=[], tour="")),
    ]


# --- one incident ---------------------------------------------------------------------------------


def ticket(status: Status = Status.IN_PROGRESS, **rest: Any) -> Ticket:
    """An incident that was never saved, at one of its steps."""
    return Ticket(
        title=_TITLE, status=status, cycle=1, company_id=1, requester_id=1,
        **{
            "reference": "INC-2026-000117", "contract_id": 1,
            "severity": Severity.IMPAIRING, "declared_severity": Severity.IMPAIRING,
            "received_at": ago(hours=26), "acknowledged_at": ago(hours=25),
            "resolved_at": ago(hours=2), "closed_at": ago(hours=1), "cancelled_at": ago(hours=1),
            **rest,
        },
    )  # fmt: skip


def page(**rest: Any) -> SimpleNamespace:
    """As much of an incident's page as its parts read."""
    facts = SimpleNamespace(
        product="Revit", company="Atelier Nord", site="Lyon, siège", agency="Lyon",
        agency_phone="", agency_hours=_("du lundi au vendredi, de 9\u00a0h à 18\u00a0h"),
        contract="CS-2026-014", service_level="Avancé", requester=_ALICE,
        assignee=rest.pop("assignee", _INES), copies=rest.pop("copies", [_BOB]),
    )  # fmt: skip
    return SimpleNamespace(
        facts=facts, clocks=[one.clock for one in promises()], version="1",
        window_end=NOW + timedelta(days=13),
        **{
            "reopened_at": None, "may_reopen": False, "merged_into": None, "merged_tickets": [],
            "followers": [], "away": None, "follows": None,
            "asks": Asks(ticket(), None, []), **rest,
        },
    )  # fmt: skip


def turns() -> list[Shown]:
    """Whose turn it is, at each step of an incident."""
    waiting = {
        "waiting_reason": _("Le journal du poste, s’il vous plaît."),
        "waiting_until": date(2026, 11, 27),
    }
    other = ticket(reference="INC-2026-000090")
    return [
        _turn("declare", _("Déclaré"), Status.DECLARED),
        _turn("escalade", _("Déclaré, escaladé"), Status.DECLARED, asks=_escalated()),
        _turn("en-cours", _("En cours"), Status.IN_PROGRESS),
        _turn("attend", _("Attend le client"), Status.WAITING_CUSTOMER, waiting),
        _turn("editeur", _("Attend l’éditeur"), Status.WAITING_VENDOR, waiting),
        _turn("resolu", _("Résolu"), Status.RESOLVED),
        _turn("clos", _("Clos, peut être rouvert"), Status.CLOSED, may_reopen=True),
        _turn("clos-tard", _("Clos depuis longtemps"), Status.CLOSED, followers=[other]),
        _turn("annule", _("Annulé"), Status.CANCELLED),
        _turn("fusion", _("Fusionné"), Status.CANCELLED, merged_into=other),
        _turn("recoit", _("D’autres l’ont rejoint"), Status.IN_PROGRESS, merged_tickets=[other]),
    ]


def _escalated() -> Asks:
    asked = Ask(kind=AskKind.ESCALATION, asked_at=NOW - timedelta(minutes=25))
    return Asks(ticket(Status.DECLARED), asked, [])


def _turn(
    key: str, caption: str, status: Status, facts: dict[str, Any] | None = None, **rest: Any
) -> Shown:
    shown = {"ticket": ticket(status, **(facts or {})), "page": page(**rest)}
    return Shown(key, caption, shown)


def states() -> list[Shown]:
    """The line of badges under a title."""
    return [
        Shown("simple", "", ticket()),
        Shown("prive", "", ticket(is_private=True)),
        Shown("hors-contrat", "", ticket(contract_id=None)),
    ]


def sheets() -> list[Shown]:
    """The column of facts: handled by somebody, by nobody yet, over."""
    away = SimpleNamespace(until=date(2026, 11, 27), stand_ins=["Paul Ibarra"])
    new = {"ticket": ticket(Status.DECLARED), "page": page(assignee=None, copies=[])}
    absent = {"ticket": ticket(), "page": page(away=away)}
    requalified = ticket(Status.CLOSED, declared_severity=Severity.BLOCKING, contract_id=None)
    over = {"ticket": requalified, "page": page(asks=Asks(requalified, None, []))}
    return [
        Shown("nouveau", _("Pas encore attribué"), new),
        Shown("absent", _("L’ingénieur est absent"), absent),
        Shown("fini", _("Terminé, requalifié"), over),
    ]


# --- clocks with their ledgers --------------------------------------------------------------------


def promises() -> list[PromiseShown]:
    """Both promises of an incident: one kept, one that runs."""
    ledgers = {found.key: found.ledger for found in accounts()}
    return [
        PromiseShown(_clock(CommitmentKind.ACKNOWLEDGEMENT, Outcome.MET, 23, 30), ledgers["tenu"]),
        PromiseShown(
            _clock(CommitmentKind.RESOLUTION, Outcome.RUNNING, 210, 480), ledgers["court"]
        ),
    ]


def _clock(kind: CommitmentKind, outcome: Outcome, minutes: int, of_minutes: int) -> ClockFacts:
    used, target = timedelta(minutes=minutes), timedelta(minutes=of_minutes)
    met = outcome is Outcome.MET
    return ClockFacts(
        commitment=Commitment(pk=minutes), kind=kind, severity=Severity.IMPAIRING, cycle=1,
        outcome=outcome, level="", target=target, used=used, remaining=target - used, percent=50,
        started_at=ago(hours=26), due_at=NOW + target - used,
        met_at=ago(hours=25) if met else None, breached_at=None,
        stopped_at=ago(hours=25) if met else None, paused_since=None, paused_reason="",
    )  # fmt: skip


# --- the thread, and what is written in it --------------------------------------------------------


def thread() -> dict[str, list[Step]]:
    """The same steps again, under numbers of their own: the fold of a long one, and news."""
    numbered = [
        replace(step, entry=replace(step.entry, sequence=40 + number))
        for number, step in enumerate(steps())
    ]
    return {"beginning": numbered[:1], "end": numbered[7:8], "news": numbered[2:3]}


def replies() -> list[Shown]:
    """The composer: asked of the customer, empty, taken over from a request that came too late."""
    waiting, over = ticket(Status.WAITING_CUSTOMER), ticket(Status.CLOSED)
    typed = {"body": _("La production est arrêtée.")}
    rows = [
        ("reponse", _("Le support attend"), waiting, ReplyForm(), False),
        ("solution", _("Une solution est proposée"), ticket(Status.RESOLVED), ReplyForm(), False),
        ("vide", _("Envoyé vide"), ticket(), ReplyForm({"form_token": str(UUID(int=3))}), False),
        ("repris", _("Repris d’une demande"), over, ReplyForm(initial=typed), True),
    ]
    return [
        Shown(key, caption, {"ticket": about, "reply": form, "kept": kept})
        for key, caption, about, form, kept in rows
    ]


def colleagues() -> list[Shown]:
    """Who can still be put in copy: some, more than are shown, nobody of that name, nobody."""
    people = [User(pk=4, first_name="Réjane", last_name="Okafor")]
    return [
        Shown("quelques", _("Quelques collègues"), _choice(people)),
        Shown("beaucoup", _("Beaucoup"), _choice(people, has_more=True)),
        Shown("inconnu", _("Nom inconnu"), _choice([], like="Zoé")),
        Shown("tous", _("Tous suivent déjà"), _choice([])),
    ]


def _choice(people: list[User], *, has_more: bool = False, like: str = "") -> SimpleNamespace:
    return SimpleNamespace(people=people, has_more=has_more, like=like)


def parts() -> dict[str, Any]:
    """All of it, for the templates."""
    return {
        **thread(),
        "lines": lines(),
        "yours": [lines()[3], lines()[5]],
        "changed": changed(),
        "articles": [Article(slug="revit-memoire", title=_MEMORY, published_at=ago(days=6))],
        "filters": filters(),
        "tabs": tabs(),
        "pagers": pagers(),
        "nothing": nothing(),
        "turns": turns(),
        "reason": ReasonForm(auto_id="motif_%s"),
        "reason_missing": ReasonForm({}, auto_id="oubli_%s"),
        "states": states(),
        "ticket": ticket(),
        "page": page(),
        "promises": promises(),
        "sheets": sheets(),
        "replies": replies(),
        "colleagues": colleagues(),
    }
