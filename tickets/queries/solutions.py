"""What was done about the same trouble, at any customer's: for the desk alone (E23, A2).

No page of a customer asks here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef

from accounts.models import User
from blog.models import Article
from blog.queries import suggested
from tickets.enums import Act, Status
from tickets.models import Message, Ticket, TicketEvent, holding
from tickets.queries.customer import words_of

_SHOWN, _ARTICLES = 6, 3
# The newest that hold the words; the same product comes first among them.
_LOOKED_AT = 30
# Words of a title that say what it is about, and how many of them are looked for at first.
_TELLING_LETTERS, _TELLING_WORDS = 5, 2


@dataclass(frozen=True, slots=True)
class Solved:
    """A solved incident, with what solved it."""

    reference: str
    title: str
    company: str
    solved_at: datetime
    solution: str


@dataclass(frozen=True, slots=True)
class Solutions:
    """What was found with these words."""

    words: str
    solved: list[Solved]
    articles: list[Article]


def first_words(ticket: Ticket) -> str:
    """What is looked for before anything is typed: the longest words of the title."""
    telling = [word for word in words_of(ticket.title) if len(word) >= _TELLING_LETTERS]
    kept = sorted(telling, key=len, reverse=True)[:_TELLING_WORDS]
    return " ".join(word for word in telling if word in kept)


def solutions_for(ticket: Ticket, words: str, reader: User, at: datetime) -> Solutions:
    """Solved incidents whose title holds every word, those of the same product first, and the
    articles that resemble them. Four queries at most.
    """
    if not words_of(words):
        return Solutions(words, [], [])
    found = Ticket.objects.visible_to(reader).exclude(pk=ticket.pk)
    solved = TicketEvent.objects.filter(ticket=OuterRef("pk"), act=Act.RESOLVE)
    found = found.filter(Exists(solved), status__in=[Status.RESOLVED, Status.CLOSED])
    for word in words_of(words):
        found = found.filter(holding(word))
    rows = list(found.select_related("company").order_by("-received_at", "-pk")[:_LOOKED_AT])
    rows.sort(key=lambda row: row.product_id != ticket.product_id)
    articles = suggested(reader, words, ticket.product_id, at, limit=_ARTICLES)
    return Solutions(words, _with_solutions(rows[:_SHOWN]), articles)


def _with_solutions(tickets: list[Ticket]) -> list[Solved]:
    """The last solution given to each; one that was accepted by telephone may have none."""
    events = TicketEvent.objects.filter(ticket__in=tickets, act=Act.RESOLVE).order_by("sequence")
    said = {ticket: facts["message"] for ticket, facts in events.values_list("ticket", "facts")}
    texts = dict(Message.objects.filter(pk__in=said.values()).values_list("pk", "body"))
    return [
        Solved(
            row.reference, row.title, row.company.name, row.resolved_at or row.received_at,
            texts.get(said.get(row.pk, 0), ""),
        )
        for row in tickets
    ]  # fmt: skip
