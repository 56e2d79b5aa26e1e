"""S1–S9 on stored promises: start, pause, resume, requalify, reopen."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from accounts.models import User
from foundation.refusals import Refusal
from sla.enums import CommitmentKind, Severity
from tests.factories.accounts import make_engineer, make_manager, make_user
from tests.factories.licences import make_contract, make_product
from tests.factories.sla import make_service_level
from tests.factories.tickets import TUESDAY_10, acknowledged_ticket, make_ticket, promise
from tickets import operations
from tickets.enums import Origin, Outcome, Status
from tickets.models import Commitment, Pause, Ticket

pytestmark = pytest.mark.django_db
ACKNOWLEDGEMENT, RESOLUTION = CommitmentKind.ACKNOWLEDGEMENT, CommitmentKind.RESOLUTION
FRIDAY_1745 = datetime(2026, 9, 18, 15, 45, tzinfo=UTC)


def at(minutes: int) -> datetime:
    """Minutes after Tuesday 10:00 in Paris."""
    return TUESDAY_10 + timedelta(minutes=minutes)


def paris_hour(instant: datetime | None) -> str:
    assert instant is not None
    return (instant + timedelta(hours=2)).strftime("%d %H:%M:%S")  # September: UTC+2


def wait(ticket: Ticket, engineer: User, instant: datetime) -> Ticket:
    return operations.wait_for_customer(
        ticket_id=ticket.pk, actor=engineer, reason="Le journal ?", until=None, at=instant
    )


def answer(ticket: Ticket, instant: datetime) -> None:
    operations.post_message(
        ticket_id=ticket.pk, actor=ticket.requester, body="Le voici.", at=instant,
        form_token=uuid4(),
    )  # fmt: skip


# --- S1–S4: two promises, from the instant of receipt -------------------------------------------


def test_s1_both_promises_are_copied_into_rows_of_their_own() -> None:
    ticket = make_ticket(severity=Severity.BLOCKING)
    rows = Commitment.objects.filter(ticket=ticket).values_list("kind", "cycle", "target_minutes")
    assert sorted(rows) == [("acknowledgement", 1, 30), ("resolution", 1, 240)]


def test_s3_declared_friday_1745_blocking_is_due_monday_0915() -> None:
    row = promise(make_ticket(at=FRIDAY_1745, severity=Severity.BLOCKING), ACKNOWLEDGEMENT)
    assert paris_hour(row.due_at) == "21 09:15:00"


def test_s3_a_call_starts_the_promises_when_it_began() -> None:
    engineer, customer = make_engineer(), make_ticket().requester
    ticket = operations.declare(
        actor=engineer, requester=customer, company=customer.companies.get(),
        product=make_product(), severity=Severity.BLOCKING, title="Appel", body="Au téléphone",
        at=at(25), began_at=at(0), form_token=uuid4(), origin=Origin.PHONE,
    )  # fmt: skip
    assert paris_hour(promise(ticket, ACKNOWLEDGEMENT).due_at) == "15 10:30:00"


def test_s3_a_call_in_the_future_is_refused() -> None:
    customer = make_ticket().requester
    with pytest.raises(Refusal, match="futur"):
        operations.declare(
            actor=make_engineer(), requester=customer, company=customer.companies.get(),
            product=make_product(), severity=Severity.BLOCKING, title="Appel", body="…",
            at=at(0), began_at=at(1), form_token=uuid4(),
        )  # fmt: skip


@pytest.mark.parametrize(("make", "refused"), [(make_engineer, True), (make_manager, False)])
def test_s3_a_call_older_than_five_working_days_needs_a_manager(make: type, refused: bool) -> None:
    customer = make_ticket().requester
    arguments = {
        "actor": make(), "requester": customer, "company": customer.companies.get(),
        "product": make_product(), "severity": Severity.BLOCKING, "title": "Appel", "body": "…",
        "at": at(0), "began_at": at(0) - timedelta(days=8), "form_token": uuid4(),
    }  # fmt: skip
    if refused:
        with pytest.raises(Refusal, match="responsable"):
            operations.declare(**arguments)
    else:
        assert operations.declare(**arguments).received_at == at(0) - timedelta(days=8)


def test_s4_taken_in_charge_during_the_call_is_met_at_its_start() -> None:
    customer = make_ticket().requester
    ticket = operations.declare(
        actor=make_engineer(), requester=customer, company=customer.companies.get(),
        product=make_product(), severity=Severity.BLOCKING, title="Appel", body="…", at=at(50),
        began_at=at(0), acknowledged_on_call=True, form_token=uuid4(),
    )  # fmt: skip
    row = promise(ticket, ACKNOWLEDGEMENT)
    assert (row.met_at, row.outcome) == (at(0), Outcome.MET)


def test_s4_the_tpc_is_never_paused() -> None:
    with pytest.raises(Refusal):
        wait(make_ticket(), make_engineer(), at(5))


# --- S5, S6: pauses -----------------------------------------------------------------------------


def test_s5_waiting_for_the_customer_pauses_the_resolution() -> None:
    engineer = make_engineer()
    ticket = acknowledged_ticket(engineer=engineer)
    wait(ticket, engineer, at(60))
    row = promise(ticket, RESOLUTION)
    assert (row.outcome, row.due_at, int(row.counted_seconds)) == (Outcome.PAUSED, None, 3600)


def test_s5_waiting_without_a_reason_is_refused() -> None:
    engineer = make_engineer()
    ticket = acknowledged_ticket(engineer=engineer)
    with pytest.raises(Refusal):
        operations.wait_for_customer(
            ticket_id=ticket.pk, actor=engineer, reason="  ", until=None, at=at(5)
        )


def test_s5_waiting_until_a_past_day_is_refused() -> None:
    engineer = make_engineer()
    ticket = acknowledged_ticket(engineer=engineer)
    with pytest.raises(Refusal):
        operations.wait_for_customer(
            ticket_id=ticket.pk, actor=engineer, reason="?", until=date(2026, 9, 14), at=at(5)
        )


@pytest.mark.parametrize(("pauses", "outcome"), [(True, Outcome.PAUSED), (False, Outcome.RUNNING)])
def test_s5_waiting_for_the_vendor_pauses_only_if_the_commitment_says_so(
    pauses: bool, outcome: Outcome
) -> None:
    ticket = make_ticket()
    level = make_service_level(pauses_on_vendor=pauses)
    make_contract(ticket.company, service_level=level)
    second = make_ticket(company=ticket.company, requester=ticket.requester)
    engineer = make_engineer()
    operations.acknowledge(ticket_id=second.pk, actor=engineer, at=at(1))
    operations.wait_for_vendor(
        ticket_id=second.pk, actor=engineer, reason="Correctif", until=None, at=at(30)
    )
    assert promise(second, RESOLUTION).outcome == outcome


def test_s6_paused_friday_answered_saturday_runs_again_monday() -> None:
    engineer = make_engineer()
    friday_16 = FRIDAY_1745 - timedelta(minutes=105)
    ticket = acknowledged_ticket(engineer=engineer, at=friday_16)
    wait(ticket, engineer, friday_16 + timedelta(hours=1))  # Friday 17:00: one hour of nine used
    answer(ticket, datetime(2026, 9, 19, 9, 0, tzinfo=UTC))
    assert paris_hour(promise(ticket, RESOLUTION).due_at) == "21 17:00:00"


def test_s6_the_answer_of_a_customer_resumes_the_incident() -> None:
    engineer = make_engineer()
    ticket = acknowledged_ticket(engineer=engineer)
    wait(ticket, engineer, at(10))
    answer(ticket, at(70))
    ticket.refresh_from_db()
    pause = Pause.objects.get(ticket=ticket)
    assert (ticket.status, ticket.waiting_reason, pause.ended_at) == (
        Status.IN_PROGRESS,
        "",
        at(70),
    )


def test_s6_a_message_while_waiting_for_the_vendor_leaves_the_pause() -> None:
    engineer = make_engineer()
    ticket = acknowledged_ticket(engineer=engineer)
    operations.wait_for_vendor(
        ticket_id=ticket.pk, actor=engineer, reason="Correctif", until=None, at=at(10)
    )
    answer(ticket, at(20))
    ticket.refresh_from_db()
    assert (ticket.status, Pause.objects.get(ticket=ticket).ended_at) == (
        Status.WAITING_VENDOR,
        None,
    )


def test_s6_two_pauses_in_a_day_add_up() -> None:
    engineer = make_engineer()
    ticket = acknowledged_ticket(engineer=engineer)
    for begin in (30, 120):
        wait(ticket, engineer, at(begin))
        answer(ticket, at(begin + 60))
    # Nine hours from 10:00 with two hours of pause: 18:00 today leaves three for tomorrow.
    assert paris_hour(promise(ticket, RESOLUTION).due_at) == "16 12:00:00"


# --- S7: requalification ------------------------------------------------------------------------


def requalify(ticket: Ticket, severity: Severity, instant: datetime) -> None:
    operations.requalify(
        ticket_id=ticket.pk, actor=make_engineer(), severity=severity, reason="Vu ensemble",
        at=instant,
    )  # fmt: skip


def test_s7_raising_leaves_at_most_the_new_target() -> None:
    ticket = make_ticket(severity=Severity.INFORMATIONAL)
    requalify(ticket, Severity.BLOCKING, at(10))
    assert paris_hour(promise(ticket, ACKNOWLEDGEMENT).due_at) == "15 10:40:00"


def test_s7_raising_never_gives_more_than_what_remained() -> None:
    ticket = make_ticket(severity=Severity.IMPAIRING)
    requalify(ticket, Severity.BLOCKING, at(50))
    assert paris_hour(promise(ticket, ACKNOWLEDGEMENT).due_at) == "15 11:00:00"


def test_s7_lowering_counts_the_new_target_from_the_start() -> None:
    ticket = make_ticket(severity=Severity.BLOCKING)
    requalify(ticket, Severity.IMPAIRING, at(10))
    assert paris_hour(promise(ticket, ACKNOWLEDGEMENT).due_at) == "15 11:00:00"


def test_s7_severity_raised_while_paused_keeps_the_pause() -> None:
    engineer = make_engineer()
    ticket = acknowledged_ticket(engineer=engineer, severity=Severity.IMPAIRING)
    wait(ticket, engineer, at(60))
    requalify(ticket, Severity.BLOCKING, at(90))
    answer(ticket, at(120))
    # Four hours remain from 12:00, when the answer came.
    assert paris_hour(promise(ticket, RESOLUTION).due_at) == "15 16:00:00"


def test_s7_a_breached_promise_does_not_move() -> None:
    ticket = make_ticket(severity=Severity.BLOCKING)
    requalify(ticket, Severity.INFORMATIONAL, at(45))
    row = promise(ticket, ACKNOWLEDGEMENT)
    assert (paris_hour(row.due_at), row.target_minutes) == ("15 10:30:00", 30)


def test_s7_both_severities_are_kept() -> None:
    ticket = make_ticket(severity=Severity.BLOCKING)
    requalify(ticket, Severity.IMPAIRING, at(5))
    ticket.refresh_from_db()
    assert (ticket.declared_severity, ticket.severity) == (Severity.BLOCKING, Severity.IMPAIRING)


def test_s7_requalifying_without_a_reason_is_refused() -> None:
    with pytest.raises(Refusal):
        operations.requalify(
            ticket_id=make_ticket().pk, actor=make_engineer(), severity=Severity.BLOCKING,
            reason="", at=at(5),
        )  # fmt: skip


# --- S9: solution, refusal, reopening -----------------------------------------------------------


def resolved_ticket(minutes: int = 60) -> Ticket:
    engineer = make_engineer()
    ticket = acknowledged_ticket(engineer=engineer)
    return operations.resolve(
        ticket_id=ticket.pk, actor=engineer, solution="Mise à jour.", at=at(minutes)
    )


def test_s9_resolving_stops_the_resolution() -> None:
    assert promise(resolved_ticket(), RESOLUTION).met_at == at(60)


def test_s9_resolving_ends_a_pause_first() -> None:
    engineer = make_engineer()
    ticket = acknowledged_ticket(engineer=engineer)
    wait(ticket, engineer, at(10))
    operations.resolve(ticket_id=ticket.pk, actor=engineer, solution="Trouvé.", at=at(30))
    row = promise(ticket, RESOLUTION)
    assert (row.outcome, int(row.counted_seconds)) == (Outcome.MET, 600)


def test_s9_reopening_starts_a_new_cycle_with_full_targets() -> None:
    ticket = resolved_ticket()
    operations.reopen(ticket_id=ticket.pk, actor=ticket.requester, reason="Encore", at=at(90))
    row = promise(ticket, ACKNOWLEDGEMENT, cycle=2)
    assert (row.started_at, paris_hour(row.due_at)) == (at(90), "15 12:30:00")


def test_s9_the_old_cycle_is_frozen() -> None:
    ticket = resolved_ticket()
    before = Commitment.objects.filter(ticket=ticket, cycle=1).values()
    frozen = list(before)
    operations.reopen(ticket_id=ticket.pk, actor=ticket.requester, reason="Encore", at=at(90))
    assert list(before.all()) == frozen


def test_s9_a_reopened_incident_keeps_its_engineer() -> None:
    ticket = resolved_ticket()
    engineer = ticket.assignee
    operations.reopen(ticket_id=ticket.pk, actor=ticket.requester, reason="Encore", at=at(90))
    ticket.refresh_from_db()
    assert (ticket.status, ticket.assignee) == (Status.DECLARED, engineer)


def test_s9_after_the_window_reopening_is_refused() -> None:
    ticket = resolved_ticket()
    with pytest.raises(operations.WindowClosed):
        operations.reopen(
            ticket_id=ticket.pk, actor=ticket.requester, reason="Encore",
            at=TUESDAY_10 + timedelta(days=15),
        )  # fmt: skip


def test_s9_an_unrefused_solution_is_closed_at_the_end_of_its_window() -> None:
    ticket = resolved_ticket()
    operations.sweep_deadlines(at=TUESDAY_10 + timedelta(days=15))
    ticket.refresh_from_db()
    # Ten working days after Tuesday 15: Tuesday 29, at 18:00.
    assert (ticket.status, paris_hour(ticket.closed_at)) == (Status.CLOSED, "29 18:00:00")


def test_s9_an_act_after_the_window_finds_the_incident_closed() -> None:
    ticket = resolved_ticket()
    with pytest.raises(Refusal, match="Clos"):
        operations.accept(
            ticket_id=ticket.pk, actor=ticket.requester, at=TUESDAY_10 + timedelta(days=20)
        )


def test_a_message_on_a_resolved_incident_changes_nothing() -> None:
    ticket = resolved_ticket()
    answer(ticket, at(70))
    ticket.refresh_from_db()
    assert ticket.status == Status.RESOLVED


def test_s13_without_a_contract_the_charter_applies_and_the_incident_says_so() -> None:
    ticket = make_ticket()
    code = ticket.service_level_version.service_level.code
    assert (ticket.is_out_of_contract, code) == (True, "charte")


def test_s13_a_contract_replaced_while_open_moves_nothing() -> None:
    ticket = make_ticket()
    before = promise(ticket, RESOLUTION).due_at
    make_contract(ticket.company)
    operations.acknowledge(ticket_id=ticket.pk, actor=make_engineer(), at=at(5))
    assert promise(ticket, RESOLUTION).due_at == before


def test_a_person_who_is_no_engineer_cannot_take_charge() -> None:
    with pytest.raises(Refusal):
        operations.acknowledge(ticket_id=make_ticket().pk, actor=make_user(), at=at(5))
