"""Which mail tells which act to whom."""

from __future__ import annotations

from collections.abc import Callable

from accounts.models import User
from notifications.messages import customers, desk
from notifications.messages.story import Story
from notifications.rendering import Mail
from tickets.enums import Act, Side
from tickets.models import TicketEvent

__all__ = ["RUNGS", "TO_CUSTOMERS", "TO_DESK", "NoMessage", "compose", "tell"]

Message = Callable[[Story], Mail]


class NoMessage(Exception):
    """This act is never told to this kind of person: an internal note or a rung to a customer."""


TO_CUSTOMERS: dict[Act, Message] = {
    Act.DECLARE: customers.received,
    Act.ACKNOWLEDGE: customers.acknowledged,
    Act.MESSAGE: customers.message,
    Act.CALL: customers.called,
    Act.WAIT_CUSTOMER: customers.waiting_customer,
    Act.WAIT_VENDOR: customers.waiting_vendor,
    Act.RESUME: customers.resumed,
    Act.RESOLVE: customers.resolved,
    Act.ACCEPT: customers.accepted,
    Act.CLOSE: customers.closed,
    Act.REMIND: customers.reminded,
    Act.CLOSE_UNANSWERED: customers.closed_unanswered,
    Act.REOPEN: customers.reopened,
    Act.CANCEL: customers.cancelled,
    Act.REQUALIFY: customers.requalified,
    Act.RESTATE: customers.restated,
    Act.CORRECT: customers.corrected,
    Act.ADD_COPY: customers.copied,
    Act.MERGE: customers.merged,
    Act.UNMERGE: customers.merged,
    Act.ANSWER_ESCALATION: customers.escalation_answered,
    Act.DECLINE_SEVERITY: customers.severity_declined,
}

TO_DESK: dict[Act, Message] = {
    Act.ASSIGN: desk.assigned,
    Act.REOPEN: desk.reopened,
    Act.ESCALATE: desk.escalated,
    Act.ASK_SEVERITY: desk.severity_asked,
    Act.CHASE: desk.vendor_late,
}

RUNGS: dict[int, Message] = {75: desk.due_soon, 100: desk.breached, 150: desk.long_breached}


def compose(event: TicketEvent, reader: User) -> Mail:
    """The mail that tells `event` to `reader`. Raises NoMessage."""
    return tell(Story(event, reader))


def tell(story: Story) -> Mail:
    """The mail of a story, which need not have happened. Raises NoMessage."""
    return _choose(story.event, story.reader)(story)


def _choose(event: TicketEvent, reader: User) -> Message:
    act = Act(event.act)
    found = _for_desk(event, act) if reader.is_staff else TO_CUSTOMERS.get(act)
    if found is None:
        raise NoMessage(f"{act} to {'staff' if reader.is_staff else 'a customer'}")
    return found


def _for_desk(event: TicketEvent, act: Act) -> Message | None:
    if act is Act.RUNG:
        return RUNGS.get(event.facts["percent"])
    if act is Act.MESSAGE and event.side == Side.CUSTOMER:
        return desk.answered
    return TO_DESK.get(act, desk.changed)
