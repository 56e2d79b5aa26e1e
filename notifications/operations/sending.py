"""Claimed by one sender, stamped with what became of them.

A row is claimed in a short transaction of its own and held by a lease: a sender that dies loses
it when the lease ends, and the mail then sent again bears the same Message-ID (N3, N4).
"""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import F, Q, QuerySet

from foundation.prepared import PlannedRows, Prepared
from notifications.enums import UNFINISHED, DeliveryState
from notifications.models import Delivery
from notifications.queries import is_slow, sendable

logger = logging.getLogger(__name__)

# Longer than a task may live (task_time_limit), so that only the dead lose their row.
LEASE = timedelta(minutes=5)
# Waits after a temporary answer: doubled each time, then every four hours.
_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=4)
# These waits add up to 72 hours; the next temporary answer is the last (N2).
MAX_ATTEMPTS = 26


# The row is locked, leased and named by one statement of its own; the CTE runs once.
_CLAIM = """\
WITH free AS MATERIALIZED ({free} FOR NO KEY UPDATE OF notifications_delivery SKIP LOCKED)
UPDATE notifications_delivery SET leased_until = %s FROM free
WHERE notifications_delivery.id = free.pk RETURNING notifications_delivery.id"""
_FREE: Prepared[Any] = Prepared(
    lambda at: sendable(at).exclude(is_slow()).values("pk")[:1], at=datetime
)
_FREE_BUT_ONE: Prepared[Any] = Prepared(
    lambda at, last: sendable(at).exclude(is_slow()).exclude(pk=last).values("pk")[:1],
    at=datetime,
    last=int,
)
_CLAIMED = PlannedRows(
    lambda pk: Delivery.objects.filter(pk=pk).select_related(
        "event__ticket__requester", "event__actor", "recipient"
    ),
    pk=int,
)


def claim(*, at: datetime, last: int | None = None) -> Delivery | None:
    """Take the next mail that may leave, for the time of a lease; None when there is none.

    Mails to slow domains are left where they are. `last`: the mail that comes after all others.
    """
    # Two statements in the order of the index; one that sorted it to the end would sort them all.
    before = take(*_FREE_BUT_ONE.text(at=at, last=last), at=at) if last is not None else None
    return before or take(*_FREE.text(at=at), at=at)


def take(free: str, values: list[Any], *, at: datetime) -> Delivery | None:
    """Lease the one row that the statement `free` finds, unless another sender holds it."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM.format(free=free), [*values, at + LEASE])
        found = cursor.fetchone()
    return _CLAIMED(pk=found[0])[0] if found else None


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


def postpone(
    *, delivery: Delivery, address: str, answer: str, at: datetime, is_ours: bool = False
) -> None:
    """A temporary answer about this mail: later, with a growing wait, for 72 hours at most (N2).

    `is_ours`: no server was asked, the portal could not make it.
    """
    attempts = delivery.attempts + 1
    if attempts >= MAX_ATTEMPTS:
        mark_refused(delivery=delivery, address=address, answer=answer)
        return
    _queued(delivery).update(
        attempts=attempts,
        address=address,
        next_attempt_at=at + wait_after(attempts, delivery.message_id),
        leased_until=None,
        server="" if is_ours else settings.SMTP_HOST,
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
        server=_server_of(state),
        server_answer=answer[:300],
        body_text="",
        body_html="",
    )


def _server_of(state: DeliveryState) -> str:
    """The portal's own server, which relays: what it dropped, no server was asked about."""
    return "" if state == DeliveryState.DROPPED else str(settings.SMTP_HOST)


def _unfinished(delivery: Delivery) -> QuerySet[Delivery]:
    """The row, held or queued; of a digest, those that it carries with it."""
    rows = Q(pk=delivery.pk, state__in=UNFINISHED)
    if delivery.is_digest:
        rows |= Q(carrier=delivery.pk, state=DeliveryState.HELD)
    return Delivery.objects.filter(rows)


def _queued(delivery: Delivery) -> QuerySet[Delivery]:
    """The row, unless another sender has finished it since (its lease had ended)."""
    return Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.QUEUED)
