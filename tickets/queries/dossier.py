"""The whole file of an incident, as a customer may hand it on: thread, clocks, people, files.

Everybody has a name in it: it is read by others than the reader of the page. No note, no rung, as
on the page itself, whoever prints it (B1, S11).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from files.models import StoredFile
from tickets.models import Ticket
from tickets.queries import told
from tickets.queries.clocks import PromiseShown, pauses_of, promises_shown
from tickets.queries.page import Facts, Step, facts_of, steps_of


@dataclass(frozen=True)
class Attached:
    """A file of the incident: what it is, and the step that it came with."""

    file: StoredFile
    step: Step


@dataclass(frozen=True)
class Dossier:
    """Everything of the incident that its customers may read."""

    facts: Facts
    steps: list[Step]
    promises: list[PromiseShown]
    follows: Ticket | None
    merged_into: Ticket | None

    @property
    def attached(self) -> Iterator[Attached]:
        """Its files, in the order of the thread."""
        for step in self.steps:
            for file in step.entry.files:
                yield Attached(file, step)


def dossier_of(ticket: Ticket, user: User, at: datetime) -> Dossier:
    """Read all of it. The incident comes from `tickets.access`: it is visible to `user`."""
    window = told.whole(ticket.pk, at)
    return Dossier(
        facts=facts_of(ticket, at),
        steps=steps_of(ticket, window.last, at),
        promises=promises_shown(ticket, pauses_of(ticket), at, for_staff=user.is_staff),
        follows=_linked(ticket.follows_id, user),
        merged_into=_linked(ticket.merged_into_id, user),
    )


def _linked(ticket_id: int | None, user: User) -> Ticket | None:
    """Another incident, if this person may see it (A2)."""
    if ticket_id is None:
        return None
    return Ticket.objects.visible_to(user).filter(pk=ticket_id).first()
