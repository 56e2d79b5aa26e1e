"""Proof: the chain of each incident, and every promise recomputed from its events alone.

`manage.py verify_history` names the first difference of each incident. The fold below uses the
pure arithmetic of `tickets.promises`; the stored rows were written by operations that saw one
act at a time, so a wrong or altered row cannot hide behind the code that wrote it.
"""

from __future__ import annotations

import gc
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from multiprocessing import get_context
from typing import Any, NamedTuple

from django.db import connection, transaction

from sla.enums import CommitmentKind, Severity
from sla.hours import Hours
from sla.queries import hours_of
from tickets import promises
from tickets.clocks import to_promise
from tickets.enums import Act, PauseKind, Status
from tickets.history import EventRow, chain_hash
from tickets.models import (
    Commitment,
    EarlierTerms,
    Pause,
    Rung,
    Ticket,
    TicketEvent,
)
from tickets.promises import Change, Earlier, Promise, Span
from tickets.verification.asks import ask_difference, stored_asks

BATCH = 500
# Fewer are not worth the start of other processes.
FEW_BATCHES = 8
_PAUSE_OF = {Act.WAIT_CUSTOMER: PauseKind.CUSTOMER, Act.WAIT_VENDOR: PauseKind.VENDOR}
_WAITING = {
    Status.WAITING_CUSTOMER: PauseKind.CUSTOMER,
    Status.WAITING_VENDOR: PauseKind.VENDOR,
}
Key = tuple[CommitmentKind, int]
Paused = tuple[PauseKind, datetime, datetime | None]


class Versions(NamedTuple):
    """Ids of what a promise counts by."""

    level: int
    calendar: int


class Superseded(NamedTuple):
    """The terms that a promise had until an instant (S12)."""

    until: datetime
    versions: Versions
    target: timedelta
    pauses_on_vendor: bool


class Difference(NamedTuple):
    """The first thing that is wrong with an incident, in words an operator can act on."""

    reference: str
    what: str


