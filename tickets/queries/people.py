"""The colleagues that a customer may put in copy of an incident."""

from __future__ import annotations

from django.db.models import F, Value
from django.db.models.functions import Concat
from django.db.models.lookups import Contains

from accounts.models import User
from accounts.queries import colleagues
from foundation.database import Plain
from foundation.text import tidy_line
from tickets.models import Copy, Ticket

# A company may have thousands of people: a list that long is no choice.
COLLEAGUES_SHOWN = 100
LETTERS_MAX = 80


def addable(ticket: Ticket, like: str = "") -> list[User]:
    """Colleagues who do not follow the incident yet, by name, at most one more than are shown.

    `like`: words that their name holds, accents and case forgiven.
    """
    following = Copy.objects.filter(ticket=ticket).values("user")
    people = colleagues(ticket.company).exclude(pk=ticket.requester_id).exclude(pk__in=following)
    name = Plain(Concat(F("first_name"), Value(" "), F("last_name")))
    for word in tidy_line(like[:LETTERS_MAX]).split():
        people = people.filter(Contains(name, Plain(Value(word))))
    return list(people[: COLLEAGUES_SHOWN + 1])
