"""What an engineer must know around an incident: its customer, its people, its neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Func, Q, QuerySet, TextField, Value
from django.db.models.lookups import Contains

from accounts.models import Company, Membership, User
from foundation.text import tidy_line
from foundation.wording import paris
from licences.models import Licence, SupportContract
from licences.queries import ParkLine, contract_on, lines
from tickets.enums import OPEN_STATUSES
from tickets.models import Ticket

_NEIGHBOURS = 6
_PARK = 40
_CALLERS = 12
_SEARCH_MAX = 100
_SEARCH_WORDS_MAX = 6
_SEARCHED = ("user__first_name", "user__last_name", "user__email", "company__name")


@dataclass(frozen=True, slots=True)
class Around:
    """The customer of an incident at one instant.

    `here` are the company's licences of the incident's product, `others` the rest of its park.
    """

    contract: SupportContract | None
    here: list[ParkLine]
    others: list[ParkLine]
    open_tickets: list[Ticket]
    past_tickets: list[Ticket]


def around(ticket: Ticket, at: datetime) -> Around:
    """Contract in force, park, other open incidents, past ones of this product. Four queries."""
    park = lines(_park(ticket), at)
    neighbours = Ticket.objects.filter(company=ticket.company_id).exclude(pk=ticket.pk)
    return Around(
        contract=contract_on(ticket.company, paris(at).date()),
        here=[line for line in park if line.licence.product_id == ticket.product_id],
        others=[line for line in park if line.licence.product_id != ticket.product_id],
        open_tickets=list(neighbours.open().order_by("-received_at")[:_NEIGHBOURS]),
        past_tickets=list(
            neighbours.filter(product=ticket.product_id)
            .exclude(status__in=OPEN_STATUSES)
            .order_by("-received_at")[:_NEIGHBOURS]
        ),
    )


@dataclass(frozen=True, slots=True)
class CompanyCard:
    """What the queue tells of a company on demand."""

    company: Company
    contract: SupportContract | None
    open_tickets: int


def company_card(company: Company, at: datetime) -> CompanyCard:
    """Its contract in force, and how many incidents are open. Two queries."""
    return CompanyCard(
        company,
        contract_on(company, paris(at).date()),
        Ticket.objects.filter(company=company).open().count(),
    )


def _park(ticket: Ticket) -> QuerySet[Licence]:
    return (
        Licence.objects.filter(company=ticket.company_id)
        .select_related("product")
        .order_by("ends_on", "pk")[:_PARK]
    )


def callers(text: str) -> list[Membership]:
    """People of our customers by name, address, phone number or company, accents forgiven."""
    text = tidy_line(text[:_SEARCH_MAX])
    found = _open_memberships()
    if _is_number(text):
        found = found.filter(Contains(_phone_digits(), _national(text)))
    else:
        for word in text.split()[:_SEARCH_WORDS_MAX]:
            anywhere = Q()
            for field in _SEARCHED:
                anywhere |= Q(**{f"{field}__unaccent__icontains": word})
            found = found.filter(anywhere)
    return list(found.order_by("user__last_name", "user__first_name", "pk")[:_CALLERS])


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


def _phone_digits() -> Func:
    """The person's number without spaces, dots and brackets."""
    return Func(
        F("user__phone"), Value("[^0-9]"), Value(""), Value("g"),
        function="regexp_replace", output_field=TextField(),
    )  # fmt: skip


def _is_number(text: str) -> bool:
    return len(_digits(text)) >= 4 and not any(letter.isalpha() for letter in text)


def _digits(text: str) -> str:
    return "".join(character for character in text if character in "0123456789")


def _national(text: str) -> str:
    """« +33472206890 » and « 0472206890 » are one number: the last nine digits say it."""
    return _digits(text)[-9:]


def engineers() -> QuerySet[User]:
    """Those to whom an incident can be handed."""
    people: QuerySet[User] = User.objects.engineers()
    return people.order_by("last_name", "first_name", "pk")
