"""The thread of an incident: messages, changes and, for staff only, internal notes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Prefetch

from accounts.models import User
from files.models import StoredFile
from tickets.enums import Act, Origin, Side, Status
from tickets.models import Attachment, Message, Note, Ticket, TicketEvent

# Acts whose text is somebody's words rather than a reason.
_SPOKEN = {Act.MESSAGE, Act.CALL, Act.DECLARE, Act.RESOLVE}


@dataclass(frozen=True)
class Entry:
    """One dated line of the thread."""

    at: datetime
    kind: str
    title: str
    author: User | None
    side: Side
    body: str = ""
    files: list[StoredFile] = field(default_factory=list)
    event: TicketEvent | None = None
    status_before: Status | None = None
    status_after: Status | None = None

    @property
    def is_call(self) -> bool:
        """One of ours noted what a customer said on the phone."""
        event = self.event
        if event is None:
            return False
        return event.act == Act.CALL or (event.act == Act.DECLARE and event.origin == Origin.PHONE)

    @property
    def changed_status(self) -> bool:
        return self.status_after is not None and self.status_before != self.status_after


def thread_of(ticket: Ticket, user: User) -> list[Entry]:
    """Oldest first. Notes and their events exist for staff only. Four queries at most."""
    messages = {message.pk: message for message in _messages(ticket)}
    told: set[int] = set()
    entries = []
    for event in _events(ticket, user):
        message = messages.get(event.facts.get("message", 0))
        if message is not None:
            told.add(message.pk)
        entries.append(_entry(event, message))
    entries += [_bare_message(message) for pk, message in messages.items() if pk not in told]
    if user.is_staff:
        entries += [_note(note) for note in _notes(ticket)]
    return sorted(entries, key=lambda entry: (entry.at, entry.event.sequence if entry.event else 0))


def _events(ticket: Ticket, user: User) -> list[TicketEvent]:
    """Without the events of notes: the notes themselves are the entries, for staff only (B1).

    A customer sees no rung either: an escalation is the desk's own business (S11).
    """
    hidden = {Act.NOTE} if user.is_staff else {Act.NOTE, Act.RUNG}
    events = TicketEvent.objects.filter(ticket=ticket).exclude(act__in=hidden)
    return list(events.select_related("actor").order_by("sequence"))


def _messages(ticket: Ticket) -> list[Message]:
    return list(
        Message.objects.filter(ticket=ticket)
        .select_related("author")
        .prefetch_related(Prefetch("attachments", Attachment.objects.select_related("file")))
        .order_by("written_at", "pk")
    )


def _notes(ticket: Ticket) -> list[Note]:
    return list(Note.objects.filter(ticket=ticket).select_related("author"))


def _entry(event: TicketEvent, message: Message | None) -> Entry:
    """An act, with the text and the files that came with it."""
    act = Act(event.act)
    return Entry(
        at=event.effective_at,
        kind="message" if message and act in _SPOKEN else "event",
        title=str(act.label),
        author=event.actor,
        side=Side(event.side),
        body=message.body if message else "",
        files=_files(message),
        event=event,
        status_before=Status(event.status_before) if event.status_before else None,
        status_after=Status(event.status_after),
    )


def _files(message: Message | None) -> list[StoredFile]:
    return [attachment.file for attachment in message.attachments.all()] if message else []


def _bare_message(message: Message) -> Entry:
    return Entry(
        at=message.written_at, kind="message", title=str(Act.MESSAGE.label), author=message.author,
        side=Side(message.side), body=message.body, files=_files(message),
    )  # fmt: skip


def _note(note: Note) -> Entry:
    return Entry(
        at=note.written_at, kind="note", title=str(Act.NOTE.label), author=note.author,
        side=Side.ENGINEER, body=note.body,
    )  # fmt: skip
