"""Cases that broke other systems (SEMANTICS §4), on stored promises.

`tests/test_rules_census.py` says which test holds which case.
"""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Company
from sla.enums import CommitmentKind, Severity
from sla.holidays import french_holidays
from sla.queries import default_service_level
from tests.factories.accounts import (
    make_agency,
    make_company,
    make_contact,
    make_engineer,
    make_manager,
)
from tests.factories.licences import make_contract, make_product
from tests.factories.sla import (
    CHARTER,
    Targets,
    make_calendar,
    make_service_level,
    paris_hours,
)
from tests.factories.tickets import TUESDAY_10, acknowledged_ticket, make_ticket, promise
from tickets import operations
from tickets.clocks import preview, terms_for
from tickets.enums import Origin, Outcome
from tickets.models import Commitment, EventToTell, Rung, Ticket, TicketEvent
from tickets.verification import verify

pytestmark = pytest.mark.django_db
ACKNOWLEDGEMENT, RESOLUTION = CommitmentKind.ACKNOWLEDGEMENT, CommitmentKind.RESOLUTION
PARIS = ZoneInfo("Europe/Paris")


def paris(text: str) -> datetime:
    """Wall time of Paris as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=PARIS).astimezone(UTC)


def due(ticket: Ticket, kind: CommitmentKind = ACKNOWLEDGEMENT) -> str:
    """A stored deadline as wall time of Paris."""
    instant = promise(ticket, kind).due_at
    assert instant is not None
    return instant.astimezone(PARIS).strftime("%Y-%m-%d %H:%M:%S")


def company_under(hours: dict[str, object] | None = None, targets: Targets = CHARTER) -> Company:
    """A company with a contract of its own level, on a calendar of its own."""
    company = make_company()
    level = make_service_level(calendar=make_calendar(hours=hours), targets=targets)
    make_contract(company, service_level=level)
    return company


def wait(ticket: Ticket, at: datetime) -> None:
    assert ticket.assignee is not None
    operations.wait_for_customer(
        ticket_id=ticket.pk, actor=ticket.assignee, reason="Le journal ?", until=None, at=at
    )


def answer(ticket: Ticket, at: datetime) -> None:
    operations.post_message(
        ticket_id=ticket.pk, actor=ticket.requester, body="Le voici.", at=at, form_token=uuid4()
    )


# --- declared -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ("2026-11-20 17:45", "2026-11-23 09:15:00"),
        ("2026-04-03 17:45", "2026-04-07 09:15:00"),  # Easter Monday in between
    ],
)
def test_s2_declared_friday_1745_blocking_is_due_monday_or_tuesday_after_a_holiday(
    declared: str, expected: str
) -> None:
    assert due(make_ticket(at=paris(declared), severity=Severity.BLOCKING)) == expected


def test_s3_declared_sunday_is_counted_from_monday() -> None:
    ticket = make_ticket(at=paris("2026-11-22 15:12"), severity=Severity.BLOCKING)
    assert (due(ticket), due(ticket, RESOLUTION)) == (
        "2026-11-23 09:30:00",
        "2026-11-23 13:00:00",
    )


@pytest.mark.parametrize("declared", ["2026-11-24 18:00:00", "2026-11-25 08:59:59"])
def test_c1_declared_at_180000_or_085959_is_counted_from_the_opening(declared: str) -> None:
    ticket = make_ticket(at=paris(declared), severity=Severity.BLOCKING)
    assert due(ticket) == "2026-11-25 09:30:00"


def test_c1_declared_a_second_before_the_closing_uses_that_second() -> None:
    ticket = make_ticket(at=paris("2026-11-24 17:59:59"), severity=Severity.BLOCKING)
    assert due(ticket) == "2026-11-25 09:29:59"


def test_c10_half_day_closure_on_24_december() -> None:
    hours = paris_hours()
    eve = {"date": "2026-12-24", "from": "09:00", "to": "12:00"}
    holidays = [*hours["holidays"], "2026-12-24"]  # type: ignore[misc]  # the factory's list
    company = company_under({**hours, "holidays": holidays, "extra_openings": [eve]})
    ticket = make_ticket(company=company, at=paris("2026-12-24 11:45"), severity=Severity.BLOCKING)
    # A quarter of an hour on the eve, then Christmas and the week-end.
    assert due(ticket) == "2026-12-28 09:15:00"


@pytest.mark.parametrize(
    ("alsace", "expected"), [(True, "2026-04-07 09:15:00"), (False, "2026-04-03 09:15:00")]
)
def test_s2_an_alsace_moselle_agency_on_good_friday(alsace: bool, expected: str) -> None:
    hours = {**paris_hours(), "holidays": list(french_holidays(2026, alsace_moselle=alsace))}
    company = company_under(hours)
    company.agency = make_agency(name="Strasbourg", city="Strasbourg")
    company.save()
    ticket = make_ticket(company=company, at=paris("2026-04-02 17:45"), severity=Severity.BLOCKING)
    assert due(ticket) == expected


def test_s4_acknowledged_by_phone_before_the_incident_was_typed() -> None:
    company = company_under()
    make_manager()
    ticket = operations.declare(
        actor=make_engineer(), requester=make_contact(company), company=company,
        product=make_product(), severity=Severity.BLOCKING, title="Appel", body="Au téléphone",
        at=paris("2026-11-24 11:00"), began_at=paris("2026-11-24 09:10"),
        acknowledged_on_call=True, form_token=uuid4(), origin=Origin.PHONE,
    )  # fmt: skip
    row = promise(ticket, ACKNOWLEDGEMENT)
    assert (row.outcome, row.met_at, due(ticket), Rung.objects.filter(commitment=row).count()) == (
        Outcome.MET, paris("2026-11-24 09:10"), "2026-11-24 09:40:00", 0,
    )  # fmt: skip


def test_s13_no_valid_contract_at_declaration() -> None:
    company = make_company()
    make_contract(company, starts_on=date(2025, 1, 1), ends_on=date(2025, 12, 31))
    ticket = make_ticket(company=company)
    level = ticket.service_level_version.service_level
    assert (ticket.is_out_of_contract, level) == (True, default_service_level())


@pytest.mark.parametrize("missing", ["acknowledgement_blocking", "resolution_informational"])
def test_s12_a_missing_cell_in_the_table_cannot_be_stored(missing: str) -> None:
    version = default_service_level().versions.get()
    version.pk, version.effective_from = None, date(2030, 1, 1)
    setattr(version, missing, None)
    with pytest.raises(IntegrityError, match=missing), transaction.atomic():
        version.save(force_insert=True)


def test_s2_the_default_charter_has_its_targets_and_hours() -> None:
    version = default_service_level().versions.get()
    minutes = [[version.target_minutes(k, s) for s in Severity] for k in CommitmentKind]
    hours = version.calendar.versions.get().hours
    assert (minutes, hours["tz"], hours["weekly"]) == (
        [[30, 60, 120], [240, 540, 1620]],
        "Europe/Paris",
        {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
    )


@pytest.mark.parametrize("at", ["2026-11-24 10:00", "2026-11-24 18:00", "2026-11-21 03:00"])
def test_s16_what_is_shown_before_submitting_is_what_is_stored(at: str) -> None:
    company = company_under()
    shown = preview(terms_for(company, paris(at)), Severity.IMPAIRING, paris(at))
    ticket = make_ticket(company=company, at=paris(at))
    assert (shown.acknowledgement_due_at, shown.resolution_due_at) == tuple(
        promise(ticket, kind).due_at for kind in CommitmentKind
    )


# --- paused, reopened, replaced -------------------------------------------------------------------


def test_s5_a_pause_across_a_holiday_stops_the_clock_by_its_open_part_only() -> None:
    ticket = acknowledged_ticket(at=paris("2026-11-10 16:00"))
    wait(ticket, paris("2026-11-10 17:00"))
    # Armistice Day in between: an hour was used, eight are left from Thursday ten o'clock on.
    answer(ticket, paris("2026-11-12 10:00"))
    assert due(ticket, RESOLUTION) == "2026-11-12 18:00:00"


def test_s13_contract_replaced_while_open() -> None:
    company = company_under()
    ticket = make_ticket(company=company)
    before = list(Commitment.objects.filter(ticket=ticket).values())
    contract = company.contracts.get()
    contract.ends_on = TUESDAY_10.date()
    contract.save()
    shorter = make_service_level(targets=Targets((5, 5, 5), (10, 10, 10)))
    make_contract(company, service_level=shorter, starts_on=TUESDAY_10.date() + timedelta(days=1))
    operations.sweep_deadlines(at=TUESDAY_10 + timedelta(minutes=1))
    assert list(Commitment.objects.filter(ticket=ticket).values()) == before


def test_s9_a_reopened_incident_keeps_the_service_level_it_was_declared_under() -> None:
    company = company_under(targets=Targets((10, 20, 40), (60, 120, 240)))
    ticket = make_ticket(company=company)
    engineer = make_engineer()
    operations.acknowledge(ticket_id=ticket.pk, actor=engineer, at=TUESDAY_10)
    operations.resolve(ticket_id=ticket.pk, actor=engineer, solution="Réglé.", at=TUESDAY_10)
    company.contracts.update(ends_on=TUESDAY_10.date())
    next_day = TUESDAY_10 + timedelta(days=1)
    make_contract(company, starts_on=next_day.date())
    operations.reopen(ticket_id=ticket.pk, actor=engineer, reason="Encore.", at=next_day)
    assert [promise(ticket, kind).target_minutes for kind in CommitmentKind] == [20, 120]


def test_s9_after_the_window_a_new_incident_follows_under_the_level_of_its_day() -> None:
    company = company_under()
    old = make_ticket(company=company)
    engineer = make_engineer()
    operations.acknowledge(ticket_id=old.pk, actor=engineer, at=TUESDAY_10)
    operations.resolve(ticket_id=old.pk, actor=engineer, solution="Réglé.", at=TUESDAY_10)
    company.contracts.update(ends_on=TUESDAY_10.date())
    later = TUESDAY_10 + timedelta(days=20)
    of_that_day = make_service_level()
    make_contract(company, service_level=of_that_day, starts_on=later.date())
    with pytest.raises(operations.WindowClosed):
        operations.reopen(ticket_id=old.pk, actor=engineer, reason="Encore.", at=later)
    new = operations.declare(
        actor=old.requester, company=company, product=old.product, severity=Severity.IMPAIRING,
        title="Encore", body="Cela recommence.", at=later, form_token=uuid4(), follows=old,
    )  # fmt: skip
    assert (new.follows, new.service_level_version.service_level) == (old, of_that_day)


# --- the past, and a sweep that was down ----------------------------------------------------------


def test_s17_imported_with_past_dates_is_decided_in_the_past_and_tells_nobody() -> None:
    company = company_under()
    customer, engineer = make_contact(company), make_engineer()
    ticket = operations.declare(
        actor=customer, company=company, product=make_product(), severity=Severity.BLOCKING,
        title="Repris", body="De l’ancien outil.", at=paris("2026-02-03 10:00"),
        form_token=uuid4(), origin=Origin.IMPORT,
    )  # fmt: skip
    for act, at in (("acknowledge", "2026-02-03 10:45"), ("resolve", "2026-02-03 12:00")):
        more = {"solution": "Réglé."} if act == "resolve" else {}
        getattr(operations, act)(
            ticket_id=ticket.pk, actor=engineer, at=paris(at), origin=Origin.IMPORT, **more
        )
    outcomes = [promise(ticket, kind).outcome for kind in CommitmentKind]
    told = [event for event in TicketEvent.objects.filter(ticket=ticket) if event.recipients]
    assert (outcomes, told, EventToTell.objects.count(), list(verify())) == (
        [Outcome.BREACHED, Outcome.MET], [], 0, [],
    )  # fmt: skip


def test_s10_sweep_stopped_two_hours_then_restarted(caplog: pytest.LogCaptureFixture) -> None:
    ticket = make_ticket(severity=Severity.BLOCKING)
    operations.sweep_deadlines(at=TUESDAY_10 + timedelta(minutes=15))
    back = TUESDAY_10 + timedelta(minutes=135)
    with caplog.at_level(logging.WARNING):
        for _beat in range(2):
            operations.sweep_deadlines(at=back)
    rungs = Rung.objects.filter(commitment=promise(ticket, ACKNOWLEDGEMENT)).order_by("percent")
    found = [(r.percent, r.reached_at, r.recorded_at) for r in rungs]
    assert (found, [record.message for record in caplog.records]) == (
        [
            (50, TUESDAY_10 + timedelta(minutes=15), TUESDAY_10 + timedelta(minutes=15)),
            (75, TUESDAY_10 + timedelta(minutes=22, seconds=30), back),
            (100, TUESDAY_10 + timedelta(minutes=30), back),
            (150, TUESDAY_10 + timedelta(minutes=45), back),
        ],
        ["sweep_late"],
    )
