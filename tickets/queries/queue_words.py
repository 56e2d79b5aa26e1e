"""What the words typed above the queue find: numbers, titles, companies, products, names of files.

Every word must be found, accents and case forgiven; a number finds its incident as it does for
customers. Companies (by name or code) and products are looked up once, and their incidents found by
their numbers, so that an index serves every part of an « or ».
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import BooleanField, F, Func, Q, QuerySet, Value
from django.db.models.lookups import Contains

from accounts.models import COMPANY_WORDS, Company
from foundation.database import Plain, contains, looked_for, words_of
from foundation.prepared import Prepared
from licences.models import Product
from tickets.models import Attachment, TicketQuerySet
from tickets.queries.customer import SEARCH_WORDS_MAX, holding_or_number, searched

# A name of a file is looked for from this many letters on: shorter words are in all of them.
FILE_WORD_MIN = 3
# Their open incidents are read one company after the other; beyond, the queue is read in order.
FEW_COMPANIES = 200
# The parts of an answer, and what each word brings to the first.
NAMED, OF_COMPANIES, FILES = "named", "of companies", "files"
_VALUES = ("word", "whole", "companies", "products")

# Whatever bears one word in its name; both are worded once for every word.
_COMPANIES: Prepared[Any] = Prepared(
    lambda word: _bears(Company.objects.all(), words_of(*COMPANY_WORDS), word), word=str
)
_PRODUCTS: Prepared[Any] = Prepared(
    lambda word: _bears(Product.objects.all(), words_of("name"), word), word=str
)
_ARM = "SELECT %s, %s, named.pk FROM ({rows}) AS named (pk)"
_KINDS = {"company": _COMPANIES, "product": _PRODUCTS}


@dataclass
class Word:
    """A word, the end of the reference that it stands for, and whatever bears it in its name."""

    text: str
    whole: str
    companies: list[int] = field(default_factory=list)
    products: list[int] = field(default_factory=list)


# Never empty: None stands for no word at all.
Sought = list[Word]


def sought(text: str) -> Sought | None:
    """The words of a search with what they name, in one query; None without words."""
    words = [Word(word, whole) for word, whole in searched(text)]
    if not words:
        return None
    with connection.cursor() as cursor:
        cursor.execute(*_bearing(words))
        for number, kind, pk in cursor.fetchall():
            word = words[number]
            (word.companies if kind == "company" else word.products).append(pk)
    return words


def _bears(rows: QuerySet[Any], names: Plain, word: str) -> QuerySet[Any, Any]:
    return rows.filter(contains(names, word)).order_by().values("pk")


def _bearing(words: Sought) -> tuple[str, list[Any]]:
    """Companies and products by the number of the word that they bear: each word by the index."""
    arms, values = [], []
    for number, word in enumerate(words):
        for kind, rows in _KINDS.items():
            text, own = rows.text(word=looked_for(word.text))
            arms.append(_ARM.format(rows=text))
            values += [number, kind, *own]
    return " UNION ALL ".join(arms), values


def arms_of(words: Sought | None) -> Iterator[tuple[str, dict[str, str]]]:
    """The parts of the answer, each with its values by name; one part without words.

    Incidents that the words name; those of a few companies that one word names, with the other
    words; those with files that bear them in their names. Apart: PostgreSQL finds each by its own
    index, and none by an « or » between them.
    """
    if words is None:
        yield "", {}
        return
    few = next((word for word in words if 0 < len(word.companies) <= FEW_COMPANIES), None)
    yield NAMED, _values_of(words, without_companies=few)
    if few is not None:
        own = _values_of([word for word in words if word is not few])
        yield OF_COMPANIES, own | {"companies_alone": _array(few.companies)}
    if all(len(word.text) >= FILE_WORD_MIN for word in words):
        yield FILES, {f"word{number}": word.text for number, word in enumerate(words)}


def _values_of(words: Sought, *, without_companies: Word | None = None) -> dict[str, str]:
    values = {}
    for number, word in enumerate(words):
        held = {
            "word": word.text,
            "whole": word.whole,
            "companies": "" if word is without_companies else _array(word.companies),
            "products": _array(word.products),
        }
        values.update({f"{name}{number}": value for name, value in held.items() if value})
    return values


def narrowed(found: TicketQuerySet, arm: str, values: dict[str, str]) -> TicketQuerySet:
    """Those of `found` that a part of the answer holds; its values are taken out of `values`."""
    for number in range(SEARCH_WORDS_MAX if arm else 0):
        held = {name: values.pop(f"{name}{number}", "") for name in _VALUES}
        if held["word"]:
            condition = _in_names_of_files(held) if arm == FILES else _named(held)
            found = found.filter(condition)
    alone = values.pop("companies_alone", "")
    return found.filter(_among("company_id", alone)) if alone else found


def _named(held: dict[str, str]) -> Q:
    """In the number or the title, or the name of the company or of the product."""
    found = holding_or_number(held["word"], held["whole"])
    if held["companies"]:
        found |= Q(_among("company_id", held["companies"]))
    if held["products"]:
        found |= Q(_among("product_id", held["products"]))
    return found


def _in_names_of_files(held: dict[str, str]) -> Q:
    named = Contains(Plain(F("file__name")), Plain(Value(held["word"])))
    return Q(pk__in=Attachment.objects.filter(named).order_by().values("message__ticket"))


def _among(column: str, array: str) -> Func:
    """A number among those of an array: one value, so that the statement is always the same."""
    return Func(
        F(column),
        Value(array),
        template="%(expressions)s::bigint[])",
        arg_joiner=" = ANY(",
        output_field=BooleanField(),
    )


def _array(numbers: list[int]) -> str:
    return f"{{{','.join(map(str, numbers))}}}" if numbers else ""
