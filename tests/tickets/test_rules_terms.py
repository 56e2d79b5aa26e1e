"""S12: new calendars and service levels, applied to open incidents or not at all."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import User
from foundation.refusals import Refusal
from sla.enums import CommitmentKind, Severity
from sla.models import Calendar, CalendarVersion, ServiceLevel, ServiceLevelVersion
from tests.factories.accounts import make_company, make_contact, make_engineer, make_manager
from tests.factories.licences import make_contract
from tests.factories.sla import (
    Targets,
    make_calendar,
    make_calendar_version,
    make_service_level,
    make_service_level_version,
    paris_hours,
)
from tests.factories.tickets import TUESDAY_10, make_ticket, promise
from tickets import operations
from tickets.enums import Act, Outcome
from tickets.models import Commitment, EarlierTerms, EventToTell, Message, Ticket, TicketEvent
from tickets.operations import LeftAsItIs
from tickets.queries.clocks import ledger_of, pauses_of
from tickets.verification import verify

pytestmark = pytest.mark.django_db
ACKNOWLEDGEMENT, RESOLUTION = CommitmentKind.ACKNOWLEDGEMENT, CommitmentKind.RESOLUTION
TODAY = date(2026, 9, 15)
# Gênant: 60 min and 9 h become 45 min and 6 h.
SHORTER = Targets(acknowledgement=(20, 45, 90), resolution=(3 * 60, 6 * 60, 20 * 60))
LONGER = Targets(acknowledgement=(40, 90, 180), resolution=(5 * 60, 12 * 60, 30 * 60))


def at(minutes: float) -> datetime:
    """Minutes after Tuesday 10:00 in Paris."""
    return TUESDAY_10 + timedelta(minutes=minutes)


def paris_hour(instant: datetime | None) -> str:
    assert instant is not None
    return (instant.astimezone(UTC) + timedelta(hours=2)).strftime("%d %H:%M")  # September: UTC+2


class Shop:
    """A company under a contract, its level and calendar, and who works for it."""

    def __init__(self, *, pauses_on_vendor: bool = False) -> None:
        self.calendar: Calendar = make_calendar()
        self.level: ServiceLevel = make_service_level(
            calendar=self.calendar, pauses_on_vendor=pauses_on_vendor
        )
        self.company = make_company()
        make_contract(self.company, service_level=self.level)
        self.customer: User = make_contact(self.company)
        self.engineer: User = make_engineer()
        self.manager: User = make_manager()

    def ticket(self, *, taken: bool = True, started: datetime = TUESDAY_10) -> Ticket:
        ticket = make_ticket(requester=self.customer, company=self.company, at=started)
        if taken:
            operations.acknowledge(ticket_id=ticket.pk, actor=self.engineer, at=started)
        return Ticket.objects.get(pk=ticket.pk)

    def new_level(self, targets: Targets = SHORTER, **options: Any) -> ServiceLevelVersion:
        options = {"calendar": self.calendar, **options}
        return make_service_level_version(
            self.level, effective_from=TODAY, targets=targets, **options
        )

    def new_calendar(self, opens: str = "09:00", closes: str = "18:00") -> CalendarVersion:
        return make_calendar_version(
            self.calendar, effective_from=TODAY, hours=paris_hours(opens=opens, closes=closes)
        )

    def apply(
        self, ticket: Ticket, version: ServiceLevelVersion | CalendarVersion, instant: datetime
    ) -> Ticket:
        return operations.apply_terms(
            ticket_id=ticket.pk, actor=self.manager, version=version, at=instant,
            reason="Le contrat a changé.",
        )  # fmt: skip

    def wait(self, ticket: Ticket, instant: datetime, *, vendor: bool = False) -> None:
        act = operations.wait_for_vendor if vendor else operations.wait_for_customer
        act(ticket_id=ticket.pk, actor=self.engineer, reason="Journal ?", until=None, at=instant)

    def answer(self, ticket: Ticket, instant: datetime) -> None:
        operations.post_message(
            ticket_id=ticket.pk, actor=self.customer, body="Voici.", at=instant, form_token=uuid4()
        )

    def resume(self, ticket: Ticket, instant: datetime) -> None:
        operations.resume(ticket_id=ticket.pk, actor=self.engineer, at=instant)


@pytest.fixture
def shop() -> Shop:
    return Shop()


def rows_of(ticket: Ticket) -> list[tuple[Any, ...]]:
    return list(Commitment.objects.filter(ticket=ticket).order_by("pk").values_list())


def clean() -> list[Any]:
    return list(verify())


# --- without the act ------------------------------------------------------------------------------


def test_s12_nothing_moves_without_the_act(shop: Shop) -> None:
    ticket = shop.ticket(taken=False)
    before = rows_of(ticket)
    shop.new_level()
    shop.new_calendar(closes="12:00")
    operations.sweep_deadlines(at=at(10))
    operations.add_note(
        ticket_id=ticket.pk, actor=shop.engineer, body="Vu.", at=at(11), form_token=uuid4()
    )
    assert rows_of(ticket) == before


def test_s12_a_replaced_contract_moves_nothing(shop: Shop) -> None:
    ticket = shop.ticket()
    before = rows_of(ticket)
    shop.company.contracts.update(service_level=make_service_level(targets=SHORTER))
    operations.sweep_deadlines(at=at(30))
    assert rows_of(ticket) == before


def test_s12_an_incident_declared_after_the_date_follows_the_new_version(shop: Shop) -> None:
    shop.new_level()
    row = promise(shop.ticket(started=at(1)), RESOLUTION)
    assert row.target_minutes == 360


# --- remaining = new target − used ------------------------------------------------------------


def test_s12_remaining_is_the_new_target_less_what_was_used(shop: Shop) -> None:
    ticket = shop.ticket(taken=False)
    shop.apply(ticket, shop.new_level(), at(30))
    found = [paris_hour(promise(ticket, kind).due_at) for kind in (ACKNOWLEDGEMENT, RESOLUTION)]
    assert found == ["15 10:45", "15 16:00"]


def test_s12_what_remains_is_counted_on_the_new_calendar_from_the_act(shop: Shop) -> None:
    """Two of nine hours used at noon; the desk closes at 16:00 from now on."""
    ticket = shop.ticket()
    shop.apply(ticket, shop.new_calendar(closes="16:00"), at(120))
    assert paris_hour(promise(ticket, RESOLUTION).due_at) == "16 12:00"


def test_s12_an_act_while_the_desk_is_closed_counts_from_the_new_opening(shop: Shop) -> None:
    """Eight hours used on Tuesday evening; the last one begins at 07:00 on the new calendar."""
    ticket = shop.ticket()
    shop.apply(ticket, shop.new_calendar(opens="07:00"), at(11 * 60))
    assert paris_hour(promise(ticket, RESOLUTION).due_at) == "16 08:00"


def test_s12_a_requalified_promise_is_used_in_the_terms_of_its_present_target(shop: Shop) -> None:
    """Raised after 3 h: 4 h remain of 4 h. New conditions an hour later: 3 h − 1 h."""
    ticket = shop.ticket()
    operations.requalify(
        ticket_id=ticket.pk, actor=shop.manager, severity=Severity.BLOCKING, reason="Arrêt.",
        at=at(180),
    )  # fmt: skip
    shop.apply(ticket, shop.new_level(), at(240))
    row = promise(ticket, RESOLUTION)
    assert (row.target_minutes, paris_hour(row.due_at), clean()) == (180, "15 16:00", [])


def test_s12_nothing_left_leaves_the_incident_as_it_is(shop: Shop) -> None:
    """The TPC has used 50 of its new 45 minutes: the resolution is not touched either."""
    ticket = shop.ticket(taken=False)
    before = rows_of(ticket)
    with pytest.raises(LeftAsItIs, match=r"prise en charge est déjà consommé"):
        shop.apply(ticket, shop.new_level(), at(50))
    assert rows_of(ticket) == before


def test_s12_exactly_nothing_left_is_nothing(shop: Shop) -> None:
    with pytest.raises(LeftAsItIs):
        shop.apply(shop.ticket(taken=False), shop.new_level(), at(45))


def test_s12_decided_promises_do_not_move_by_one_byte(shop: Shop) -> None:
    ticket = shop.ticket()
    kept = Commitment.objects.values().get(ticket=ticket, kind=ACKNOWLEDGEMENT)
    shop.apply(ticket, shop.new_level(), at(30))
    assert Commitment.objects.values().get(pk=kept["id"]) == kept


def test_s17_a_breached_promise_never_moves(shop: Shop) -> None:
    """Found by the act itself, not by a sweep: the TPC fell due at 11:00."""
    ticket = shop.ticket(taken=False)
    shop.apply(ticket, shop.new_level(LONGER), at(61))
    broken, other = promise(ticket, ACKNOWLEDGEMENT), promise(ticket, RESOLUTION)
    found = (paris_hour(broken.breached_at), broken.target_minutes, other.target_minutes)
    assert (found, clean()) == (("15 11:00", 60, 720), [])


def test_s17_at_its_deadline_a_promise_still_moves(shop: Shop) -> None:
    ticket = shop.ticket(taken=False)
    shop.apply(ticket, shop.new_level(LONGER), at(60))
    assert paris_hour(promise(ticket, ACKNOWLEDGEMENT).due_at) == "15 11:30"


def test_s12_a_closed_cycle_stays_and_the_next_one_follows_the_new_terms(shop: Shop) -> None:
    ticket = shop.ticket()
    version, calendar = shop.new_level(), shop.new_calendar(closes="16:00")
    shop.apply(ticket, version, at(60))
    operations.resolve(ticket_id=ticket.pk, actor=shop.engineer, solution="Fait.", at=at(90))
    closed = rows_of(ticket)
    operations.reopen(ticket_id=ticket.pk, actor=shop.customer, reason="Non.", at=at(120))
    row = promise(ticket, RESOLUTION)
    found = (row.target_minutes, row.service_level_version, row.calendar_version)
    assert (found, rows_of(ticket)[:2], clean()) == ((360, version, calendar), closed, [])


def test_s7_a_later_requalification_takes_the_new_targets(shop: Shop) -> None:
    """Lowering after a change of calendar: start + new target, each part on its own hours."""
    ticket = shop.ticket()
    shop.apply(ticket, shop.new_calendar(opens="11:00", closes="16:00"), at(120))
    operations.requalify(
        ticket_id=ticket.pk, actor=shop.manager, severity=Severity.INFORMATIONAL,
        reason="Contourné.", at=at(240),
    )  # fmt: skip
    # Of 27 h, 4 are used (2 before the opening of the new calendar), 2 remain on Tuesday, then
    # 5 a day until Monday, and 1.
    assert (paris_hour(promise(ticket, RESOLUTION).due_at), clean()) == ("22 12:00", [])


# --- while paused -----------------------------------------------------------------------------


def test_s12_while_paused_what_remains_changes_and_nothing_is_due(shop: Shop) -> None:
    ticket = shop.ticket()
    shop.wait(ticket, at(120))
    shop.apply(ticket, shop.new_level(), at(180))
    paused = promise(ticket, RESOLUTION)
    assert (paused.due_at, paused.outcome, paused.target_minutes) == (None, Outcome.PAUSED, 360)
    shop.answer(ticket, at(240))
    assert (paris_hour(promise(ticket, RESOLUTION).due_at), clean()) == ("15 18:00", [])


def test_s5_new_terms_that_do_not_pause_for_the_vendor_start_the_clock() -> None:
    shop = Shop(pauses_on_vendor=True)
    ticket = shop.ticket()
    shop.wait(ticket, at(60), vendor=True)
    shop.apply(ticket, shop.new_level(), at(120))
    row = promise(ticket, RESOLUTION)
    assert (paris_hour(row.due_at), row.outcome, clean()) == ("15 17:00", Outcome.RUNNING, [])


def test_s5_new_terms_that_pause_for_the_vendor_stop_it_from_the_act_on(shop: Shop) -> None:
    ticket = shop.ticket()
    shop.wait(ticket, at(60), vendor=True)
    shop.apply(ticket, shop.new_level(pauses_on_vendor=True), at(120))
    assert promise(ticket, RESOLUTION).outcome is Outcome.PAUSED
    shop.resume(ticket, at(180))
    assert (paris_hour(promise(ticket, RESOLUTION).due_at), clean()) == ("15 17:00", [])


# --- the ledger -----------------------------------------------------------------------------------


@pytest.mark.parametrize("moment", [120, 11 * 60, 15 * 60])
def test_s15_the_ledger_of_two_calendars_adds_up(shop: Shop, moment: int) -> None:
    """In hours, at night, and in a window that only the old calendar has."""
    ticket = shop.ticket()
    if moment == 15 * 60:
        shop.calendar.versions.update(hours=paris_hours(closes="24:00"))
    shop.apply(ticket, shop.new_calendar(opens="07:00", closes="16:00"), at(moment))
    row = promise(ticket, RESOLUTION)
    assert row.due_at is not None
    lines = ledger_of(row, row.due_at, pauses_of(ticket)).lines
    counted = sum((line.length for line in lines if line.counted), timedelta())
    whole = sum((line.length for line in lines), timedelta())
    told = [line.end for line in lines if "nouvelles conditions ensuite" in line.what]
    assert (counted, whole, told) == (timedelta(hours=9), row.due_at - row.started_at, [at(moment)])


def test_s15_a_vendors_pause_is_judged_by_the_terms_of_each_instant(shop: Shop) -> None:
    ticket = shop.ticket()
    shop.wait(ticket, at(60), vendor=True)
    shop.apply(ticket, shop.new_level(pauses_on_vendor=True), at(120))
    shop.resume(ticket, at(180))
    row = promise(ticket, RESOLUTION)
    assert row.due_at is not None
    lines = ledger_of(row, row.due_at, pauses_of(ticket)).lines
    kinds = [(paris_hour(line.start), str(line.kind)) for line in lines]
    assert kinds == [("15 10:00", "counted"), ("15 12:00", "paused"), ("15 13:00", "counted")]


def test_s10_rungs_go_by_both_calendars(shop: Shop) -> None:
    """Half of nine hours: three on Tuesday from 10:00, which the new calendar would not count
    whole, and 11:30 to 13:00 on Wednesday.
    """
    ticket = shop.ticket()
    shop.apply(ticket, shop.new_calendar(opens="11:30", closes="13:00"), at(120))
    operations.sweep_deadlines(at=at(5 * 24 * 60))
    reached = dict(promise(ticket, RESOLUTION).rungs.values_list("percent", "reached_at"))
    assert (paris_hour(reached[50]), clean()) == ("16 13:00", [])


def test_s10_rungs_that_the_act_puts_before_itself_are_dated_at_the_act(shop: Shop) -> None:
    ticket = shop.ticket()
    shop.apply(ticket, shop.new_level(), at(300))
    reached = dict(promise(ticket, RESOLUTION).rungs.values_list("percent", "reached_at"))
    assert (reached, clean()) == ({50: at(270), 75: at(300)}, [])


# --- the history ----------------------------------------------------------------------------------


def test_s12_the_event_holds_what_recomputes_the_promise(shop: Shop) -> None:
    ticket = shop.ticket()
    version = shop.new_level()
    shop.apply(ticket, version, at(60))
    event = TicketEvent.objects.get(ticket=ticket, act=Act.RESTATE)
    assert (event.facts["service_level_version"][1], event.facts["targets"], clean()) == (
        version.pk, {"resolution": [540, 360]}, [],
    )  # fmt: skip


def test_s12_terms_applied_twice_are_both_kept(shop: Shop) -> None:
    ticket = shop.ticket()
    shop.apply(ticket, shop.new_level(), at(60))
    shop.apply(ticket, shop.new_calendar(closes="16:00"), at(120))
    kept = list(EarlierTerms.objects.values_list("until", "target_minutes"))
    assert (kept, clean()) == ([(at(60), 540), (at(120), 360)], [])


@pytest.mark.parametrize("column", ["target_minutes", "until"])
def test_s12_an_altered_row_of_earlier_terms_is_named(shop: Shop, column: str) -> None:
    ticket = shop.ticket()
    shop.apply(ticket, shop.new_level(), at(60))
    value = {"target_minutes": 1, "until": at(61)}[column]
    EarlierTerms.objects.update(**{column: value})
    [difference] = clean()
    assert difference.reference == ticket.reference
    assert "conditions antérieures" in difference.what


def test_s12_a_promise_put_back_on_its_old_version_is_named(shop: Shop) -> None:
    ticket = shop.ticket()
    row = promise(ticket, RESOLUTION)
    shop.apply(ticket, shop.new_level(), at(60))
    Commitment.objects.filter(pk=row.pk).update(service_level_version=row.service_level_version_id)
    assert [difference.reference for difference in clean()] == [ticket.reference]


# --- who, when, and who is told -----------------------------------------------------------------


def test_s12_only_a_manager_applies_new_terms(shop: Shop) -> None:
    ticket = shop.ticket()
    with pytest.raises(Refusal, match="responsable"):
        operations.apply_terms(
            ticket_id=ticket.pk, actor=shop.engineer, version=shop.new_level(), at=at(5),
            reason="Motif.",
        )  # fmt: skip


def test_s12_a_reason_is_mandatory(shop: Shop) -> None:
    with pytest.raises(Refusal, match="motif"):
        operations.apply_terms(
            ticket_id=shop.ticket().pk, actor=shop.manager, version=shop.new_level(), at=at(5),
            reason=" ",
        )  # fmt: skip


def test_s12_a_version_to_come_is_not_applied(shop: Shop) -> None:
    version = make_service_level_version(
        shop.level, effective_from=TODAY + timedelta(days=1), calendar=shop.calendar
    )
    with pytest.raises(Refusal, match=r"ne prennent effet que le"):
        shop.apply(shop.ticket(), version, at(5))


def test_g2_new_terms_are_for_open_incidents(shop: Shop) -> None:
    ticket = shop.ticket()
    operations.resolve(ticket_id=ticket.pk, actor=shop.engineer, solution="Fait.", at=at(5))
    with pytest.raises(Refusal):
        shop.apply(ticket, shop.new_level(), at(6))


def test_s12_the_same_terms_twice_are_applied_once(shop: Shop) -> None:
    ticket, version = shop.ticket(), shop.new_level()
    shop.apply(ticket, version, at(5))
    with pytest.raises(LeftAsItIs, match="déjà ces conditions"):
        shop.apply(ticket, version, at(6))


def test_s12_customers_are_told_once_and_read_why(shop: Shop) -> None:
    ticket = shop.ticket()
    shop.apply(ticket, shop.new_level(), at(60))
    event = TicketEvent.objects.get(ticket=ticket, act=Act.RESTATE)
    told = EventToTell.objects.filter(event=event).count()
    body = Message.objects.get(pk=event.facts["message"]).body
    assert (event.recipients, told, body) == ([shop.customer.pk], 1, "Le contrat a changé.")


def test_s12_nobody_is_told_when_no_deadline_moves(shop: Shop) -> None:
    """A closure in December: the incident follows it from now on, its deadline is today's."""
    ticket = shop.ticket()
    shop.apply(ticket, shop.new_calendar(), at(60))
    event = TicketEvent.objects.get(ticket=ticket, act=Act.RESTATE)
    assert (event.recipients, "message" in event.facts, clean()) == ([], False, [])


