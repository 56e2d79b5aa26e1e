"""Ready-made answers: which are offered, and their variables filled in.

A variable is a word in braces, `{contact}`. Other braces are left as they are: people quote code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from foundation.refusals import Refusal
from foundation.text import number_of
from tickets.models import Canned, Ticket
from tickets.queries.workspace import DeskFacts

_VARIABLE = re.compile(r"\{(\w+)\}")
_OFFERED_MAX = 100

# What each stands for: shown to whoever writes one.
VARIABLES = {
    "contact": gettext_lazy("le demandeur, prénom et nom"),
    "societe": gettext_lazy("sa société"),
    "reference": gettext_lazy("le numéro de l’incident"),
    "titre": gettext_lazy("son titre"),
    "produit": gettext_lazy("le logiciel"),
    "criticite": gettext_lazy("la criticité retenue"),
    "ingenieur": gettext_lazy("la personne qui envoie la réponse"),
    "agence": gettext_lazy("l’agence qui suit l’incident"),
}


class UnknownVariable(Refusal):
    """A text names what no incident has."""


class Filled(NamedTuple):
    """Both texts of a ready-made answer for one incident."""

    body: str
    reason: str


def offered() -> list[Canned]:
    """Those that engineers may send, the most sent first. One query."""
    return list(Canned.objects.filter(is_active=True).order_by("-uses", "name")[:_OFFERED_MAX])


def offered_one(number: str) -> Canned | None:
    """The one that a form chose; None for one that is not offered, or no more."""
    pk = number_of(number)
    return Canned.objects.filter(pk=pk, is_active=True).first() if pk is not None else None


def require_known(*texts: str) -> None:
    """Raises UnknownVariable, with a sentence that names them and says which exist."""
    found = (name for text in texts for name in _VARIABLE.findall(text))
    unknown = [name for name in dict.fromkeys(found) if name not in VARIABLES]
    if not unknown:
        return
    sentence = (
        _("Variable inconnue\u00a0: %(unknown)s. Celles qui existent\u00a0: %(known)s.")
        if len(unknown) == 1
        else _("Variables inconnues\u00a0: %(unknown)s. Celles qui existent\u00a0: %(known)s.")
    )
    raise UnknownVariable(sentence % {"unknown": _braced(unknown), "known": _braced(VARIABLES)})


def filled(canned: Canned, ticket: Ticket, facts: DeskFacts, person: User) -> Filled:
    """The texts as they would be sent by this person. Raises UnknownVariable: nothing is half
    filled in.
    """
    require_known(canned.body, canned.reason)
    values = {
        "contact": facts.requester.full_name,
        "societe": facts.company,
        "reference": ticket.reference,
        "titre": ticket.title,
        "produit": facts.product,
        "criticite": ticket.get_severity_display(),
        "ingenieur": person.full_name,
        "agence": facts.agency,
    }
    return Filled(_fill(canned.body, values), _fill(canned.reason, values))


def _fill(text: str, values: Mapping[str, str]) -> str:
    return _VARIABLE.sub(lambda found: values[found[1]], text)


def _braced(names: Iterable[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in names)
