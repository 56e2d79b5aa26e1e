"""Merging an incident into another of its company, and undoing it (S18).

The merged one ends: its open promises are void, its messages and files stay where they are. The
surviving one's clocks do not move; it gains the people. Undoing gives everything back, and the
time between counts as a pause « fusionné ».
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from django.utils.translation import gettext as _

from accounts.models import User
from foundation.refusals import Conflict, Refusal
from sla.enums import CommitmentKind
from tickets import lifecycle, promises
from tickets.enums import Act, Origin, PauseKind, Side, Status
from tickets.models import Copy, Pause, Ticket, TicketEvent
from tickets.operations.conversation import store_message
from tickets.operations.ending import stop_waiting
from tickets.operations.work import Work, work_on_both
from tickets.recipients import customers_of, viewers_of

_BOTH = frozenset(CommitmentKind)
_PAUSE_OF = {
    Status.WAITING_CUSTOMER: PauseKind.CUSTOMER, Status.WAITING_VENDOR: PauseKind.VENDOR,
}  # fmt: skip


class MergeRefused(Refusal):
    """These two incidents do not become one."""


def merge(
    *,
    ticket_id: int,
    into_id: int,
    actor: User,
    reason: str,
    at: datetime,
    origin: Origin = Origin.PORTAL,
) -> Ticket:
    """End an acknowledged incident in favour of another one of the same company.

    Its customers are told once, and follow the surviving one from now on. A private incident
    merges only with one that the same customers see. Returns the merged incident.
    """
    if ticket_id == into_id:
        raise MergeRefused(_("Un incident ne se fusionne pas avec lui-même."))
    with work_on_both(ticket_id, into_id, actor=actor, at=at, ending=_BOTH, origin=origin) as (
        work,
        into,
    ):
        status = work.require(Act.MERGE)
        check_pair(work.ticket, into.ticket)
        work.require_reason(reason)
        facts = _facts_of_wait(work)
        stop_waiting(work)
        message = store_message(work, reason, uuid4())
        work.change_open(promises.void)
        work.ticket.cancelled_at = work.at
        work.ticket.merged_into = into.ticket
        added = _bring_people(work.ticket, into)
        facts |= {"into": into.ticket.pk, "message": message.pk}
        work.record(Act.MERGE, status=status, text=reason, facts=facts)
        into.record(Act.ABSORB, facts={"merged": work.ticket.pk, "added": added})
    return work.ticket


def check_pair(ticket: Ticket, into: Ticket) -> None:
    """Whether these two may become one; raises MergeRefused. The pages ask before the act does.

    No cycle can be: the surviving one is not merged itself, and never will be into a merged one.
    """
    if ticket.pk == into.pk:
        raise MergeRefused(_("Un incident ne se fusionne pas avec lui-même."))
    if ticket.company_id != into.company_id:
        raise MergeRefused(_("Les deux incidents ne sont pas de la même société."))
    if into.merged_into_id is not None:
        raise MergeRefused(
            _("%(into)s est lui-même fusionné dans un autre incident.") % {"into": into.reference}
        )
    if lifecycle.allowed(into.state, Act.ABSORB, Side.ENGINEER) is None:
        raise MergeRefused(
            _("%(into)s est «\u00a0%(status)s\u00a0»\u00a0: rien ne s’y fusionne plus.")
            % {"into": into.reference, "status": into.state.label}
        )
    if (ticket.is_private or into.is_private) and set(viewers_of(ticket)) != set(viewers_of(into)):
        raise MergeRefused(
            _("L’un des deux incidents est privé, et ils ne sont pas vus par les mêmes personnes.")
        )


def newcomers(ticket: Ticket, into: Ticket) -> set[int]:
    """Ids of the customers whom a merge puts in copy of the surviving incident.

    Colleagues of one company: what `add_copy` allows for each. With a private incident there is
    nobody to add who does not see it already.
    """
    return customers_of(ticket) - customers_of(into)


def _bring_people(ticket: Ticket, into: Work) -> list[int]:
    """Copies dated at the act, by which undoing knows them again; returns their ids."""
    people = sorted(newcomers(ticket, into.ticket))
    Copy.objects.bulk_create(
        Copy(ticket=into.ticket, user_id=pk, added_at=into.at) for pk in people
    )
    return people


def _facts_of_wait(work: Work) -> dict[str, Any]:
    """What was awaited when the merge came, for undoing it; the reason stays with its pause."""
    pause, until = work.running_pause(), work.ticket.waiting_until
    return {
        "pause": pause.pk if pause else None,
        "until": until.isoformat() if until else None,
    }


# --- undoing --------------------------------------------------------------------------------------


def unmerge(
    *, ticket_id: int, actor: User, reason: str, at: datetime, origin: Origin = Origin.PORTAL
) -> Ticket:
    """Give a merged incident back its state, with what remained of its promises.

    The people whom the merge had put in copy of the surviving incident leave it, unless another
    merged one brings them too.
    """
    into_id = Ticket.objects.values_list("merged_into", flat=True).get(pk=ticket_id)
    if into_id is None:
        raise MergeRefused(_("Cet incident n’est pas fusionné."))
    with work_on_both(ticket_id, into_id, actor=actor, at=at, origin=origin) as (work, into):
        if work.ticket.merged_into_id != into_id:
            raise Conflict(_("La fusion vient d’être annulée par quelqu’un d’autre."))
        work.require(Act.UNMERGE)
        work.require_reason(reason)
        merged = _merge_of(work.ticket)
        work.ticket.merged_into = work.ticket.cancelled_at = None
        message = store_message(work, reason, uuid4())
        _restore_promises(work, merged)
        status = Status(merged.status_before)
        _restore_wait(work, merged, status)
        removed = _take_people_back(into, work.ticket)
        work.record(
            Act.UNMERGE, status=status, text=reason,
            facts={"into": into_id, "message": message.pk},
        )  # fmt: skip
        into.record(Act.RELEASE, facts={"merged": work.ticket.pk, "removed": removed})
    return work.ticket


def _merge_of(ticket: Ticket) -> TicketEvent:
    """The act to undo: the state and the people before it stand in the history."""
    return TicketEvent.objects.filter(ticket=ticket, act=Act.MERGE).latest("sequence")


def _restore_promises(work: Work, merged: TicketEvent) -> None:
    """The gap is a pause of its own, over already; open promises go on with what remained."""
    gap = Pause.objects.create(
        ticket=work.ticket, kind=PauseKind.MERGED, began_at=merged.effective_at,
        began_by=merged.actor, ended_at=work.at,
    )  # fmt: skip
    work.pauses.append(gap)
    work.change_open(promises.unvoid)
    # A correction may have moved it meanwhile (S14): the promise says what stands.
    acknowledged = work.current(CommitmentKind.ACKNOWLEDGEMENT)
    work.ticket.acknowledged_at = acknowledged.met_at or work.ticket.acknowledged_at


def _restore_wait(work: Work, merged: TicketEvent, status: Status) -> None:
    """An incident that waited waits again, for the same thing."""
    kind = _PAUSE_OF.get(status)
    if kind is None:
        return
    before = Pause.objects.get(pk=merged.facts["pause"], ticket=work.ticket)
    until = merged.facts["until"]
    work.ticket.waiting_reason = before.reason
    work.ticket.waiting_until = date.fromisoformat(until) if until else None
    work.begin_pause(kind, before.reason)


def _take_people_back(into: Work, ticket: Ticket) -> list[int]:
    """Removes the copies that the merge made; returns their ids."""
    absorbed = TicketEvent.objects.filter(
        ticket=into.ticket, act=Act.ABSORB, facts__merged=ticket.pk
    ).latest("sequence")
    kept = _brought_by(Ticket.objects.filter(merged_into=into.ticket).exclude(pk=ticket.pk))
    rows = Copy.objects.filter(
        ticket=into.ticket, user__in=set(absorbed.facts["added"]) - kept,
        added_at=absorbed.recorded_at,
    )  # fmt: skip
    people = sorted(rows.values_list("user_id", flat=True))
    rows.delete()
    return people


def _brought_by(tickets: Iterable[Ticket]) -> set[int]:
    return {pk for ticket in tickets for pk in customers_of(ticket)}
