"""Waiting for the customer or the vendor, and going on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID, uuid4

from django.utils.translation import gettext as _

from accounts.models import User
from files.models import StoredFile
from foundation.refusals import Refusal
from foundation.wording import paris
from tickets.enums import Act, Origin, PauseKind
from tickets.models import Ticket
from tickets.operations.conversation import resume_work, store_message, was_stored
from tickets.operations.work import Work, work_on


class Said(NamedTuple):
    """What is awaited, and the form that said it: sent again, it changes nothing."""

    reason: str
    form_token: UUID
    files: Sequence[StoredFile]


def wait_for_customer(
    *,
    ticket_id: int,
    actor: User,
    reason: str,
    until: date | None,
    at: datetime,
    form_token: UUID | None = None,
    files: Sequence[StoredFile] = (),
    origin: Origin = Origin.PORTAL,
) -> Ticket:
    """« En attente client »: pauses the resolution clock; the customer reads the reason (S5)."""
    said = Said(reason, form_token or uuid4(), files)
    with work_on(ticket_id, actor=actor, at=at, origin=origin) as work:
        _wait(work, Act.WAIT_CUSTOMER, PauseKind.CUSTOMER, until, said)
    return work.ticket


def wait_for_vendor(
    *,
    ticket_id: int,
    actor: User,
    reason: str,
    until: date | None,
    at: datetime,
    form_token: UUID | None = None,
    files: Sequence[StoredFile] = (),
    origin: Origin = Origin.PORTAL,
) -> Ticket:
    """« En attente éditeur »: pauses the resolution clock if the contract says so (S5)."""
    said = Said(reason, form_token or uuid4(), files)
    with work_on(ticket_id, actor=actor, at=at, origin=origin) as work:
        _wait(work, Act.WAIT_VENDOR, PauseKind.VENDOR, until, said)
    return work.ticket


def _wait(work: Work, act: Act, kind: PauseKind, until: date | None, said: Said) -> None:
    """The reason is kept with the pause, and as a message that carries the files."""
    if was_stored(work.ticket.pk, said.form_token):
        return
    status = work.require(act)
    work.require_reason(said.reason)
    if until is not None and until < paris(work.at).date():
        raise Refusal(_("La date attendue est déjà passée."))
    work.end_pause()
    pause = work.begin_pause(kind, said.reason)
    message = store_message(work, said.reason, said.form_token, said.files)
    work.ticket.waiting_reason = said.reason
    work.ticket.waiting_until = until
    work.record(
        act,
        status=status,
        text=said.reason,
        facts={
            "pause": pause.pk,
            "until": until.isoformat() if until else None,
            "message": message.pk,
        },
    )


def resume(*, ticket_id: int, actor: User, at: datetime, origin: Origin = Origin.PORTAL) -> Ticket:
    """The engineer goes on: the clock runs again."""
    with work_on(ticket_id, actor=actor, at=at, origin=origin) as work:
        work.require(Act.RESUME)
        status = resume_work(work)
        work.record(Act.RESUME, status=status, facts={"pause": work.pauses[-1].pk})
    return work.ticket
