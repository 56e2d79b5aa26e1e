"""S12 in the admin: open incidents are shown before a rule is saved, and moved only if wanted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from freezegun import freeze_time

from sla.enums import CommitmentKind, Severity
from sla.models import CalendarVersion, ExceptionalDay, ServiceLevelVersion
from tests.factories.accounts import make_company, make_contact, make_engineer, make_manager
from tests.factories.licences import make_contract
from tests.factories.sla import Targets, make_calendar, make_service_level
from tests.factories.tickets import TUESDAY_10, make_ticket, promise
from tickets import operations
from tickets.enums import Act
from tickets.models import Commitment, Ticket, TicketEvent
from tickets.verification import verify

pytestmark = pytest.mark.django_db
RESOLUTION = CommitmentKind.RESOLUTION
NOON = TUESDAY_10 + timedelta(hours=2)
TODAY, NEXT_MONTH = "2026-09-15", "2026-10-15"
WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "09:00-16:00")
NO_DAYS = {"exceptional_days-TOTAL_FORMS": "0", "exceptional_days-INITIAL_FORMS": "0"}
ADD_CALENDAR = "admin:sla_calendarversion_add"
ADD_LEVEL = "admin:sla_servicelevelversion_add"
ADD_CONTRACT = "admin:licences_supportcontract_add"
CELLS = {
    "acknowledgement_blocking": "30",
    "acknowledgement_impairing": "1 h",
    "acknowledgement_informational": "2 h",
    "resolution_blocking": "2 h",
    "resolution_impairing": "6 h",
    "resolution_informational": "20 h",
}


class Desk:
    """A manager at a browser, a company under a contract, and its open incidents."""

    def __init__(self) -> None:
        self.manager, self.engineer = make_manager(), make_engineer()
        self.calendar = make_calendar()
        self.level = make_service_level(calendar=self.calendar)
        self.company = make_company()
        self.contract = make_contract(self.company, service_level=self.level)
        self.client = Client()
        self.client.force_login(self.manager)

    def ticket(self, severity: Severity = Severity.IMPAIRING) -> Ticket:
        ticket = make_ticket(requester=make_contact(self.company), severity=severity)
        operations.acknowledge(ticket_id=ticket.pk, actor=self.engineer, at=TUESDAY_10)
        return ticket

    def post(self, name: str, data: Mapping[str, object], *args: object) -> HttpResponse:
        with freeze_time(NOON):
            response: HttpResponse = self.client.post(  # type: ignore[assignment]
                reverse(name, args=args), data
            )
        return response

    def get(self, name: str, *args: object, **query: str) -> str:
        with freeze_time(NOON):
            return self.client.get(reverse(name, args=args), query).content.decode()

    def calendar_data(self, **more: object) -> dict[str, object]:
        return {
            "calendar": self.calendar.pk, "effective_from": TODAY, **WEEK, **NO_DAYS, **more
        }  # fmt: skip

    def level_data(self, **more: object) -> dict[str, object]:
        return {
            "service_level": self.level.pk, "calendar": self.calendar.pk,
            "effective_from": TODAY, **CELLS, **more,
        }  # fmt: skip


@pytest.fixture
def desk() -> Desk:
    return Desk()


def due_of(ticket: Ticket) -> str:
    due = promise(ticket, RESOLUTION).due_at
    assert due is not None
    return f"{due + timedelta(hours=2):%d %H:%M}"


APPLY = {"terms": "apply", "terms_reason": "Nouveaux horaires."}
KEEP = {"terms": "keep"}


# --- the question -----------------------------------------------------------------------------


def test_s12_the_list_is_shown_before_anything_is_saved(desk: Desk) -> None:
    ticket = desk.ticket()
    page = desk.post(ADD_CALENDAR, desk.calendar_data()).content.decode()
    shown = [
        ticket.reference in page,
        "mer.\u00a016\u00a0sept. 2026 à 10\u00a0h\u00a000" in page,
        "mer.\u00a016\u00a0sept. 2026 à 12\u00a0h\u00a000" in page,
        "Enregistrer sans toucher aux incidents ouverts" in page,
        "Enregistrer et appliquer à 1 incident" in page,
    ]
    assert (shown, desk.calendar.versions.count()) == ([True] * 5, 1)


def test_s12_everything_typed_comes_with_the_question(desk: Desk) -> None:
    desk.ticket()
    day = {
        "exceptional_days-TOTAL_FORMS": "1", "exceptional_days-INITIAL_FORMS": "0",
        "exceptional_days-0-day": "2026-12-24", "exceptional_days-0-reason": "Pont « de Noël »",
    }  # fmt: skip
    page = desk.post(ADD_CALENDAR, desk.calendar_data(**day)).content.decode()
    typed = [
        'name="mon" value="09:00-16:00"',
        'name="exceptional_days-0-reason" value="Pont « de Noël »"',
    ]
    assert [field in page for field in typed] == [True, True]


def test_s12_the_way_back_keeps_everything_typed_and_saves_nothing(desk: Desk) -> None:
    desk.ticket()
    data = desk.calendar_data(wed="10:00-11:00", terms="back")
    page = desk.post(ADD_CALENDAR, data).content.decode()
    found = ("10:00-11:00" in page, "errornote" in page, desk.calendar.versions.count())
    assert found == (True, False, 1)


def test_s12_saved_without_touching_open_incidents(desk: Desk) -> None:
    ticket = desk.ticket()
    before = list(Commitment.objects.values_list())
    response = desk.post(ADD_CALENDAR, desk.calendar_data(**KEEP))
    after = list(Commitment.objects.values_list())
    found = (response.status_code, desk.calendar.versions.count(), after)
    assert (found, due_of(ticket)) == ((302, 2, before), "16 10:00")


def test_s12_saved_and_applied(desk: Desk) -> None:
    tickets = [desk.ticket(), desk.ticket()]
    page = desk.post(ADD_CALENDAR, desk.calendar_data(**APPLY)).content.decode()
    found = ("2 incidents suivent désormais" in page, [due_of(ticket) for ticket in tickets])
    assert (found, list(verify())) == ((True, ["16 12:00"] * 2), [])


def test_s12_the_reason_is_asked_for_and_nothing_is_saved_without_it(desk: Desk) -> None:
    desk.ticket()
    page = desk.post(ADD_CALENDAR, desk.calendar_data(terms="apply")).content.decode()
    assert ("Indiquez le motif" in page, desk.calendar.versions.count()) == (True, 1)


def test_d5_a_reason_that_cannot_be_stored_is_refused(desk: Desk) -> None:
    desk.ticket()
    data = desk.calendar_data(terms="apply", terms_reason="a\x00b")
    page = desk.post(ADD_CALENDAR, data).content.decode()
    assert ("caractère" in page, desk.calendar.versions.count()) == (True, 1)


def test_s12_those_left_are_named_with_the_reason(desk: Desk) -> None:
    """Two hours are used of the two that a Bloquant would have."""
    desk.ticket()
    left = desk.ticket(Severity.BLOCKING)
    question = desk.post(ADD_LEVEL, desk.level_data()).content.decode()
    page = desk.post(ADD_LEVEL, desk.level_data(**APPLY)).content.decode()
    found = ["délai déjà consommé" in question, "1 incident suit" in page, left.reference in page]
    assert (found, due_of(left)) == ([True] * 3, "15 14:00")


def test_s12_when_nothing_can_move_there_is_nothing_to_apply(desk: Desk) -> None:
    desk.ticket(Severity.BLOCKING)
    page = desk.post(ADD_LEVEL, desk.level_data()).content.decode()
    assert ('value="keep"' in page, 'value="apply"' in page) == (True, False)


def test_s12_without_open_incidents_it_is_saved_at_once(desk: Desk) -> None:
    ticket = desk.ticket()
    operations.resolve(ticket_id=ticket.pk, actor=desk.engineer, solution="Fait.", at=TUESDAY_10)
    response = desk.post(ADD_CALENDAR, desk.calendar_data())
    assert (response.status_code, desk.calendar.versions.count()) == (302, 2)


def test_s12_incidents_of_another_calendar_are_not_asked_about(desk: Desk) -> None:
    make_ticket()
    assert desk.post(ADD_CALENDAR, desk.calendar_data()).status_code == 302


@pytest.mark.parametrize("answer", [{}, APPLY])
def test_s12_a_version_to_come_is_saved_without_applying_and_says_so(
    desk: Desk, answer: dict[str, str]
) -> None:
    ticket = desk.ticket()
    desk.post(ADD_LEVEL, desk.level_data(effective_from=NEXT_MONTH, **answer))
    page = desk.get("admin:sla_servicelevelversion_changelist")
    found = ("ne prend effet que le" in page, desk.level.versions.count(), due_of(ticket))
    assert found == (True, 2, "16 10:00")


def test_s12_a_bad_form_is_refused_before_any_question(desk: Desk) -> None:
    desk.ticket()
    page = desk.post(ADD_LEVEL, desk.level_data(resolution_blocking="", **APPLY)).content.decode()
    assert ("obligatoire" in page, desk.level.versions.count()) == (True, 1)


# --- contracts ----------------------------------------------------------------------------------


def contract_data(desk: Desk, **more: object) -> dict[str, object]:
    shorter = make_service_level(
        calendar=desk.calendar, targets=Targets(resolution=(180, 360, 1200))
    )
    return {
        "company": desk.company.code, "number": "CS-NEUF", "service_level": shorter.pk,
        "starts_on": TODAY, "ends_on": "2027-09-14", **more,
    }  # fmt: skip


def test_s12_a_contract_that_replaces_another_asks_about_the_companys_incidents(
    desk: Desk,
) -> None:
    ticket = desk.ticket()
    make_ticket()
    desk.contract.ends_on = date(2026, 9, 14)
    desk.contract.save()
    data = contract_data(desk)
    question = desk.post(ADD_CONTRACT, data).content.decode()
    desk.post(ADD_CONTRACT, {**data, **APPLY})
    found = ("Enregistrer et appliquer à 1 incident" in question, due_of(ticket))
    assert (found, list(verify())) == ((True, "15 16:00"), [])


def test_s12_a_contract_that_ends_gives_the_charter(desk: Desk) -> None:
    """The charter's own calendar and targets are those of the incident: no deadline moves."""
    desk.ticket()
    data = {"number": desk.contract.number, "ends_on": "2026-09-14"}
    name = "admin:licences_supportcontract_change"
    page = desk.post(name, data, desk.contract.pk).content.decode()
    desk.contract.refresh_from_db()
    assert ("1 incident sans échéance qui change" in page, desk.contract.ends_on) == (
        True, date(2029, 12, 31),
    )  # fmt: skip


