"""All that a customer’s page of one incident shows, in few queries (issue: at most 12 a page).

Written as a customer reads it: no note, no rung, no number of an event, no address (B1, B2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from django.utils.translation import gettext as _

from accounts.models import User
from accounts.queries import stand_ins
from foundation.planned import PlannedSQL
from foundation.prepared import PlannedRows
from foundation.wording import day, elided, hour, paris
from sla.queries import hours_of
from tickets.clocks import window_end
from tickets.enums import Act, Side, Status
from tickets.models import Commitment, Pause, Ticket
from tickets.queries import told
from tickets.queries.asking import Asks, asks_of
from tickets.queries.clocks import ClockFacts, clock_facts
from tickets.queries.sentences import sentence_of
from tickets.queries.told import Entry, Person, Window
from tickets.queries.version import CHECKING, MOVING, Version, moment_of

# Steps of a page beside the declaration, and those that one click on « précédents » adds.
STEPS_SHOWN = 40
# And no more than this of text, the last ones apart: people paste journals into messages.
LETTERS_SHOWN = 24_000
ALWAYS_SHOWN = 6


@dataclass(frozen=True)
class Step:
    """One dated line of the thread, told to a customer. `is_ours`: the support speaks.

    `day` is said above the first step of a day, and empty on the others.
    """

    entry: Entry
    sentence: str
    role: str
    text: str
    is_ours: bool
    day: str

    @property
    def is_message(self) -> bool:
        """It has words or files of somebody; else one line says what happened."""
        return bool(self.text or self.entry.files)

    @property
    def when(self) -> str:
        """The hour; the day stands above."""
        return hour(self.entry.at)


@dataclass(frozen=True, slots=True)
class Away:
    """Whoever handles the incident is absent today."""

    until: date
    stand_ins: list[User]


@dataclass(frozen=True, slots=True)
class Facts:
    """Names of what the incident points at."""

    product: str
    company: str
    site: str
    agency: str
    agency_phone: str
    agency_hours: str
    contract: str
    service_level: str
    requester: Person
    assignee: Person | None
    away_until: date | None
    copies: list[Person]
    has_followers: bool
    has_merged: bool
    has_asks: bool
    last_told: int
    checking: int


@dataclass(frozen=True)
class IncidentPage:
    """What the page of an incident shows at an instant."""

    ticket: Ticket
    facts: Facts
    clocks: list[ClockFacts]
    first_step: Step | None
    steps: list[Step]
    between: int
    window_end: datetime | None
    at: datetime
    user: User

    @property
    def reopened_at(self) -> datetime | None:
        """When the present promises started anew (S9); None for an incident never reopened."""
        return self.clocks[0].started_at if self.ticket.cycle > 1 else None

    @property
    def others(self) -> list[Person]:
        """The requester and those in copy, without whoever looks: whom a message may be told to."""
        people = [self.facts.requester, *self.facts.copies]
        return [person for person in people if person.pk != self.user.pk]

    @property
    def may_reopen(self) -> bool:
        """The incident is closed, and its window still open (S9)."""
        end = self.window_end
        return self.ticket.state is Status.CLOSED and end is not None and self.at <= end

    def offers(self, act: str) -> bool:
        """Whether the page offers this act, which asks why: `cancel`, `refuse` or `reopen`."""
        if act == "cancel":
            return self.ticket.state is Status.DECLARED
        return self.may_reopen or self.ticket.state is Status.RESOLVED

    @cached_property
    def away(self) -> Away | None:
        """The absence of whoever handles an open incident, and who stands in (S11)."""
        if self.facts.away_until is None or not self.ticket.state.is_open:
            return None
        assignee = User(pk=self.ticket.assignee_id)
        return Away(self.facts.away_until, stand_ins(assignee, paris(self.at).date()) or [])

    @cached_property
    def asks(self) -> Asks:
        """What was asked for beside the conversation; most incidents have nothing of it."""
        return asks_of(self.ticket) if self.facts.has_asks else Asks(self.ticket, None, [])

    @cached_property
    def merged_into(self) -> Ticket | None:
        """Where a merged incident went, if this person may see it (A2)."""
        return _linked(self.ticket.merged_into_id, self.user)

    @cached_property
    def follows(self) -> Ticket | None:
        """What this incident follows, if this person may see it (A2)."""
        return _linked(self.ticket.follows_id, self.user)

    @cached_property
    def parent(self) -> Ticket | None:
        """The incident that holds the cause, if this person may see it (A2)."""
        return _linked(self.ticket.parent_id, self.user)

    @cached_property
    def split_from(self) -> Ticket | None:
        """The incident whose second subject this is, if this person may see it."""
        return _linked(self.ticket.split_from_id, self.user)

    @cached_property
    def splits(self) -> list[Ticket]:
        """The second subjects of this one; asked for when a step shown, or one hidden, says so."""
        told = any(step.entry.event.act is Act.SPLIT for step in self.steps)
        if not told and not self.between:
            return []
        return list(Ticket.objects.visible_to(self.user).filter(split_from=self.ticket))

    @cached_property
    def followers(self) -> list[Ticket]:
        """The incidents that follow one that has ended (S9)."""
        if not self.facts.has_followers or self.ticket.turn != "nobody":
            return []
        return list(Ticket.objects.visible_to(self.user).filter(follows=self.ticket))

    @cached_property
    def merged_tickets(self) -> list[Ticket]:
        """What was merged into this one, of what this person may see."""
        if not self.facts.has_merged:
            return []
        found = Ticket.objects.visible_to(self.user).filter(merged_into=self.ticket)
        return list(found.order_by("pk"))

    @property
    def version(self) -> Version:
        """What this page shows."""
        facts = self.facts
        return Version(facts.last_told, facts.checking, moment_of(self.ticket.state, self.at))


def page_of(
    ticket: Ticket, user: User, at: datetime, *, after: int | None = None, is_whole: bool = False
) -> IncidentPage:
    """Read the page. The incident comes from `tickets.access`: it is visible to `user`.

    Of the thread: its first and last steps, or only those recorded after the step `after`, or
    the whole of it.
    """
    clocks = present_clocks(ticket, at)
    window = _window(ticket, at, after, is_whole=is_whole)
    first = [window.first] if window.first else []
    steps = steps_of(ticket, [*first, *window.last], at, user.pk, after=after)
    return IncidentPage(
        ticket=ticket,
        facts=facts_of(ticket, at),
        clocks=clocks,
        first_step=steps.pop(0) if first else None,
        steps=steps,
        between=window.between,
        window_end=_window_end(ticket, clocks),
        at=at,
        user=user,
    )


def _window(ticket: Ticket, at: datetime, after: int | None, *, is_whole: bool) -> Window:
    if after is not None:
        return told.since(ticket.pk, at, after, STEPS_SHOWN)
    if is_whole:
        return told.whole(ticket.pk, at)
    return shortened(told.latest(ticket.pk, at, STEPS_SHOWN))


def earlier_steps(ticket: Ticket, user: User, before: int, at: datetime) -> tuple[list[Step], int]:
    """The steps that stand before one of them, and how many more there are."""
    window = shortened(told.earlier(ticket.pk, at, before, STEPS_SHOWN))
    return steps_of(ticket, window.last, at, user.pk), window.between


def shortened(window: Window, most: int = LETTERS_SHOWN) -> Window:
    """The window without the oldest of its steps when their texts are too long for a page."""
    letters = 0
    for number, entry in enumerate(reversed(window.last)):
        letters += len(entry.body)
        if letters > most and number >= ALWAYS_SHOWN:
            cut = len(window.last) - number
            first = window.first or window.last[0]
            # The declaration stands by itself above what is left out.
            left_out = window.between + cut - (0 if window.first else 1)
            return Window(first, window.last[cut:], left_out)
    return window


# --- what the incident points at ----------------------------------------------------------------

# By name, not by joins: a page needs no plan for twelve tables at once.
_FACTS = PlannedSQL(
    """
