"""Which open incidents a calendar, a service level or a contract touches, and how they would move.

Nothing here writes: the page of S12 shows it before anything is saved, from rows that the same
transaction may still give up. So the new hours are read from the version itself, and never enter
the memory of `sla.queries.hours_of`.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from django.db.models import Exists, F, OuterRef, QuerySet

from accounts.models import Company
from sla.enums import CommitmentKind
from sla.hours import OpeningHours
from sla.models import CalendarVersion, ServiceLevelVersion
from sla.queries import hours_of
from tickets import promises
from tickets.clocks import (
    Rule,
    earlier_of,
    earlier_terms_of,
    to_promise,
    versions_under,
    with_restated,
)
from tickets.enums import PauseKind
from tickets.models import Commitment, Pause, Ticket
from tickets.promises import ZERO, Promise


class Fate(StrEnum):
    """What applying new conditions would do to an incident (S12)."""

    MOVES = "moves"
    # It follows them from now on, its deadlines are the same for now.
    SAME = "same"
    # Nothing remains of a new target: it is left as it is.
    CONSUMED = "consumed"


class Shift(NamedTuple):
    """A promise as it stands and as it would stand. No deadline while paused."""

    kind: CommitmentKind
    before: Promise
    after: Promise
    # Nothing remains of the new target.
    consumed: bool

    @property
    def moves(self) -> bool:
        was, now = self.before, self.after
        return (was.due_at, was.target) != (now.due_at, now.target)


@dataclass(frozen=True)
class Touched:
    """An open incident that the conditions would apply to, with its promises still open."""

    ticket: Ticket
    shifts: list[Shift]
    fate: Fate


def touched_by(rule: Rule, company: Company | None = None) -> QuerySet[Ticket]:
    """Open incidents under an older version of this calendar or service level; for a company
    whose contract changed, those under another service level.
    """
    tickets = Ticket.objects.open().select_related("company", "service_level_version")
    if company is not None:
        tickets = tickets.filter(company=company).exclude(
            service_level_version__service_level=_level(rule).service_level_id
        )
    elif isinstance(rule, CalendarVersion):
        older = _open_promises().filter(calendar_version__calendar=rule.calendar_id)
        tickets = tickets.filter(Exists(older.exclude(calendar_version=rule)))
    else:
        tickets = tickets.filter(
            service_level_version__service_level=rule.service_level_id
        ).exclude(service_level_version=rule)
    return tickets.filter(Exists(_open_promises())).order_by("next_due_at", "pk")


def _level(rule: Rule) -> ServiceLevelVersion:
    if isinstance(rule, CalendarVersion):
        raise TypeError("a contract gives a service level")
    return rule


def _open_promises() -> QuerySet[Commitment]:
    return Commitment.objects.filter(
        ticket=OuterRef("pk"), cycle=OuterRef("cycle"), stopped_at=None, breached_at=None
    )


def preview_terms(rule: Rule, at: datetime, company: Company | None = None) -> list[Touched]:
    """What `operations.apply_terms` would do at `at` to each incident that the rule touches.

    Five queries whatever their number, and one for each promise whose terms changed before.
    """
    tickets = list(touched_by(rule, company))
    rows, waiting = _rows_of(tickets), _waiting(tickets)
    under = cache(lambda own: versions_under(rule, own, at))
    hours = cache(CalendarVersion.opening_hours)
    found = []
    for ticket in tickets:
        level, calendar = under(ticket.service_level_version)
        new_hours, pause = hours(calendar), waiting.get(ticket.pk)
        shifts = [_shift(row, level, new_hours, pause, at) for row in rows[ticket.pk]]
        if shifts := [shift for shift in shifts if not shift.before.is_decided]:
            found.append(Touched(ticket, shifts, _fate(shifts)))
    return found


def _rows_of(tickets: list[Ticket]) -> dict[int, list[Commitment]]:
    """The promises of the present cycle, by incident."""
    found: dict[int, list[Commitment]] = defaultdict(list)
    rows = with_restated(Commitment.objects.filter(ticket__in=tickets, cycle=F("ticket__cycle")))
    for row in rows.order_by("ticket", "kind"):
        found[row.ticket_id].append(row)
    return found


def _waiting(tickets: list[Ticket]) -> dict[int, PauseKind]:
    """For what each incident waits, if it does."""
    running = Pause.objects.filter(ticket__in=tickets, ended_at=None)
    return {pk: PauseKind(kind) for pk, kind in running.values_list("ticket_id", "kind")}


def _shift(
    row: Commitment,
    level: ServiceLevelVersion,
    new_hours: OpeningHours,
    waiting: PauseKind | None,
    at: datetime,
) -> Shift:
    promise = to_promise(row)
    # What fell due and was not swept yet is decided first (S17).
    if promise.due_at is not None and promise.due_at < at:
        promise = promises.breach(promise)
    clock = promises.clock_of(hours_of(row.calendar_version_id), earlier_of(earlier_terms_of(row)))
    target = level.target(promise.kind, promise.severity)
    after = promises.restate(
        promise, hours=clock, new_hours=new_hours, target=target,
        pauses_on_vendor=level.pauses_on_vendor, waiting=waiting, at=at,
    )  # fmt: skip
    consumed = promises.remaining_under(promise, clock, target, at) <= ZERO
    return Shift(promise.kind, promise, after, consumed)


def _fate(shifts: list[Shift]) -> Fate:
    if any(shift.consumed for shift in shifts):
        return Fate.CONSUMED
    return Fate.MOVES if any(shift.moves for shift in shifts) else Fate.SAME
