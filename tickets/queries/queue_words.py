"""What the words typed above the queue find: numbers, titles, companies, products, names of files.

Every word must be found, accents and case forgiven; a number finds its incident as it does for
customers. Companies and products are few: they are looked up once, and their incidents found by
their numbers, so that an index serves every part of an « or ».
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import F, Q, Value
from django.db.models.lookups import Contains

from foundation.database import Plain
from tickets.models import Attachment, TicketQuerySet
from tickets.queries.customer import holding_or_number, searched

# A name of a file is looked for from this many letters on: shorter words are in all of them.
FILE_WORD_MIN = 3

_NAMED = """
SELECT word.number, 'company', company.id
FROM unnest(%s::text[]) WITH ORDINALITY AS word (text, number)
JOIN accounts_company AS company
    ON strpos(portal_plain(company.name), portal_plain(word.text)) > 0
UNION ALL
SELECT word.number, 'product', product.id
FROM unnest(%s::text[]) WITH ORDINALITY AS word (text, number)
JOIN licences_product AS product
    ON strpos(portal_plain(product.name), portal_plain(word.text)) > 0
"""


@dataclass
class Word:
    """A word, the end of the reference that it stands for, and whatever bears it in its name."""

    text: str
    whole: str
    companies: list[int] = field(default_factory=list)
    products: list[int] = field(default_factory=list)

    @property
    def condition(self) -> Q:
        """In the number or the title, or the name of the company or of the product."""
        found = holding_or_number(self.text, self.whole)
        if self.companies:
            found |= Q(company_id__in=self.companies)
        if self.products:
            found |= Q(product_id__in=self.products)
        return found


# Never empty: None stands for no word at all.
Sought = list[Word]


def sought(text: str) -> Sought | None:
    """The words of a search with what they name, in one query; None without words."""
    words = [Word(word, whole) for word, whole in searched(text)]
    if not words:
        return None
    texts = [word.text for word in words]
    with connection.cursor() as cursor:
        cursor.execute(_NAMED, [texts, texts])
        for number, kind, pk in cursor.fetchall():
            word = words[number - 1]
            (word.companies if kind == "company" else word.products).append(pk)
    return words


def arms_of(words: Sought, found: TicketQuerySet) -> Iterator[TicketQuerySet]:
    """Those of `found` that the words name; then those with files that bear them in their names.

    Apart: PostgreSQL finds each by its own index, and neither by an « or » between the two.
    """
    named = found
    for word in words:
        named = named.filter(word.condition)
    yield named
    if all(len(word.text) >= FILE_WORD_MIN for word in words):
        for word in words:
            files = Attachment.objects.filter(
                Contains(Plain(F("file__name")), Plain(Value(word.text)))
            ).order_by()
            found = found.filter(pk__in=files.values("message__ticket"))
        yield found
