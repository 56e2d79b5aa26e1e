"""What the desk has at hand: ready-made answers and checklists."""

from __future__ import annotations

from typing import NamedTuple

from sla.enums import Severity
from tickets.enums import Sequel


class CannedFacts(NamedTuple):
    """A ready-made answer; with a sequel it is a macro."""

    name: str
    body: str
    sequel: str = ""
    reason: str = ""


class ListFacts(NamedTuple):
    """A checklist for a product, a severity, or all incidents."""

    name: str
    steps: tuple[str, ...]
    product: str = ""
    severity: str = ""


CANNED = (
    CannedFacts(
        "Demander le journal",
        "Bonjour {contact},\n\nPour avancer sur « {titre} », pouvez-vous joindre le fichier "
        "journal le plus récent de {produit} et nous dire quelle mise à jour est installée ?\n\n"
        "{ingenieur}",
        Sequel.WAIT_CUSTOMER,
        "Le fichier journal le plus récent et le numéro de la mise à jour installée.",
    ),
    CannedFacts(
        "Transmis à l’éditeur",
        "Bonjour {contact},\n\nNous reproduisons le problème et l’avons transmis à l’éditeur. "
        "Nous revenons vers vous dès sa réponse.\n\n{ingenieur}",
        Sequel.WAIT_VENDOR,
        "L’éditeur analyse le problème.",
    ),
    CannedFacts(
        "Proposer une prise en main",
        "Bonjour {contact},\n\nLe plus simple est de regarder ensemble : à quelle heure "
        "pouvons-nous prendre la main sur votre poste aujourd’hui ?\n\n{ingenieur}",
    ),
)
CHECKLISTS = (
    ListFacts(
        "Incident bloquant",
        ("Rappeler le client dans le quart d’heure", "Chercher un contournement",
         "Prévenir le responsable s’il n’y en a pas"),
        severity=Severity.BLOCKING,
    ),
    ListFacts(
        "Plantage de Revit",
        ("Version et mise à jour notées", "Journal reçu", "Essai sur une maquette vide",
         "Compléments désactivés un à un"),
        product="Revit",
    ),
    ListFacts(
        "Avant de résoudre",
        ("Solution essayée chez le client", "Article du blog proposé si le cas peut revenir"),
    ),
)  # fmt: skip
