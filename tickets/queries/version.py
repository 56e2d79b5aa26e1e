"""What a page of an incident shows, in three figures that its polls compare (decision 0017)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import NamedTuple, Self

from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

from files.enums import FileState
from foundation.wording import paris
from tickets.enums import Status
from tickets.models import Attachment, Message, Ticket, TicketEvent, TicketQuerySet
from tickets.queries.told import UNTOLD

CHECKING: tuple[str, ...] = (FileState.ARRIVING, FileState.CHECKING)
# A hidden page asks every two minutes (decision 0017).
_ASKED_SINCE = timedelta(minutes=5)
# As many digits as an event, a file or a minute may ever need.
_WRITTEN = re.compile(r"([0-9]{1,9})-([0-9]{1,9})-([0-9]{1,9})")


# What `with_version` counts as `checking`, for pages that read it with the incident `t`.
MOVING = """(SELECT count(*) FROM tickets_message message
 JOIN tickets_attachment attachment ON attachment.message_id = message.id
 JOIN files_storedfile file ON file.uuid = attachment.file_id
 WHERE message.ticket_id = t.id AND file.state = ANY(%(checking)s))
+ (SELECT count(*) FROM tickets_message
   WHERE ticket_id = t.id AND visible_from > %(at)s)"""


class Version(NamedTuple):
    """The last step told to customers (no note moves it: B1), how many files are still being
    checked and answers held back, and the minute while a clock may run, so that « dans 12 min »
    never goes stale.
    """

    sequence: int
    checking: int
    moment: int

    def __str__(self) -> str:
        return f"{self.sequence}-{self.checking}-{self.moment}"

    @classmethod
    def read(cls, text: str) -> Self | None:
        """From an address; None for what no page of ours wrote."""
        found = _WRITTEN.fullmatch(text)
        return cls(*map(int, found.groups())) if found else None


def moment_of(state: Status, at: datetime) -> int:
    """The minute while somebody works on the incident; later the day, which « hier » needs."""
    return int(at.timestamp() // 60) if state.is_open else paris(at).toordinal()


def with_version(found: TicketQuerySet, at: datetime) -> TicketQuerySet:
    """The incidents with what `version_of` needs at that instant, and nothing else of them."""
    told = TicketEvent.objects.filter(ticket=OuterRef("pk")).exclude(act__in=UNTOLD)
    checked = Attachment.objects.filter(
        message__ticket=OuterRef("pk"), file__state__in=CHECKING
    ).order_by()
    number = checked.values("message__ticket").annotate(number=Count("pk")).values("number")
    held = Message.objects.filter(ticket=OuterRef("pk"), visible_from__gt=at).order_by()
    held_back = held.values("ticket").annotate(number=Count("pk")).values("number")
    return found.only("status", "reference", "last_sequence").annotate(
        last_told=Subquery(told.order_by("-sequence").values("sequence")[:1]),
        checking=Coalesce(Subquery(number), 0, output_field=IntegerField())
        + Coalesce(Subquery(held_back), 0, output_field=IntegerField()),
    )


def was_held(ticket: Ticket, at: datetime) -> bool:
    """Whether an answer of ours has become visible in the last minutes: every page that was open
    then has asked since, or asks now.
    """
    return Message.objects.filter(
        ticket=ticket, visible_from__gt=at - _ASKED_SINCE, visible_from__lte=at
    ).exists()


def version_of(ticket: Ticket, at: datetime) -> Version:
    """What a page drawn now would show; the incident comes from `with_version`."""
    # The annotations of `with_version`.
    last_told: int = ticket.last_told  # type: ignore[attr-defined]
    checking: int = ticket.checking  # type: ignore[attr-defined]
    return Version(last_told, checking, moment_of(ticket.state, at))
