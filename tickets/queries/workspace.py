"""All that an engineer's page of one incident shows, in few queries (issue: at most 15).

Read for the desk: notes, rungs, addresses and telephones are in it. No customer's page asks here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, NamedTuple

from django.db import connection
from django.utils.translation import gettext as _

from accounts.enums import CompanyRole
from accounts.models import User
from foundation.planned import PlannedSQL
from foundation.wording import paris
from licences.lifecycle import Standing, standing
from tickets.enums import OPEN_STATUSES, Status
from tickets.models import Pause, Ticket
from tickets.queries import told
from tickets.queries.asking import Asks, asks_of
from tickets.queries.clocks import ClockFacts
from tickets.queries.linking import children_of
from tickets.queries.page import present_clocks, shortened
from tickets.queries.told import DESK, Entry, Window
from tickets.queries.version import CHECKING, MOVING, Version, moment_of
from tickets.recipients import member, told_among

# Fewer than a customer's page: engineers have the forms and the customer's context beside them.
_STEPS_SHOWN = 18
_LETTERS_SHOWN = 12_000
# Of a poll: what came since is appended whole.
_NEWS_SHOWN = 100
_NEIGHBOURS = 6
_LICENCES = 8


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody of ours or of the customer, and how to reach them."""

    pk: int
    full_name: str
    email: str
    phone: str = ""

    def __str__(self) -> str:
        return self.full_name


class Link(NamedTuple):
    """Another incident, to be named."""

    reference: str
    title: str


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody whom a public message reaches, and why."""

    name: str
    email: str
    role: str


@dataclass(frozen=True, slots=True)
class DeskFacts:
    """What the incident points at."""

    product: str
    company: str
    company_code: str
    company_phone: str
    alert_note: str
    site: str
    agency: str
    service_level: str
    requester: Contact
    assignee: Contact | None
    copies: list[Contact]
    told: list[Told]
    merged_into: Link | None
    follows: Link | None
    followers: list[Link]
    merged: list[Link]
    parent: Link | None
    split_from: Link | None
    splits: list[Link]
    has_children: bool
    has_asks: bool
    checking: int
    contract: Contract | None
    licences: list[HeldLicence]
    other_licences: int


class Contract(NamedTuple):
    """The company's contract in force, in a word."""

    number: str
    service_level: str
    ends_on: date


class HeldLicence(NamedTuple):
    """A licence of the incident's product, and where it stands."""

    version: str
    seats: int
    standing: Standing


class Neighbour(NamedTuple):
    """Another incident of the company."""

    reference: str
    title: str
    status: Status
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Around:
    """The company's other open incidents, and its past ones about this product."""

    open_tickets: list[Neighbour]
    past_tickets: list[Neighbour]


@dataclass(frozen=True)
class DeskPage:
    """What the workspace shows at an instant."""

    ticket: Ticket
    facts: DeskFacts
    clocks: list[ClockFacts]
    asks: Asks
    window: Window
    at: datetime

    @cached_property
    def awaiting(self) -> Pause | None:
        """The wait that goes on, with its reminders."""
        if not self.ticket.state.is_waiting:
            return None
        return Pause.objects.filter(ticket=self.ticket, ended_at__isnull=True).first()

    @cached_property
    def children(self) -> list[Ticket]:
        """The incidents with this cause; most have none."""
        return children_of(self.ticket) if self.facts.has_children else []

    @cached_property
    def around(self) -> Around:
        """The company's other incidents: the page has them, what keeps it up to date does not."""
        return around_of(self.ticket)

    @property
    def version(self) -> Version:
        """What this page shows, notes included."""
        return desk_version(self.ticket, self.facts.checking, self.at)


def desk_version(ticket: Ticket, checking: int, at: datetime) -> Version:
    """Every event moves the page of one of ours."""
    return Version(ticket.last_sequence, checking, moment_of(ticket.state, at))


def desk_page_of(
    ticket: Ticket, at: datetime, *, after: int | None = None, is_whole: bool = False
) -> DeskPage:
    """Read the page; of the thread its first and last steps, or those after one, or all."""
    facts = desk_facts_of(ticket, at)
    return DeskPage(
        ticket=ticket,
        facts=facts,
        clocks=present_clocks(ticket, at),
        asks=asks_of(ticket) if facts.has_asks else Asks(ticket, None, []),
        window=_window(ticket, at, after, is_whole=is_whole),
        at=at,
    )


