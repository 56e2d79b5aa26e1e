"""Taking charge and assigning."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from django.utils.translation import gettext as _

from accounts.models import User
from foundation.refusals import Conflict, Refusal
from foundation.wording import near_instant
from sla.enums import CommitmentKind
from tickets import promises
from tickets.enums import Act, Origin, Status
from tickets.models import Note, Ticket
from tickets.operations.work import Work, work_on


class AlreadyAcknowledged(Conflict):
    """A colleague was faster: the sentence says who and when (G3)."""


def acknowledge(
    *, ticket_id: int, actor: User, at: datetime, origin: Origin = Origin.PORTAL
) -> Ticket:
    """« Prendre en charge »: assigns, and is the only act that stops the TPC (S4)."""
    ending = frozenset({CommitmentKind.ACKNOWLEDGEMENT})
    with work_on(ticket_id, actor=actor, at=at, ending=ending, origin=origin) as work:
        _require_not_taken(work)
        require_engineer(actor)
        take_charge(work, work.at)
    return work.ticket


def take_charge(work: Work, effective_at: datetime, *, recipients: list[int] | None = None) -> None:
    """The act itself, effective at `effective_at` (earlier for a call: S4).

    `recipients`: who is told, when it is not those the rule names.
    """
    status = work.require(Act.ACKNOWLEDGE)
    work.ticket.assignee = work.actor
    work.ticket.acknowledged_at = effective_at
    work.change(work.current(CommitmentKind.ACKNOWLEDGEMENT), promises.meet, effective_at)
    work.record(
        Act.ACKNOWLEDGE,
        status=status,
        effective_at=effective_at,
        recipients=recipients,
        facts={"assignee": work.ticket.assignee_id},
    )


def _require_not_taken(work: Work) -> None:
    ticket = work.ticket
    if ticket.state is not Status.DECLARED and ticket.acknowledged_at and ticket.assignee:
        raise AlreadyAcknowledged(
            _("Déjà pris en charge par %(engineer)s %(when)s.")
            % {
                "engineer": ticket.assignee.full_name,
                "when": near_instant(ticket.acknowledged_at, work.at),
            }
        )


def require_engineer(person: User) -> None:
    """Only active engineers and managers work on incidents."""
    if not (person.is_active and person.is_engineer):
        raise Refusal(_("%(person)s n’est pas un ingénieur actif.") % {"person": person.full_name})


def assign(
    *,
    ticket_id: int,
    actor: User,
    assignee: User,
    at: datetime,
    note: str = "",
    form_token: UUID | None = None,
    origin: Origin = Origin.PORTAL,
) -> Ticket:
    """Hand the incident to an engineer. No clock changes (S8).

    `note` tells them where it stands: asked of whoever hands over to somebody else (E21), for the
    desk's eyes only (B1). The same `form_token` again changes nothing when it came with a note; one
    who takes the incident over is protected by `as_seen` (G4).
    """
    token = form_token or uuid4()
    with work_on(ticket_id, actor=actor, at=at, origin=origin) as work:
        if Note.objects.filter(ticket_id=ticket_id, form_token=token).exists():
            return work.ticket
        work.require(Act.ASSIGN)
        require_engineer(assignee)
        before = work.ticket.assignee_id
        if before == assignee.pk:
            return work.ticket
        if not note.strip() and assignee.pk != actor.pk:
            raise Refusal(
                _("Laissez une note à %(person)s\u00a0: où en est l’incident, et ce qui reste à "
                  "faire.") % {"person": assignee.full_name}
            )  # fmt: skip
        work.ticket.assignee = assignee
        facts = {"assignee": [before, assignee.pk], **_left_with(work, actor, note, token)}
        work.record(Act.ASSIGN, facts=facts, text=note)
    return work.ticket


def _left_with(work: Work, actor: User, note: str, token: UUID) -> dict[str, int]:
    """The note of a hand-over; a customer's page reads only whom the incident was given to."""
    if not note.strip():
        return {}
    row = Note.objects.create(
        ticket=work.ticket, author=actor, body=note, written_at=work.at, form_token=token
    )
    return {"note": row.pk}
