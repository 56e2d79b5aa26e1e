"""One act on one locked incident: what every operation shares.

`work_on` locks the row, first records what fell due before the act (S17), and yields a `Work`.
The operation changes promises and the status on it, then calls `Work.record`, which writes the
promises, the event and the incident once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import OuterRef
from django.utils.translation import gettext as _

from accounts.models import User
from foundation.planned import insert
from foundation.refusals import Refusal
from sla.enums import CommitmentKind
from sla.hours import Hours, OpeningHours
from sla.queries import hours_of
from tickets import events, lifecycle, promises
from tickets.clocks import (
    copy_into,
    earlier_of,
    earlier_terms_of,
    spans_for,
    to_promise,
    window_end,
    with_restated,
)
from tickets.enums import Act, Origin, PauseKind, Side, Status
from tickets.models import Commitment, Pause, Rung, Ticket, TicketEvent
from tickets.operations import unanswered
from tickets.promises import AN_INSTANT, Change, DueRung, Earlier
from tickets.recipients import Roster, recipients_of, recipients_of_rung

# A rung recorded within this of its instant was found at once: a few sweeps, one of them slow.
_AT_ONCE = timedelta(minutes=5)
# What a rung changes on its incident; the other acts write all of it.
_MOVED_BY_A_RUNG = [
    "last_sequence", "last_hash", "last_event_at", "next_check_at", "next_due_at",
]  # fmt: skip


def side_of(actor: User | None) -> Side:
    """Whose side an actor is on; nobody is the clock."""
    if actor is None:
        return Side.CLOCK
    return Side.ENGINEER if actor.is_staff else Side.CUSTOMER


@dataclass
class Work:
    """A locked incident, its promises of all cycles, and its pauses."""

    ticket: Ticket
    actor: User | None
    side: Side
    at: datetime
    origin: Origin = Origin.PORTAL
    commitments: list[Commitment] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)
    rungs: dict[int, set[int]] = field(default_factory=dict)
    # By promise; most have none (S12).
    earlier: dict[int, list[Earlier]] = field(default_factory=dict)
    roster: Roster = field(default_factory=Roster)
    answered_at: datetime | None = None  # when the customer did, if the act says so (0021)
    wakes: bool = True  # each event to tell wakes the sender; a sweep wakes it for many

    @classmethod
    def load(cls, ticket: Ticket, actor: User | None, at: datetime, origin: Origin) -> Work:
        return cls.load_all([ticket], actor, at, origin)[0]

    @classmethod
    def load_all(
        cls, tickets: Sequence[Ticket], actor: User | None, at: datetime, origin: Origin
    ) -> list[Work]:
        """The same for several incidents, in as many queries as for one."""
        # One clock per incident: an act never stands before the last one recorded.
        works = {
            ticket.pk: cls(ticket, actor, side_of(actor), max(at, ticket.last_event_at), origin)
            for ticket in tickets
        }
        reached = Rung.objects.filter(commitment=OuterRef("pk")).values("percent")
        promised = with_restated(Commitment.objects.filter(ticket__in=works)).annotate(
            reached=ArraySubquery(reached)
        )
        for row in promised.order_by("cycle", "kind"):
            work = works[row.ticket_id]
            work.commitments.append(row)
            work.rungs[row.pk] = set(row.reached)
            work.earlier[row.pk] = earlier_of(earlier_terms_of(row))
        for pause in Pause.objects.filter(ticket__in=works).order_by("began_at", "pk"):
            works[pause.ticket_id].pauses.append(pause)
        return list(works.values())

    # --- promises ---------------------------------------------------------------------------

    def current(self, kind: CommitmentKind) -> Commitment:
        """The promise of this kind in the present cycle."""
        return next(
            row for row in self.commitments
            if row.kind == kind and row.cycle == self.ticket.cycle
        )  # fmt: skip

    def present(self) -> list[Commitment]:
        """Both promises of the present cycle."""
        return [row for row in self.commitments if row.cycle == self.ticket.cycle]

    def last_restated(self) -> Commitment:
        """The promise whose terms are the incident's present ones (S12): the other one may have
        been decided before they came.
        """
        resolution = self.current(CommitmentKind.RESOLUTION)
        changed = [row for row in self.present() if self.earlier.get(row.pk)]
        return max(changed, key=lambda row: self.earlier[row.pk][-1].until, default=resolution)

    def hours(self, row: Commitment) -> OpeningHours:
        """The calendar that the promise counts by at present."""
        return hours_of(row.calendar_version_id)

    def clock(self, row: Commitment) -> Hours:
        """What it counts by from its start on: its calendar, after those it had before (S12)."""
        return promises.clock_of(self.hours(row), self.earlier.get(row.pk, ()))

    def spans(self, row: Commitment) -> Sequence[promises.Span]:
        return spans_for(to_promise(row), self.pauses, self.earlier.get(row.pk, ()))

    def change(self, row: Commitment, act: Change, at: datetime | None = None) -> None:
        """Apply one function of `tickets.promises` to a stored promise."""
        value = act(to_promise(row), self.clock(row), at or self.at)
        copy_into(row, value)
        row.save()

    def change_open(self, act: Change, at: datetime | None = None) -> None:
        """The same for every promise of the present cycle."""
        for row in self.commitments:
            if row.cycle == self.ticket.cycle:
                self.change(row, act, at)

    # --- pauses -----------------------------------------------------------------------------

    def running_pause(self) -> Pause | None:
        return next((pause for pause in self.pauses if pause.ended_at is None), None)

    def begin_pause(self, kind: PauseKind, reason: str, at: datetime | None = None) -> Pause:
        """The clocks that stop for this kind stand still (S5)."""
        at = at or self.at
        pause = Pause.objects.create(
            ticket=self.ticket, kind=kind, reason=reason, began_at=at, began_by=self.actor
        )
        self.pauses.append(pause)
        for row in self.commitments:
            if row.cycle == self.ticket.cycle and promises.stops_for(to_promise(row), kind):
                self.change(row, promises.suspend, at)
        return pause

    def end_pause(self, at: datetime | None = None) -> Pause | None:
        """Ends the running pause, if any, and the clocks run again."""
        pause = self.running_pause()
        if pause is None:
            return None
        pause.ended_at = at or self.at
        pause.save(update_fields=["ended_at"])
        for row in self.commitments:
            if row.cycle == self.ticket.cycle:
                self.change(row, promises.resume, pause.ended_at)
        return pause

    # --- events -----------------------------------------------------------------------------

    def require(self, act: Act) -> Status:
        """The status that the act leads to, or a refusal (G2)."""
        return lifecycle.require(self.ticket.state, act, self.side)

    def require_reason(self, reason: str) -> str:
        if not reason.strip():
            raise Refusal(_("Indiquez le motif\u00a0: il est enregistré avec cet acte."))
        return reason

    def record(
        self,
        act: Act,
        *,
        status: Status | None = None,
        facts: dict[str, Any] | None = None,
        text: str = "",
        effective_at: datetime | None = None,
        recipients: list[int] | None = None,
        tell_from: datetime | None = None,
        side: Side | None = None,
        before: str | None = None,
    ) -> TicketEvent:
        """Write the event and the incident. `status` is where the act leads (None: it stays).

        `before` is the status before the act, when it is not the incident's present one.
        """
        before = self.ticket.status if before is None else before
        self.ticket.status = status or self.ticket.state
        side = side or self.side
        # What the clock does has no author, whoever's act found it (S17): nobody is left out.
        actor = None if side is Side.CLOCK else self.actor
        if recipients is None:
            recipients = recipients_of(
                self.ticket, act, actor=actor, side=side,
                changed_status=before != self.ticket.status,
            )  # fmt: skip
        event = events.record(
            self.ticket,
            act,
            side=side,
            actor=actor,
            origin=self.origin,
            recorded_at=self.at,
            effective_at=effective_at or self.at,
            status_before=before,
            due=(
                self.current(CommitmentKind.ACKNOWLEDGEMENT).due_at,
                self.current(CommitmentKind.RESOLUTION).due_at,
            ),
            recipients=recipients,
            facts=facts or {},
            text=text,
            tell_from=tell_from,
            wakes=self.wakes,
        )
        self.look_ahead()
        self._write_ticket(_MOVED_BY_A_RUNG if act is Act.RUNG else None)
        return event

    def _write_ticket(self, fields: list[str] | None) -> None:
        """A declared incident is inserted with its first event, under the id it was given."""
        if self.ticket.last_sequence == 1 and fields is None:
            insert(self.ticket)
        else:
            self.ticket.save(update_fields=fields)

    def look_ahead(self) -> None:
        """Precompute the next instants that the sweep and the queue go by."""
        present = self.present()
        looks = [
            promises.next_look(
                to_promise(row), self.clock(row), self.spans(row), self.rungs[row.pk]
            )
            for row in present
        ]
        end = self.window_end()
        if self.ticket.state is Status.RESOLVED and end is not None:
            looks.append(end + AN_INSTANT)
        looks += [unanswered.next_look(self)]
        self.ticket.next_check_at = min((at for at in looks if at), default=None)
        self.ticket.next_due_at = min(
            (row.due_at for row in present if row.due_at and not row.stopped_at), default=None
        )

    # --- what fell due (S10, S17) -------------------------------------------------------------

    def record_due(self, *, silent: frozenset[CommitmentKind] = frozenset()) -> int:
        """Record the rungs, breaches and closures that fell before this act, in their order.

        `silent` names the promises that this act ends or that are recorded late: no mail (S10).
        """
        fallen: list[tuple[DueRung, Commitment]] = []
        until = unanswered.time_to_close(self)
        for row in self.commitments:
            if row.cycle != self.ticket.cycle:
                continue
            found = promises.fallen(
                to_promise(row), self.clock(row), self.spans(row), self.rungs[row.pk], until
            )
            fallen += [(rung, row) for rung in found]
        for rung, row in sorted(fallen, key=lambda pair: (pair[0].at, pair[0].percent)):
            self.record_rung(row, rung, tell=CommitmentKind(row.kind) not in silent)
        return len(fallen) + unanswered.record_unanswered(self) + int(self._close_if_window_over())

    def window_end(self) -> datetime | None:
        """Until when the solution may be refused (S9); None while there is none."""
        resolved_at = self.ticket.resolved_at
        if resolved_at is None:
            return None
        return window_end(self.hours(self.current(CommitmentKind.RESOLUTION)), resolved_at)

    def _close_if_window_over(self) -> bool:
        """Nobody refused the solution in its window: closed, dated at the window's end."""
        end = self.window_end()
        if self.ticket.state is not Status.RESOLVED or end is None or self.at <= end:
            return False
        self.ticket.closed_at = end
        status = lifecycle.require(self.ticket.state, Act.CLOSE, Side.CLOCK)
        self.record(Act.CLOSE, status=status, side=Side.CLOCK, effective_at=end)
        return True

    def record_rungs_passed(self) -> None:
        """Rungs that this act puts before itself are dated at the act (S10)."""
        for row in self.present():
            found = promises.fallen(
                to_promise(row), self.clock(row), self.spans(row), self.rungs[row.pk], self.at
            )
            for rung in found:
                self.record_rung(row, rung, tell=True, not_before=self.at)

    def record_rung(
        self, row: Commitment, rung: DueRung, *, tell: bool, not_before: datetime | None = None
    ) -> None:
        """One rung, once, dated at its own instant (`not_before`: S10 after a requalification)."""
        reached_at = max(rung.at, not_before) if not_before else rung.at
        if rung.percent == 100:
            copy_into(row, promises.breach(to_promise(row)))
            row.save()
        Rung.objects.create(
            commitment=row, percent=rung.percent, reached_at=reached_at, recorded_at=self.at
        )
        self.rungs[row.pk].add(rung.percent)
        leaves_at = _mail_leaves(self.hours(row), reached_at, self.at)
        recipients = (
            recipients_of_rung(self.ticket, rung.percent, leaves_at, self.roster) if tell else []
        )
        self.record(
            Act.RUNG,
            side=Side.CLOCK,
            effective_at=reached_at,
            recipients=recipients,
            tell_from=leaves_at,
            facts={
                "commitment": row.pk,
                "kind": str(row.kind),
                "cycle": row.cycle,
                "percent": rung.percent,
            },
        )