def _window(ticket: Ticket, at: datetime, after: int | None, *, is_whole: bool) -> Window:
    if after is not None:
        window = told.since(ticket.pk, at, after, _NEWS_SHOWN, DESK)
        return Window(None, [entry for entry in window.last if entry.sequence > after], 0)
    if is_whole:
        return told.whole(ticket.pk, at, DESK)
    return shortened(told.latest(ticket.pk, at, _STEPS_SHOWN, DESK), _LETTERS_SHOWN)


def ticket_numbered(reference: str) -> Ticket | None:
    """The incident of a number that one of ours typed, with its company and product."""
    found = Ticket.objects.select_related("company", "product").filter(reference=reference)
    return found.first()


def is_with(ticket: Ticket, person: User) -> bool:
    """Whether they have it by now, whatever was read before."""
    return Ticket.objects.filter(pk=ticket.pk, assignee=person).exists()


def latest_of_desk(ticket: Ticket, at: datetime) -> Window:
    """The steps that the page shows when it is opened."""
    return _window(ticket, at, None, is_whole=False)


def earlier_of_desk(ticket: Ticket, before: int, at: datetime) -> tuple[list[Entry], int]:
    """The steps that stand before one of them, and how many more there are."""
    window = shortened(told.earlier(ticket.pk, at, before, _STEPS_SHOWN, DESK), _LETTERS_SHOWN)
    return window.last, window.between


# --- what the incident points at ----------------------------------------------------------------

_PERSON = "json_build_array({0}.id, {0}.first_name, {0}.last_name, {0}.email, {0}.phone)"
_LINK = "json_build_array(o.reference, o.title)"
_FACTS = PlannedSQL(f"""
SELECT (SELECT name FROM licences_product WHERE id = t.product_id),
       company.name, company.code, company.phone, company.alert_note,
       coalesce((SELECT name FROM accounts_site WHERE id = t.site_id), ''),
       (SELECT name FROM accounts_agency WHERE id = t.agency_id),
       (SELECT level.name FROM sla_servicelevel level
        JOIN sla_servicelevelversion version ON version.service_level_id = level.id
        WHERE version.id = t.service_level_version_id),
       (SELECT {_PERSON.format("u")} FROM accounts_user u WHERE u.id = t.requester_id),
       (SELECT {_PERSON.format("u")} FROM accounts_user u WHERE u.id = t.assignee_id),
       (SELECT json_agg({_PERSON.format("u")} ORDER BY copy.added_at, u.id)
        FROM tickets_copy copy JOIN accounts_user u ON u.id = copy.user_id
        WHERE copy.ticket_id = t.id),
       (SELECT json_agg(json_build_array(m.user_id, m.told_of_all, m.role, u.is_active,
                        company.is_active, u.mutes_copies, u.wants_digest,
                        u.first_name, u.last_name, u.email)
                        ORDER BY u.last_name, u.id)
        FROM accounts_membership m JOIN accounts_user u ON u.id = m.user_id
        WHERE m.company_id = t.company_id AND m.is_active
          AND (m.user_id = t.requester_id OR (m.told_of_all AND m.role = %(manager)s)
               OR m.user_id IN (SELECT user_id FROM tickets_copy WHERE ticket_id = t.id))),
       (SELECT {_LINK} FROM tickets_ticket o WHERE o.id = t.merged_into_id),
       (SELECT {_LINK} FROM tickets_ticket o WHERE o.id = t.follows_id),
       (SELECT json_agg({_LINK} ORDER BY o.id) FROM tickets_ticket o WHERE o.follows_id = t.id),
       (SELECT json_agg({_LINK} ORDER BY o.id) FROM tickets_ticket o
        WHERE o.merged_into_id = t.id),
       (SELECT {_LINK} FROM tickets_ticket o WHERE o.id = t.parent_id),
       (SELECT {_LINK} FROM tickets_ticket o WHERE o.id = t.split_from_id),
       (SELECT json_agg({_LINK} ORDER BY o.id) FROM tickets_ticket o
        WHERE o.split_from_id = t.id),
       EXISTS (SELECT FROM tickets_ticket WHERE parent_id = t.id),
       EXISTS (SELECT FROM tickets_ask WHERE ticket_id = t.id),
       {MOVING},
       (SELECT json_build_array(c.number, level.name, c.ends_on)
        FROM licences_supportcontract c JOIN sla_servicelevel level ON level.id = c.service_level_id
        WHERE c.company_id = t.company_id AND %(day)s BETWEEN c.starts_on AND c.ends_on LIMIT 1),
       (SELECT json_agg(json_build_array(held.version, held.seats, held.starts_on, held.ends_on))
        FROM (SELECT version, seats, starts_on, ends_on FROM licences_licence
              WHERE company_id = t.company_id AND product_id = t.product_id
              ORDER BY ends_on DESC NULLS FIRST, id LIMIT %(licences)s) held),
       (SELECT count(*) FROM licences_licence
        WHERE company_id = t.company_id AND product_id <> t.product_id)
FROM tickets_ticket t JOIN accounts_company company ON company.id = t.company_id
WHERE t.id = %(ticket)s
""")  # noqa: S608 (constants of this module)


