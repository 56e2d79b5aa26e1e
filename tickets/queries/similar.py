"""What others wrote of the same trouble, offered while somebody types theirs.

docs/decisions/0015-drafts-and-following.md says what is shown to whom.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BooleanField,
    Case,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    TextField,
    Value,
    When,
)

from accounts.models import Company, User
from blog.models import Article
from blog.queries import suggested
from foundation.database import Plain
from foundation.text import tidy_line
from tickets.enums import OPEN_STATUSES
from tickets.models import Copy, Ticket

SHOWN = 3
# A shorter title says too little.
TITLE_MIN = 4
TITLE_MAX = 200
# Compared with what is typed: the company's latest open incidents, however many there are.
COMPARED = 300
# How many of the words that say something are found in its title; on the chosen software one does.
SHARED, SHARED_ON_PRODUCT = 2, 1
# From which likeness two words are one, but for its ending or a slip of the finger (0 to 1).
ALIKE = 0.5
WORDS_MAX = 12
# Shorter words, grammar and what stands in every complaint say nothing of a trouble. Without
# accents, as `searched` is.
WORD_MIN = 3
EMPTY_WORDS = frozenset((
    "aide", "aider", "apres", "aucun", "aucune", "aux", "avant", "avec", "avez", "avoir",
    "avons", "besoin", "bonjour", "bug", "bugs", "car", "ceci", "cela", "ces", "cet", "cette",
    "chaque", "chez", "comment", "dans", "deja", "depuis", "des", "donc", "dont",
    "dysfonctionnement", "elle", "elles", "encore", "entre", "erreur", "erreurs", "est",
    "etait", "ete", "etre", "faire", "fait", "faut", "fonctionne", "fonctionnent",
    "fonctionner", "help", "ici", "ils", "impossible", "incident", "les", "leur", "leurs",
    "logiciel", "lors", "lorsque", "mais", "marche", "marchent", "marcher", "merci", "mes",
    "mon", "nos", "notre", "nous", "ont", "panne", "par", "pas", "peut", "peux", "plus", "pour",
    "pourquoi", "pouvoir", "probleme", "problemes", "quand", "que", "question", "qui", "quoi",
    "rien", "sans", "ses", "son", "sont", "souci", "soucis", "sous", "suis", "sur", "ton",
    "toujours", "tous", "tout", "toute", "toutes", "tres", "une", "urgence", "urgent", "vers",
    "veut", "vos", "votre", "voudrais", "vous",
))  # fmt: skip


@dataclass(frozen=True)
class Suggestions:
    """Articles that this person may read, and open incidents of their company."""

    articles: list[Article]
    incidents: list[Ticket]

    def __bool__(self) -> bool:
        return bool(self.articles or self.incidents)


def suggestions_for(
    user: User, company: Company, title: str, product_id: int | None, at: datetime
) -> Suggestions:
    """What resembles `title`, typed for a company that the person belongs to. Two queries."""
    title = tidy_line(title.replace("\x00", ""))[:TITLE_MAX]
    if len(title) < TITLE_MIN:
        return Suggestions([], [])
    words = telling(title)
    if not words:
        return Suggestions([], [])
    return Suggestions(
        articles=suggested(user, " ".join(words), product_id, at, limit=SHOWN),
        incidents=similar_open(user, company, words, product_id),
    )


def telling(title: str) -> list[str]:
    """The words of a title that say something of the trouble, without accents."""
    words = re.findall(r"\w+", _plain(title))
    kept = dict.fromkeys(word for word in words if len(word) >= WORD_MIN)
    return [word for word in kept if word not in EMPTY_WORDS][:WORDS_MAX]


def _plain(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.lower())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _shared(words: list[str], text: Any, but: Any) -> Func:
    """How many of these words stand in a text, whatever their endings and their typing errors.

    A word of `but`, the software's name, is none. Whole words are compared: « cotes » is neither
    « copie » nor the end of one word with the beginning of the next.
    """
    alike = "strict_word_similarity(said.word, %(expressions)s)"
    said = Value(words, output_field=ArrayField(TextField()))
    return Func(
        Func(said, template="FROM unnest(%(expressions)s) AS said(word)"),
        Func(text, template=f"WHERE {alike} >= {ALIKE}"),
        Func(but, template=f"AND {alike} < {ALIKE}"),
        template="(SELECT count(*) %(expressions)s)",
        arg_joiner=" ",
        output_field=IntegerField(),
    )


def similar_open(
    user: User, company: Company, words: list[str], product_id: int | None
) -> list[Ticket]:
    """The company's open incidents whose title shares these words, the same product first, with
    `is_mine`: the person has declared it or follows it already. The name of a software is no word
    of the trouble: choosing the software says it.

    Of the others only number, title, product, author and hour may be shown, and never of a
    private one (decision 0015): a contact sees no more of a colleague's incident.
    """
    latest = (
        Ticket.objects.filter(company=company, status__in=OPEN_STATUSES)
        .filter(Q(is_private=False) | Q(requester=user))
        .order_by("-received_at")
    )
    same = Q(product=product_id) if product_id else Q(pk__in=[])
    copied = Exists(Copy.objects.filter(ticket=OuterRef("pk"), user=user))
    found = (
        Ticket.objects.filter(pk__in=latest.values("pk")[:COMPARED])
        .annotate(
            shared=_shared(words, F("searched"), Plain(F("product__name"))),
            same=Case(When(same, then=True), default=False, output_field=BooleanField()),
            is_mine=Case(
                When(Q(requester=user) | copied, then=True),
                default=False,
                output_field=BooleanField(),
            ),
        )
        .filter(shared__gte=Case(When(same, then=SHARED_ON_PRODUCT), default=SHARED))
        .select_related("product", "requester")
    )
    return list(found.order_by("-same", "-shared", "-received_at")[:SHOWN])
