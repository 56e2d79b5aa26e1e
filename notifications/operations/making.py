"""From an event to its mails: one delivery per frozen recipient, made once."""

from __future__ import annotations

import logging
import uuid
from datetime import datetime

from django.db import DatabaseError, transaction
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User
from notifications.enums import DeliveryState
from notifications.models import Delivery
from notifications.outbox import message_id
from notifications.queries import why_pointless
from tickets.enums import Act
from tickets.models import EventToTell, TicketEvent

logger = logging.getLogger(__name__)

_NAMESPACE = uuid.UUID("6f6b2a5e-3f0a-4f0e-9d3b-5a4f4f1f7c11")


def derive(*, event_id: int, at: datetime) -> int:
    """Turn an event to tell into one delivery per frozen recipient; how many were made.

    Whatever else of its incident is due is told with it, in the order of the history. In one
    transaction with the removal of the outbox row: repeating it makes nothing twice.
    """
    event = TicketEvent.objects.filter(pk=event_id).first()
    if event is None:
        return 0
    waiting = _due(at).filter(event__ticket=event.ticket_id).order_by("event__sequence")
    made = 0
    for pk in list(waiting.values_list("pk", flat=True)):
        rows = _derive_one(pk, at)
        if rows is None:
            break
        made += rows
    return made


def derive_pending(*, at: datetime, limit: int) -> int:
    """What no task turned into deliveries: the broker was away, or the worker died (N1).

    An event that cannot be told is logged and stops its own incident only.
    """
    due = _due(at).order_by("event__ticket", "event__sequence")
    made, stuck = 0, set()
    for pk, ticket_id in list(due.values_list("pk", "event__ticket")[:limit]):
        if ticket_id in stuck:
            continue
        try:
            rows = _derive_one(pk, at)
        except DatabaseError:
            logger.exception("event_not_told", extra={"to_tell": pk, "ticket": ticket_id})
            rows = None
        if rows is None:
            stuck.add(ticket_id)
        else:
            made += rows
    return made


def _due(at: datetime) -> QuerySet[EventToTell]:
    """What may be told, but for what came after an answer that can still be taken back: its mail
    would otherwise reach the customer before the answer (E7).
    """
    held = EventToTell.objects.filter(
        event__ticket=OuterRef("event__ticket"),
        event__sequence__lt=OuterRef("event__sequence"),
        event__act=Act.MESSAGE,
        not_before__gt=at,
    )
    return EventToTell.objects.filter(~Exists(held), not_before__lte=at)


@transaction.atomic
def _derive_one(to_tell_id: int, at: datetime) -> int | None:
    """How many mails it made; None while another sender makes them, and the incident's next event
    must wait for them (an incident is told in its order).
    """
    to_tell = (
        EventToTell.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(pk=to_tell_id)
        .select_related("event")
        .first()
    )
    if to_tell is None:
        return None if EventToTell.objects.filter(pk=to_tell_id).exists() else 0
    event = to_tell.event
    people = User.objects.filter(pk__in=event.recipients)
    rows = [delivery_of(event, person, at) for person in people]
    if reason := why_pointless(to_tell):
        rows = [_never_to_leave(row, reason) for row in rows]
        logger.info("mail_pointless", extra={"event": event.pk, "act": event.act})
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    to_tell.delete()
    return len(rows)


def _never_to_leave(delivery: Delivery, reason: str) -> Delivery:
    """The register shows it, and why: the recipients of an event stay accounted for."""
    delivery.state = DeliveryState.DROPPED
    delivery.next_attempt_at = None
    delivery.server_answer = reason
    return delivery


def delivery_of(event: TicketEvent, person: User, at: datetime) -> Delivery:
    """The mail that tells it to them: at once, or held for their digest (decision 0024)."""
    is_held = person.wants_digest and not person.is_staff and event.is_conversation
    return Delivery(
        event=event,
        recipient=person,
        address=person.email,
        message_id=message_id(named(f"{event.pk}:{person.pk}")),
        state=DeliveryState.HELD if is_held else DeliveryState.QUEUED,
        created_at=at,
        next_attempt_at=None if is_held else at,
    )


def thread_id(reference: str) -> str:
    """The identifier that all mails of an incident refer to: one thread in a mail program."""
    return message_id(named(reference))


def named(what: str) -> uuid.UUID:
    """The name that the mail of `what` always bears."""
    return uuid.uuid5(_NAMESPACE, what)
