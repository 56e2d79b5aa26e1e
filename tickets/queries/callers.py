"""Who is on the phone: people of our customers by number, name, address or company, as one types.

What narrows the search goes through trigram indexes (accounts), so that it costs the same in a
park of a hundred people and in one of a hundred thousand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import (
    Count,
    Exists,
    Expression,
    F,
    IntegerField,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce
from django.db.models.lookups import Contains

from accounts.models import COMPANY_WORDS, PERSON_WORDS, Company, Membership, User
from foundation.database import Digits, Plain, words_of
from foundation.text import tidy_line
from foundation.wording import paris
from licences.models import SupportContract
from tickets.models import Ticket

SHOWN = 12
_SEARCH_MAX = 100
_WORDS_MAX = 6
# Trigrams need three signs; a word of two is looked for at the beginning of words only.
_INSIDE_MIN = 3
_WORD_MIN = 2
_DIGITS_MIN = 3
_BETWEEN_DIGITS = frozenset(" +.-/()")


@dataclass(frozen=True, slots=True)
class Callers:
    """Who was found. `is_short`: too little was typed to look for anybody."""

    people: list[Membership]
    has_more: bool = False
    is_short: bool = False


def callers(text: str, at: datetime) -> Callers:
    """The people of our customers that this text may mean, by name. One query.

    Each carries `open_tickets`, the number of their company's open incidents, and `has_contract`.
    """
    text = tidy_line(text[:_SEARCH_MAX])
    found = _numbered(text) if _is_number(text) else _named(text.split()[:_WORDS_MAX])
    if found is None:
        return Callers([], is_short=bool(text))
    told = _with_facts(found, at).order_by("user__last_name", "user__first_name", "pk")
    people = list(told[: SHOWN + 1])
    return Callers(people[:SHOWN], has_more=len(people) > SHOWN)


def caller(membership_id: int) -> Membership | None:
    """The person who calls, for the company they call for, if their access is open."""
    return _open_memberships().filter(pk=membership_id).first()


def caller_of(ticket: Ticket) -> Membership | None:
    """The requester of an incident as somebody who may call again, if their access is open."""
    return _open_memberships().filter(user=ticket.requester_id, company=ticket.company_id).first()


def _open_memberships() -> QuerySet[Membership]:
    return Membership.objects.filter(
        is_active=True, user__is_active=True, company__is_active=True
    ).select_related("user", "company", "site")


def _with_facts(found: QuerySet[Membership], at: datetime) -> QuerySet[Any]:
    open_tickets = (
        Ticket.objects.open()
        .filter(company=OuterRef("company"))
        .order_by()
        .values("company")
        .annotate(number=Count("pk"))
        .values("number")
    )
    contracts = SupportContract.objects.valid_on(paris(at).date())
    return found.annotate(
        open_tickets=Coalesce(Subquery(open_tickets, output_field=IntegerField()), 0),
        has_contract=Exists(contracts.filter(company=OuterRef("company"))),
    )


# --- by name --------------------------------------------------------------------------------------


def _named(words: Sequence[str]) -> QuerySet[Membership] | None:
    """Whoever, with their company, answers to each word; None when all are too short.

    The longest word is the one that indexes answer; the others only narrow what it found.
    """
    longest = max(words, key=len, default="")
    if len(longest) < _WORD_MIN:
        return None
    found = _of_either(
        User.objects.filter(_has(words_of(*PERSON_WORDS), longest)),
        Company.objects.filter(_has(words_of(*COMPANY_WORDS), longest)),
    )
    person = words_of(*(f"user__{field}" for field in PERSON_WORDS))
    company = words_of(*(f"company__{field}" for field in COMPANY_WORDS))
    for word in words:
        if word != longest:
            found = found.filter(Q(_has(person, word)) | Q(_has(company, word)))
    return found


def _has(searched: Expression, word: str) -> Contains:
    text = word if len(word) >= _INSIDE_MIN else f" {word}"
    return Contains(searched, Plain(Value(text)))


def _of_either(people: QuerySet[User], companies: QuerySet[Any]) -> QuerySet[Membership]:
    """Open memberships of these people, and of these companies: a union, so that each half keeps
    its index."""
    rows = Membership.objects.order_by().values("pk")
    wanted = rows.filter(user__in=_keys(people)).union(rows.filter(company__in=_keys(companies)))
    return _open_memberships().filter(pk__in=wanted)


def _keys(rows: QuerySet[Model]) -> QuerySet[Any]:
    return rows.order_by().values("pk")


# --- by number ------------------------------------------------------------------------------------


def _is_number(text: str) -> bool:
    """« 06 12 », « +33 (0)4 72 », « 04.72 »: digits and what people write between them."""
    return bool(_digits(text)) and all(
        sign in _BETWEEN_DIGITS or sign in "0123456789" for sign in text
    )


def _numbered(text: str) -> QuerySet[Membership] | None:
    """Whoever has a number with these digits, or whose company has."""
    digits = _national(text)
    if len(digits) < _DIGITS_MIN:
        return None
    has = Contains(Digits(F("phone")), Value(digits))
    return _of_either(User.objects.filter(has), Company.objects.filter(has))


def _digits(text: str) -> str:
    return "".join(character for character in text if character in "0123456789")


def _national(text: str) -> str:
    """The digits that every spelling of a French number shares, whole or as far as it is typed.

    « +33 (0)4 72 », « 0033 4 72 », « 33472… » and « 04 72 » all give « 472… ».
    """
    digits = _digits(text)
    if digits.startswith("00"):
        digits = digits[2:]
    elif not (text.startswith("+") or len(digits) >= 11):
        return digits.removeprefix("0")
    return digits.removeprefix("33").removeprefix("0") if digits.startswith("33") else digits