@dataclass
class Fold:
    """The promises of one incident, rebuilt from its events."""

    promises: dict[Key, Promise] = field(default_factory=dict)
    versions: dict[Key, Versions] = field(default_factory=dict)
    earlier: dict[Key, list[Superseded]] = field(default_factory=lambda: defaultdict(list))
    pauses: list[Paused] = field(default_factory=list)
    rungs: dict[Key, dict[int, datetime]] = field(default_factory=lambda: defaultdict(dict))
    cycle: int = 0
    merged_at: datetime | None = None

    def apply(self, event: EventRow) -> None:
        """One event, in the order of the sequence."""
        act, at, facts = Act(event.act), event.effective_at, event.facts
        if _leaves_waiting(event):
            self._end_pause(at)
        if act in {Act.DECLARE, Act.REOPEN}:
            self._begin(facts, at)
        elif act is Act.ACKNOWLEDGE:
            self._change(CommitmentKind.ACKNOWLEDGEMENT, promises.meet, at)
        elif act is Act.RESOLVE:
            self._change(CommitmentKind.RESOLUTION, promises.meet, at)
        elif act in _PAUSE_OF:
            self._begin_pause(_PAUSE_OF[act], at)
        elif act in {Act.CANCEL, Act.MERGE, Act.CLOSE_UNANSWERED}:
            self.merged_at = at if act is Act.MERGE else None
            for kind in CommitmentKind:
                self._change(kind, promises.void, at)
        elif act is Act.UNMERGE:
            self._unmerge(at, Status(event.status_after))
        else:
            self._apply_rule(act, at, facts)

    def _apply_rule(self, act: Act, at: datetime, facts: dict[str, Any]) -> None:
        if act is Act.REQUALIFY:
            self._requalify(facts, at)
        elif act is Act.RESTATE:
            self._restate(facts, at)
        elif act is Act.RUNG:
            key = (CommitmentKind(facts["kind"]), int(facts["cycle"]))
            self.rungs[key][int(facts["percent"])] = at
            if facts["percent"] == 100:
                self.promises[key] = promises.breach(self.promises[key])
        elif act is Act.CORRECT:
            key = (CommitmentKind.ACKNOWLEDGEMENT, int(facts["cycle"]))
            met_at = datetime.fromisoformat(facts["acknowledged_at"][1])
            self.promises[key] = promises.correct(self.promises[key], self._clock(key), met_at)

    def _begin(self, facts: dict[str, Any], at: datetime) -> None:
        self.cycle = int(facts["cycle"])
        level, calendar = int(facts["service_level_version"]), int(facts["calendar_version"])
        hours = hours_of(calendar)
        for kind in CommitmentKind:
            self.versions[kind, self.cycle] = Versions(level, calendar)
            self.promises[kind, self.cycle] = promises.begin(
                kind=kind,
                cycle=self.cycle,
                severity=Severity(facts["severity"]),
                target=timedelta(minutes=int(facts["targets"][kind.value])),
                pauses_on_vendor=bool(facts["pauses_on_vendor"]),
                hours=hours,
                at=at,
            )

    def _change(self, kind: CommitmentKind, change: Change, at: datetime) -> None:
        key = (kind, self.cycle)
        self.promises[key] = change(self.promises[key], self._clock(key), at)

    def _begin_pause(self, kind: PauseKind, at: datetime) -> None:
        self.pauses.append((kind, at, None))
        for promised in CommitmentKind:
            if promises.stops_for(self.promises[promised, self.cycle], kind):
                self._change(promised, promises.suspend, at)

    def _end_pause(self, at: datetime) -> None:
        kind, began_at, _running = self.pauses[-1]
        self.pauses[-1] = (kind, began_at, at)
        for promised in CommitmentKind:
            self._change(promised, promises.resume, at)

    def _unmerge(self, at: datetime, status: Status) -> None:
        """The gap is a pause; an incident that waited waits again (S18)."""
        if self.merged_at is not None:
            self.pauses.append((PauseKind.MERGED, self.merged_at, at))
        for promised in CommitmentKind:
            self._change(promised, promises.unvoid, at)
        if status in _WAITING:
            self._begin_pause(_WAITING[status], at)

    def _terms_before(self, key: Key) -> list[Earlier]:
        return [
            Earlier(terms.until, hours_of(terms.versions.calendar), terms.pauses_on_vendor)
            for terms in self.earlier[key]
        ]

    def _clock(self, key: Key) -> Hours:
        return promises.clock_of(hours_of(self.versions[key].calendar), self._terms_before(key))

    def _spans(self, key: Key) -> list[Span]:
        promise, earlier = self.promises[key], self._terms_before(key)
        return [
            span
            for kind, began, ended in self.pauses
            for span in promises.stopped_by(promise, kind, (began, ended), earlier)
        ]

    def _requalify(self, facts: dict[str, Any], at: datetime) -> None:
        for kind in CommitmentKind:
            key = (kind, self.cycle)
            self.promises[key] = promises.requalify(
                self.promises[key],
                hours=self._clock(key),
                severity=Severity(facts["severity"][1]),
                target=timedelta(minutes=int(facts["targets"][kind.value])),
                pauses=self._spans(key),
                at=at,
            )

    def _restate(self, facts: dict[str, Any], at: datetime) -> None:
        versions = Versions(int(facts["service_level_version"][1]), int(facts["calendar_version"]))
        running = self.pauses[-1] if self.pauses else None
        for code, minutes in facts["targets"].items():
            key = (CommitmentKind(code), self.cycle)
            before = self.promises[key]
            self.promises[key] = promises.restate(
                before,
                hours=self._clock(key),
                new_hours=hours_of(versions.calendar),
                target=timedelta(minutes=int(minutes[1])),
                pauses_on_vendor=bool(facts["pauses_on_vendor"]),
                waiting=running[0] if running and running[2] is None else None,
                at=at,
            )
            self.earlier[key].append(
                Superseded(at, self.versions[key], before.target, before.pauses_on_vendor)
            )
            self.versions[key] = versions


def _leaves_waiting(event: EventRow) -> bool:
    return event.status_before in _WAITING and event.status_before != event.status_after


# --- one incident ------------------------------------------------------------------------------


def chain_difference(ticket: Ticket, events: list[EventRow]) -> str | None:
    """The first event whose place or hash is wrong, or a head that does not match."""
    previous = ""
    for number, event in enumerate(events, start=1):
        if event.sequence != number:
            return f"il manque l’événement n° {number}"
        if event.previous_hash != previous:
            return f"l’événement n° {number} (ligne {event.pk}) ne suit pas le précédent"
        if chain_hash(event) != event.hash:
            return f"l’événement n° {number} (ligne {event.pk}) a été modifié"
        previous = event.hash
    if (ticket.last_sequence, ticket.last_hash) != (len(events), previous):
        return "la fin de l’historique manque ou a été modifiée"
    if events and events[-1].status_after != ticket.status:
        return f"le statut « {ticket.status} » n’est pas celui de l’historique"
    return None


def promise_difference(
    rows: Iterable[Commitment],
    rungs: dict[int, dict[int, datetime]],
    pauses: list[Paused],
    earlier: dict[int, list[Superseded]],
    events: list[EventRow],
) -> str | None:
    """The first stored promise, rung or pause that the events do not give."""
    fold = Fold()
    for event in events:
        fold.apply(event)
    expected = dict(fold.promises)
    for row in rows:
        key = (CommitmentKind(row.kind), row.cycle)
        wanted = expected.pop(key, None)
        if wanted is None:
            return f"l’engagement {row} (ligne {row.pk}) n’est pas dans l’historique"
        what = _row_difference(row, wanted, fold, earlier.get(row.pk, []))
        if what:
            return f"l’engagement {row} (ligne {row.pk}) {what}"
        if rungs.get(row.pk, {}) != fold.rungs.get(key, {}):
            return f"les seuils de l’engagement {row} (ligne {row.pk}) diffèrent de l’historique"
    if pauses != fold.pauses:
        return "les suspensions diffèrent de l’historique"
    return f"il manque l’engagement {next(iter(expected))}" if expected else None


