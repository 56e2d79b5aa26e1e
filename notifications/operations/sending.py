"""Claimed by one sender, stamped with what became of them.

A row is claimed in a short transaction of its own and held by a lease: a sender that dies loses
it when the lease ends, and the mail then sent again bears the same Message-ID (N3, N4).
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import BooleanField, ExpressionWrapper, F, Q, QuerySet

from notifications.enums import UNFINISHED, DeliveryState
from notifications.models import Delivery
from notifications.queries import sendable

logger = logging.getLogger(__name__)

# Longer than a task may live (task_time_limit), so that only the dead lose their row.
LEASE = timedelta(minutes=5)
# Waits after a temporary answer: doubled each time, then every four hours.
_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=4)
# These waits add up to 72 hours; the next temporary answer is the last (N2).
MAX_ATTEMPTS = 26


@transaction.atomic
def claim(
    *, at: datetime, avoiding: Collection[str] = (), last: int | None = None
) -> Delivery | None:
    """Take the next mail that may leave, for the time of a lease; None when there is none.

    `avoiding`: domains whose mails are left for another time, since they hold the sender up.
    `last`: the mail that comes after all others.
    """
    slow = Q()
    for domain in avoiding:
        slow |= Q(address__iendswith=f"@{domain}")
    free = sendable(at).exclude(slow) if slow else sendable(at)
    if last is not None:
        free = free.annotate(is_last=ExpressionWrapper(Q(pk=last), BooleanField())).order_by(
            "is_last", "next_attempt_at", "pk"
        )
    delivery = (
        free.select_for_update(of=("self",), skip_locked=True, no_key=True)
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
    _unfinished(delivery).update(
        state=state,
        address=address or delivery.address,
        attempts=F("attempts") + int(state != DeliveryState.DROPPED),
        sent_at=sent_at,
        next_attempt_at=None,
        leased_until=None,
        server_answer=answer[:300],
        body_text="",
        body_html="",
    )


def _unfinished(delivery: Delivery) -> QuerySet[Delivery]:
    """The row, held or queued; of a digest, those that it carries with it."""
    rows = Q(pk=delivery.pk)
    if delivery.is_digest:
        rows |= Q(carrier=delivery.pk)
    return Delivery.objects.filter(rows, state__in=UNFINISHED)


def _queued(delivery: Delivery) -> QuerySet[Delivery]:
    """The row, unless another sender has finished it since (its lease had ended)."""
    return Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.QUEUED)
