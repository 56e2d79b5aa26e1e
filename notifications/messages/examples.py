"""Every mail about an incident, as this incident would give it: for who words them.

A step that happened is told as it was. One that did not is imagined on rows that are never
saved: reading a preview writes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from accounts.models import User
from notifications.messages import RUNGS, TO_CUSTOMERS, TO_DESK, tell
from notifications.messages.story import Story
from notifications.rendering import Mail
from sla.enums import CommitmentKind, Severity
from tickets.enums import Act, Origin, PauseKind, Side, Status
from tickets.models import Message, Pause, Ticket, TicketEvent

_CLOCK_ACTS = {Act.CLOSE, Act.REMIND, Act.CLOSE_UNANSWERED, Act.RUNG, Act.CHASE}
_CUSTOMER_ACTS = {Act.DECLARE, Act.ACCEPT, Act.REOPEN, Act.ESCALATE, Act.ASK_SEVERITY}
_WITHOUT_TEXT = _CLOCK_ACTS | {Act.ACKNOWLEDGE, Act.ACCEPT, Act.ASSIGN, Act.ADD_COPY, Act.RESUME}
_WAITS = {
    Act.WAIT_CUSTOMER: PauseKind.CUSTOMER,
    Act.WAIT_VENDOR: PauseKind.VENDOR,
    Act.RESUME: PauseKind.CUSTOMER,
    Act.REMIND: PauseKind.CUSTOMER,
    Act.CHASE: PauseKind.VENDOR,
    Act.CLOSE_UNANSWERED: PauseKind.CUSTOMER,
}
_CHANGES = {
    Act.DECLARE: ("", Status.DECLARED),
    Act.ASSIGN: (Status.DECLARED, Status.DECLARED),
    Act.ACKNOWLEDGE: (Status.DECLARED, Status.IN_PROGRESS),
    Act.WAIT_CUSTOMER: (Status.IN_PROGRESS, Status.WAITING_CUSTOMER),
    Act.REMIND: (Status.WAITING_CUSTOMER, Status.WAITING_CUSTOMER),
    Act.CHASE: (Status.WAITING_VENDOR, Status.WAITING_VENDOR),
    Act.WAIT_VENDOR: (Status.IN_PROGRESS, Status.WAITING_VENDOR),
    Act.RESUME: (Status.WAITING_CUSTOMER, Status.IN_PROGRESS),
    Act.RESOLVE: (Status.IN_PROGRESS, Status.RESOLVED),
    Act.ACCEPT: (Status.RESOLVED, Status.CLOSED),
    Act.CLOSE: (Status.RESOLVED, Status.CLOSED),
    Act.CLOSE_UNANSWERED: (Status.WAITING_CUSTOMER, Status.CLOSED),
    Act.REOPEN: (Status.RESOLVED, Status.DECLARED),
    Act.CANCEL: (Status.DECLARED, Status.CANCELLED),
    Act.MERGE: (Status.IN_PROGRESS, Status.CANCELLED),
    Act.UNMERGE: (Status.CANCELLED, Status.IN_PROGRESS),
}
_UNPROMISED = {Status.WAITING_CUSTOMER, Status.RESOLVED, Status.CLOSED, Status.CANCELLED}


class Kind(NamedTuple):
    """A mail that an incident may give: of which act, to whom; a rung has its percent."""

    act: Act
    to_desk: bool
    percent: int = 0

    @property
    def key(self) -> str:
        """As an address holds it: « client-resolve », « support-rung-75 »."""
        parts = ["support" if self.to_desk else "client", self.act.value]
        return "-".join([*parts, str(self.percent)] if self.percent else parts)

    @property
    def label(self) -> str:
        told = str(self.act.label)
        return f"{told}, {self.percent}\u00a0%" if self.percent else told


class Sample(NamedTuple):
    """A mail, who would read it, and the step that it tells; None for an example."""

    mail: Mail
    reader: User
    event: TicketEvent | None


def kinds() -> list[Kind]:
    """All of them: to customers, then to the desk."""
    desk = [*TO_DESK, Act.MESSAGE, Act.ACCEPT]
    return [
        *(Kind(act, to_desk=False) for act in TO_CUSTOMERS),
        *(Kind(act, to_desk=True) for act in desk),
        *(Kind(Act.RUNG, to_desk=True, percent=percent) for percent in RUNGS),
    ]


def sample(ticket: Ticket, kind: Kind, viewer: User, at: datetime) -> Sample:
    """The last such step of this incident as it was told, or else as it would be at `at`.

    Read as one of those whom it was told to, else as the requester or as `viewer` (one of ours).
    """
    event = _last_step(ticket, kind)
    if event is not None:
        reader = _reader(event, kind) or (viewer if kind.to_desk else ticket.requester)
        return Sample(tell(Story(event, reader)), reader, event)
    reader = viewer if kind.to_desk else ticket.requester
    return Sample(tell(imagined(ticket, kind, reader, viewer, at)), reader, None)


def imagined(ticket: Ticket, kind: Kind, reader: User, viewer: User, at: datetime) -> Story:
    """The story of a step that did not happen, on rows that are never saved."""
    return _Imagined(_imagined(ticket, kind, viewer, at), reader)


def _last_step(ticket: Ticket, kind: Kind) -> TicketEvent | None:
    steps = TicketEvent.objects.filter(ticket=ticket, act=kind.act, recipients__len__gt=0)
    if kind.percent:
        steps = steps.filter(facts__percent=kind.percent)
    if kind.to_desk and kind.act is Act.MESSAGE:
        steps = steps.filter(side=Side.CUSTOMER)
    return steps.select_related("actor").order_by("-sequence").first()


def _reader(event: TicketEvent, kind: Kind) -> User | None:
    told = User.objects.filter(pk__in=event.recipients).order_by("pk")
    return next((person for person in told if person.is_staff == kind.to_desk), None)


def _imagined(ticket: Ticket, kind: Kind, viewer: User, at: datetime) -> TicketEvent:
    act = kind.act
    before, after = _CHANGES.get(act, (Status.IN_PROGRESS, Status.IN_PROGRESS))
    by_customer = act in _CUSTOMER_ACTS or (kind.to_desk and act is Act.MESSAGE)
    side = Side.CUSTOMER if by_customer else Side.ENGINEER
    actor: User | None = ticket.requester if by_customer else ticket.assignee or viewer
    if act in _CLOCK_ACTS:
        side, actor = Side.CLOCK, None
    last = TicketEvent.objects.filter(ticket=ticket).order_by("-sequence").first()
    due = (last and last.resolution_due_at) or at + timedelta(days=1)
    return TicketEvent(
        ticket=ticket,
        sequence=last.sequence + 1 if last else 1,
        act=act,
        side=side,
        actor=actor,
        origin=Origin.PORTAL,
        recorded_at=at,
        effective_at=at,
        status_before=before,
        status_after=after,
        acknowledgement_due_at=(last and last.acknowledgement_due_at) or due,
        resolution_due_at=None if after in _UNPROMISED else due,
        facts=_facts(ticket, kind, at, due),
    )


def _facts(ticket: Ticket, kind: Kind, at: datetime, due: datetime) -> dict[str, Any]:
    other = next(value for value in Severity if value != ticket.severity)
    resolution = CommitmentKind.RESOLUTION.value
    earlier = (due - timedelta(hours=2)).isoformat()
    found: dict[Act, dict[str, Any]] = {
        Act.WAIT_CUSTOMER: {"until": (at + timedelta(days=3)).date().isoformat()},
        Act.WAIT_VENDOR: {"until": (at + timedelta(days=3)).date().isoformat()},
        Act.REMIND: {"closes_at": (at + timedelta(days=7)).isoformat()},
        Act.CORRECT: {"acknowledged_at": [at.isoformat(), (at - timedelta(hours=1)).isoformat()]},
        Act.CALL: {"caller": ticket.requester_id},
        Act.REQUALIFY: {"severity": [ticket.severity, other.value]},
        Act.ASK_SEVERITY: {"severity": [ticket.severity, other.value]},
        Act.DECLINE_SEVERITY: {"severity": [ticket.severity, other.value]},
        Act.RESTATE: {
            "targets": {resolution: [480, 360]},
            "due": {resolution: [due.isoformat(), earlier]},
        },
        Act.RUNG: {"kind": resolution, "percent": kind.percent},
    }
    return found.get(kind.act, {})


@dataclass(frozen=True)
class _Imagined(Story):
    """A step that did not happen: its texts say that they are examples."""

    @cached_property
    def message(self) -> Message | None:
        if self.event.act in _WITHOUT_TEXT or self.event.act in _WAITS:
            return None
        return Message(body=_("(Ici, le texte qui accompagne cette étape.)"))

    @cached_property
    def file_names(self) -> list[str]:
        return []

    @cached_property
    def pause(self) -> Pause | None:
        kind = _WAITS.get(Act(self.event.act))
        return Pause(kind=kind, reason=_("(Ici, ce qui est attendu.)")) if kind else None

    @cached_property
    def _ended_unanswered(self) -> bool:
        return self.event.act == Act.CLOSE_UNANSWERED
