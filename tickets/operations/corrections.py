"""Requalifying the severity (S7) and correcting an acknowledgement instant (S14)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from django.utils.translation import gettext as _

from accounts.models import User
from foundation.refusals import Refusal
from sla.enums import CommitmentKind, Severity
from sla.hours import Hours
from tickets import promises
from tickets.enums import Act, Origin, Status
from tickets.models import Commitment, Ticket
from tickets.operations.asking import grant_severity
from tickets.operations.conversation import store_message, was_stored
from tickets.operations.work import Work, work_on
from tickets.promises import DueRung, Promise


def requalify(
    *,
    ticket_id: int,
    actor: User,
    severity: Severity,
    reason: str,
    at: datetime,
    form_token: UUID | None = None,
    origin: Origin = Origin.PORTAL,
) -> Ticket:
    """Another severity is retained, with a reason that the customer reads (S7).

    The declared one is kept. Only open promises change. A customer's request for another
    severity, if one waits, has its answer by this. The same `form_token` again changes nothing.
    """
    token = form_token or uuid4()
    with work_on(ticket_id, actor=actor, at=at, origin=origin) as work:
        if was_stored(ticket_id, token):
            return work.ticket
        work.require(Act.REQUALIFY)
        work.require_reason(reason)
        before = Severity(work.ticket.severity)
        if severity == before:
            raise Refusal(
                _("L’incident est déjà «\u00a0%(severity)s\u00a0».") % {"severity": before.label}
            )
        targets = {row.kind: _change_severity(work, row, severity) for row in work.present()}
        work.ticket.severity = severity
        message = store_message(work, reason, token)
        work.record(
            Act.REQUALIFY,
            text=reason,
            facts={
                "severity": [str(before), str(severity)],
                "targets": targets,
                "message": message.pk,
                **grant_severity(work, message, severity),
            },
        )
        work.record_rungs_passed()
    return work.ticket


def _change_severity(work: Work, row: Commitment, severity: Severity) -> int:
    """Requalify one promise; returns the new target in working minutes (for the event)."""
    version = work.ticket.service_level_version
    kind = CommitmentKind(row.kind)
    pauses = work.spans(row)

    def change(promise: Promise, hours: Hours, at: datetime) -> Promise:
        target = version.target(kind, severity)
        return promises.requalify(
            promise, hours=hours, severity=severity, target=target, pauses=pauses, at=at
        )

    work.change(row, change)
    return version.target_minutes(kind, severity)


def correct_acknowledgement(
    *, ticket_id: int, actor: User, acknowledged_at: datetime, reason: str, at: datetime
) -> Ticket:
    """A manager corrects the acknowledgement instant, or gives one where none was recorded (S14).

    Re-decides the promise. A breach that no longer holds leaves the row and stays in the
    history; the reverse records the breach at its due instant, without mail.
    """
    ending = frozenset({CommitmentKind.ACKNOWLEDGEMENT})
    with work_on(ticket_id, actor=actor, at=at, ending=ending) as work:
        status = work.require(Act.CORRECT)
        if not actor.is_manager:
            raise Refusal(_("Seul un responsable corrige une prise en charge."))
        work.require_reason(reason)
        row = work.current(CommitmentKind.ACKNOWLEDGEMENT)
        _check_instant(work, row, acknowledged_at)
        before = row.met_at
        work.change(
            row, lambda promise, hours, _at: promises.correct(promise, hours, acknowledged_at)
        )
        _restate_acknowledgement(work, status, acknowledged_at)
        _record_late_breach(work, row)
        message = store_message(work, reason, uuid4())
        work.record(
            Act.CORRECT,
            status=status,
            text=reason,
            facts={
                "acknowledged_at": [
                    before.isoformat() if before else None, acknowledged_at.isoformat(),
                ],
                "cycle": row.cycle,
                "assignee": work.ticket.assignee_id,
                "message": message.pk,
            },
        )  # fmt: skip
    return work.ticket


def _check_instant(work: Work, row: Commitment, acknowledged_at: datetime) -> None:
    latest = work.ticket.resolved_at or work.ticket.cancelled_at or work.at
    if acknowledged_at > work.at:
        raise Refusal(_("La prise en charge ne peut pas être dans le futur."))
    if not row.started_at <= acknowledged_at <= latest:
        raise Refusal(
            _("La prise en charge doit se situer entre la déclaration et la fin de l’incident.")
        )


def _restate_acknowledgement(work: Work, status: Status, acknowledged_at: datetime) -> None:
    """The incident says the same as its promise; a declared one is taken in charge by this."""
    ticket = work.ticket
    if status is Status.CANCELLED:
        return
    ticket.acknowledged_at = acknowledged_at
    if ticket.assignee_id is None:
        ticket.assignee = work.actor


def _record_late_breach(work: Work, row: Commitment) -> None:
    if row.breached_at and 100 not in work.rungs[row.pk]:
        work.record_rung(row, DueRung(100, row.breached_at), tell=False)
