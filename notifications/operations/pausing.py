"""The mail server is away: the sender pauses, and one of all senders asks it again each minute.

The pause is a row of its own: no mail is touched by what is no fault of its (N2).
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from notifications.models import Delivery, SenderPause
from notifications.operations.slow import probe_all

logger = logging.getLogger(__name__)

PROBE_EVERY = timedelta(minutes=1)


def pause(*, delivery: Delivery, answer: str, at: datetime) -> None:
    """The server is away since `at`, or still is; it is asked again in a minute.

    `delivery`: the mail that it was asked to take.
    """
    SenderPause.objects.bulk_create(
        [SenderPause(since=at, probe_at=at + PROBE_EVERY, answer=answer[:300], mail=delivery.pk)],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["probe_at", "answer", "mail"],
    )
    logger.warning("mail_server_away", extra={"answer": answer[:300]})


def is_resting(*, at: datetime) -> bool:
    """The server is away, and nobody is to ask it again yet."""
    return SenderPause.objects.filter(probe_at__gt=at).exists()


def may_ask(*, at: datetime) -> bool:
    """Whether this sender may speak to the server now: always when there is no pause; else the
    first one to ask each minute, who then has that minute for itself.
    """
    if not SenderPause.objects.exists():
        return True
    due = SenderPause.objects.filter(probe_at__lte=at)
    return bool(due.update(probe_at=at + PROBE_EVERY))


def suspect() -> int | None:
    """The mail that the server was away on; None when there is no pause."""
    return SenderPause.objects.values_list("mail", flat=True).first()


def resume(*, at: datetime) -> None:
    """The server answered."""
    if SenderPause.objects.all().delete()[0]:
        probe_all(at=at)
        logger.info("mail_server_back")
