"""Random histories through the real operations: rows = recomputation = judge (S1–S17).

A normal run plays 200; with PORTAL_TORTURE=1 in the environment 10,000. Every difference is a
defect somewhere: the history that hypothesis prints can be pasted into a test.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from pytest_django import DjangoDbBlocker

from accounts.models import Company, User
from foundation.refusals import Refusal
from foundation.wording import paris
from licences.models import Product, SupportContract
from sla.enums import CommitmentKind, Severity
from sla.models import CalendarVersion, ServiceLevelVersion
from sla.queries import _hours
from tests.factories.accounts import make_company, make_contact, make_engineer, make_manager
from tests.factories.licences import make_contract, make_product
from tests.factories.sla import (
    Targets,
    make_calendar,
    make_calendar_version,
    make_service_level,
    make_service_level_version,
)
from tests.own_database import own_database
from tests.plugins.databases import Databases
from tests.tickets.histories import History, histories, unanswered
from tests.tickets.history_oracle import Done, Judge, Promised, Watch, instant, stamp
from tickets import operations
from tickets.models import Ask, Commitment, Message, Note, Pause, Rung, Ticket, TicketEvent
from tickets.verification import verify

TORTURE = os.environ.get("PORTAL_TORTURE") == "1"
played = settings(
    max_examples=10_000 if TORTURE else 200,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

LONG_AGO = date(2005, 1, 1)
ONE_DAY = timedelta(days=1)
# What a new contract promises: nothing that an open incident may ever be seen to follow.
OTHER = Targets((7, 8, 9), (70, 80, 90))


class Cast(NamedTuple):
    """Who acts, in every history."""

    company: Company
    product: Product
    customer: User
    engineer: User
    manager: User


@pytest.fixture(scope="module")
def cast(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, databases: Databases
) -> Iterator[Cast]:
    """A database of this module's own: people once, each history rolled back.

    Its calendar versions have numbers that those of the other tests' database had: the opening
    hours kept in memory by number are forgotten on the way in and on the way out.
    """
    with ExitStack() as stack:
        stack.enter_context(own_database(databases, django_db_blocker, "histories"))
        stack.callback(_hours.cache_clear)
        _hours.cache_clear()
        company = make_company()
        yield Cast(company, make_product(), make_contact(company), make_engineer(), make_manager())


@played
@given(history=histories())
def test_s17_rows_recomputation_and_judge_agree_on_a_random_history(
    cast: Cast, history: History
) -> None:
    with transaction.atomic():
        play(history, Stage(cast, history.promised))
        transaction.set_rollback(True)


@settings(played, max_examples=2_000 if TORTURE else 30)
@given(history=unanswered())
def test_s17_the_closure_of_an_unanswered_question_is_the_judges(
    cast: Cast, history: History
) -> None:
    with transaction.atomic():
        play(history, Stage(cast, history.promised))
        transaction.set_rollback(True)


def play(history: History, stage: Stage) -> None:
    """Each act on both sides, then all that is stored beside all that the judge saw."""
    judge = Judge(history.promised)
    for number, act in enumerate(history.acts):
        accepted = judge.apply(act)
        before = None if accepted else stage.rows()
        assert stage.act(act) == accepted, f"act {number} of\n{history}"
        assert before is None or stage.rows() == before, f"act {number} left a trace in\n{history}"
    ticket = Ticket.objects.get(pk=stage.ticket_id)
    found = (ticket.status, ticket.severity, ticket.cycle)
    assert found == (judge.status, judge.severity, judge.cycle), str(history)
    assert stage.promises(judge) == judged(judge), str(history)
    asked = (judge.is_escalated, judge.is_answered, judge.wants_severity)
    assert stage.asks() == asked, str(history)
    assert list(verify([ticket.reference])) == [], str(history)


class Stood(NamedTuple):
    """A promise as it stands at the end, whoever says so."""

    kind: str
    cycle: int
    severity: str
    minutes: int
    started: datetime
    used: timedelta
    due: datetime | None
    met: datetime | None
    breached: datetime | None
    void: datetime | None
    stopped: datetime | None
    rungs: dict[int, datetime]


def judged(judge: Judge) -> list[Stood]:
    """The promises as the judge saw them."""
    return [
        Stood(
            watch.kind, watch.cycle, watch.severity, watch.target // 60_000_000,
            instant(watch.started), timedelta(microseconds=watch.used), _when(_due(judge, watch)),
            _when(watch.met), _when(watch.breached), _when(watch.voided), _when(watch.ended),
            {percent: instant(at) for percent, at in watch.rungs.items()},
        )
        for watch in judge.watches
    ]  # fmt: skip


def _due(judge: Judge, watch: Watch) -> int | None:
    return watch.due if watch.ended is not None else judge.due(watch)


def _when(at: int | None) -> datetime | None:
    return None if at is None else instant(at)


class Stage:
    """The database's side of a history."""

    def __init__(self, cast: Cast, promised: Promised) -> None:
        self.cast = cast
        self.ticket_id = 0
        self.calendar = make_calendar(effective_from=LONG_AGO, hours=promised.calendar)
        targets = Targets(*(_three(promised, kind) for kind in CommitmentKind))
        self.level = make_service_level(
            effective_from=LONG_AGO, calendar=self.calendar, targets=targets,
            pauses_on_vendor=promised.pauses_on_vendor,
        )  # fmt: skip
        self.contract = make_contract(
            cast.company, service_level=self.level, starts_on=LONG_AGO, ends_on=date(2099, 1, 1)
        )

    def act(self, act: Done) -> bool:
        """Whether the portal accepts the act."""
        try:
            with transaction.atomic():
                self._acts()[act.what](act)
        except Refusal:
            return False
        return True

    def _acts(self) -> dict[str, Callable[[Done], Any]]:
        return {
            "declare": self._declare,
            "acknowledge": lambda act: operations.acknowledge(**self._by(act)),
            "wait_customer": lambda act: operations.wait_for_customer(
                **self._by(act), reason="Le journal ?", until=None
            ),
            "wait_vendor": lambda act: operations.wait_for_vendor(
                **self._by(act), reason="Un correctif.", until=None
            ),
            "resume": lambda act: operations.resume(**self._by(act)),
            "message": lambda act: operations.post_message(
                **self._by(act), body="Voici.", form_token=uuid4()
            ),
            "note": lambda act: operations.add_note(
                **self._by(act), body="À revoir.", form_token=uuid4()
            ),
            "assign": lambda act: operations.assign(
                **self._by(act), assignee=self.cast.manager, note="À toi."
            ),
            "requalify": lambda act: operations.requalify(
                **self._by(act), severity=_severity(act), reason="Vu ensemble."
            ),
            "resolve": lambda act: operations.resolve(**self._by(act), solution="Réglé."),
            "accept": lambda act: operations.accept(**self._by(act)),
            "reopen": lambda act: operations.reopen(**self._by(act), reason="Encore."),
            "cancel": lambda act: operations.cancel(**self._by(act), reason="Fausse alerte."),
            "correct": self._correct,
            "escalate": lambda act: operations.escalate(**self._by(act), reason="Arrêt."),
            "answer": lambda act: operations.answer_escalation(**self._by(act), answer="Oui."),
            "ask_severity": lambda act: operations.ask_severity(
                **self._by(act), severity=_severity(act), reason="Toute l’équipe."
            ),
            "decline": lambda act: operations.decline_severity(
                **self._by(act), ask_id=self._latest_ask(), reason="Un détour."
            ),
            "contract": self._replace_contract,
            "level": self._edit_level_and_calendar,
            "sweep": lambda act: operations.sweep_deadlines(at=act.at),
        }

    def _by(self, act: Done) -> dict[str, Any]:
        return {"ticket_id": self.ticket_id, "actor": getattr(self.cast, act.by), "at": act.at}

    def _declare(self, act: Done) -> None:
        ticket = operations.declare(
            actor=getattr(self.cast, act.by), requester=self.cast.customer,
            company=self.cast.company, product=self.cast.product, severity=_severity(act),
            title="Revit se ferme", body="Depuis ce matin.", at=act.at, form_token=uuid4(),
            began_at=act.moment, acknowledged_on_call=act.on_call,
        )  # fmt: skip
        self.ticket_id = ticket.pk

    def _correct(self, act: Done) -> None:
        assert act.moment is not None
        operations.correct_acknowledgement(
            **self._by(act), acknowledged_at=act.moment, reason="Pris par téléphone."
        )

    def _latest_ask(self) -> int:
        asks = Ask.objects.severities().filter(ticket=self.ticket_id).order_by("-pk")
        return asks.values_list("pk", flat=True).first() or 0

    def asks(self) -> tuple[bool, bool, bool]:
        """Escalated, answered, waiting for another severity."""
        own = Ask.objects.filter(ticket=self.ticket_id)
        return (
            own.escalations().exists(),
            own.escalations().filter(answered_at__isnull=False).exists(),
            own.severities().unanswered().exists(),
        )

    def _replace_contract(self, act: Done) -> None:
        """Another contract, under another level, from this day on (S13)."""
        day = max(paris(act.at).date(), self.contract.starts_on + ONE_DAY)
        SupportContract.objects.filter(pk=self.contract.pk).update(ends_on=day - ONE_DAY)
        level = make_service_level(effective_from=LONG_AGO, targets=OTHER, calendar=self.calendar)
        self.contract = make_contract(
            self.cast.company, service_level=level, starts_on=day, ends_on=date(2099, 1, 1)
        )

    def _edit_level_and_calendar(self, act: Done) -> None:
        """New versions of what the incident was promised under, from this day on (S12)."""
        day = paris(act.at).date()
        while ServiceLevelVersion.objects.filter(
            service_level=self.level, effective_from=day
        ).exists():
            day += ONE_DAY
        make_service_level_version(
            self.level, effective_from=day, calendar=self.calendar, targets=OTHER
        )
        make_calendar_version(self.calendar, effective_from=day)

    def rows(self) -> list[Any]:
        """All that an act could leave on the incident."""
        own = {"ticket_id": self.ticket_id}
        return [
            list(Ticket.objects.filter(pk=self.ticket_id).values()),
            *(
                list(model._default_manager.filter(**own).order_by("pk").values())
                for model in (Commitment, Pause, Message, Note, Ask)
            ),
            list(Rung.objects.filter(commitment__ticket_id=self.ticket_id).order_by("pk").values()),
            TicketEvent.objects.filter(**own).count(),
        ]

    def promises(self, judge: Judge) -> list[Stood]:
        """The stored promises; of one that runs, the time used until now."""
        rungs: dict[int, dict[int, datetime]] = {}
        for rung in Rung.objects.filter(commitment__ticket_id=self.ticket_id):
            rungs.setdefault(rung.commitment_id, {})[rung.percent] = rung.reached_at
        rows = Commitment.objects.filter(ticket_id=self.ticket_id).order_by("cycle", "kind")
        return [
            Stood(
                row.kind, row.cycle, row.severity, row.target_minutes, row.started_at,
                _used(row, judge), row.due_at, row.met_at, row.breached_at, row.voided_at,
                row.stopped_at, rungs.get(row.pk, {}),
            )
            for row in rows
        ]  # fmt: skip


def _three(promised: Promised, kind: CommitmentKind) -> tuple[int, int, int]:
    blocking, impairing, informational = (promised.minutes[kind, of] for of in Severity)
    return blocking, impairing, informational


def _used(row: Commitment, judge: Judge) -> timedelta:
    used = timedelta(microseconds=int(row.counted_seconds * 1_000_000))
    if row.counting_since is None:
        return used
    since = judge.desk.counted(stamp(row.counting_since), judge.now)
    return used + timedelta(microseconds=since)


def _severity(act: Done) -> Severity:
    assert act.severity is not None
    return act.severity


def test_the_calendar_versions_of_a_history_are_its_own(cast: Cast) -> None:
    """Rolled back, no history leaves its calendar to the next (hours are kept by id)."""
    assert not CalendarVersion.objects.filter(effective_from=LONG_AGO).exists()
