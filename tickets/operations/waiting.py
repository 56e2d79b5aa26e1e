"""Waiting for the customer or the vendor, and going on."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext as _

from accounts.models import User
from foundation.refusals import Refusal
from foundation.wording import paris
from tickets.enums import Act, Origin, PauseKind
from tickets.models import Ticket
from tickets.operations.conversation import resume_work
from tickets.operations.work import Work, work_on


def wait_for_customer(
    *,
    ticket_id: int,
    actor: User,
    reason: str,
    until: date | None,
    at: datetime,
    origin: Origin = Origin.PORTAL,
) -> Ticket:
    """« En attente client »: pauses the resolution clock; the customer reads the reason (S5)."""
    with work_on(ticket_id, actor=actor, at=at, origin=origin) as work:
        _wait(work, Act.WAIT_CUSTOMER, PauseKind.CUSTOMER, reason, until)
    return work.ticket


def wait_for_vendor(
    *,
    ticket_id: int,
    actor: User,
    reason: str,
    until: date | None,
    at: datetime,
    origin: Origin = Origin.PORTAL,
) -> Ticket:
    """« En attente éditeur »: pauses the resolution clock if the contract says so (S5)."""
    with work_on(ticket_id, actor=actor, at=at, origin=origin) as work:
        _wait(work, Act.WAIT_VENDOR, PauseKind.VENDOR, reason, until)
    return work.ticket


def _wait(work: Work, act: Act, kind: PauseKind, reason: str, until: date | None) -> None:
    status = work.require(act)
    work.require_reason(reason)
    if until is not None and until < paris(work.at).date():
        raise Refusal(_("La date attendue est déjà passée."))
    work.end_pause()
    pause = work.begin_pause(kind, reason)
    work.ticket.waiting_reason = reason
    work.ticket.waiting_until = until
    work.record(
        act,
        status=status,
        text=reason,
        facts={"pause": pause.pk, "until": until.isoformat() if until else None},
    )


def resume(*, ticket_id: int, actor: User, at: datetime, origin: Origin = Origin.PORTAL) -> Ticket:
    """The engineer goes on: the clock runs again."""
    with work_on(ticket_id, actor=actor, at=at, origin=origin) as work:
        work.require(Act.RESUME)
        status = resume_work(work)
        work.record(Act.RESUME, status=status, facts={"pause": work.pauses[-1].pk})
    return work.ticket
