"""Messages, internal notes, people in copy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from files.models import StoredFile
from foundation.refusals import Refusal
from tickets import lifecycle
from tickets.enums import Act, Origin, Side, Status
from tickets.models import (
    NEVER,
    Attachment,
    Copy,
    EventToTell,
    Message,
    Note,
    Ticket,
    TicketEvent,
)
from tickets.operations.work import Work, work_on

# How long an answer of ours can be taken back: visible to customers and mailed only after that.
TAKE_BACK = timedelta(seconds=10)


class TooLate(Refusal):
    """The customer sees the answer already."""


def post_message(
    *,
    ticket_id: int,
    actor: User,
    body: str,
    at: datetime,
    form_token: UUID,
    files: Sequence[StoredFile] = (),
    origin: Origin = Origin.PORTAL,
    held_for: timedelta = timedelta(0),
) -> Message:
    """A public message. A customer's ends « En attente client » at that instant (S6).

    On a resolved or closed incident it is stored, told to the engineer, and changes nothing.
    The same `form_token` again gives the same message. One that is `held_for` a while is visible
    to customers and mailed after it; its author may withdraw it until then.
    """
    with work_on(ticket_id, actor=actor, at=at, origin=origin) as work:
        existing = Message.objects.filter(ticket_id=ticket_id, form_token=form_token).first()
        if existing is not None:
            return existing
        work.require(Act.MESSAGE)
        if not body.strip() and not files:
            raise Refusal(_("Écrivez un message ou joignez un fichier."))
        message = store_message(work, body, form_token, files, held_for)
        facts: dict[str, object] = {"message": message.pk}
        status = None
        if work.side is Side.CUSTOMER and work.ticket.state is Status.WAITING_CUSTOMER:
            status = resume_work(work)
            facts["pause"] = work.pauses[-1].pk
        work.record(
            Act.MESSAGE, status=status, facts=facts, text=body, tell_from=message.visible_from
        )
    return message


def withdraw_message(*, ticket_id: int, actor: User, message_id: int, at: datetime) -> Message:
    """Its author takes an answer back before any customer has seen it: none ever will (B1).

    The history keeps both acts; nothing is mailed. Twice changes nothing. Raises TooLate.
    """
    with work_on(ticket_id, actor=actor, at=at) as work:
        work.require(Act.WITHDRAW)
        message = Message.objects.filter(
            pk=message_id, ticket=work.ticket, author=actor, side=Side.ENGINEER
        ).first()
        if message is None:
            raise Refusal(_("Seule la personne qui a écrit une réponse peut la reprendre."))
        if message.visible_from == NEVER:
            return message
        if message.visible_from is None or message.visible_from <= work.at:
            raise TooLate(_("Trop tard\u00a0: le client voit déjà cette réponse."))
        _require_untold(work, message)
        message.visible_from = NEVER
        message.save(update_fields=["visible_from"])
        work.record(Act.WITHDRAW, facts={"message": message.pk}, recipients=[])
    return message


def _require_untold(work: Work, message: Message) -> None:
    """Its mails are not made yet, and none will leave: the outbox finds it taken back (the row is
    locked until then). A worker whose clock is ahead may have made them already.
    """
    event = TicketEvent.objects.get(ticket=work.ticket, act=Act.MESSAGE, facts__message=message.pk)
    waiting = EventToTell.objects.select_for_update(no_key=True).filter(event=event)
    if event.recipients and not waiting:
        raise TooLate(_("Trop tard\u00a0: l’e-mail de cette réponse est déjà parti."))


def store_message(
    work: Work,
    body: str,
    form_token: UUID,
    files: Sequence[StoredFile] = (),
    held_for: timedelta = timedelta(0),
) -> Message:
    """The row and its files; the act records the event."""
    message = Message.objects.create(
        ticket=work.ticket, author=work.actor or work.ticket.requester, side=work.side,
        body=body, written_at=work.at, form_token=form_token,
        visible_from=work.at + held_for if held_for else None,
    )  # fmt: skip
    Attachment.objects.bulk_create(Attachment(message=message, file=file) for file in files)
    return message


def was_stored(ticket_id: int, form_token: UUID) -> bool:
    """Whether this form has already left its text on the incident: it was sent twice."""
    return Message.objects.filter(ticket_id=ticket_id, form_token=form_token).exists()


def resume_work(work: Work, at: datetime | None = None) -> Status:
    """Ends the waiting: the pause (at `at` if the act counts from earlier), and what was awaited.

    Returns the status that follows.
    """
    status = lifecycle.require(work.ticket.state, Act.RESUME, work.side)
    work.end_pause(at)
    work.ticket.waiting_reason = ""
    work.ticket.waiting_until = None
    return status


def add_note(
    *,
    ticket_id: int,
    actor: User,
    body: str,
    at: datetime,
    form_token: UUID,
    origin: Origin = Origin.PORTAL,
) -> Note:
    """An internal note: no customer ever learns that it exists (B1). Stops no clock (S4)."""
    with work_on(ticket_id, actor=actor, at=at, origin=origin) as work:
        existing = Note.objects.filter(ticket_id=ticket_id, form_token=form_token).first()
        if existing is not None:
            return existing
        work.require(Act.NOTE)
        if not body.strip():
            raise Refusal(_("La note est vide."))
        note = Note.objects.create(
            ticket=work.ticket, author=actor, body=body, written_at=work.at,
            form_token=form_token,
        )  # fmt: skip
        work.record(Act.NOTE, facts={"note": note.pk}, text=body, recipients=[])
    return note


class NotFollowable(Refusal):
    """Over, private, or of another company: one may not put oneself in copy of it."""


def add_copy(*, ticket_id: int, actor: User, user: User, at: datetime) -> Ticket:
    """A colleague of the customer follows the incident from now on (C8)."""
    with work_on(ticket_id, actor=actor, at=at) as work:
        work.require(Act.ADD_COPY)
        ticket = work.ticket
        if not user.memberships.filter(company_id=ticket.company_id, is_active=True).exists():
            raise Refusal(_("Cette personne n’appartient pas à la société de l’incident."))
        _row, created = Copy.objects.get_or_create(
            ticket=ticket, user=user, defaults={"added_at": work.at}
        )
        if created:
            told = [user.pk] if user.pk != actor.pk else []
            work.record(Act.ADD_COPY, facts={"user": user.pk}, recipients=told)
    return work.ticket


def follow(*, ticket_id: int, actor: User, at: datetime) -> Ticket:
    """A customer puts themselves in copy of a colleague's open incident (decision 0015).

    The same event as an added copy; nobody is told of one's own act (P5). Nothing is added for
    the requester, or twice. Raises NotFollowable.
    """
    with work_on(ticket_id, actor=actor, at=at) as work:
        ticket = work.ticket
        is_colleague = actor.memberships.filter(
            company_id=ticket.company_id, company__is_active=True, is_active=True
        ).exists()
        if not is_colleague or ticket.is_private or not ticket.state.is_open:
            raise NotFollowable(_("Cet incident ne peut pas être suivi."))
        work.require(Act.ADD_COPY)
        if ticket.requester_id == actor.pk:
            return ticket
        _row, created = Copy.objects.get_or_create(
            ticket=ticket, user=actor, defaults={"added_at": work.at}
        )
        if created:
            work.record(Act.ADD_COPY, facts={"user": actor.pk}, recipients=[])
    return ticket


def remove_copy(*, ticket_id: int, actor: User, user: User, at: datetime) -> Ticket:
    """The colleague follows it no more."""
    with work_on(ticket_id, actor=actor, at=at) as work:
        work.require(Act.REMOVE_COPY)
        removed, _rows = Copy.objects.filter(ticket=work.ticket, user=user).delete()
        if removed:
            work.record(Act.REMOVE_COPY, facts={"user": user.pk}, recipients=[])
    return work.ticket
