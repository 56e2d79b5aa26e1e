"""Slow domains: what stalls the sender is left alone for some minutes, then tried with one mail.

The rows are what all senders and batches know of them (0025); the broker has no part in it.
"""

from __future__ import annotations

import contextlib
import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from foundation.prepared import Prepared
from notifications.enums import DeliveryState
from notifications.models import Delivery, SlowDomain
from notifications.operations.sending import LEASE, take
from notifications.queries import domain as domain_in
from notifications.queries import sendable

logger = logging.getLogger(__name__)

_FIRST_WAIT = timedelta(minutes=3)
# A server that stalls for everybody may look like one slow domain, when all that waits is for one:
# no mail waits for longer than this after its return.
_LONGEST_WAIT = timedelta(minutes=15)

_TO_DOMAIN: Prepared[Any] = Prepared(
    lambda at, domain: (
        sendable(at).annotate(domain=domain_in(F("address"))).filter(domain=domain).values("pk")[:1]
    ),
    at=datetime,
    domain=str,
)


def stalled(*, address: str, is_probe: bool, at: datetime) -> bool:
    """No answer came in time about a mail to this address: its domain is left alone, each time
    that a probe finds it no better for twice as long. True: it was not known to be slow.
    """
    is_news = False
    for name in _names(address):
        slow, is_new = SlowDomain.objects.get_or_create(
            domain=name, defaults={"since": at, "until": at + _FIRST_WAIT}
        )
        if is_probe and not is_new:
            wait = min(_FIRST_WAIT * (1 << min(slow.stalls, 10)), _LONGEST_WAIT)
            slow.stalls, slow.until = F("stalls") + 1, at + wait
            slow.save(update_fields=["stalls", "until"])
        is_news |= is_new
        logger.warning("mail_domain_slow", extra={"domain": name})
    return is_news


def untried(*, address: str, at: datetime) -> None:
    """The probe asked the server nothing (its person may not be told any more): another may."""
    SlowDomain.objects.filter(domain__in=_names(address)).update(until=at)


def answered(*, address: str) -> None:
    """The server answered about a mail to this address: its domain's other mails may leave."""
    if SlowDomain.objects.filter(domain__in=_names(address)).delete()[0]:
        logger.info("mail_domain_back", extra={"domain": address.rpartition("@")[2]})


@transaction.atomic
def claim_probe(*, at: datetime, is_away: bool) -> Delivery | None:
    """One mail to the slow domain that was left alone the longest; for all senders the only one
    until its answer, or the end of a lease.

    `is_away`: the sender is paused, and asks with any mail: all domains may be innocent.
    """
    slow = SlowDomain.objects.select_for_update(skip_locked=True).order_by("until", "pk")
    for row in slow if is_away else slow.filter(until__lte=at):
        delivery = take(*_TO_DOMAIN.text(at=at, domain=row.domain), at=at)
        if delivery is not None:
            row.until = at + LEASE
            row.save(update_fields=["until"])
            return delivery
        if not _is_awaited(row.domain):
            row.delete()
    return None


def probe_all(*, at: datetime) -> None:
    """The server is back: what stalled meanwhile may have been its fault."""
    SlowDomain.objects.update(until=at)


def _is_awaited(domain: str) -> bool:
    queued = Delivery.objects.filter(state=DeliveryState.QUEUED)
    return queued.annotate(domain=domain_in(F("address"))).filter(domain=domain).exists()


def _names(address: str) -> set[str]:
    """The domain as the row of a mail may have it: as typed, and as it goes over the wire."""
    domain = address.rpartition("@")[2].lower()
    names = {domain}
    with contextlib.suppress(UnicodeError):
        names |= {domain.encode("idna").decode("ascii"), domain.encode("ascii").decode("idna")}
    return names