def _mail_leaves(hours: OpeningHours, reached_at: datetime, at: datetime) -> datetime:
    """Mail of a rung leaves while the desk is open, the closing instant included (S10).

    A deadline may be the closing instant itself, and no sweep runs at that very microsecond: one
    found at once leaves at once. One found late, out of hours, waits for the next opening.
    """
    moment = reached_at if at - reached_at <= _AT_ONCE else at
    return at if hours.is_open(moment - AN_INSTANT) else hours.next_opening(at)


@contextmanager
def work_on(
    ticket_id: int,
    *,
    actor: User | None,
    at: datetime,
    ending: frozenset[CommitmentKind] = frozenset(),
    origin: Origin = Origin.PORTAL,
    answered_at: datetime | None = None,
) -> Iterator[Work]:
    """Lock the incident and record what fell due before the act; other tables go on (`no_key`).

    `ending`: promises that the act ends; rungs found late for them are recorded without mail.
    """
    with transaction.atomic():
        (ticket,) = locked(ticket_id)
        work = Work.load(ticket, actor, at, origin)
        work.answered_at = answered_at
        work.record_due(silent=ending)
        yield work


@contextmanager
def work_on_both(
    ticket_id: int,
    other_id: int,
    *,
    actor: User,
    at: datetime,
    ending: frozenset[CommitmentKind] = frozenset(),
    origin: Origin = Origin.PORTAL,
) -> Iterator[tuple[Work, Work]]:
    """The same for one act on two incidents, dated at one instant; `ending`: of the first.

    Rows are locked in the order of their keys: two such acts never wait for each other.
    """
    with transaction.atomic():
        found = {ticket.pk: ticket for ticket in locked(ticket_id, other_id)}
        at = max(at, *(ticket.last_event_at for ticket in found.values()))
        first, second = (Work.load(found[pk], actor, at, origin) for pk in (ticket_id, other_id))
        first.record_due(silent=ending)
        second.record_due()
        yield first, second


def locked(*ticket_ids: int) -> list[Ticket]:
    """The rows, locked in the order of their keys."""
    rows = Ticket.objects.select_for_update(of=("self",), no_key=True).select_related("agency")
    found = list(rows.filter(pk__in=ticket_ids).order_by("pk"))
    if len(found) != len(set(ticket_ids)):
        raise Ticket.DoesNotExist
    return found
