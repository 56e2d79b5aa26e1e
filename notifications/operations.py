"""Writing deliveries: derived from events, claimed by one sender, stamped with what became of them.

A row is claimed in a short transaction of its own and held by a lease: a sender that dies loses
it when the lease ends, and the mail then sent again bears the same Message-ID (N3, N4).
"""

from __future__ import annotations

import hashlib
import logging
import uuid
from datetime import datetime, timedelta
from functools import partial

from django.db import DatabaseError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from foundation.refusals import Conflict, Refusal
from foundation.waking import wake
from notifications.enums import FAILED, DeliveryState
from notifications.models import Delivery, Resend
from notifications.outbox import DELIVER_PENDING, message_id
from notifications.queries import barred, is_pointless, sendable
from tickets.enums import Act
from tickets.models import EventToTell, TicketEvent

logger = logging.getLogger(__name__)

# Longer than a task may live (task_time_limit), so that only the dead lose their row.
LEASE = timedelta(minutes=5)
# Waits after a temporary answer: doubled each time, then every four hours.
_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=4)
# These waits add up to 72 hours; the next temporary answer is the last (N2).
MAX_ATTEMPTS = 26

_NAMESPACE = uuid.UUID("6f6b2a5e-3f0a-4f0e-9d3b-5a4f4f1f7c11")


def derive(*, event_id: int, at: datetime) -> int:
    """Turn an event to tell into one delivery per frozen recipient; how many were made.

    Earlier events of the same incident are told first. In one transaction with the removal of
    the outbox row: repeating it makes nothing twice.
    """
    event = TicketEvent.objects.filter(pk=event_id).first()
    if event is None:
        return 0
    waiting = EventToTell.objects.filter(
        event__ticket=event.ticket_id, event__sequence__lte=event.sequence, not_before__lte=at
    ).order_by("event__sequence")
    return sum(_derive_one(pk, at) for pk in list(waiting.values_list("pk", flat=True)))


def derive_pending(*, at: datetime, limit: int) -> int:
    """What no task turned into deliveries: the broker was away, or the worker died (N1).

    An event that cannot be told is logged and stops its own incident only.
    """
    due = EventToTell.objects.filter(not_before__lte=at).order_by(
        "event__ticket", "event__sequence"
    )
    made, stuck = 0, set()
    for pk, ticket_id in list(due.values_list("pk", "event__ticket")[:limit]):
        if ticket_id in stuck:
            continue
        try:
            made += _derive_one(pk, at)
        except DatabaseError:
            logger.exception("event_not_told", extra={"to_tell": pk, "ticket": ticket_id})
            stuck.add(ticket_id)
    return made


@transaction.atomic
def _derive_one(to_tell_id: int, at: datetime) -> int:
    to_tell = (
        EventToTell.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(pk=to_tell_id)
        .select_related("event")
        .first()
    )
    if to_tell is None:
        return 0
    event = to_tell.event
    people = User.objects.filter(pk__in=event.recipients)
    rows = [_delivery_of(event, person, at) for person in people]
    if is_pointless(to_tell):
        rows = [_never_to_leave(row) for row in rows]
        logger.info("mail_pointless", extra={"event": event.pk, "act": event.act})
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    to_tell.delete()
    return len(rows)


def _never_to_leave(delivery: Delivery) -> Delivery:
    """The register shows it, and why: the recipients of an event stay accounted for."""
    delivery.state = DeliveryState.DROPPED
    delivery.next_attempt_at = None
    delivery.server_answer = (
        _("la réponse a été reprise avant l’envoi")
        if delivery.event is not None and delivery.event.act == Act.MESSAGE
        else _("l’engagement a pris fin avant l’ouverture")
    )
    return delivery


def _delivery_of(event: TicketEvent, person: User, at: datetime) -> Delivery:
    return Delivery(
        event=event,
        recipient=person,
        address=person.email,
        message_id=message_id(uuid.uuid5(_NAMESPACE, f"{event.pk}:{person.pk}")),
        created_at=at,
        next_attempt_at=at,
    )


def thread_id(reference: str) -> str:
    """The identifier that all mails of an incident refer to: one thread in a mail program."""
    return message_id(uuid.uuid5(_NAMESPACE, reference))


@transaction.atomic
def claim(*, at: datetime) -> Delivery | None:
    """Take the next mail that may leave, for the time of a lease; None when there is none."""
    delivery = (
        sendable(at)
        .select_for_update(of=("self",), skip_locked=True, no_key=True)
        .select_related("event__ticket", "event__actor", "recipient")
        .first()
    )
    if delivery is not None:
        delivery.leased_until = at + LEASE
        delivery.save(update_fields=["leased_until"])
    return delivery


def release(*, delivery: Delivery) -> None:
    """Give a mail back untouched: the server is away, the mail has nothing to do with it."""
    _queued(delivery).update(leased_until=None)


def mark_sent(*, delivery: Delivery, address: str, answer: str, at: datetime) -> None:
    """The server took it: the proof is its answer (P5). Texts that hold secrets go."""
    _finish(delivery, DeliveryState.SENT, answer, address=address, sent_at=at)


