"""Digests: what changes no status, once a day, for those who asked for it (decision 0024).

A held mail is a row like any other, of its event and its person: the proof counts it (P5). The
digest is one more row, which carries the person's; they are what it becomes.
"""

from __future__ import annotations

import logging
from datetime import datetime, time, timedelta

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from foundation.wording import PARIS, day, paris
from notifications.enums import DeliveryState
from notifications.models import Delivery
from notifications.operations.making import named
from notifications.outbox import message_id
from sla.hours import NeverOpens
from sla.queries import NoVersion, hours_of, versions_on

logger = logging.getLogger(__name__)

# Longer than any closure between two working days: what is held for so long has lost its digest,
# and leaves by itself. A calendar that never opens loses nobody a mail.
HELD_AT_MOST = timedelta(days=6)


def gather_digests(*, at: datetime) -> int:
    """Make the digests that are due; how many. Idempotent: one a day and a person.

    Due while the desk is open, from its first opening of the day on: what was held before that.
    Whoever wants no digest any more is sent what was held, mail by mail.
    """
    if not _held().exists():
        return 0
    _let_go(at)
    since = _opened_today(at)
    if since is None:
        return 0
    made = 0
    people = _held().filter(created_at__lt=since).order_by("recipient")
    for person in list(people.values_list("recipient", flat=True).distinct()):
        try:
            made += _gather(person, since, at)
        except DatabaseError:
            # The others' mails leave all the same.
            logger.exception("digest_not_made", extra={"person": person})
    return made


def _held() -> QuerySet[Delivery]:
    return Delivery.objects.filter(state=DeliveryState.HELD, carrier__isnull=True)


def _let_go(at: datetime) -> None:
    lost = Q(recipient__wants_digest=False) | Q(created_at__lt=at - HELD_AT_MOST)
    found = list(_held().filter(lost).values_list("pk", flat=True))
    # By their keys: of a row that another sender puts into a digest meanwhile, PostgreSQL looks at
    # the conditions on the row itself once more, not at those of a joined table.
    freed = _held().filter(pk__in=found).update(state=DeliveryState.QUEUED, next_attempt_at=at)
    if freed:
        logger.info("held_mails_freed", extra={"number": freed})


def _opened_today(at: datetime) -> datetime | None:
    """The first opening of the day of `at` by the charter's calendar; None: closed at `at`."""
    today = paris(at).date()
    try:
        _level, version = versions_on(None, today)
        hours = hours_of(version.pk)
        if not hours.is_open(at):
            return None
        return hours.next_opening(datetime.combine(today, time(), tzinfo=PARIS))
    except (NoVersion, NeverOpens):
        logger.exception("digest_without_hours", extra={"level": settings.DEFAULT_SERVICE_LEVEL})
        return None


@transaction.atomic
def _gather(person_id: int, since: datetime, at: datetime) -> bool:
    """One person's digest; False when there is nothing, or when today's was made already.

    None while an earlier one waits to leave: an incident is read in its order, by digests as well.
    """
    earlier = Delivery.objects.filter(recipient=person_id, is_digest=True)
    if earlier.filter(state=DeliveryState.QUEUED).exists():
        return False
    mine = _held().filter(recipient=person_id, created_at__lt=since)
    chosen = list(mine.select_for_update(skip_locked=True).values_list("pk", flat=True))
    if not chosen:
        return False
    person = User.objects.get(pk=person_id)
    digest, is_new = Delivery.objects.get_or_create(
        message_id=message_id(named(f"digest:{person_id}:{paris(since):%Y-%m-%d}")),
        defaults={
            "recipient": person,
            "address": person.email,
            # For the journal: the mail's own says what it holds when it leaves.
            "subject": _("Récapitulatif du %s") % day(paris(since).date()),
            "is_digest": True,
            "created_at": at,
            "next_attempt_at": at,
        },
    )
    if is_new:
        Delivery.objects.filter(pk__in=chosen).update(carrier=digest)
    return is_new
