"""Mails that come back to their own address: what is marked, what stops (N8, decision 0023)."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction

from notifications import dsn
from notifications.dsn import Kind
from notifications.models import DeadAddress, Delivery
from notifications.operations.again import mark_bounced
from notifications.returns import delivery_of

logger = logging.getLogger(__name__)


@transaction.atomic
def take_return(*, recipient: str, content: bytes, at: datetime) -> Kind | None:
    """Read a mail that came to a return path. None: the path is none of ours, nothing happened.

    For good: its delivery is marked, and nothing more is sent to an address that is dead until one
    of ours says that it is good again. The same return twice marks nothing more.
    """
    number = delivery_of(recipient)
    delivery = Delivery.objects.filter(pk=number).first() if number is not None else None
    if delivery is None:
        logger.warning("return_unknown")
        return None
    found = dsn.read(content)
    logger.info("mail_returned", extra={"delivery": delivery.pk, "kind": found.kind.name})
    if found.kind in {Kind.DEAD, Kind.REFUSED}:
        mark_bounced(message_id=delivery.message_id, answer=found.answer, at=at)
    if found.kind is Kind.DEAD:
        _stop(delivery, found.answer, at)
    return found.kind


def _stop(delivery: Delivery, answer: str, at: datetime) -> None:
    _row, created = DeadAddress.objects.get_or_create(
        address=delivery.address.lower(),
        defaults={"since": at, "delivery": delivery, "answer": answer},
    )
    if created:
        logger.error("address_dead", extra={"delivery": delivery.pk, "answer": answer})
