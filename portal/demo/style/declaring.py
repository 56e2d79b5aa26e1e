"""What the style page shows of the declaration: severities, drafts, suggestions, warnings."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, NamedTuple
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _

from accounts.models import Company, User
from blog.models import Article
from licences.models import Product
from portal.demo.style.clocks import NOW
from portal.demo.style.forms import PeopleForm, SeverityField
from sla.enums import Severity
from tickets.clocks import Preview
from tickets.declare_forms import SEVERITY_TEXTS, Colleague, SeverityCard
from tickets.models import Draft, Ticket
from tickets.queries.similar import Suggestions

NBSP = "\u00a0"
_TITLE = "Revit se ferme à l’ouverture de la maquette"


class Shown(NamedTuple):
    """A part of a page in one state."""

    key: str
    caption: str
    values: Any


class Choice(NamedTuple):
    """The severities as a form shows them."""

    form: forms.Form
    cards: list[SeverityCard]


def choices() -> list[Shown]:
    """Nothing chosen, one chosen, refused; and without deadlines, when none can be computed."""
    return [
        Shown("vide", _("Rien n’est choisi"), Choice(SeverityField(), _cards("vide"))),
        Shown(
            "choisie", _("Une carte choisie"),
            Choice(SeverityField(), _cards("choisie", Severity.IMPAIRING)),
        ),
        Shown("refusee", _("À corriger"), Choice(SeverityField({}), _cards("refusee"))),
        Shown(
            "sans-delai", _("Délais impossibles à calculer"),
            Choice(SeverityField(), _cards("sans-delai", dated=False)),
        ),
    ]  # fmt: skip


def _cards(key: str, chosen: Severity | None = None, *, dated: bool = True) -> list[SeverityCard]:
    return [
        SeverityCard(
            severity=severity,
            text=SEVERITY_TEXTS[severity],
            preview=_preview(severity, number) if dated else None,
            id=f"carte-{number}-{key}",
            checked=severity is chosen,
        )
        for number, severity in enumerate(Severity)
    ]


def _preview(severity: Severity, number: int) -> Preview:
    acknowledgement, resolution = 30 * 2**number, 480 * (number + 1)
    return Preview(
        severity,
        NOW + timedelta(minutes=acknowledgement),
        NOW + timedelta(days=number, minutes=480),
        acknowledgement,
        resolution,
    )


# --- drafts ---------------------------------------------------------------------------------------


def drafts() -> list[Draft]:
    """One with a title, one that has none yet, and older ones."""
    ages = [timedelta(minutes=12), timedelta(days=1), timedelta(days=6), timedelta(days=20)]
    return [draft("" if age.days == 1 else _TITLE, NOW - age) for age in ages]


def draft(title: str, saved_at: datetime, **rest: Any) -> Draft:
    """A draft that was never saved."""
    return Draft(form_token=UUID(int=1), values={"title": [title]}, saved_at=saved_at, **rest)


def resumed() -> list[Shown]:
    """A draft opened again: whole, without its files, with the text of another page."""
    other = {"values": {"title": [_("Autre titre")], "body": [_("Ce qui était tapé là-bas.")]}}
    earlier = NOW - timedelta(hours=2)
    return [
        Shown("entier", _("Brouillon repris"), draft(_TITLE, earlier)),
        Shown("sans-fichiers", _("Ses fichiers n’y sont plus"), draft(_TITLE, earlier, files=2)),
        Shown("deux-pages", _("Tapé dans deux pages"), draft(_TITLE, earlier, others=[other])),
    ]


# Read by templates beside a draft: the form that shows it again has no file waiting.
FRESH_FORM = SimpleNamespace(is_bound=False, waiting_files=[])


# --- suggestions and warnings ---------------------------------------------------------------------


def suggested() -> list[Shown]:
    """What resembles the title: articles, a colleague's incident, one's own."""
    article = Article(slug="revit-memoire", title=_("Revit et la mémoire du poste"))
    return [
        Shown("article", _("Des articles"), Suggestions([article], [])),
        Shown("collegue", _("L’incident d’un collègue"), Suggestions([], [_open(is_mine=False)])),
        Shown("mien", _("Un incident déjà suivi"), Suggestions([], [_open(is_mine=True)])),
        Shown(
            "tout", _("Les trois"),
            Suggestions([article], [_open(is_mine=True), _open(is_mine=False)]),
        ),
    ]  # fmt: skip


def _open(*, is_mine: bool) -> Ticket:
    found = Ticket(
        reference="INC-2026-000118",
        title=_TITLE,
        product=Product(name="Revit"),
        requester=User(first_name="Bob", last_name="Martin"),
        received_at=NOW + timedelta(minutes=-48),
    )
    found.is_mine = is_mine  # type: ignore[attr-defined]  # annotated by the query
    return found


def warnings() -> list[Shown]:
    """What is said above the form."""
    terms = SimpleNamespace(contract=True)
    nothing: dict[str, Any] = {
        "twin": None, "before": None, "follows": None, "terms": terms,
        "subject": SimpleNamespace(licence=None), "companies": [], "company": "Atelier Nord",
    }  # fmt: skip
    licence = _Licence("/licences/", "4812")
    two = [Company(pk=1, name="Atelier Nord"), Company(pk=2, name="Bâti Ouest")]
    return [
        Shown("double", _("Déjà déclaré"), nothing | {"twin": _open(is_mine=True)}),
        Shown("deja", _("Formulaire déjà envoyé"), nothing | {"before": _open(is_mine=True)}),
        Shown(
            "licence", _("Depuis une licence"),
            nothing | {"subject": SimpleNamespace(licence=licence)},
        ),
        Shown("suite", _("Suite d’un incident"), nothing | {"follows": _open(is_mine=True)}),
        Shown("hors-contrat", _("Hors contrat"), nothing | {"terms": _without_contract()}),
        Shown("sans-delais", _("Délais inconnus"), nothing | {"terms": None}),
        Shown(
            "societes", _("Plusieurs sociétés"),
            nothing | {"companies": two, "company": two[0], "form": _token()},
        ),
    ]  # fmt: skip


def _without_contract() -> SimpleNamespace:
    return SimpleNamespace(contract=None)


def _token() -> dict[str, Any]:
    return {"form_token": SimpleNamespace(value=str(UUID(int=1)))}


class _Licence(NamedTuple):
    get_absolute_url: str
    contract_number: str

    def __str__(self) -> str:
        return "Revit 2027"


def people() -> list[Shown]:
    """Colleagues to tick and the private tick: nobody, some, a refusal."""
    return [
        Shown("personne", _("Sans collègue"), PeopleForm([], auto_id="personne_%s")),
        Shown("replie", _("Personne en copie"), PeopleForm(_names(), auto_id="replie_%s")),
        Shown(
            "coche", _("En copie, et privé"),
            PeopleForm(
                _names(checked=True), auto_id="coche_%s",
                initial={"copies": ["2"], "is_private": True},
            ),
        ),
        Shown(
            "faute", _("À corriger"),
            PeopleForm(_names(), {"copies": ["9"]}, auto_id="copie_%s"),
        ),
    ]  # fmt: skip


def _names(*, checked: bool = False) -> list[Colleague]:
    return [Colleague(2, "Bob Martin", checked), Colleague(3, "Réjane Okafor", checked=False)]


def parts() -> dict[str, Any]:
    """All of it, for the templates."""
    return {
        "choices": choices(),
        "drafts": drafts(),
        "one_draft": drafts()[:1],
        "resumed": resumed(),
        "fresh_form": FRESH_FORM,
        "draft_states": [
            Shown("kept", _("Enregistré"), None),
            Shown("others", _("Modifié aussi dans une autre page"), None),
            Shown("lost", _("Connexion perdue"), None),
            Shown("ended", _("Session finie"), None),
        ],
        "unsent": SimpleNamespace(files=True),
        "suggested": suggested(),
        "warnings": warnings(),
        "people": people(),
        "terms": _terms(),
    }


def _terms() -> SimpleNamespace:
    return SimpleNamespace(
        contract=SimpleNamespace(number="CS-2026-014"),
        version=SimpleNamespace(service_level="Avancé"),
    )
