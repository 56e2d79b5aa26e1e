"""Recording an act: one event, in the act's transaction, under the incident's row lock."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction

from accounts.models import User
from foundation.planned import insert
from foundation.text import digest
from foundation.waking import wake
from tickets.enums import Act, Origin, Side, Status
from tickets.history import chain_hash
from tickets.models import EventToTell, Ticket, TicketEvent

DELIVER_EVENT = "notifications.deliver_event"
# Seconds. What leaves later than that is the sweep's, which comes by twice a minute.
_WAKES_WITHIN = 30
# Events that came by these ways tell nobody (design: imports mail no one).
SILENT_ORIGINS = {Origin.DEMO, Origin.IMPORT}


def record(
    ticket: Ticket,
    act: Act,
    *,
    side: Side,
    actor: User | None,
    origin: Origin,
    recorded_at: datetime,
    effective_at: datetime,
    status_before: str,
    due: tuple[datetime | None, datetime | None],
    recipients: list[int],
    facts: dict[str, Any],
    text: str = "",
    tell_from: datetime | None = None,
    wakes: bool = True,
) -> TicketEvent:
    """Append one event and move the head of the chain on `ticket` (the caller saves it).

    `due` are the deadlines of both promises after the act. `tell_from` delays its mails (S10);
    a sweep wakes the sender itself (`wakes`). Inside the transaction that holds the row lock.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("an event is recorded inside its act's transaction")
    silent = origin in SILENT_ORIGINS
    event = TicketEvent(
        ticket=ticket,
        sequence=ticket.last_sequence + 1,
        act=act,
        side=side,
        actor=actor,
        origin=origin,
        recorded_at=recorded_at,
        effective_at=effective_at,
        status_before=status_before,
        status_after=Status(ticket.status),
        acknowledgement_due_at=due[0],
        resolution_due_at=due[1],
        facts=facts,
        recipients=[] if silent else recipients,
        text_digest=digest(text) if text else "",
        previous_hash=ticket.last_hash,
    )
    event.hash = chain_hash(event)
    insert(event)
    ticket.last_sequence, ticket.last_hash = event.sequence, event.hash
    ticket.last_event_at = recorded_at
    if event.recipients:
        _announce(event, tell_from or recorded_at, wakes=wakes)
    return event


def _announce(event: TicketEvent, not_before: datetime, *, wakes: bool) -> None:
    """The outbox row, and after commit a nudge that may be lost without harm."""
    insert(EventToTell(event=event, not_before=not_before))
    wait = (not_before - event.recorded_at).total_seconds()
    if wakes and wait <= _WAKES_WITHIN:
        # A little later than the instant itself: clocks of two machines are never quite the same.
        wait = wait + 1 if wait > 0 else 0
        nudge = partial(wake, DELIVER_EVENT, seconds=wait, event_id=event.pk)
        transaction.on_commit(nudge, robust=True)