def test_s12_a_contracts_new_number_asks_nothing(desk: Desk) -> None:
    desk.ticket()
    data = {"number": "CS-AUTRE", "ends_on": desk.contract.ends_on.isoformat()}
    name = "admin:licences_supportcontract_change"
    assert desk.post(name, data, desk.contract.pk).status_code == 302


def test_s12_a_contract_to_come_asks_nothing(desk: Desk) -> None:
    ticket = desk.ticket()
    data = contract_data(desk, starts_on="2030-01-01", ends_on="2030-12-31")
    assert (desk.post(ADD_CONTRACT, data).status_code, due_of(ticket)) == (302, "16 10:00")


# --- later --------------------------------------------------------------------------------------


def test_s12_a_version_in_force_can_be_applied_later(desk: Desk) -> None:
    ticket = desk.ticket()
    desk.post(ADD_CALENDAR, desk.calendar_data(**KEEP))
    version = CalendarVersion.objects.get(calendar=desk.calendar, effective_from=TODAY)
    page = desk.get("admin:sla_calendarversion_change", version.pk)
    address = "admin:sla_calendarversion_apply"
    asked = desk.get(address, version.pk)
    desk.post(address, APPLY, version.pk)
    found = ("1 incident ouvert suit encore" in page, "Appliquer à 1 incident" in asked)
    assert (found, due_of(ticket)) == ((True, True), "16 12:00")


