"""The transition table: which act leads from which status to which, and who may do it.

Pure. Everything that is not in it is refused with a sentence (SEMANTICS §2). Instants, windows
and reasons are the operations' business.
"""

from __future__ import annotations

from typing import NamedTuple

from django.utils.translation import gettext as _

from foundation.refusals import Refusal
from tickets.enums import OPEN_STATUSES, Act, Side, Status, Turn


class TransitionRefused(Refusal):
    """The table has no such line (G2)."""


class Transition(NamedTuple):
    """From which statuses, to which one (None: it stays), and on whose side."""

    sources: frozenset[Status]
    target: Status | None
    sides: frozenset[Side]


def _line(sources: tuple[Status, ...], target: Status | None, *sides: Side) -> Transition:
    return Transition(frozenset(sources), target, frozenset(sides))


_WORKED_ON = (Status.IN_PROGRESS, Status.WAITING_CUSTOMER, Status.WAITING_VENDOR)
_ALL = tuple(Status)
_OURS, _THEIRS, _CLOCK = Side.ENGINEER, Side.CUSTOMER, Side.CLOCK

TABLE: dict[Act, tuple[Transition, ...]] = {
    Act.ACKNOWLEDGE: (_line((Status.DECLARED,), Status.IN_PROGRESS, _OURS),),
    Act.WAIT_CUSTOMER: (
        _line((Status.IN_PROGRESS, Status.WAITING_VENDOR), Status.WAITING_CUSTOMER, _OURS),
    ),
    Act.WAIT_VENDOR: (
        _line((Status.IN_PROGRESS, Status.WAITING_CUSTOMER), Status.WAITING_VENDOR, _OURS),
    ),
    Act.RESUME: (
        _line((Status.WAITING_CUSTOMER, Status.WAITING_VENDOR), Status.IN_PROGRESS, _OURS),
        _line((Status.WAITING_CUSTOMER,), Status.IN_PROGRESS, _THEIRS),
    ),
    Act.RESOLVE: (_line(_WORKED_ON, Status.RESOLVED, _OURS),),
    Act.ACCEPT: (_line((Status.RESOLVED,), Status.CLOSED, _THEIRS),),
    Act.CLOSE: (_line((Status.RESOLVED,), Status.CLOSED, _CLOCK),),
    Act.REMIND: (_line((Status.WAITING_CUSTOMER,), None, _CLOCK),),
    Act.CHASE: (_line((Status.WAITING_VENDOR,), None, _CLOCK),),
    Act.CLOSE_UNANSWERED: (_line((Status.WAITING_CUSTOMER,), Status.CLOSED, _CLOCK),),
    Act.REOPEN: (_line((Status.RESOLVED, Status.CLOSED), Status.DECLARED, _OURS, _THEIRS),),
    Act.CANCEL: (
        _line((Status.DECLARED,), Status.CANCELLED, _THEIRS, _OURS),
        _line(_WORKED_ON, Status.CANCELLED, _OURS),
    ),
    Act.MERGE: (_line(_WORKED_ON, Status.CANCELLED, _OURS),),
    # Undoing restores the state, which only the history knows: the operation reads it there.
    Act.UNMERGE: (_line((Status.CANCELLED,), None, _OURS),),
    Act.ABSORB: (_line((*OPEN_STATUSES, Status.RESOLVED), None, _OURS),),
    Act.RELEASE: (_line(_ALL, None, _OURS),),
    Act.ATTACH: (_line((*OPEN_STATUSES, Status.RESOLVED), None, _OURS),),
    Act.DETACH: (_line(_ALL, None, _OURS),),
    Act.SPLIT: (_line((*OPEN_STATUSES, Status.RESOLVED, Status.CLOSED), None, _OURS),),
    Act.ASSIGN: (_line(OPEN_STATUSES, None, _OURS),),
    Act.REQUALIFY: (_line(OPEN_STATUSES, None, _OURS),),
    Act.RESTATE: (_line(OPEN_STATUSES, None, _OURS),),
    # Correcting where no acknowledgement was recorded is taking charge, late (S14).
    Act.CORRECT: (
        _line((Status.DECLARED,), Status.IN_PROGRESS, _OURS),
        _line(tuple(status for status in Status if status is not Status.DECLARED), None, _OURS),
    ),
    Act.MESSAGE: (_line(_ALL, None, _OURS, _THEIRS),),
    Act.CALL: (_line(_ALL, None, _OURS),),
    Act.NOTE: (_line(_ALL, None, _OURS),),
    Act.WITHDRAW: (_line(_ALL, None, _OURS),),
    # Asking moves no clock and no status (S6); an answer is owed whatever became of the incident.
    Act.ESCALATE: (_line(OPEN_STATUSES, None, _THEIRS),),
    Act.ANSWER_ESCALATION: (_line(_ALL, None, _OURS),),
    Act.ASK_SEVERITY: (_line(OPEN_STATUSES, None, _THEIRS),),
    Act.DECLINE_SEVERITY: (_line(OPEN_STATUSES, None, _OURS),),
    Act.CORRECT_SUBJECT: (
        _line((Status.DECLARED,), None, _THEIRS),
        _line(OPEN_STATUSES, None, _OURS),
    ),
    Act.ADD_COPY: (_line(_ALL, None, _OURS, _THEIRS),),
    Act.REMOVE_COPY: (_line(_ALL, None, _OURS, _THEIRS),),
}


def allowed(status: Status, act: Act, side: Side) -> Transition | None:
    """The line of the table for this act, or None."""
    for transition in TABLE.get(act, ()):
        if status in transition.sources and side in transition.sides:
            return transition
    return None


def require(status: Status, act: Act, side: Side) -> Status:
    """The status that the act leads to; raises TransitionRefused when there is no such line."""
    transition = allowed(status, act, side)
    if transition is None:
        raise TransitionRefused(
            _(
                "«\u00a0%(act)s\u00a0» n’est pas possible\u00a0: l’incident est "
                "«\u00a0%(status)s\u00a0»."
            )
            % {"act": act.label, "status": status.label}
        )
    return transition.target or status


def turn(status: Status) -> Turn:
    """Whose turn it is in a status."""
    if status in {Status.WAITING_CUSTOMER, Status.RESOLVED}:
        return Turn.YOURS
    return Turn.OURS if status.is_open else Turn.NOBODY