def mark_refused(*, delivery: Delivery, address: str, answer: str) -> None:
    """The server will never take it (5xx): visible in the journal, and the operator is told."""
    _finish(delivery, DeliveryState.REFUSED, answer, address=address)
    logger.error("mail_refused", extra={"delivery": delivery.pk, "answer": answer[:300]})


def drop(*, delivery: Delivery, reason: str) -> None:
    """The person may no longer read it (N7)."""
    _finish(delivery, DeliveryState.DROPPED, reason)
    logger.warning("mail_dropped", extra={"delivery": delivery.pk, "reason": reason})


def postpone(*, delivery: Delivery, address: str, answer: str, at: datetime) -> None:
    """A temporary answer about this mail: later, with a growing wait, for 72 hours at most (N2)."""
    attempts = delivery.attempts + 1
    if attempts >= MAX_ATTEMPTS:
        mark_refused(delivery=delivery, address=address, answer=answer)
        return
    _queued(delivery).update(
        attempts=attempts,
        address=address,
        next_attempt_at=at + wait_after(attempts, delivery.message_id),
        leased_until=None,
        server_answer=answer[:300],
    )
    logger.warning("mail_postponed", extra={"delivery": delivery.pk, "answer": answer[:300]})


def mark_bounced(*, message_id: str, answer: str, at: datetime) -> bool:
    """A mail that was accepted came back for good; `answer` says why. False: nothing to mark.

    For whoever reads the returned mails. Its acceptance stays on record beside the return (N8).
    """
    found = Delivery.objects.filter(message_id=message_id, state=DeliveryState.SENT)
    marked = found.update(state=DeliveryState.BOUNCED, bounced_at=at, server_answer=answer[:300])
    if marked:
        logger.error("mail_bounced", extra={"message_id": message_id, "answer": answer[:300]})
    return bool(marked)


@transaction.atomic
def resend(*, delivery_id: int, actor: User, seen: int, at: datetime) -> Delivery:
    """Put a mail that reached nobody back in the queue, under the same Message-ID (E18).

    `seen`: how many times it had been sent again when the person decided it; a page that others
    made untrue decides nothing. Raises Refusal; the sender checks the rights once more.
    """
    delivery = (
        Delivery.objects.select_for_update(of=("self",), no_key=True)
        .select_related("event__ticket", "recipient")
        .get(pk=delivery_id)
    )
    if reason := why_not_resend(delivery):
        raise Refusal(reason)
    if delivery.resends.count() != seen:
        raise Conflict(_("Quelqu’un a déjà renvoyé cet e-mail depuis que vous l’avez affiché."))
    Resend.objects.create(
        delivery=delivery,
        asked_at=at,
        asked_by=actor,
        state_before=delivery.state,
        sent_at_before=delivery.sent_at,
        answer_before=delivery.server_answer,
    )
    delivery.state = DeliveryState.QUEUED
    delivery.attempts, delivery.next_attempt_at = 0, at
    delivery.sent_at = delivery.bounced_at = None
    delivery.save(update_fields=["state", "attempts", "next_attempt_at", "sent_at", "bounced_at"])
    transaction.on_commit(partial(wake, DELIVER_PENDING), robust=True)
    return delivery


def why_not_resend(delivery: Delivery) -> str:
    """The sentence that refuses to send it again; empty when it may be."""
    if delivery.state == DeliveryState.QUEUED:
        return _("Cet e-mail est déjà en attente\u00a0: il partira de lui-même.")
    if delivery.state not in FAILED:
        return _("Cet e-mail a été accepté par le serveur\u00a0: il n’y a rien à renvoyer.")
    if delivery.event is None:
        return _(
            "Le texte de cet e-mail de compte a été effacé, car il contenait un lien secret"
            "\u00a0: refaites l’invitation ou la demande de mot de passe."
        )
    if delivery.state == DeliveryState.DROPPED and delivery.event.act == Act.RUNG:
        return _("Cette alerte de délai n’a plus d’objet.")
    if reason := barred(delivery):
        return _("Cet e-mail ne peut pas être renvoyé\u00a0: %(reason)s.") % {"reason": reason}
    return ""


def wait_after(attempts: int, name: str) -> timedelta:
    """How long to wait after the n-th temporary answer.

    Up to a fifth more, fixed by the mail's name: mails refused together do not come back
    together, and the same mail always waits the same.
    """
    wait = min(_FIRST_WAIT * (1 << (attempts - 1)), _LONGEST_WAIT)
    spread = int.from_bytes(hashlib.sha256(f"{name}{attempts}".encode()).digest()[:4]) / 2**32
    return wait * (1 + 0.2 * spread)


def _finish(
    delivery: Delivery,
    state: DeliveryState,
    answer: str,
    *,
    address: str | None = None,
    sent_at: datetime | None = None,
) -> None:
    _queued(delivery).update(
        state=state,
        address=address or delivery.address,
        attempts=delivery.attempts + (state != DeliveryState.DROPPED),
        sent_at=sent_at,
        next_attempt_at=None,
        leased_until=None,
        server_answer=answer[:300],
        body_text="",
        body_html="",
    )


def _queued(delivery: Delivery) -> QuerySet[Delivery]:
    """The row, unless another sender has finished it since (its lease had ended)."""
    return Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.QUEUED)