SELECT (SELECT name FROM licences_product WHERE id = t.product_id),
       (SELECT name FROM accounts_company WHERE id = t.company_id),
       coalesce((SELECT name FROM accounts_site WHERE id = t.site_id), ''),
       agency.name, agency.phone, agency.hours_text,
       coalesce((SELECT number FROM licences_supportcontract WHERE id = t.contract_id), ''),
       (SELECT level.name FROM sla_servicelevel level
        JOIN sla_servicelevelversion version ON version.service_level_id = level.id
        WHERE version.id = t.service_level_version_id),
       (SELECT json_build_array(id, first_name, last_name, email) FROM accounts_user
        WHERE id = t.requester_id),
       (SELECT json_build_array(id, first_name, last_name, email) FROM accounts_user
        WHERE id = t.assignee_id),
       (SELECT max(ends_on) FROM accounts_absence
        WHERE engineer_id = t.assignee_id AND %(day)s BETWEEN starts_on AND ends_on),
       (SELECT json_agg(json_build_array(person.id, first_name, last_name, email)
                        ORDER BY last_name, first_name, person.id)
        FROM tickets_copy copy
        JOIN accounts_user person ON person.id = copy.user_id AND person.is_active
        JOIN accounts_membership member ON member.user_id = person.id AND member.is_active
         AND member.company_id = t.company_id AND member.awaiting_since IS NULL
        WHERE copy.ticket_id = t.id),
       EXISTS (SELECT FROM tickets_ticket WHERE follows_id = t.id),
       EXISTS (SELECT FROM tickets_ticket WHERE merged_into_id = t.id),
       EXISTS (SELECT FROM tickets_ask WHERE ticket_id = t.id),
       (SELECT sequence FROM tickets_ticketevent
        WHERE ticket_id = t.id AND act <> ALL(%(untold)s) ORDER BY sequence DESC LIMIT 1),
       {moving}
