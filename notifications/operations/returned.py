"""Mails that come back to their own address: what is marked, what stops (N8, decision 0023)."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction

from notifications import dsn
from notifications.dsn import Kind
from notifications.enums import DeliveryState
from notifications.messages.apart import address_dead
from notifications.models import DeadAddress, Delivery
from notifications.operations.again import mark_bounced
from notifications.outbox import keep
from notifications.queries import holder_of, told_of_failure
from notifications.returns import sending_of

logger = logging.getLogger(__name__)


@transaction.atomic
def take_return(*, recipient: str, content: bytes, at: datetime) -> Kind | None:
    """Read a mail that came to a return path. None: the path is none of ours, nothing happened.

    For good: its delivery is marked, and nothing more is sent to an address that is dead until one
    of ours says that it is good again. The same return twice marks nothing more, nor does one of
    before the mail was sent again.
    """
    sending = sending_of(recipient)
    delivery = _locked(sending.delivery_id) if sending is not None else None
    if sending is None or delivery is None:
        logger.warning("return_unknown")
        return None
    found = dsn.read(content)
    about = {"delivery": delivery.pk, "kind": found.kind.name}
    if delivery.resends.count() != sending.resends:
        logger.warning("return_of_earlier_sending", extra=about)
        return found.kind
    logger.info("mail_returned", extra=about)
    if found.kind not in {Kind.DEAD, Kind.REFUSED}:
        return found.kind
    mark_bounced(message_id=delivery.message_id, answer=found.answer, at=at)
    # Told before: the address may have been found good since. A return may come back so fast that
    # the mail is not stamped yet.
    if found.kind is Kind.DEAD and delivery.state != DeliveryState.BOUNCED:
        _stop(delivery, found.answer, at)
    return found.kind


def _locked(delivery_id: int) -> Delivery | None:
    """The mail, which nobody sends again meanwhile."""
    rows = Delivery.objects.select_for_update(of=("self",), no_key=True)
    return rows.filter(pk=delivery_id).first()


def _stop(delivery: Delivery, answer: str, at: datetime) -> None:
    dead, created = DeadAddress.objects.get_or_create(
        address=delivery.address.lower(),
        defaults={"since": at, "delivery": delivery, "answer": answer},
    )
    if created:
        logger.error("address_dead", extra={"delivery": delivery.pk, "answer": answer})
        _tell_ours(dead, at)


def _tell_ours(dead: DeadAddress, at: datetime) -> None:
    """Once per address: somebody has to call the person. Nobody to call, nobody is told."""
    person = holder_of(dead)
    if person is None:
        return
    for reader in told_of_failure(person):
        keep(address_dead(dead, person, reader), reader, at=at)