def _row_difference(
    row: Commitment, wanted: Promise, fold: Fold, earlier: list[Superseded]
) -> str | None:
    """What a stored promise has that the events do not give, after « l’engagement … »."""
    key, stored = (wanted.kind, wanted.cycle), to_promise(row)
    if stored != wanted:
        names = Promise.__dataclass_fields__
        wrong = next(name for name in names if getattr(stored, name) != getattr(wanted, name))
        return f"diffère de l’historique : {wrong}"
    if (row.service_level_version_id, row.calendar_version_id) != fold.versions[key]:
        return "ne suit plus le contrat de l’historique"
    if earlier != fold.earlier[key]:
        return "a d’autres conditions antérieures que l’historique"
    return None


# --- all of them -------------------------------------------------------------------------------


def verify(references: Iterable[str] = ()) -> Iterator[Difference]:
    """The first difference of each incident (all of them, or those named), in batches.

    All cores share the work when there is enough of it.
    """
    tickets = Ticket.objects.order_by("pk")
    if references := list(references):
        tickets = tickets.filter(reference__in=references)
    keys = list(tickets.values_list("pk", flat=True))
    batches = [keys[start : start + BATCH] for start in range(0, len(keys), BATCH)]
    with _provers(len(batches)) as prove:
        for found in prove(_verify_batch, batches):
            yield from found


Prove = Callable[[Callable[[list[int]], list[Difference]], list[list[int]]], Iterable[Any]]


@contextmanager
def _provers(batches: int) -> Iterator[Prove]:
    """One process per core, unless a transaction of the caller must be seen."""
    if batches < FEW_BATCHES or connection.in_atomic_block:
        yield map
        return
    # Two processes cannot share a connection; this one opens another when it needs it.
    connection.close()
    # A batch makes millions of values and hardly a cycle: looking for some takes a tenth longer.
    processes = min(batches, os.cpu_count() or 1)
    with get_context("fork").Pool(processes, initializer=gc.disable) as pool:
        yield pool.imap


def _verify_batch(keys: list[int]) -> list[Difference]:
    """Of these incidents. Acts go on meanwhile: all tables are read at one instant."""
    if connection.in_atomic_block:
        return list(_differences(keys))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        return list(_differences(keys))


def _differences(keys: list[int]) -> Iterator[Difference]:
    events: dict[int, list[EventRow]] = defaultdict(list)
    found = TicketEvent.objects.filter(ticket__in=keys).order_by("ticket_id", "sequence")
    for event in map(EventRow._make, found.values_list(*EventRow._fields)):
        events[event.ticket_id].append(event)
    rows: dict[int, list[Commitment]] = defaultdict(list)
    for row in Commitment.objects.filter(ticket__in=keys).order_by("ticket_id", "cycle", "kind"):
        rows[row.ticket_id].append(row)
    rungs: dict[int, dict[int, datetime]] = defaultdict(dict)
    reached = Rung.objects.filter(commitment__ticket__in=keys)
    for pk, percent, at in reached.values_list("commitment_id", "percent", "reached_at"):
        rungs[pk][percent] = at
    pauses: dict[int, list[Paused]] = defaultdict(list)
    paused = Pause.objects.filter(ticket__in=keys).order_by("ticket_id", "began_at", "pk")
    for pk, kind, began, ended in paused.values_list("ticket_id", "kind", "began_at", "ended_at"):
        pauses[pk].append((PauseKind(kind), began, ended))
    earlier, asks = _earlier_terms(keys), stored_asks(keys)
    tickets = Ticket.objects.filter(pk__in=keys).order_by("pk")
    for ticket in tickets.only("reference", "status", "last_sequence", "last_hash"):
        what = chain_difference(ticket, events[ticket.pk])
        what = what or promise_difference(
            rows[ticket.pk], rungs, pauses[ticket.pk], earlier, events[ticket.pk]
        )
        what = what or ask_difference(asks.get(ticket.pk, {}), events[ticket.pk])
        if what:
            yield Difference(ticket.reference, what)


def _earlier_terms(keys: list[int]) -> dict[int, list[Superseded]]:
    found: dict[int, list[Superseded]] = defaultdict(list)
    rows = EarlierTerms.objects.filter(commitment__ticket__in=keys)
    for row in rows.order_by("commitment", "until", "pk"):
        found[row.commitment_id].append(
            Superseded(
                row.until,
                Versions(row.service_level_version_id, row.calendar_version_id),
                timedelta(minutes=row.target_minutes),
                row.pauses_on_vendor,
            )
        )
    return found