def test_s12_a_version_not_in_force_is_not_applied(desk: Desk) -> None:
    ticket = desk.ticket()
    version = desk.calendar.versions.get()
    desk.post(ADD_CALENDAR, desk.calendar_data(**KEEP))
    response = desk.post("admin:sla_calendarversion_apply", APPLY, version.pk)
    assert (response.status_code, TicketEvent.objects.filter(act=Act.RESTATE).count()) == (302, 0)
    assert due_of(ticket) == "16 10:00"


def test_j1_an_engineer_applies_nothing(desk: Desk) -> None:
    desk.ticket()
    desk.client.force_login(desk.engineer)
    version = desk.calendar.versions.get()
    assert desk.post("admin:sla_calendarversion_apply", APPLY, version.pk).status_code == 403


def test_a1_a_customer_is_sent_away(desk: Desk) -> None:
    desk.client.force_login(make_contact(desk.company))
    version = desk.calendar.versions.get()
    assert desk.post("admin:sla_calendarversion_apply", APPLY, version.pk).status_code == 302


def test_s12_a_level_that_an_incident_was_promised_before_stays_read_only(desk: Desk) -> None:
    desk.ticket()
    desk.post(ADD_LEVEL, desk.level_data(**APPLY))
    first = ServiceLevelVersion.objects.filter(service_level=desk.level).earliest("effective_from")
    data = desk.level_data(acknowledgement_blocking="5")
    assert desk.post("admin:sla_servicelevelversion_change", data, first.pk).status_code == 403