# --- many at once -----------------------------------------------------------------------------


def test_s12_calendar_edited_while_200_incidents_are_open(shop: Shop) -> None:
    """One refuses: it is listed, and stops nobody."""
    tickets = [shop.ticket() for _number in range(200)]
    operations.cancel(ticket_id=tickets[50].pk, actor=shop.engineer, reason="Doublon.", at=at(60))
    version = shop.new_calendar(closes="16:00")
    applied = operations.apply_to_all(
        tickets=tickets, actor=shop.manager, version=version, at=at(120), reason="Horaires."
    )
    dues = Commitment.objects.filter(kind=RESOLUTION).values_list("due_at", flat=True)
    left = [ticket.pk for ticket, _why in applied.left]
    assert (len(applied.moved), left, {paris_hour(due) for due in dues}) == (
        199, [tickets[50].pk], {"16 12:00", "16 10:00"},
    )  # fmt: skip
    assert clean() == []


def test_s12_contract_replaced_while_open_and_applied(shop: Shop) -> None:
    ticket = shop.ticket()
    other = make_service_level(targets=SHORTER, calendar=shop.calendar)
    shop.company.contracts.update(service_level=other)
    shop.apply(ticket, other.versions.get(), at(60))
    found = Ticket.objects.get(pk=ticket.pk).service_level_version
    assert (found, paris_hour(promise(ticket, RESOLUTION).due_at)) == (
        other.versions.get(), "15 16:00",
    )  # fmt: skip
