"""S10, S11, S14, S17, S18: rungs, breaches, corrections, cancellation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from foundation.refusals import Refusal
from sla.enums import CommitmentKind, Severity
from tests.factories.accounts import (
    make_absence,
    make_agency,
    make_company,
    make_engineer,
    make_manager,
    make_site,
)
from tests.factories.tickets import TUESDAY_10, acknowledged_ticket, make_ticket, promise
from tickets import operations
from tickets.enums import Act, Outcome, Status
from tickets.models import EventToTell, Rung, Ticket, TicketEvent

pytestmark = pytest.mark.django_db
ACKNOWLEDGEMENT, RESOLUTION = CommitmentKind.ACKNOWLEDGEMENT, CommitmentKind.RESOLUTION


def at(minutes: float) -> datetime:
    return TUESDAY_10 + timedelta(minutes=minutes)


def rungs(ticket: Ticket, kind: CommitmentKind = ACKNOWLEDGEMENT) -> list[tuple[int, datetime]]:
    found = Rung.objects.filter(commitment__ticket=ticket, commitment__kind=kind)
    return list(found.order_by("percent").values_list("percent", "reached_at"))


def rung_event(ticket: Ticket, percent: int) -> TicketEvent:
    """That of the acknowledgement, whose rungs fall first."""
    return TicketEvent.objects.get(
        ticket=ticket, act=Act.RUNG, facts__percent=percent, facts__kind="acknowledgement"
    )


def test_s10_rungs_are_dated_at_their_own_instant_not_the_sweeps() -> None:
    ticket = make_ticket()
    operations.sweep_deadlines(at=at(200))
    assert rungs(ticket) == [(50, at(30)), (75, at(45)), (100, at(60)), (150, at(90))]


def test_s10_a_second_sweep_records_nothing_again() -> None:
    make_ticket()
    operations.sweep_deadlines(at=at(200))
    assert operations.sweep_deadlines(at=at(200)) == 0


def test_s10_half_way_is_recorded_and_tells_nobody() -> None:
    ticket = make_ticket()
    operations.sweep_deadlines(at=at(31))
    assert rung_event(ticket, 50).recipients == []


def test_s11_a_warning_tells_the_engineers_on_duty_while_nobody_is_assigned() -> None:
    agency = make_agency()
    present, absent, substitute = (make_engineer(agency=agency) for _n in range(3))
    substitute.agency = make_agency()
    substitute.save()
    day = TUESDAY_10.date()
    make_absence(absent, starts_on=day, ends_on=day, substitute=substitute)
    ticket = make_ticket(company=make_company(agency=agency))
    operations.sweep_deadlines(at=at(46))
    assert rung_event(ticket, 75).recipients == sorted([present.pk, substitute.pk])


def test_s10_a_warning_tells_the_assignee() -> None:
    engineer = make_engineer()
    ticket = make_ticket()
    operations.assign(
        ticket_id=ticket.pk, actor=make_engineer(), assignee=engineer, note="À toi.", at=at(1)
    )
    operations.sweep_deadlines(at=at(46))
    assert rung_event(ticket, 75).recipients == [engineer.pk]


def test_s11_the_substitute_of_an_absent_engineer_is_told() -> None:
    absent, substitute, colleague = (make_engineer() for _n in range(3))
    day = TUESDAY_10.date()
    make_absence(absent, starts_on=day, ends_on=day, substitute=substitute)
    ticket = make_ticket(company=make_company(agency=absent.agency))
    operations.assign(
        ticket_id=ticket.pk, actor=colleague, assignee=absent, note="À toi.", at=at(1)
    )
    operations.sweep_deadlines(at=at(46))
    assert rung_event(ticket, 75).recipients == sorted([absent.pk, substitute.pk])


def test_s11_an_absent_assignee_without_substitute_leaves_the_warning_to_those_on_duty() -> None:
    agency = make_agency()
    absent, present = make_engineer(agency=agency), make_engineer(agency=agency)
    make_absence(absent, starts_on=TUESDAY_10.date(), ends_on=TUESDAY_10.date())
    ticket = make_ticket(company=make_company(agency=agency))
    operations.assign(ticket_id=ticket.pk, actor=present, assignee=absent, note="À toi.", at=at(1))
    operations.sweep_deadlines(at=at(46))
    assert rung_event(ticket, 75).recipients == sorted([absent.pk, present.pk])


def test_s11_a_substitute_who_is_absent_too_stands_in_for_nobody() -> None:
    agency = make_agency()
    absent, away, present = (make_engineer(agency=agency) for _n in range(3))
    day = TUESDAY_10.date()
    make_absence(absent, starts_on=day, ends_on=day, substitute=away)
    make_absence(away, starts_on=day, ends_on=day)
    ticket = make_ticket(company=make_company(agency=agency))
    operations.assign(ticket_id=ticket.pk, actor=present, assignee=absent, note="À toi.", at=at(1))
    operations.sweep_deadlines(at=at(46))
    assert rung_event(ticket, 75).recipients == sorted([absent.pk, present.pk])


def test_s11_an_assignee_back_from_an_absence_is_told_alone() -> None:
    engineer, substitute = make_engineer(), make_engineer()
    day_before = TUESDAY_10.date() - timedelta(days=1)
    make_absence(engineer, starts_on=day_before, ends_on=day_before, substitute=substitute)
    ticket = make_ticket()
    operations.assign(
        ticket_id=ticket.pk, actor=make_engineer(), assignee=engineer, note="À toi.", at=at(1)
    )
    operations.sweep_deadlines(at=at(46))
    assert rung_event(ticket, 75).recipients == [engineer.pk]


def test_s11_who_is_absent_is_judged_on_the_day_the_mail_leaves() -> None:
    # Found on Tuesday at 20:00: the mail leaves on Wednesday, when one is away and one is back.
    agency = make_agency()
    leaving, back = make_engineer(agency=agency), make_engineer(agency=agency)
    tuesday = TUESDAY_10.date()
    make_absence(back, starts_on=tuesday, ends_on=tuesday)
    wednesday = tuesday + timedelta(days=1)
    make_absence(leaving, starts_on=wednesday, ends_on=wednesday)
    ticket = make_ticket(company=make_company(agency=agency))
    operations.sweep_deadlines(at=at(600))
    assert rung_event(ticket, 75).recipients == [back.pk]


def test_s11_a_site_with_its_own_agency_alerts_that_agency() -> None:
    company = make_company(agency=make_agency())
    of_company, of_site = make_engineer(agency=company.agency), make_engineer()
    site = make_site(company=company, agency=of_site.agency)
    there = make_ticket(company=company, site=site)
    elsewhere = make_ticket(company=company)
    operations.sweep_deadlines(at=at(46))
    assert rung_event(there, 75).recipients == [of_site.pk]
    assert rung_event(elsewhere, 75).recipients == [of_company.pk]


def test_s10_a_breach_tells_the_managers_too() -> None:
    engineer, manager = make_engineer(), make_manager()
    ticket = make_ticket()
    operations.assign(
        ticket_id=ticket.pk, actor=manager, assignee=engineer, note="À toi.", at=at(1)
    )
    operations.sweep_deadlines(at=at(61))
    assert rung_event(ticket, 100).recipients == sorted([engineer.pk, manager.pk])


def test_s11_a_rung_never_tells_a_customer() -> None:
    ticket = make_ticket()
    operations.sweep_deadlines(at=at(200))
    told = {
        pk
        for event in TicketEvent.objects.filter(ticket=ticket, act=Act.RUNG)
        for pk in event.recipients
    }
    assert ticket.requester_id not in told


def test_s10_mail_of_a_rung_waits_for_the_desk_to_open() -> None:
    # Declared at 17:30: 75 % of an hour falls at 9:15 the next morning, seen by a sweep at 20:00
    # the day after: the mail leaves at the next opening.
    make_engineer()
    ticket = make_ticket(at=datetime(2026, 9, 15, 15, 30, tzinfo=UTC))
    operations.sweep_deadlines(at=datetime(2026, 9, 16, 18, 0, tzinfo=UTC))
    row = EventToTell.objects.get(event=rung_event(ticket, 75))
    assert row.not_before == datetime(2026, 9, 17, 7, 0, tzinfo=UTC)


def test_s10_a_rung_found_by_the_act_that_ends_the_promise_tells_nobody() -> None:
    make_manager()
    ticket = acknowledged_ticket(taken_at=at(70))
    assert rung_event(ticket, 100).recipients == []


def test_s10_a_rung_that_a_requalification_puts_before_it_is_dated_at_the_change() -> None:
    ticket = make_ticket(severity=Severity.INFORMATIONAL)
    operations.requalify(
        ticket_id=ticket.pk, actor=make_engineer(), severity=Severity.BLOCKING, reason="Arrêt",
        at=at(55),
    )  # fmt: skip
    # Thirty minutes remain of what began 55 minutes ago: half of the 85 is already past.
    assert rungs(ticket) == [(50, at(55))]


def test_s10_a_rung_that_a_requalification_while_paused_puts_before_it_is_told() -> None:
    # 720 minutes are used of what becomes 720 + 240: three quarters, whether it stands or runs.
    engineer = make_engineer()
    ticket = acknowledged_ticket(severity=Severity.INFORMATIONAL, engineer=engineer)
    wednesday_13 = datetime(2026, 9, 16, 11, 0, tzinfo=UTC)
    operations.wait_for_customer(
        ticket_id=ticket.pk, actor=engineer, reason="Le journal ?", until=None, at=wednesday_13
    )
    change = wednesday_13 + timedelta(hours=1)
    operations.requalify(
        ticket_id=ticket.pk, actor=make_manager(), severity=Severity.BLOCKING, reason="Arrêt",
        at=change,
    )  # fmt: skip
    event = TicketEvent.objects.get(ticket=ticket, act=Act.RUNG, facts__percent=75)
    assert (event.effective_at, event.recipients) == (change, [engineer.pk])


def test_s17_met_at_the_due_instant_is_met() -> None:
    ticket = acknowledged_ticket(taken_at=at(60))
    assert promise(ticket, ACKNOWLEDGEMENT).outcome == Outcome.MET


def test_s17_a_microsecond_later_is_breached_at_the_due_instant() -> None:
    ticket = acknowledged_ticket(taken_at=at(60) + timedelta(microseconds=1))
    row = promise(ticket, ACKNOWLEDGEMENT)
    assert (row.outcome, row.breached_at) == (Outcome.BREACHED, at(60))


def test_s17_the_result_does_not_depend_on_when_the_sweep_ran() -> None:
    swept, unswept = make_ticket(), make_ticket()
    for minute in range(0, 120, 7):
        operations.record_due(ticket_id=swept.pk, at=at(minute))
    for ticket in (swept, unswept):
        operations.acknowledge(ticket_id=ticket.pk, actor=make_engineer(), at=at(120))
    assert rungs(swept) == rungs(unswept)


def test_s18_cancelling_leaves_open_promises_void() -> None:
    ticket = make_ticket()
    operations.cancel(
        ticket_id=ticket.pk, actor=ticket.requester, reason="Fausse alerte", at=at(10)
    )
    assert promise(ticket, RESOLUTION).outcome == Outcome.VOID


def test_s18_what_already_fell_due_is_recorded_before_the_cancellation() -> None:
    ticket = make_ticket()
    operations.cancel(ticket_id=ticket.pk, actor=ticket.requester, reason="Trop tard", at=at(90))
    assert promise(ticket, ACKNOWLEDGEMENT).breached_at == at(60)


def test_s18_a_customer_cannot_cancel_what_is_taken_in_charge() -> None:
    ticket = acknowledged_ticket()
    with pytest.raises(Refusal):
        operations.cancel(
            ticket_id=ticket.pk, actor=ticket.requester, reason="Finalement", at=at(10)
        )


# --- S14: corrections ---------------------------------------------------------------------------


def correct(ticket: Ticket, acknowledged_at: datetime, now: datetime) -> Ticket:
    return operations.correct_acknowledgement(
        ticket_id=ticket.pk, actor=make_manager(), acknowledged_at=acknowledged_at,
        reason="Pris par téléphone", at=now,
    )  # fmt: skip


def test_s14_a_breach_that_no_longer_holds_leaves_the_row() -> None:
    ticket = acknowledged_ticket(taken_at=at(90))
    correct(ticket, at(40), at(120))
    row = promise(ticket, ACKNOWLEDGEMENT)
    assert (row.breached_at, row.met_at) == (None, at(40))


def test_s14_the_breach_stays_in_the_history() -> None:
    ticket = acknowledged_ticket(taken_at=at(90))
    correct(ticket, at(40), at(120))
    assert rung_event(ticket, 100).effective_at == at(60)


def test_s14_the_reverse_records_the_breach_at_its_due_instant_without_mail() -> None:
    ticket = acknowledged_ticket(taken_at=at(20))
    correct(ticket, at(80), at(120))
    event = rung_event(ticket, 100)
    assert (promise(ticket, ACKNOWLEDGEMENT).breached_at, event.recipients) == (at(60), [])


def test_s14_where_none_was_recorded_the_incident_is_taken_in_charge() -> None:
    ticket = correct(make_ticket(), at(15), at(40))
    assert (ticket.status, ticket.acknowledged_at) == (Status.IN_PROGRESS, at(15))


@pytest.mark.parametrize("minutes", [-1, 121])
def test_s14_before_the_declaration_or_in_the_future_is_refused(minutes: int) -> None:
    with pytest.raises(Refusal):
        correct(acknowledged_ticket(), at(minutes), at(120))


def test_s14_an_engineer_may_not_correct() -> None:
    with pytest.raises(Refusal, match="responsable"):
        operations.correct_acknowledgement(
            ticket_id=acknowledged_ticket().pk, actor=make_engineer(), acknowledged_at=at(1),
            reason="Erreur", at=at(10),
        )  # fmt: skip
