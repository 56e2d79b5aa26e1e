"""An act that was decided on a page which others have since made untrue (G4).

The transition table refuses what is no longer possible; this refuses what still would be, but was
decided without knowing: a colleague has assigned it, waits for somebody else, changed the severity.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from foundation.refusals import Conflict
from foundation.wording import near_instant
from tickets.enums import Act
from tickets.models import Ticket, TicketEvent
from tickets.operations.work import locked

# What changes an incident's state beside its status. Messages, notes and copies are no reason to
# stop an act: the page says them elsewhere.
_MOVES = (Act.ASSIGN, Act.REQUALIFY, Act.RESTATE, Act.CORRECT, Act.CORRECT_SUBJECT)
_TOLD_AT_MOST = 3
# What somebody wrote: whoever answers must have read it.
_WORDS = (Act.MESSAGE, Act.CALL, Act.NOTE)


class Overtaken(Conflict):
    """Others acted since the page was opened: the sentence says who did what, and when."""


class Unread(Conflict):
    """Somebody wrote since the page was opened: an answer waits until its author has read it."""


@contextmanager
def as_seen(
    *, seen: Mapping[int, int | None], actor: User, at: datetime, answers: bool = False
) -> Iterator[None]:
    """Run an operation only if nobody else has moved its incidents since the page was drawn.

    `seen` gives, by incident, the number of the last event that the page showed; None asks nothing.
    All of them are locked, in the order of their keys, until the operation has ended. One's own
    acts are no surprise: a form sent twice is the operation's business. An act that `answers` the
    customer also waits until what others wrote has been read. Raises Overtaken, Unread.
    """
    with transaction.atomic():
        for ticket in locked(*seen):
            number = seen[ticket.pk]
            if number is not None and number < ticket.last_sequence:
                _refuse_if_moved(ticket, number, actor, at)
                if answers:
                    _refuse_if_unread(ticket, number, actor, at)
        yield


def _refuse_if_moved(ticket: Ticket, number: int, actor: User, at: datetime) -> None:
    moved = list(moves_since(ticket, number, actor)[:_TOLD_AT_MOST])
    if moved:
        raise Overtaken(
            _("L’incident a changé depuis l’ouverture de cette page\u00a0: %(what)s. Rien n’a été "
              "fait. Si votre acte tient toujours, validez de nouveau.")
            % {"what": "\u00a0; ".join(_told(event, at) for event in moved)}
        )  # fmt: skip


def moves_since(ticket: Ticket, number: int, actor: User) -> QuerySet[TicketEvent]:
    """What others, the clock included, changed of its state after an event, the newest first."""
    moves = ~Q(status_before=F("status_after")) | Q(act__in=_MOVES)
    later = TicketEvent.objects.filter(moves, ticket=ticket, sequence__gt=number)
    return later.exclude(actor=actor).select_related("actor").order_by("-sequence")


def _refuse_if_unread(ticket: Ticket, number: int, actor: User, at: datetime) -> None:
    later = TicketEvent.objects.filter(ticket=ticket, sequence__gt=number, act__in=_WORDS)
    last = later.exclude(actor=actor).select_related("actor").order_by("-sequence").first()
    if last is None:
        return
    sentence = (
        _("Une note interne est arrivée depuis l’ouverture de cette page, de %(who)s, %(when)s. "
          "Rien n’est parti : lisez-la, puis envoyez de nouveau.")
        if last.act == Act.NOTE
        else _("Un message est arrivé depuis l’ouverture de cette page, de %(who)s, %(when)s. "
               "Rien n’est parti : lisez-le, puis envoyez de nouveau.")
    )  # fmt: skip
    who = last.actor.full_name if last.actor else _("le portail")
    raise Unread(sentence % {"who": who, "when": near_instant(last.effective_at, at)})


def _told(event: TicketEvent, at: datetime) -> str:
    return _("«\u00a0%(act)s\u00a0» par %(who)s, %(when)s") % {
        "act": event.get_act_display(),
        "who": event.actor.full_name if event.actor else _("le portail"),
        "when": near_instant(event.effective_at, at),
    }