FROM tickets_ticket t JOIN accounts_agency agency ON agency.id = t.agency_id
WHERE t.id = %(ticket)s
""".replace("{moving}", MOVING)
)


def facts_of(ticket: Ticket, at: datetime) -> Facts:
    """The names, and the colleagues in copy. One query."""
    (row,) = _FACTS.rows(
        ticket=ticket.pk,
        day=paris(at).date(),
        at=at,
        untold=list(told.UNTOLD),
        checking=list(CHECKING),
    )
    found = list(row)
    found[8] = told.named(*row[8])
    found[9] = told.named(*row[9]) if row[9] else None
    found[11] = [told.named(*person) for person in row[11] or []]
    return Facts(*found)


_commitments = PlannedRows(
    lambda ticket: Commitment.objects.filter(ticket=ticket).order_by("kind"), ticket=int
)


def present_clocks(ticket: Ticket, at: datetime) -> list[ClockFacts]:
    """Both promises of the present cycle, the TPC first; what suspends them when something may."""
    pauses = []
    if ticket.state.is_waiting:
        pauses = list(Pause.objects.filter(ticket=ticket, ended_at__isnull=True))
    rows = _commitments(ticket=ticket.pk)
    return [clock_facts(row, pauses, at) for row in rows if row.cycle == ticket.cycle]


def _window_end(ticket: Ticket, clocks: list[ClockFacts]) -> datetime | None:
    """Until when the solution may be refused or the incident reopened (S9)."""
    if ticket.resolved_at is None or not clocks:
        return None
    return window_end(hours_of(clocks[-1].commitment.calendar_version_id), ticket.resolved_at)


def _linked(ticket_id: int | None, user: User) -> Ticket | None:
    if ticket_id is None:
        return None
    return Ticket.objects.visible_to(user).filter(pk=ticket_id).first()


# --- the thread, told to a customer ---------------------------------------------------------------


def steps_of(
    ticket: Ticket,
    entries: Sequence[Entry],
    at: datetime,
    reader: int | None = None,
    *,
    after: int | None = None,
) -> list[Step]:
    """The entries in words. The step `after` is on the page already: it only gives its day."""
    steps, on = [], None
    for entry in entries:
        local = paris(entry.at).date()
        if after is None or entry.sequence > after:
            steps.append(_step(ticket, entry, at, reader, day(local) if local != on else ""))
        on = local
    return steps


def _step(ticket: Ticket, entry: Entry, at: datetime, reader: int | None, on: str) -> Step:
    # What a caller said is theirs, whoever noted it.
    is_ours = entry.side is not Side.CUSTOMER and not entry.is_call
    return Step(
        entry=entry,
        sentence=sentence_of(entry, at, reader),
        role=_role(ticket, entry, reader, is_ours=is_ours),
        text=entry.body,
        is_ours=is_ours,
        day=on,
    )


def _role(ticket: Ticket, entry: Entry, reader: int | None, *, is_ours: bool) -> str:
    """Beside a name: « support, agence de Lyon »; « demandeur » of whoever declared it."""
    author = entry.author
    if is_ours:
        if author is None or not author.agency:
            return _("support")
        return _("support, agence %(of_agency)s") % {"of_agency": elided("de", author.agency)}
    asked = author is not None and author.pk == ticket.requester_id != reader
    return _("demandeur") if asked and entry.event.act is not Act.DECLARE else ""
