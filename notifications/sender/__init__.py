"""Sending what the table of deliveries holds. Needs no broker; several may run at once.

Each mail is claimed, checked, sent and stamped by itself: a sender that is killed loses one mail
for the time of a lease and doubles at most that one, under the same Message-ID.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from celery.exceptions import SoftTimeLimitExceeded

from notifications import operations
from notifications.models import Delivery
from notifications.sender.letters import NotToSend, prepare
from notifications.sender.transport import Broken, MailServer, Postponed, Refused, ServerAway

__all__ = ["deliver_pending"]

logger = logging.getLogger(__name__)

# A batch ends well before its task is stopped (task_soft_time_limit).
_BATCH_TIME = timedelta(seconds=60)
# Connections lost one after the other, in the middle of mails: it is the server after all.
_BROKEN_IN_A_ROW = 2


@dataclass
class _Clock:
    """The instant that was passed in, going on while the batch runs."""

    at: datetime
    started: float = field(default_factory=time.monotonic)

    @property
    def elapsed(self) -> timedelta:
        return timedelta(seconds=time.monotonic() - self.started)

    def now(self) -> datetime:
        return self.at + self.elapsed


def deliver_pending(*, at: datetime, limit: int = 200) -> int:
    """Derive what was left underived, then send what may leave; how many mails left.

    Stops early, touching no row, when the server itself is away.
    """
    operations.derive_pending(at=at, limit=limit)
    clock, sent, broken = _Clock(at), 0, 0
    with MailServer() as server:
        for _turn in range(limit):
            delivery = operations.claim(at=clock.now())
            if delivery is None:
                break
            try:
                sent += _deliver(delivery, server, clock)
                broken = 0
            except ServerAway as error:
                operations.release(delivery=delivery)
                logger.warning("mail_server_away", extra={"answer": str(error)[:300]})
                break
            except Broken:
                broken += 1
            if broken >= _BROKEN_IN_A_ROW or clock.elapsed > _BATCH_TIME:
                break
    return sent


def _deliver(delivery: Delivery, server: MailServer, clock: _Clock) -> bool:
    """One mail; True when the server took it. Raises ServerAway and Broken."""
    address = delivery.address
    try:
        letter = prepare(delivery)
        address = letter.recipient
        answer = server.send(letter)
    except NotToSend as reason:
        operations.drop(delivery=delivery, reason=str(reason))
    except Refused as error:
        operations.mark_refused(delivery=delivery, address=address, answer=str(error))
    except Postponed as error:
        _postpone(delivery, address, str(error), clock)
    except Broken as error:
        _postpone(delivery, address, str(error), clock)
        raise
    except (ServerAway, SoftTimeLimitExceeded):
        # The server's fault, or the task's own end: none of this mail.
        raise
    except Exception as error:
        # A mail that cannot be made must not stop the others: it waits, and the log says why.
        logger.exception("mail_not_made", extra={"delivery": delivery.pk})
        _postpone(delivery, address, type(error).__name__, clock)
    else:
        operations.mark_sent(delivery=delivery, address=address, answer=answer, at=clock.now())
        return True
    return False


def _postpone(delivery: Delivery, address: str, answer: str, clock: _Clock) -> None:
    operations.postpone(delivery=delivery, address=address, answer=answer, at=clock.now())
