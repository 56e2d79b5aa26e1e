"""Who is on the phone: people of our customers by number, name, address or company, as one types.

What narrows the search goes through trigram indexes (accounts.queries), so that it costs the same
among a hundred people and among a hundred thousand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import Company, Membership
from accounts.queries import memberships_named, memberships_phoned
from foundation.text import tidy_line
from foundation.wording import paris
from licences.models import SupportContract
from tickets.enums import Status
from tickets.models import Ticket
from tickets.queries.workspace import Neighbour

SHOWN = 12
_OPEN_SHOWN = 6
_SEARCH_MAX = 100
_WORDS_MAX = 6
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
    rows = _numbered(text) if _is_number(text) else _named(text.split()[:_WORDS_MAX])
    if rows is None:
        return Callers([], is_short=bool(text))
    told = _with_facts(
        _open_memberships().filter(pk__in=rows.order_by().values("pk")), at
    ).order_by("user__last_name", "user__first_name", "pk")
    people = list(told[: SHOWN + 1])
    return Callers(people[:SHOWN], has_more=len(people) > SHOWN)


def open_of(company: Company) -> list[Neighbour]:
    """The company's open incidents, the newest first: a call may be about one of them."""
    newest = Ticket.objects.filter(company=company).open().order_by("-received_at")
    rows = newest.values_list("reference", "title", "status", "received_at")
    return [
        Neighbour(reference, title, Status(status), received_at)
        for reference, title, status, received_at in rows[:_OPEN_SHOWN]
    ]


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


# --- by number ------------------------------------------------------------------------------------


def _is_number(text: str) -> bool:
    """« 06 12 », « +33 (0)4 72 », « 04.72 »: digits and what people write between them."""
    return bool(_digits(text)) and all(
        sign in _BETWEEN_DIGITS or sign in "0123456789" for sign in text
    )


def _numbered(text: str) -> QuerySet[Membership] | None:
    digits = _national(text)
    return memberships_phoned(digits) if len(digits) >= _DIGITS_MIN else None


def _named(words: Sequence[str]) -> QuerySet[Membership] | None:
    is_short = max(map(len, words), default=0) < _WORD_MIN
    return None if is_short else memberships_named(words)


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
