"""Who may ever read which canary: the whole table. Whatever else comes out is a leak (A, B)."""

from __future__ import annotations

import re

from tests.isolation.world import World

ROLES = (
    "anonymous", "author", "colleague", "référente", "stranger", "engineer", "manager",
)  # fmt: skip
NOBODY: frozenset[str] = frozenset()
EVERYBODY = frozenset(ROLES)
SIGNED_IN = EVERYBODY - {"anonymous"}
STAFF = frozenset({"engineer", "manager"})
AUTHOR = STAFF | {"author"}
OWNERS = AUTHOR | {"référente"}
COLLEAGUE = STAFF | {"colleague", "référente"}
COMPANY = OWNERS | {"colleague"}
STRANGER = STAFF | {"stranger"}

_READERS: dict[str, frozenset[str]] = {
    # Alice's incidents: hers and her référente's.
    **dict.fromkeys(
        (
            "titre", "texte", "piece-jointe", "piece-jointe-dedans", "requalification",
            "attente-editeur", "reponse", "fichier-reponse", "fichier-reponse-dedans",
            "precision", "question", "titre-clos", "texte-clos", "correction", "solution",
            "refus", "solution-finale", "titre-suite", "texte-suite",
        ),
        OWNERS,
    ),
    # Her private ones.
    **dict.fromkeys(
        (
            "prive", "texte-prive", "fichier-prive", "fichier-prive-dedans", "titre-secret",
            "texte-secret", "abandon",
        ),
        AUTHOR,
    ),
    **dict.fromkeys(("titre-collegue", "texte-collegue"), COLLEAGUE),
    # What is ours (B1, B2).
    **dict.fromkeys(
        (
            "note-interne", "note-close", "alerte", "alerte-etrangere", "formation",
            "tel-ines", "tel-marc", "tel-adele", "courriel-marc", "courriel-adele",
            "courriel-ines", "tel-societe",
        ),
        STAFF,
    ),
    # The other company's.
    **dict.fromkeys(
        (
            "titre-etranger", "texte-etranger", "fichier-etranger", "fichier-etranger-dedans",
            "nom-etranger", "courriel-charlie", "tel-charlie", "societe-etrangere",
            "site-etranger", "contrat-etranger", "support-etranger", "niveau-etranger",
            "produit-etranger", "article-etranger", "adresse-etrangere", "corps-etranger",
        ),
        STRANGER,
    ),
    # People of Alice's company, to each other.
    "courriel-alice": OWNERS,
    "courriel-bob": COLLEAGUE,
    "courriel-rejane": STAFF | {"référente"},
    "courriel-invite": STAFF | {"référente"},
    "tel-alice": AUTHOR,
    "tel-bob": STAFF | {"colleague"},
    "tel-rejane": STAFF | {"référente"},
    # The park, the downloads, the articles for the company.
    **dict.fromkeys(
        (
            "contrat", "support", "correctif", "notes-correctif", "fichier-correctif",
            "fichier-correctif-dedans", "article", "adresse-article", "chapeau", "corps",
        ),
        COMPANY,
    ),
    "adresse-site": STAFF,
    "tel-agence": COMPANY | STRANGER,
    # Not published, or no more (A7, B5).
    **dict.fromkeys(
        (
            "brouillon", "adresse-brouillon", "corps-brouillon", "futur", "adresse-future",
            "corps-futur", "correctif-brouillon", "notes-brouillon", "fichier-brouillon",
            "fichier-brouillon-dedans", "correctif-retire", "notes-retire", "fichier-retire",
            "fichier-retire-dedans",
        ),
        STAFF,
    ),
    **dict.fromkeys(("article-clients", "adresse-clients", "corps-clients"), SIGNED_IN),
    **dict.fromkeys(("article-public", "adresse-publique", "corps-public"), EVERYBODY),
    # A file that waits with a form is shown with that form only, after a POST.
    "fichier-en-attente": NOBODY,
}  # fmt: skip

READERS = {f"canari-{name}": readers for name, readers in _READERS.items()}

# Incidents as they are called in the world: their number is private too.
TICKET_READERS = {
    "open": OWNERS,
    "private": AUTHOR,
    "ended": OWNERS,
    "colleague's": COLLEAGUE,
    "stranger's": STRANGER,
    "secret": AUTHOR,
    "sequel": OWNERS,
}

_CANARY = re.compile(rb"canari-[a-z0-9-]*[a-z0-9]|INC-[0-9]{4}-[0-9]{6}", re.IGNORECASE)


def readers(world: World) -> dict[str, frozenset[str]]:
    """Every canary of this world, numbers of incidents included."""
    numbers = {world.tickets[name].reference: who for name, who in TICKET_READERS.items()}
    return READERS | numbers


def canaries_in(content: bytes) -> set[str]:
    """The canaries of a page or a mail; one that was cut is found as what is left of it."""
    found = {token.decode() for token in _CANARY.findall(content)}
    return {token if token.startswith("INC-") else token.lower() for token in found}


def readable(role: str, table: dict[str, frozenset[str]]) -> set[str]:
    """The canaries that the table gives to a role."""
    return {canary for canary, who in table.items() if role in who}