def desk_facts_of(ticket: Ticket, at: datetime) -> DeskFacts:
    """The names, who follows, the contract of that day and the licences. One query."""
    on = paris(at).date()
    (row,) = _FACTS.rows(
        ticket=ticket.pk, day=on, at=at, manager=CompanyRole.MANAGER.value,
        checking=list(CHECKING), licences=_LICENCES,
    )  # fmt: skip
    found = list(row)
    found[8] = _contact(row[8])
    found[9] = _contact(row[9]) if row[9] else None
    found[10] = [_contact(person) for person in row[10] or []]
    found[11] = _told(ticket, row[11] or [], {person.pk for person in found[10]})
    for one in (12, 13, 16, 17):
        found[one] = Link(*row[one]) if row[one] else None
    for many in (14, 15, 18):
        found[many] = [Link(*link) for link in row[many] or []]
    found[22] = _contract(row[22]) if row[22] else None
    found[23] = [_licence(held, on) for held in row[23] or []]
    return DeskFacts(*found)


def _contract(row: Sequence[str]) -> Contract:
    number, level, ends_on = row
    return Contract(number, level, date.fromisoformat(ends_on))


def _contact(row: Sequence[Any]) -> Contact:
    pk, first, last, email, phone = row
    return Contact(pk, f"{first} {last}".strip() or email, email, phone)


def _told(ticket: Ticket, rows: Sequence[Sequence[Any]], copied: set[int]) -> list[Told]:
    """Whom a public message reaches, the requester first: shown before sending (E6)."""
    members = [member(*row[:6]) for row in rows]
    followers = {ticket.requester_id, *copied}
    reached = told_among(members, ticket, followers)
    of_messages = told_among(members, ticket, followers, is_conversation=True)
    people = []
    for pk, *_rights, wants_digest, first, last, email in sorted(
        rows, key=lambda row: row[0] != ticket.requester_id
    ):
        if pk not in reached:
            continue
        if pk == ticket.requester_id:
            role = _("demandeur")
        else:
            role = _("en copie") if pk in copied else _("référent")
        if pk not in of_messages:
            role = _("en copie, changements de statut seulement")
        elif wants_digest:
            role = _("%(role)s, messages au prochain récapitulatif") % {"role": role}
        people.append(Told(f"{first} {last}".strip() or email, email, role))
    return people


def _licence(row: Sequence[Any], on: date) -> HeldLicence:
    version, seats, starts_on, ends_on = row
    end = date.fromisoformat(ends_on) if ends_on else None
    return HeldLicence(version, seats, standing(date.fromisoformat(starts_on), end, on))


# Not planned once: a company may have a fifth of all incidents, another one three.
_AROUND = """
(SELECT true, reference, title, status, received_at FROM tickets_ticket
 WHERE company_id = %(company)s AND id <> %(ticket)s AND status = ANY(%(open)s)
 ORDER BY received_at DESC LIMIT %(limit)s)
UNION ALL
(SELECT false, reference, title, status, received_at FROM tickets_ticket
 WHERE company_id = %(company)s AND id <> %(ticket)s AND product_id = %(product)s
   AND status <> ALL(%(open)s)
 ORDER BY received_at DESC LIMIT %(limit)s)
"""


def around_of(ticket: Ticket) -> Around:
    """The incidents beside this one. One query."""
    values: dict[str, int | list[str]] = {
        "company": ticket.company_id, "ticket": ticket.pk, "product": ticket.product_id,
        "open": [str(status) for status in OPEN_STATUSES], "limit": _NEIGHBOURS,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_AROUND, values)
        rows = cursor.fetchall()
    beside: dict[bool, list[Neighbour]] = {True: [], False: []}
    for is_open, reference, title, status, received_at in rows:
        beside[is_open].append(Neighbour(reference, title, Status(status), received_at))
    return Around(beside[True], beside[False])