# --- the year drawn -------------------------------------------------------------------------------


def test_the_year_is_drawn_with_words_for_each_day(desk: Desk) -> None:
    version = desk.calendar.versions.get()
    ExceptionalDay.objects.create(version=version, day=date(2020, 11, 2), reason="Pont")
    version.hours["holidays"].append("2020-11-02")
    version.holiday_names["2020-11-02"] = "Pont"
    version.save()
    page = desk.get("admin:sla_calendarversion_change", version.pk)
    words = [
        "ven.\u00a025\u00a0déc.\u00a0: férié, Noël",
        "lun.\u00a02\u00a0nov.\u00a0: fermeture exceptionnelle, Pont",
        "mar.\u00a03\u00a0nov.\u00a0: ouvert, 09:00-18:00",
        "dim.\u00a08\u00a0nov.\u00a0: fermé",
    ]
    assert ([word in page for word in words], page.count('class="year-month"')) == ([True] * 4, 12)


def test_a_day_that_closes_early_is_said_in_words(desk: Desk) -> None:
    page = desk.post(ADD_CALENDAR, desk.calendar_data(fri="09:00-12:00", terms="look"))
    week = "lundi à jeudi 09:00-16:00 · vendredi 09:00-12:00 · samedi à dimanche fermé"
    assert week in page.content.decode()


@pytest.mark.parametrize(
    ("asked", "year"),
    [("2025", 2025), ("2030", 2030), ("2031", 2020), ("2019", 2020), ("x", 2020), ("²²²²", 2020)],
)
def test_the_next_years_can_be_seen(desk: Desk, asked: str, year: int) -> None:
    version = desk.calendar.versions.get()
    page = desk.get("admin:sla_calendarversion_change", version.pk, annee=asked)
    assert f"L’année {year}" in page


def test_the_question_shows_the_year_that_is_typed(desk: Desk) -> None:
    desk.ticket()
    page = desk.post(ADD_CALENDAR, desk.calendar_data(sat="10:00-12:00")).content.decode()
    assert "sam.\u00a026\u00a0déc.\u00a0: ouvert, 10:00-12:00" in page


def test_the_year_can_be_drawn_without_saving(desk: Desk) -> None:
    page = desk.post(
        ADD_CALENDAR, desk.calendar_data(sat="10:00-12:00", terms="look")
    ).content.decode()
    found = ("sam.\u00a026\u00a0déc.\u00a0: ouvert, 10:00-12:00" in page, "10:00-12:00" in page)
    assert (found, desk.calendar.versions.count()) == ((True, True), 1)


def test_a_look_at_a_bad_calendar_says_what_is_wrong(desk: Desk) -> None:
    page = desk.post(ADD_CALENDAR, desk.calendar_data(mon="18:00-09:00", terms="look"))
    assert "doit venir après l’ouverture" in page.content.decode()
