"""Resolving, accepting, closing, reopening, cancelling."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from django.utils.translation import gettext as _

from accounts.models import User
from files.models import StoredFile
from foundation.refusals import Refusal
from foundation.wording import instant
from sla.enums import CommitmentKind
from sla.queries import hours_of
from tickets import promises
from tickets.clocks import Terms
from tickets.enums import Act, Origin
from tickets.models import Ticket
from tickets.operations.conversation import store_message, was_stored
from tickets.operations.declare import open_cycle
from tickets.operations.work import Work, work_on

_BOTH = frozenset(CommitmentKind)


class WindowClosed(Refusal):
    """Too late to reopen: a new incident that follows this one is the way (S9)."""


def resolve(
    *,
    ticket_id: int,
    actor: User,
    solution: str,
    at: datetime,
    form_token: UUID | None = None,
    files: Sequence[StoredFile] = (),
    origin: Origin = Origin.PORTAL,
) -> Ticket:
    """A solution is given: the resolution promise stops (S9). A running pause ends first.

    The same `form_token` again changes nothing.
    """
    ending = frozenset({CommitmentKind.RESOLUTION})
    token = form_token or uuid4()
    with work_on(ticket_id, actor=actor, at=at, ending=ending, origin=origin) as work:
        if was_stored(ticket_id, token):
            return work.ticket
        status = work.require(Act.RESOLVE)
        if not solution.strip():
            raise Refusal(
                _("Décrivez la solution\u00a0: le client la lit pour l’accepter ou la refuser.")
            )
        stop_waiting(work)
        message = store_message(work, solution, token, files)
        work.change(work.current(CommitmentKind.RESOLUTION), promises.meet)
        work.ticket.resolved_at = work.at
        work.record(Act.RESOLVE, status=status, text=solution, facts={"message": message.pk})
    return work.ticket


def stop_waiting(work: Work) -> None:
    """A running pause ends with the act, and nothing is awaited any more."""
    work.end_pause()
    work.ticket.waiting_reason = ""
    work.ticket.waiting_until = None


def accept(*, ticket_id: int, actor: User, at: datetime, origin: Origin = Origin.PORTAL) -> Ticket:
    """The customer accepts the solution."""
    with work_on(ticket_id, actor=actor, at=at, origin=origin) as work:
        status = work.require(Act.ACCEPT)
        work.ticket.closed_at = work.at
        work.record(Act.ACCEPT, status=status)
    return work.ticket


def reopen(
    *,
    ticket_id: int,
    actor: User,
    reason: str,
    at: datetime,
    form_token: UUID | None = None,
    origin: Origin = Origin.PORTAL,
) -> Ticket:
    """Refusing the solution, or reopening within the window: a new cycle with full targets of
    the retained severity; the old cycle is frozen (S9). Raises WindowClosed after the window.
    """
    with work_on(ticket_id, actor=actor, at=at, origin=origin) as work:
        status = work.require(Act.REOPEN)
        work.require_reason(reason)
        end = work.window_end()
        if end is not None and work.at > end:
            raise WindowClosed(
                _("Le délai de réouverture s’est terminé le %(end)s. Déclarez un nouvel incident, "
                  "il sera relié à celui-ci.") % {"end": instant(end)}
            )  # fmt: skip
        terms = _terms_of(work)
        work.ticket.cycle += 1
        work.ticket.resolved_at = work.ticket.closed_at = work.ticket.acknowledged_at = None
        message = store_message(work, reason, form_token or uuid4())
        facts = open_cycle(work, terms, work.at)
        work.record(Act.REOPEN, status=status, text=reason, facts={**facts, "message": message.pk})
    return work.ticket


def _terms_of(work: Work) -> Terms:
    """The incident's own service-level and calendar versions: what was promised goes on."""
    row = work.last_restated()
    return Terms(
        work.ticket.contract,
        work.ticket.service_level_version,
        row.calendar_version,
        hours_of(row.calendar_version_id),
    )


def cancel(
    *,
    ticket_id: int,
    actor: User,
    reason: str,
    at: datetime,
    form_token: UUID | None = None,
    origin: Origin = Origin.PORTAL,
) -> Ticket:
    """Not an incident after all: open promises end void, what fell due stays recorded (S18).

    The same `form_token` again changes nothing.
    """
    token = form_token or uuid4()
    with work_on(ticket_id, actor=actor, at=at, ending=_BOTH, origin=origin) as work:
        if was_stored(ticket_id, token):
            return work.ticket
        status = work.require(Act.CANCEL)
        work.require_reason(reason)
        stop_waiting(work)
        message = store_message(work, reason, token)
        work.change_open(promises.void)
        work.ticket.cancelled_at = work.at
        work.record(Act.CANCEL, status=status, text=reason, facts={"message": message.pk})
    return work.ticket
