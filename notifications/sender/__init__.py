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
# Connections lost one after the other, in the middle of mails: it is the server after all. A
# silence may be the fault of a domain, and each of these is of another one.
_BROKEN_IN_A_ROW = 2
_STALLED_IN_A_ROW = 3
# A statement per mail, for what nearly never is, would be one too many.
_ANSWERS_TO_RESUME = 10


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
    """Derive what was left underived, gather the digests that are due, then send what may leave;
    how many mails left.

    Stops early, touching no row, when the server itself is away.
    """
    operations.derive_pending(at=at, limit=limit)
    operations.gather_digests(at=at)
    clock = _Clock(at)
    with MailServer() as server:
        return _Batch(server, clock).send(limit)


@dataclass
class _Batch:
    """Mails that one sender takes one after the other, on one connection."""

    server: MailServer
    clock: _Clock
    sent: int = 0
    broken: int = 0
    may_ask: bool = False
    answers: int = 0

    def send(self, limit: int) -> int:
        # Not one row is touched while the server is away (N2).
        if operations.is_resting(at=self.clock.at):
            return 0
        # It may be what the server goes away on: the others leave before it (N2).
        last = operations.suspect()
        for _turn in range(limit):
            delivery = operations.claim(at=self.clock.now(), last=last)
            is_probe = delivery is None
            if delivery is None:
                # Nobody waits behind it any more, whatever time a slow domain takes.
                delivery = operations.claim_probe(at=self.clock.now(), is_away=last is not None)
            if delivery is None or not self._take(delivery, is_probe=is_probe):
                break
            if self.clock.elapsed > _BATCH_TIME:
                break
        return self.sent

    def _take(self, delivery: Delivery, *, is_probe: bool) -> bool:
        """One claimed mail; whether the next may follow."""
        if not self.may_ask and not operations.may_ask(at=self.clock.at):
            operations.release(delivery=delivery)
            return False
        self.may_ask, self.server.is_answering = True, False
        try:
            self.sent += _deliver(delivery, self.server, self.clock)
        except ServerAway as error:
            operations.release(delivery=delivery)
            operations.pause(delivery=delivery, answer=str(error), at=self.clock.now())
            return False
        except Broken as error:
            return self._lost(delivery, error, is_probe=is_probe)
        self._answered(delivery, is_probe=is_probe)
        return True

    def _answered(self, delivery: Delivery, *, is_probe: bool) -> None:
        """An answer ends the pause: the first, and a later one if another sender began it since."""
        self.broken = 0
        if not self.server.is_answering:
            if is_probe:
                operations.untried(address=delivery.address, at=self.clock.now())
            return
        if is_probe:
            operations.answered(address=delivery.address)
        if self.answers % _ANSWERS_TO_RESUME == 0:
            operations.resume(at=self.clock.now())
        self.answers += 1

    def _lost(self, delivery: Delivery, error: Broken, *, is_probe: bool) -> bool:
        is_news = True
        if error.has_stalled:
            is_news = operations.stalled(
                address=delivery.address, is_probe=is_probe, at=self.clock.now()
            )
            if is_probe:
                return False
        # Silences of one domain, where several people have moved, are no fault of the server.
        self.broken += is_news
        if self.broken < (_STALLED_IN_A_ROW if error.has_stalled else _BROKEN_IN_A_ROW):
            return True
        operations.pause(delivery=delivery, answer=str(error), at=self.clock.now())
        return False


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
        # Which domain it was: the person may have moved since the row was made.
        delivery.address = address
        raise
    except (ServerAway, SoftTimeLimitExceeded):
        # The server's fault, or the task's own end: none of this mail.
        raise
    except Exception as error:
        # A mail that cannot be made must not stop the others: it waits, and the log says why.
        logger.exception("mail_not_made", extra={"delivery": delivery.pk})
        _postpone(delivery, address, type(error).__name__, clock, is_ours=True)
    else:
        operations.mark_sent(delivery=delivery, address=address, answer=answer, at=clock.now())
        return True
    return False


def _postpone(
    delivery: Delivery, address: str, answer: str, clock: _Clock, *, is_ours: bool = False
) -> None:
    operations.postpone(
        delivery=delivery, address=address, answer=answer, at=clock.now(), is_ours=is_ours
    )
