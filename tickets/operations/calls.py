"""A call about an incident that exists (S6): heard now, effective when it began."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import F, Q
from django.utils.translation import gettext as _

from accounts.models import User
from foundation.refusals import Refusal
from foundation.wording import near_instant
from tickets.enums import Act, Origin, Status
from tickets.models import Message, TicketEvent
from tickets.operations.conversation import resume_work, store_message
from tickets.operations.work import Work, work_on
from tickets.recipients import viewers_of


def log_call(
    *,
    ticket_id: int,
    actor: User,
    caller: User,
    began_at: datetime,
    body: str,
    at: datetime,
    form_token: UUID,
    origin: Origin = Origin.PHONE,
) -> Message:
    """What a customer said by phone, dated at the start of the call.

    It ends « En attente client » at that instant (S6), as a message would have; what fell due
    between it and the typing is recorded at once (S17). Refused: a call in the future, one that
    began before the last change of state (SEMANTICS §2), a caller who may not see the incident.
    The same `form_token` again gives the same message.
    """
    with work_on(ticket_id, actor=actor, at=at, origin=origin, answered_at=began_at) as work:
        existing = Message.objects.filter(ticket_id=ticket_id, form_token=form_token).first()
        if existing is not None:
            return existing
        work.require(Act.CALL)
        if not body.strip():
            raise Refusal(_("Notez ce que dit le client."))
        _check_caller(work, caller)
        _check_start(work, began_at)
        message = store_message(work, body, form_token)
        facts: dict[str, object] = {"message": message.pk, "caller": caller.pk}
        status = None
        if work.ticket.state is Status.WAITING_CUSTOMER:
            status = resume_work(work, began_at)
            facts["pause"] = work.pauses[-1].pk
        work.record(Act.CALL, status=status, facts=facts, text=body, effective_at=began_at)
        work.record_due()
    return message


def _check_caller(work: Work, caller: User) -> None:
    """A customer who may see the incident: the call is shown to those only (A1)."""
    if not viewers_of(work.ticket).filter(pk=caller.pk).exists():
        raise Refusal(_("Cette personne ne suit pas cet incident\u00a0: ajoutez-la en copie."))


def _check_start(work: Work, began_at: datetime) -> None:
    if began_at > work.at:
        raise Refusal(_("L’appel ne peut pas avoir commencé dans le futur."))
    last = _last_change(work)
    if last is not None and began_at < last.effective_at:
        raise Refusal(
            _("L’appel ne peut pas avoir commencé avant le dernier changement de l’incident "
              "(«\u00a0%(act)s\u00a0», %(when)s).")
            % {
                "act": last.get_act_display(),
                "when": near_instant(last.effective_at, work.at),
            }
        )  # fmt: skip


def _last_change(work: Work) -> TicketEvent | None:
    """The last change of state. While the customer is awaited another severity or other
    conditions are one too: the clock that the call starts again counts in their terms (S7, S12).
    """
    changes = ~Q(status_before=F("status_after"))
    if work.ticket.state is Status.WAITING_CUSTOMER:
        changes |= Q(act__in=[Act.REQUALIFY, Act.RESTATE])
    events = TicketEvent.objects.filter(changes, ticket=work.ticket)
    return events.order_by("-sequence").first()
