"""Three months of incidents, lived act by act in time order through the operations."""

from __future__ import annotations

import heapq
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from functools import partial
from itertools import count, cycle
from uuid import UUID

from django.core.files.base import ContentFile
from django.db.models import Case, When

from accounts.models import Company, User
from files.operations import store
from licences.models import Product
from portal.demo.story.incidents import (
    ESCALATION,
    ESCALATION_ANSWER,
    HIGHER_SEVERITY,
    LATE_ESCALATION,
    PLOTS,
    Plot,
)
from portal.demo.story.typography import french
from sla.enums import Severity
from sla.hours import OpeningHours
from sla.models import CalendarVersion
from tickets import operations
from tickets.enums import Origin, Status
from tickets.models import Ticket


class Fate(Enum):
    """Where an incident of the story stands at the end."""

    ACCEPTED = auto()
    CLOSED_BY_THE_CLOCK = auto()
    RESOLVED = auto()
    IN_PROGRESS = auto()
    WAITING_CUSTOMER = auto()
    WAITING_VENDOR = auto()
    DECLARED = auto()
    CANCELLED = auto()
    REOPENED_AND_CLOSED = auto()
    REOPENED = auto()


FATES = Counter({
    Fate.ACCEPTED: 52, Fate.CLOSED_BY_THE_CLOCK: 24, Fate.IN_PROGRESS: 9, Fate.RESOLVED: 8,
    Fate.WAITING_CUSTOMER: 6, Fate.DECLARED: 5, Fate.CANCELLED: 5, Fate.REOPENED_AND_CLOSED: 5,
    Fate.WAITING_VENDOR: 4, Fate.REOPENED: 2,
})  # fmt: skip

# Days before now at which an incident with this fate was declared; the rest is minutes ago.
_OLD = {
    Fate.ACCEPTED: (6, 90), Fate.CLOSED_BY_THE_CLOCK: (24, 91), Fate.CANCELLED: (3, 80),
    Fate.REOPENED_AND_CLOSED: (30, 85), Fate.RESOLVED: (3, 6), Fate.REOPENED: (4, 6),
    Fate.WAITING_VENDOR: (1, 3),
}  # fmt: skip
_RECENT_MINUTES = {
    Fate.DECLARED: (2, 45), Fate.IN_PROGRESS: (35, 330), Fate.WAITING_CUSTOMER: (150, 900),
}  # fmt: skip

Step = tuple[int, Callable[[datetime], object]]


