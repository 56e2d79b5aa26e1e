"""Reminders to a customer who is awaited, and the closure that the last one announced (0021).

Reminders are the sweep's alone: an act that ends the waiting first makes them pointless. The
closure is recorded by whoever comes first after its instant, as everything that falls due (S17).
Of a vendor who is late ours are told.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from foundation.wording import paris
from sla.enums import CommitmentKind
from sla.hours import NeverOpens
from tickets import lifecycle, promises
from tickets.enums import Act, PauseKind, Side, Status
from tickets.events import SILENT_ORIGINS
from tickets.models import Ask, Pause
from tickets.promises import AN_INSTANT
from tickets.recipients import customers_of
from tickets.reminders import REMIND_AFTER_DAYS, chase_at, closure_at, reminder_at

if TYPE_CHECKING:
    from tickets.operations.work import Work


def next_look(work: Work) -> datetime | None:
    """When the sweep must look at this waiting next, if ever."""
    pause = _awaited(work)
    if pause is None:
        return _chase_at(work)
    if pause.closes_at is not None:
        return pause.closes_at + AN_INSTANT
    return _reminder_at(work, pause, pause.reminders + 1)


def time_to_close(work: Work) -> datetime:
    """Until when what falls due may still fall: the closure ends every promise before the act."""
    pause = _awaited(work)
    closes_at = pause.closes_at if pause is not None else None
    return work.at if closes_at is None or _is_answered(work, closes_at) else closes_at


def record_unanswered(work: Work) -> int:
    """What fell before this act; returns how many events that made."""
    pause = _awaited(work)
    if pause is None:
        return _chase(work) if work.actor is None else 0
    if pause.closes_at is None:
        return _remind(work, pause) if work.actor is None else 0
    if _is_answered(work, pause.closes_at):
        return 0
    return _close(work, pause, pause.closes_at)


def _is_answered(work: Work, closes_at: datetime) -> bool:
    """The closure is not there yet, or a call that is being noted began before it (S6)."""
    return min(work.at, work.answered_at or work.at) <= closes_at


def _awaited(work: Work) -> Pause | None:
    """The running wait for the customer."""
    pause = work.running_pause() if work.ticket.state is Status.WAITING_CUSTOMER else None
    return pause if pause is not None and pause.kind == PauseKind.CUSTOMER else None


def _reminder_at(work: Work, pause: Pause, number: int) -> datetime | None:
    if number > len(REMIND_AFTER_DAYS):
        return None
    hours = work.hours(work.current(CommitmentKind.RESOLUTION))
    try:
        return reminder_at(hours, pause.began_at, work.ticket.waiting_until, number)
    except NeverOpens:
        return None


def _remind(work: Work, pause: Pause) -> int:
    """Each reminder once, at its own instant; of several found together the last alone is sent."""
    recorded = 0
    while (at := _reminder_at(work, pause, pause.reminders + 1)) is not None and at <= work.at:
        pause.reminders += 1
        following = _reminder_at(work, pause, pause.reminders + 1)
        is_sent = following is None or following > work.at
        told = sorted(customers_of(work.ticket)) if is_sent else []
        facts: dict[str, object] = {"pause": pause.pk, "number": pause.reminders}
        if pause.reminders == len(REMIND_AFTER_DAYS) and told and work.origin not in SILENT_ORIGINS:
            hours = work.hours(work.current(CommitmentKind.RESOLUTION))
            pause.closes_at = closure_at(hours, work.at)
            facts["closes_at"] = pause.closes_at.isoformat()
        pause.save(update_fields=["reminders", "closes_at"])
        leaves_at = work.hours(work.current(CommitmentKind.RESOLUTION)).next_opening(work.at)
        work.record(
            Act.REMIND, side=Side.CLOCK, effective_at=at, recipients=told, tell_from=leaves_at,
            facts=facts,
        )  # fmt: skip
        recorded += 1
    return recorded


def _chase_at(work: Work) -> datetime | None:
    """When ours are to be told that the vendor is late; once for each wait."""
    pause = work.running_pause() if work.ticket.state is Status.WAITING_VENDOR else None
    if pause is None or pause.reminders:
        return None
    hours = work.hours(work.current(CommitmentKind.RESOLUTION))
    try:
        return chase_at(hours, pause.began_at, work.ticket.waiting_until)
    except NeverOpens:
        return None


def _chase(work: Work) -> int:
    """The vendor did not answer in time: whoever has the incident asks again (E3)."""
    at, pause = _chase_at(work), work.running_pause()
    if at is None or pause is None or at > work.at:
        return 0
    expected = work.ticket.waiting_until
    pause.reminders = 1
    pause.save(update_fields=["reminders"])
    leaves_at = work.hours(work.current(CommitmentKind.RESOLUTION)).next_opening(work.at)
    told = sorted(work.roster.alerted(work.ticket, paris(leaves_at).date()))
    work.record(
        Act.CHASE, side=Side.CLOCK, effective_at=at, recipients=told, tell_from=leaves_at,
        facts={"pause": pause.pk, "until": expected.isoformat() if expected else None},
    )  # fmt: skip
    return 1


def _close(work: Work, pause: Pause, at: datetime) -> int:
    """Nobody answered: closed at the instant announced; what was promised ends without object.

    Not while the customer awaits an answer of ours: then nothing closes by itself any more.
    """
    if Ask.objects.filter(ticket=work.ticket).unanswered().exists():
        pause.closes_at = None
        pause.save(update_fields=["closes_at"])
        return 0
    status = lifecycle.require(work.ticket.state, Act.CLOSE_UNANSWERED, Side.CLOCK)
    work.end_pause(at)
    work.ticket.waiting_reason = ""
    work.ticket.waiting_until = None
    work.change_open(promises.void, at)
    work.ticket.resolved_at = work.ticket.closed_at = at
    work.record(
        Act.CLOSE_UNANSWERED, status=status, side=Side.CLOCK, effective_at=at,
        facts={"pause": pause.pk},
    )  # fmt: skip
    return 1
