"""What may be asked on an incident, what was, and how it stands. One query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sla.enums import Severity
from tickets.enums import AskKind, Status
from tickets.models import Ask, Ticket


@dataclass(frozen=True)
class Asks:
    """The requests of an incident: its only escalation, and those for another severity."""

    ticket: Ticket
    escalation: Ask | None
    severities: list[Ask]

    @property
    def may_escalate(self) -> bool:
        """Once per incident, while it is open."""
        return self.ticket.state.is_open and self.escalation is None

    @property
    def awaits_answer(self) -> bool:
        """A manager still owes the answer: the incident goes on, here or where it was merged."""
        if self.escalation is None or self.escalation.is_answered:
            return False
        return _goes_on(self.ticket.merged_into or self.ticket)

    @property
    def severity(self) -> Ask | None:
        """The latest request for another severity."""
        return self.severities[-1] if self.severities else None

    @property
    def open_severity(self) -> Ask | None:
        """The one that one of ours has to answer; none once the incident is over."""
        last = self.severity
        is_open = last is not None and not last.is_answered and self.ticket.state.is_open
        return last if is_open else None

    @property
    def may_ask_severity(self) -> bool:
        """One request at a time, while the incident is open."""
        return self.ticket.state.is_open and self.open_severity is None

    @property
    def choices(self) -> list[Severity]:
        """The severities that could be asked for."""
        return [severity for severity in Severity if severity != self.ticket.severity]

    @property
    def has_something(self) -> bool:
        """Whether there is anything to show, or to ask for."""
        return bool(self.escalation or self.severities or self.ticket.state.is_open)


def asks_of(ticket: Ticket) -> Asks:
    """The requests of an incident that the reader may see (`access.get_ticket`)."""
    rows = Ask.objects.filter(ticket=ticket).select_related(
        "asked_by", "answered_by", "reason", "answer"
    )
    found = list(rows.order_by("asked_at", "pk"))
    escalations = [ask for ask in found if ask.kind == AskKind.ESCALATION]
    return Asks(
        ticket=ticket,
        escalation=escalations[0] if escalations else None,
        severities=[ask for ask in found if ask.kind == AskKind.SEVERITY],
    )


def _goes_on(ticket: Ticket) -> bool:
    return ticket.state.is_open or ticket.state is Status.RESOLVED


def owed(at: datetime, limit: int) -> list[Ask]:
    """The escalations that wait for a manager's answer, the oldest first. One query."""
    waiting = Ask.objects.owed().filter(asked_at__lte=at)
    related = ("ticket__company", "ticket__assignee", "asked_by")
    return list(waiting.select_related(*related).order_by("asked_at", "pk")[:limit])