@dataclass
class Incident:
    """One incident of the story and the people in it."""

    plot: Plot
    fate: Fate
    company: Company
    requester: User
    engineer: User
    dice: random.Random
    token: UUID
    ticket_id: int = 0

    def steps(self) -> Iterator[Step]:
        """Working minutes after the act before, and the act."""
        if self.fate is Fate.DECLARED:
            return
        if self.fate is Fate.CANCELLED:
            yield self._minutes(20, 90), self._cancel
            return
        yield from self._take_charge_and_ask()
        if self.fate in {Fate.WAITING_CUSTOMER, Fate.IN_PROGRESS, Fate.WAITING_VENDOR}:
            return
        yield from self._solve()
        if self.fate in {Fate.REOPENED, Fate.REOPENED_AND_CLOSED}:
            yield self._minutes(200, 900), self._reopen
            if self.fate is Fate.REOPENED:
                return
            yield self._minutes(5, 25), self._acknowledge
            yield from self._solve()
        if self.fate in {Fate.ACCEPTED, Fate.REOPENED_AND_CLOSED}:
            yield self._minutes(30, 1200), self._accept

    def _take_charge_and_ask(self) -> Iterator[Step]:
        yield self._time_to_take_charge(), self._acknowledge
        if self.plot.note:
            yield self._minutes(2, 15), self._note
        if self.fate is Fate.IN_PROGRESS:
            return
        if self.fate is Fate.WAITING_VENDOR:
            yield self._minutes(40, 200), self._wait_for_vendor
            return
        yield self._minutes(5, 45), self._ask
        if self.fate is not Fate.WAITING_CUSTOMER:
            yield self._minutes(15, 400), self._answer

    def _solve(self) -> Iterator[Step]:
        if self.plot.severity != Severity.INFORMATIONAL and self.dice.random() < 0.15:
            yield self._minutes(5, 20), self._requalify
        yield self._minutes(*_RESOLUTION[self.plot.severity]), self._resolve

    def _minutes(self, least: int, most: int) -> int:
        return self.dice.randint(least, most)

    def _time_to_take_charge(self) -> int:
        """Mostly well within the promise; one in nine is late."""
        promised = _PROMISED[self.plot.severity]
        if self.dice.random() < 0.11:
            return promised + self._minutes(4, 50)
        return self._minutes(3, max(4, promised // 2 - 3))

    # --- acts ---------------------------------------------------------------------------------

    def declare(self, at: datetime) -> None:
        files = []
        if self.plot.file:
            content = ContentFile(_file_content(self.plot))
            files = [store(name=self.plot.file, content=content, actor=self.requester, at=at)]
        product = Product.objects.get(name=self.plot.product)
        ticket = operations.declare(
            actor=self.requester, company=self.company, product=product,
            severity=self.plot.severity, title=french(self.plot.title),
            body=french(self.plot.body), at=at, form_token=self.token, files=files,
            site=self.dice.choice([*self.company.sites.all(), None]), origin=Origin.DEMO,
        )  # fmt: skip
        self.ticket_id = ticket.pk

    def _acknowledge(self, at: datetime) -> None:
        operations.acknowledge(
            ticket_id=self.ticket_id, actor=self.engineer, at=at, origin=Origin.DEMO
        )

    def _note(self, at: datetime) -> None:
        operations.add_note(
            ticket_id=self.ticket_id, actor=self.engineer, body=french(self.plot.note), at=at,
            form_token=self._token(), origin=Origin.DEMO,
        )  # fmt: skip

    def _ask(self, at: datetime) -> None:
        operations.wait_for_customer(
            ticket_id=self.ticket_id, actor=self.engineer, reason=french(self.plot.question),
            until=None, at=at, origin=Origin.DEMO,
        )  # fmt: skip

    def _answer(self, at: datetime) -> None:
        operations.post_message(
            ticket_id=self.ticket_id, actor=self.requester, body=french(self.plot.answer), at=at,
            form_token=self._token(), origin=Origin.DEMO,
        )  # fmt: skip

    def _wait_for_vendor(self, at: datetime) -> None:
        operations.wait_for_vendor(
            ticket_id=self.ticket_id, actor=self.engineer, until=None, at=at, origin=Origin.DEMO,
            reason=french("L’éditeur a reproduit le problème et prépare un correctif."),
        )  # fmt: skip

    def _requalify(self, at: datetime) -> None:
        lower = Ticket.objects.get(pk=self.ticket_id).severity == Severity.BLOCKING
        operations.requalify(
            ticket_id=self.ticket_id, actor=self.engineer, at=at, origin=Origin.DEMO,
            severity=Severity.IMPAIRING if lower else Severity.BLOCKING,
            reason=french(
                "Un contournement permet de travailler en attendant."
                if lower
                else "Toute l’équipe est maintenant arrêtée : nous traitons en priorité."
            ),
        )  # fmt: skip

    def _resolve(self, at: datetime) -> None:
        operations.resolve(
            ticket_id=self.ticket_id, actor=self.engineer, solution=french(self.plot.solution),
            at=at, form_token=self._token(), origin=Origin.DEMO,
        )  # fmt: skip

    def _reopen(self, at: datetime) -> None:
        operations.reopen(
            ticket_id=self.ticket_id, actor=self.requester, at=at, form_token=self._token(),
            reason=french("Le problème est revenu ce matin, sur un autre poste."),
            origin=Origin.DEMO,
        )  # fmt: skip

    def _accept(self, at: datetime) -> None:
        operations.accept(ticket_id=self.ticket_id, actor=self.requester, at=at, origin=Origin.DEMO)

    def _cancel(self, at: datetime) -> None:
        operations.cancel(
            ticket_id=self.ticket_id, actor=self.requester, at=at, form_token=self._token(),
            reason=french("Fausse alerte : un redémarrage a suffi."), origin=Origin.DEMO,
        )  # fmt: skip

    def _token(self) -> UUID:
        return UUID(int=self.dice.getrandbits(128))


_PROMISED = {Severity.BLOCKING: 30, Severity.IMPAIRING: 60, Severity.INFORMATIONAL: 120}
_RESOLUTION = {
    Severity.BLOCKING: (25, 150), Severity.IMPAIRING: (60, 420),
    Severity.INFORMATIONAL: (120, 1100),
}  # fmt: skip


def _file_content(plot: Plot) -> bytes:
    if plot.file.endswith(".dxf"):
        return b"0\nSECTION\n2\nHEADER\n9\n$ACADVER\n1\nAC1032\n0\nENDSEC\n0\nEOF\n"
    return f"{plot.product} ; {plot.title}\nFichier de démonstration.\n".encode()


# --- the order of time -------------------------------------------------------------------------


class Timeline:
    """All acts of all incidents in time order, and the clock's own acts between theirs."""

    def __init__(self, now: datetime, hours: OpeningHours) -> None:
        self._now = now
        self._hours = hours
        self._heap: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self._numbers = count()

    def plan(self, at: datetime, act: Callable[[datetime], None]) -> None:
        """Acts that would be in the future do not happen."""
        if at <= self._now:
            heapq.heappush(self._heap, (at, next(self._numbers), act))

    def begin(self, incident: Incident, declared_at: datetime) -> None:
        self.plan(declared_at, partial(self._live, incident, incident.steps(), incident.declare))

    def run(self) -> None:
        while self._heap:
            at, _number, act = heapq.heappop(self._heap)
            act(at)

    def _live(
        self, incident: Incident, steps: Iterator[Step], act: Callable[[datetime], object],
        at: datetime,
    ) -> None:  # fmt: skip
        act(at)
        self._look_again(incident)
        upcoming = next(steps, None)
        if upcoming is not None:
            minutes, following = upcoming
            then = self._hours.add(at, timedelta(minutes=minutes))
            self.plan(then, partial(self._live, incident, steps, following))

    def _look_again(self, incident: Incident) -> None:
        look_at = Ticket.objects.values_list("next_check_at", flat=True).get(pk=incident.ticket_id)
        if look_at is not None:
            self.plan(look_at, partial(self._look, incident))

    def _look(self, incident: Incident, at: datetime) -> None:
        if operations.record_due(ticket_id=incident.ticket_id, at=at, origin=Origin.DEMO):
            self._look_again(incident)


def tell(now: datetime) -> None:
    """Live all incidents of the story."""
    hours = CalendarVersion.objects.get(calendar__code="bureaux").opening_hours()
    timeline = Timeline(now, hours)
    for incident, declared_at in _incidents(now, hours):
        timeline.begin(incident, declared_at)
    timeline.run()
    _ask(now)


def _ask(now: datetime) -> None:
    """What customers ask for while an engineer works: escalated and answered, escalated and
    owed, another severity awaited. Those that the demo's own client sees come first.
    """
    client = User.objects.get(email="client@demo.example")
    manager = User.objects.get(email="responsable@demo.example")
    nearest = Case(
        When(requester=client, then=0), When(company__in=client.companies.all(), then=1), default=2
    )
    worked_on = Ticket.objects.open().exclude(status=Status.DECLARED)
    chosen = list(worked_on.order_by(nearest, "pk"))
    raisable = [ticket for ticket in chosen if ticket.severity != Severity.BLOCKING]
    for ticket in raisable[:1]:
        chosen.remove(ticket)
        operations.ask_severity(
            ticket_id=ticket.pk, actor=ticket.requester, severity=Severity.BLOCKING,
            reason=french(HIGHER_SEVERITY), at=now - timedelta(minutes=12), origin=Origin.DEMO,
        )  # fmt: skip
    for ticket, reason in zip(chosen, (ESCALATION, LATE_ESCALATION), strict=False):
        operations.escalate(
            ticket_id=ticket.pk, actor=ticket.requester, reason=french(reason),
            at=now - timedelta(minutes=25), origin=Origin.DEMO,
        )  # fmt: skip
    for ticket in chosen[:1]:
        operations.answer_escalation(
            ticket_id=ticket.pk, actor=manager, answer=french(ESCALATION_ANSWER),
            at=now - timedelta(minutes=10), origin=Origin.DEMO,
        )  # fmt: skip


def _incidents(now: datetime, hours: OpeningHours) -> Iterator[tuple[Incident, datetime]]:
    """The 120 incidents and when each was declared; always the same for the same day."""
    dice = random.Random(2026)  # noqa: S311  (a story, not a secret)
    plots = cycle(PLOTS)
    owners = {
        company: list(company.licences.values_list("product__name", flat=True))
        for company in Company.objects.order_by("pk")
    }
    engineers = list(User.objects.engineers().exclude(email="responsable@demo.example"))
    fates = sorted(FATES.elements(), key=lambda _fate: dice.random())
    for number, fate in enumerate(fates):
        plot = next(plots)
        company = _owner(owners, plot, dice)
        local = [e for e in engineers if e.agency_id == company.agency_id]
        yield (
            Incident(
                plot, fate, company, dice.choice(list(company.members.order_by("pk"))),
                dice.choice(local or engineers), dice, UUID(int=dice.getrandbits(128)),
            ),
            _declared_at(fate, now, hours, dice) + timedelta(seconds=number),
        )  # fmt: skip


def _owner(owners: dict[Company, list[str]], plot: Plot, dice: random.Random) -> Company:
    return dice.choice([company for company, names in owners.items() if plot.product in names])


def _declared_at(fate: Fate, now: datetime, hours: OpeningHours, dice: random.Random) -> datetime:
    """During opening hours, for most; a few come in the evening or at the week-end."""
    if fate in _RECENT_MINUTES:
        return _working_time_before(now, dice.randint(*_RECENT_MINUTES[fate]), hours)
    at = now - timedelta(days=dice.uniform(*_OLD[fate]))
    if hours.is_open(at) or dice.random() < 0.12:
        return at
    opened = hours.next_opening(at) + timedelta(minutes=dice.randint(2, 500))
    # After a long week-end the next opening may still be ahead.
    return min(opened, _working_time_before(now, 60, hours))


def _working_time_before(now: datetime, minutes: int, hours: OpeningHours) -> datetime:
    """The latest quarter of an hour from which `minutes` have been worked until now."""
    at = now - timedelta(minutes=minutes)
    while hours.elapsed(at, now) < timedelta(minutes=minutes):
        at -= timedelta(minutes=15)
    return at
