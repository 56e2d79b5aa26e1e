"""Large data, fast and deterministic: incidents as the operations would have left them.

One of the two declared exceptions to « only operations write » (design §4): rows go in by COPY,
and must then satisfy `verify_history`. Each `Story` lives one incident in memory with the same
pure arithmetic as the operations, and gives up its rows.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import NAMESPACE_OID, uuid5

from foundation.text import digest
from foundation.wording import paris
from sla.enums import CommitmentKind, Severity
from sla.hours import OpeningHours
from tickets import promises
from tickets.clocks import copy_into, window_end
from tickets.copying import bare_row
from tickets.enums import Act, Origin, PauseKind, Side, Status
from tickets.history import chain_hash
from tickets.models import Commitment, Message, Pause, Rung, Ticket, TicketEvent
from tickets.promises import AN_INSTANT, Change, Promise, Span


class Numbers(NamedTuple):
    """Where the primary keys of each table come from, and the numbers of references."""

    ticket: Iterator[int]
    event: Iterator[int]
    commitment: Iterator[int]
    message: Iterator[int]
    pause: Iterator[int]
    rung: Iterator[int]
    reference: Iterator[int]


@dataclass(frozen=True)
class Setting:
    """Where an incident happens: ids only, so that nothing is queried per incident."""

    company_id: int
    agency_id: int
    contract_id: int | None
    requester_id: int
    engineer_id: int
    product_id: int
    service_level_version_id: int
    calendar_version_id: int
    pauses_on_vendor: bool
    targets: dict[tuple[CommitmentKind, Severity], int]
    hours: OpeningHours


@dataclass
class Story:
    """One incident, lived in memory."""

    setting: Setting
    numbers: Numbers
    dice: random.Random
    ticket: Ticket = field(init=False)
    kept: dict[CommitmentKind, Promise] = field(default_factory=dict)
    rows: dict[CommitmentKind, Commitment] = field(default_factory=dict)
    events: list[TicketEvent] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)
    rungs: list[Rung] = field(default_factory=list)
    _ahead: dict[CommitmentKind, list[promises.DueRung]] = field(default_factory=dict)

    # --- acts -----------------------------------------------------------------------------------

    def declare(self, severity: Severity, title: str, body: str, at: datetime) -> None:
        here = self.setting
        number = next(self.numbers.reference)
        pk = next(self.numbers.ticket)
        self.ticket = bare_row(
            Ticket, id=pk, reference=f"INC-{paris(at).year}-{number:06d}",
            company_id=here.company_id,
            agency_id=here.agency_id, product_id=here.product_id, contract_id=here.contract_id,
            service_level_version_id=here.service_level_version_id,
            requester_id=here.requester_id, title=title, origin=Origin.IMPORT,
            declared_severity=severity, severity=severity, status=Status.DECLARED,
            received_at=at, last_event_at=at, form_token=uuid5(NAMESPACE_OID, f"ticket {pk}"),
        )  # fmt: skip
        for kind in CommitmentKind:
            self._begin(kind, severity, at)
        message = self._say(here.requester_id, Side.CUSTOMER, body, at)
        self._record(
            Act.DECLARE, at, Side.CUSTOMER, here.requester_id, before="",
            text=f"{title}\n{body}",
            facts={
                "cycle": 1,
                "severity": str(severity),
                "service_level_version": here.service_level_version_id,
                "calendar_version": here.calendar_version_id,
                "pauses_on_vendor": here.pauses_on_vendor,
                "targets": {kind.value: here.targets[kind, severity] for kind in CommitmentKind},
                "message": message.pk,
                "company": here.company_id,
                "product": here.product_id,
                "site": None,
                "contract": here.contract_id,
                "requester": here.requester_id,
                "private": False,
            },
        )  # fmt: skip

    def acknowledge(self, at: datetime) -> None:
        self._fall_due(at)
        self.ticket.assignee_id = self.setting.engineer_id
        self.ticket.acknowledged_at = at
        self._change(CommitmentKind.ACKNOWLEDGEMENT, promises.meet, at)
        self._ours(Act.ACKNOWLEDGE, at, Status.IN_PROGRESS, {"assignee": self.setting.engineer_id})

    def answer(self, body: str, at: datetime, *, by_customer: bool = False) -> None:
        self._fall_due(at)
        here = self.setting
        side = Side.CUSTOMER if by_customer else Side.ENGINEER
        author = here.requester_id if by_customer else here.engineer_id
        message = self._say(author, side, body, at)
        facts: dict[str, Any] = {"message": message.pk}
        status = Status(self.ticket.status)
        if by_customer and status is Status.WAITING_CUSTOMER:
            facts["pause"] = self._end_pause(at)
            status = Status.IN_PROGRESS
        self._record(Act.MESSAGE, at, side, author, status=status, facts=facts, text=body)

    def wait_for_customer(self, reason: str, at: datetime) -> None:
        self._fall_due(at)
        pause = bare_row(
            Pause, id=next(self.numbers.pause), ticket_id=self.ticket.pk, kind=PauseKind.CUSTOMER,
            reason=reason, began_at=at, began_by_id=self.setting.engineer_id,
        )  # fmt: skip
        self.pauses.append(pause)
        self._change(CommitmentKind.RESOLUTION, promises.suspend, at)
        self.ticket.waiting_reason = reason
        self._ours(
            Act.WAIT_CUSTOMER, at, Status.WAITING_CUSTOMER, {"pause": pause.pk, "until": None},
            text=reason,
        )  # fmt: skip

    def resolve(self, solution: str, at: datetime) -> None:
        self._fall_due(at)
        message = self._say(self.setting.engineer_id, Side.ENGINEER, solution, at)
        self._change(CommitmentKind.RESOLUTION, promises.meet, at)
        self.ticket.resolved_at = at
        self._ours(Act.RESOLVE, at, Status.RESOLVED, {"message": message.pk}, text=solution)

    def accept(self, at: datetime) -> None:
        self.ticket.closed_at = at
        self._record(Act.ACCEPT, at, Side.CUSTOMER, self.setting.requester_id, status=Status.CLOSED)

    def close(self) -> datetime:
        """By the clock, at the end of the window."""
        end = self.window_end()
        self.ticket.closed_at = end
        self._record(Act.CLOSE, end + AN_INSTANT, Side.CLOCK, None, status=Status.CLOSED,
                     effective_at=end)  # fmt: skip
        return end

    def window_end(self) -> datetime:
        if self.ticket.resolved_at is None:
            raise RuntimeError("only a resolved incident has a window")
        return window_end(self.setting.hours, self.ticket.resolved_at)

    def finish(self, at: datetime) -> None:
        """Bring the story up to `at`, and precompute what sweep and queue go by."""
        self._fall_due(at)
        looks = [promises.look_at(rung) for ahead in self._ahead.values() for rung in ahead]
        if self.ticket.status == Status.RESOLVED:
            looks.append(self.window_end() + AN_INSTANT)
        dues = [p.due_at for p in self.kept.values() if p.due_at and not p.is_over]
        self.ticket.next_check_at = min(looks, default=None)
        self.ticket.next_due_at = min(dues, default=None)
        for kind, promise in self.kept.items():
            copy_into(self.rows[kind], promise)

    # --- the same steps as tickets.operations.work, in memory ---------------------------------

    def _begin(self, kind: CommitmentKind, severity: Severity, at: datetime) -> None:
        here = self.setting
        self.kept[kind] = promises.begin(
            kind=kind, cycle=1, severity=severity,
            target=timedelta(minutes=here.targets[kind, severity]),
            pauses_on_vendor=here.pauses_on_vendor, hours=here.hours, at=at,
        )  # fmt: skip
        self.rows[kind] = bare_row(
            Commitment, id=next(self.numbers.commitment), ticket_id=self.ticket.pk, kind=kind,
            cycle=1,
            service_level_version_id=here.service_level_version_id,
            calendar_version_id=here.calendar_version_id,
            pauses_on_vendor=here.pauses_on_vendor, started_at=at,
        )  # fmt: skip
        self._look_ahead(kind)

    def _change(self, kind: CommitmentKind, change: Change, at: datetime) -> None:
        self.kept[kind] = change(self.kept[kind], self.setting.hours, at)
        self._look_ahead(kind)

    def _spans(self, kind: CommitmentKind) -> list[Span]:
        if kind is CommitmentKind.ACKNOWLEDGEMENT:
            return []
        return [(pause.began_at, pause.ended_at) for pause in self.pauses]

    def _look_ahead(self, kind: CommitmentKind) -> None:
        """The rungs still ahead of a promise: recomputed only when the promise changes."""
        promise = self.kept[kind]
        if promise.is_over:
            self._ahead[kind] = []
            return
        known = {rung.percent for rung in self.rungs if rung.commitment_id == self.rows[kind].pk}
        self._ahead[kind] = [
            rung
            for rung in promises.rungs(promise, self.setting.hours, self._spans(kind))
            if rung.percent not in known
        ]

    def _fall_due(self, at: datetime) -> None:
        fallen = [
            (rung, kind)
            for kind, ahead in self._ahead.items()
            for rung in ahead
            if promises.look_at(rung) <= at
        ]
        for rung, kind in sorted(fallen, key=lambda pair: (pair[0].at, pair[0].percent)):
            self._ahead[kind].remove(rung)
            self._reach(kind, rung)

    def _reach(self, kind: CommitmentKind, rung: promises.DueRung) -> None:
        if rung.percent == 100:
            self.kept[kind] = promises.breach(self.kept[kind])
        row = self.rows[kind]
        recorded_at = max(promises.look_at(rung), self.ticket.last_event_at)
        self.rungs.append(
            bare_row(
                Rung, id=next(self.numbers.rung), commitment_id=row.pk, percent=rung.percent,
                reached_at=rung.at, recorded_at=recorded_at,
            )
        )  # fmt: skip
        self._record(
            Act.RUNG, recorded_at, Side.CLOCK, None, effective_at=rung.at,
            facts={"commitment": row.pk, "kind": kind.value, "cycle": 1, "percent": rung.percent},
        )  # fmt: skip

    def _end_pause(self, at: datetime) -> int:
        pause = self.pauses[-1]
        pause.ended_at = at
        self._change(CommitmentKind.RESOLUTION, promises.resume, at)
        self.ticket.waiting_reason = ""
        return int(pause.pk)

    def _say(self, author_id: int, side: Side, body: str, at: datetime) -> Message:
        pk = next(self.numbers.message)
        message = bare_row(
            Message, id=pk, ticket_id=self.ticket.pk, author_id=author_id,
            side=side, body=body, written_at=at, form_token=uuid5(NAMESPACE_OID, f"message {pk}"),
        )  # fmt: skip
        self.messages.append(message)
        return message

    def _ours(
        self, act: Act, at: datetime, status: Status, facts: dict[str, Any], text: str = ""
    ) -> None:
        self._record(
            act, at, Side.ENGINEER, self.setting.engineer_id, status=status, facts=facts, text=text
        )

    def _record(
        self, act: Act, at: datetime, side: Side, actor_id: int | None, *,
        status: Status | None = None, before: str | None = None,
        facts: dict[str, Any] | None = None, text: str = "", effective_at: datetime | None = None,
    ) -> None:  # fmt: skip
        ticket = self.ticket
        status_before = ticket.status if before is None else before
        if status is not None:
            ticket.status = status
        event = bare_row(TicketEvent,
            id=next(self.numbers.event), ticket_id=ticket.pk, sequence=ticket.last_sequence + 1,
            act=act, side=side, actor_id=actor_id, origin=Origin.IMPORT, recorded_at=at,
            effective_at=effective_at or at, status_before=status_before,
            status_after=ticket.status,
            acknowledgement_due_at=self.kept[CommitmentKind.ACKNOWLEDGEMENT].due_at,
            resolution_due_at=self.kept[CommitmentKind.RESOLUTION].due_at,
            facts=facts or {}, recipients=[], text_digest=digest(text) if text else "",
            previous_hash=ticket.last_hash,
        )  # fmt: skip
        event.hash = chain_hash(event)
        self.events.append(event)
        ticket.last_sequence = event.sequence
        ticket.last_hash = event.hash
        ticket.last_event_at = at


# --- what happens in a story ---------------------------------------------------------------------

_TITLES = (
    "Revit se ferme à l’ouverture d’une maquette", "Impression des plans incomplète",
    "Licence réseau introuvable", "Calques perdus après conversion",
    "Lenteur à l’ouverture des assemblages", "Cotes fausses après mise à jour",
    "Export IFC vide", "Message d’erreur au démarrage", "Comment partager une bibliothèque ?",
    "Blocs dynamiques figés", "Synchronisation avec le central impossible",
    "Nomenclature qui ne se met plus à jour",
)  # fmt: skip
_SEVERITIES = (Severity.BLOCKING,) + (Severity.IMPAIRING,) * 5 + (Severity.INFORMATIONAL,) * 4


def live(story: Story, declared_at: datetime, until: datetime, *, stays_open: bool) -> Story:
    """Live one incident from its declaration until an instant, at most to its closure."""
    dice = story.dice
    title = dice.choice(_TITLES)
    body = "Bonjour, le problème se répète depuis ce matin sur deux postes. Merci de votre aide."
    story.declare(dice.choice(_SEVERITIES), title, body, declared_at)
    for step, working_minutes in _plan(dice, stays_open=stays_open):
        at = story.setting.hours.add(story.ticket.last_event_at, timedelta(minutes=working_minutes))
        if at > until:
            break
        step(story, at)
    if story.ticket.status == Status.RESOLVED and story.window_end() < until:
        story.close()
    story.finish(until)
    return story


Step = tuple[Callable[[Story, datetime], None], int]


def _plan(dice: random.Random, *, stays_open: bool) -> Iterator[Step]:
    """Acts and the working minutes before each; open incidents stop somewhere on the way."""
    if stays_open and dice.random() < 0.3:
        return
    yield Story.acknowledge, dice.choice((3, 8, 12, 20, 25, 40, 70, 150))
    yield _reply("Nous regardons. Pouvez-vous préciser la version exacte ?"), dice.randint(5, 90)
    if dice.random() < 0.4:
        yield _ask("La version exacte et le journal d’erreurs."), dice.randint(5, 60)
        if stays_open and dice.random() < 0.5:
            return
        yield _customer("Version 2027.1, le journal est joint."), dice.randint(10, 900)
    if stays_open:
        return
    yield (
        _solve("Mise à jour 2027.1.2 installée : le problème ne se produit plus."),
        dice.choice((30, 60, 120, 200, 400, 700, 1500)),
    )
    if dice.random() < 0.6:
        yield Story.accept, dice.randint(20, 1500)


def _reply(body: str) -> Callable[[Story, datetime], None]:
    return lambda story, at: story.answer(body, at)


def _customer(body: str) -> Callable[[Story, datetime], None]:
    return lambda story, at: story.answer(body, at, by_customer=True)


def _ask(reason: str) -> Callable[[Story, datetime], None]:
    return lambda story, at: story.wait_for_customer(reason, at)


def _solve(solution: str) -> Callable[[Story, datetime], None]:
    return lambda story, at: story.resolve(solution, at)
