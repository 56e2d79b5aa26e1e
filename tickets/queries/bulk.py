"""Several incidents chosen in the queue: which they are, what an act would do, whom it tells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import BigIntegerField
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from accounts.models import User
from tickets.enums import Act, Side
from tickets.lifecycle import allowed
from tickets.models import NEVER, Message, Ticket, TicketEvent
from tickets.recipients import told_of_each

# As many as one person can answer for in one act.
AT_MOST = 100
_NUMBER = re.compile(r"INC-[0-9]{4}-[0-9]{6,12}")


class Chosen(NamedTuple):
    """The incidents named, in the order they were named; numbers that nobody bears; too many."""

    tickets: list[Ticket]
    unknown: list[str]
    number: int

    @property
    def is_too_many(self) -> bool:
        return self.number > AT_MOST


def chosen_of(user: User, numbers: Iterable[str]) -> Chosen:
    """What the form of the queue names. None is read when there are too many. One query."""
    wanted = list(dict.fromkeys(number.strip().upper() for number in numbers if number.strip()))
    known = [number for number in wanted if _NUMBER.fullmatch(number)]
    if len(wanted) > AT_MOST:
        return Chosen([], [], len(wanted))
    rows = Ticket.objects.visible_to(user).filter(reference__in=known)
    found = {row.reference: row for row in rows.select_related("company", "product", "assignee")}
    tickets = [found[number] for number in wanted if number in found]
    unknown = [number[:30] for number in wanted if number not in found]
    return Chosen(tickets, unknown, len(wanted))


@dataclass(frozen=True)
class Line:
    """One incident of a preview: whether the table allows the act now, and whom it tells."""

    ticket: Ticket
    is_possible: bool
    told: list[str]


@dataclass(frozen=True)
class Preview:
    """What an act on all of them would do. `told`: each person and how many mails they get."""

    lines: list[Line]
    told: list[tuple[str, int]] = field(default_factory=list)

    @property
    def possible(self) -> int:
        return sum(line.is_possible for line in self.lines)


def preview_of(tickets: Sequence[Ticket], act: Act, actor: User) -> Preview:
    """Before anything is done. Three queries, however many incidents."""
    told = told_of_each(tickets, act, actor)
    names = _names({pk for people in told.values() for pk in people})
    mails: Counter[int] = Counter()
    lines = []
    for ticket in tickets:
        is_possible = allowed(ticket.state, act, Side.ENGINEER) is not None
        people = sorted(told[ticket.pk], key=lambda pk: names[pk]) if is_possible else []
        mails.update(people)
        lines.append(Line(ticket, is_possible, [names[pk] for pk in people]))
    return Preview(lines, [(names[pk], number) for pk, number in mails.most_common()])


def _names(people: set[int]) -> dict[int, str]:
    found = User.objects.filter(pk__in=people) if people else ()
    return {person.pk: person.full_name for person in found}


def last_words(user: User, number: str) -> str:
    """The last solution or answer of ours on an incident: what others may be told too.

    Never one that was taken back (B1).
    """
    if not _NUMBER.fullmatch(number):
        return ""
    said = TicketEvent.objects.filter(
        ticket__in=Ticket.objects.visible_to(user).filter(reference=number),
        act__in=[Act.RESOLVE, Act.MESSAGE],
        side=Side.ENGINEER,
    )
    words = Message.objects.filter(
        pk__in=said.values_list(Cast(KT("facts__message"), BigIntegerField()))
    ).exclude(visible_from=NEVER)
    message = words.order_by("-written_at", "-pk").first()
    return message.body if message is not None else ""
