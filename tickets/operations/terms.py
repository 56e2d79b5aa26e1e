"""Applying new conditions to an open incident: a newer calendar or service level (S12).

Without this act nothing moves. docs/decisions/0011-new-conditions.md says what is kept and why.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from django.utils.translation import gettext as _

from accounts.models import User
from foundation.refusals import Refusal
from foundation.wording import day, paris
from sla.enums import CommitmentKind
from sla.models import CalendarVersion, ServiceLevelVersion
from sla.queries import hours_of
from tickets import promises
from tickets.clocks import Rule, copy_into, earlier_of, to_promise, versions_under
from tickets.enums import Act, Origin, PauseKind
from tickets.models import Commitment, EarlierTerms, Ticket
from tickets.operations.conversation import store_message
from tickets.operations.work import Work, work_on
from tickets.promises import ZERO

logger = logging.getLogger(__name__)


class LeftAsItIs(Refusal):
    """The incident keeps its terms; the sentence says why, for the list of those left (S12)."""


@dataclass(frozen=True)
class Applied:
    """What became of each incident."""

    moved: list[Ticket] = field(default_factory=list)
    left: list[tuple[Ticket, str]] = field(default_factory=list)


def apply_to_all(
    *, tickets: Iterable[Ticket], actor: User, version: Rule, at: datetime, reason: str
) -> Applied:
    """Each incident in a transaction of its own: one that is left, or refuses, stops nobody."""
    applied = Applied()
    for ticket in tickets:
        try:
            done = apply_terms(
                ticket_id=ticket.pk, actor=actor, version=version, at=at, reason=reason
            )
        except Refusal as refusal:
            applied.left.append((ticket, refusal.sentence))
        except Exception:
            # The rule is saved: a fault on one incident must not hide what became of the others.
            logger.exception("apply_terms_failed", extra={"ticket": ticket.pk})
            applied.left.append((ticket, _("Une panne l’a empêché\u00a0: recommencez.")))
        else:
            applied.moved.append(done)
    return applied


def apply_terms(
    *,
    ticket_id: int,
    actor: User,
    version: Rule,
    at: datetime,
    reason: str,
    origin: Origin = Origin.PORTAL,
) -> Ticket:
    """The open promises of an incident count by `version` from now on, with what remains (S12).

    Remaining = new target − used. An incident with nothing left of a new target is left as it is
    (LeftAsItIs), both promises: it is under one set of conditions. Customers are told when a
    promise to them moved.
    """
    with work_on(ticket_id, actor=actor, at=at, origin=origin) as work:
        _require_may(work, actor, version)
        work.require_reason(reason)
        level, calendar = versions_under(version, work.ticket.service_level_version, work.at)
        rows = [row for row in work.present() if not to_promise(row).is_decided]
        _require_something_left(work, rows, level, calendar)
        facts: dict[str, Any] = {
            "service_level_version": [work.ticket.service_level_version_id, level.pk],
            "calendar_version": calendar.pk,
            "pauses_on_vendor": level.pauses_on_vendor,
            "targets": {str(row.kind): [row.target_minutes] for row in rows},
            "due": {str(row.kind): [_iso(row.due_at)] for row in rows},
        }
        for row in rows:
            _restate(work, row, level, calendar)
            facts["targets"][str(row.kind)].append(row.target_minutes)
            facts["due"][str(row.kind)].append(_iso(row.due_at))
        work.ticket.service_level_version = level
        _record(work, facts, reason)
    return work.ticket


def _require_may(work: Work, actor: User, version: Rule) -> None:
    work.require(Act.RESTATE)
    if not actor.is_manager:
        raise Refusal(_("Seul un responsable applique de nouvelles conditions."))
    if version.effective_from > paris(work.at).date():
        raise Refusal(
            _("Ces conditions ne prennent effet que le %(day)s.")
            % {"day": day(version.effective_from)}
        )


def _require_something_left(
    work: Work, rows: list[Commitment], level: ServiceLevelVersion, calendar: CalendarVersion
) -> None:
    if not rows:
        raise LeftAsItIs(_("Ses échéances sont déjà tenues ou dépassées."))
    present = {(row.service_level_version_id, row.calendar_version_id) for row in rows}
    if present == {(level.pk, calendar.pk)}:
        raise LeftAsItIs(_("Il suit déjà ces conditions."))
    for row in rows:
        promise = to_promise(row)
        target = level.target(promise.kind, promise.severity)
        if promises.remaining_under(promise, work.clock(row), target, work.at) <= ZERO:
            raise LeftAsItIs(consumed(promise.kind))


def consumed(kind: CommitmentKind) -> str:
    """Why an incident is left: nothing remains of the new target (S12)."""
    return _("Inchangé\u00a0: le nouveau délai de %(kind)s est déjà consommé.") % {
        "kind": kind.label.lower()
    }


def _restate(
    work: Work, row: Commitment, level: ServiceLevelVersion, calendar: CalendarVersion
) -> None:
    """One promise: what it was is kept, what it is from now on is written over it."""
    before, pause = to_promise(row), work.running_pause()
    after = promises.restate(
        before,
        hours=work.clock(row),
        new_hours=hours_of(calendar.pk),
        target=level.target(before.kind, before.severity),
        pauses_on_vendor=level.pauses_on_vendor,
        waiting=PauseKind(pause.kind) if pause else None,
        at=work.at,
    )
    was = EarlierTerms.objects.create(
        commitment=row,
        until=work.at,
        target_minutes=row.target_minutes,
        service_level_version_id=row.service_level_version_id,
        calendar_version_id=row.calendar_version_id,
        pauses_on_vendor=row.pauses_on_vendor,
    )
    work.earlier.setdefault(row.pk, []).extend(earlier_of([was]))
    copy_into(row, after)
    row.service_level_version, row.calendar_version = level, calendar
    row.pauses_on_vendor = after.pauses_on_vendor
    row.save()


def _record(work: Work, facts: dict[str, Any], reason: str) -> None:
    """Customers are told when a promise to them moved, and read why."""
    moved = any(was != now for name in ("targets", "due") for was, now in facts[name].values())
    if moved:
        facts["message"] = store_message(work, reason, uuid4()).pk
    work.record(Act.RESTATE, text=reason, facts=facts, recipients=None if moved else [])
    work.record_rungs_passed()


def _iso(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat() if at else None
