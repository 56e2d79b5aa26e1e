"""Calendars, service levels and contracts in the admin: what managers type, good and bad."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from freezegun import freeze_time

from accounts.models import User
from licences.models import SupportContract
from sla.hours import OpeningHours
from sla.models import Calendar, CalendarVersion, ServiceLevel, ServiceLevelVersion
from sla.queries import default_service_level
from tests.factories.accounts import make_company, make_contact, make_engineer, make_manager
from tests.factories.licences import make_contract
from tests.factories.sla import make_calendar, make_service_level
from tests.factories.tickets import TUESDAY_10, make_ticket
from tickets.admin_forms.hours import UnreadableDay, read_day
from tickets.admin_forms.rules import MinutesField

pytestmark = pytest.mark.django_db
NEXT_MONTH = "2026-10-15"
NO_DAYS = {
    "exceptional_days-TOTAL_FORMS": "0",
    "exceptional_days-INITIAL_FORMS": "0",
}


def sent(address: str, data: dict[str, object], person: User | None = None) -> HttpResponse:
    """The form as a manager's browser sends it, on the quiet Tuesday."""
    client = Client()
    client.force_login(person or make_manager())
    with freeze_time(TUESDAY_10):
        response: HttpResponse = client.post(address, data)  # type: ignore[assignment]
    return response


def words_of(response: HttpResponse) -> str:
    assert response.status_code == 200, "the form was accepted"
    return response.content.decode()


# --- a day in words ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "windows"),
    [
        ("", []),
        ("09:00-18:00", [["09:00", "18:00"]]),
        ("09:00-12:00, 14:00-18:00", [["09:00", "12:00"], ["14:00", "18:00"]]),
        ("9h-12h30 et 14 h – 18 h", [["09:00", "12:30"], ["14:00", "18:00"]]),
        ("9h à 24h", [["09:00", "24:00"]]),
    ],
)
def test_a_day_is_read_as_people_write_it(text: str, windows: list[list[str]]) -> None:
    assert read_day(text) == windows


@pytest.mark.parametrize("text", ["matin", "9-12", "09:00", "09:00-", "09:00-12:00-14:00", "-"])
def test_a_day_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(UnreadableDay):
        read_day(text)


# --- calendars ------------------------------------------------------------


def week(**days: str) -> dict[str, object]:
    plain = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "09:00-18:00")
    return {**plain, "effective_from": NEXT_MONTH, **days, **NO_DAYS}


def exceptional(*rows: dict[str, str]) -> dict[str, object]:
    data: dict[str, object] = {**NO_DAYS, "exceptional_days-TOTAL_FORMS": str(len(rows))}
    for number, row in enumerate(rows):
        data |= {f"exceptional_days-{number}-{name}": value for name, value in row.items()}
    return data


def add_version(calendar: Calendar, data: dict[str, object]) -> HttpResponse:
    address = reverse("admin:sla_calendarversion_add")
    return sent(address, {"calendar": calendar.pk, **data})


def last_version(calendar: Calendar) -> CalendarVersion:
    return calendar.versions.order_by("-effective_from")[0]


def test_a_typed_week_becomes_opening_hours() -> None:
    calendar = make_calendar()
    add_version(calendar, week(fri="09:00-12:00, 14:00-17:00"))
    version = last_version(calendar)
    found = (version.hours["weekly"]["fri"], str(version.effective_from))
    assert found == ([["09:00", "12:00"], ["14:00", "17:00"]], NEXT_MONTH)


def test_a_version_stores_its_own_holidays_with_their_names() -> None:
    calendar = make_calendar()
    add_version(calendar, week())
    version = last_version(calendar)
    assert ("2036-12-25" in version.hours["holidays"], version.holiday_names["2026-12-25"]) == (
        True,
        "Noël",
    )


@pytest.mark.parametrize(("tick", "closed"), [({}, False), ({"alsace_moselle": "on"}, True)])
def test_good_friday_is_a_holiday_in_alsace_moselle_only(
    tick: dict[str, object], closed: bool
) -> None:
    calendar = make_calendar()
    add_version(calendar, {**week(), **tick})
    assert ("2027-03-26" in last_version(calendar).hours["holidays"]) is closed


def test_c10_an_exceptional_day_replaces_its_hours() -> None:
    calendar = make_calendar()
    half_day = {"day": "2026-12-24", "opens_at": "09:00", "closes_at": "12:00", "reason": "Veille"}
    bridge = {"day": "2026-11-02", "reason": "Pont"}
    add_version(calendar, {**week(), **exceptional(half_day, bridge)})
    hours = last_version(calendar).hours
    assert (hours["extra_openings"], {"2026-12-24", "2026-11-02"} <= set(hours["holidays"])) == (
        [{"date": "2026-12-24", "from": "09:00", "to": "12:00"}],
        True,
    )


def test_what_is_stored_is_what_the_clock_reads() -> None:
    calendar = make_calendar()
    add_version(calendar, week(sat="10:00-12:00"))
    hours = last_version(calendar).hours
    assert OpeningHours.from_dict(hours).to_dict() == hours


BAD_CALENDARS = [
    (week(mon="matin"), "«\u00a0matin\u00a0» n’est pas une plage horaire"),
    (week(mon="18:00-09:00"), "la fermeture (09:00) doit venir après l’ouverture (18:00)"),
    (week(mon="09:00-13:00, 12:00-18:00"), "se chevauchent"),
    (week(mon="09:00-25:00"), "dépasse la journée"),
    (week(mon="09:75-12:00"), "dépasse la journée"),
    (week(mon="", tue="", wed="", thu="", fri=""), "Ce calendrier n’ouvre jamais"),
    (week(effective_from="2026-09-14"), "au plus tôt aujourd’hui"),
    (week(effective_from="2206-10-15"), "plus de cinq ans"),
    (week(effective_from="31/02/2027"), "date valide"),
    (week(mon="\x00"), "caractère nul"),
    ({**week(), **exceptional({"day": "2026-12-24"})}, "obligatoire"),
    (
        {
            **week(),
            **exceptional(
                {"day": "2026-12-24", "reason": "Veille", "opens_at": "12:00",
                 "closes_at": "09:00"}
            ),
        },
        "se termine avant de commencer",
    ),
    (
        {
            **week(),
            **exceptional(
                {"day": "2026-12-24", "reason": "Fermé"},
                {"day": "2026-12-24", "reason": "Ouvert", "opens_at": "09:00",
                 "closes_at": "12:00"},
            ),
        },
        "à la fois fermé et ouvert",
    ),
    (
        {
            **week(),
            **exceptional(
                {"day": "2026-12-24", "reason": "A", "opens_at": "09:00", "closes_at": "12:00"},
                {"day": "2026-12-24", "reason": "B", "opens_at": "11:00", "closes_at": "13:00"},
            ),
        },
        "se chevauchent",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("data", "sentence"), BAD_CALENDARS)
def test_a_bad_calendar_is_refused_with_a_sentence(data: dict[str, object], sentence: str) -> None:
    calendar = make_calendar()
    page = words_of(add_version(calendar, data))
    assert (sentence in page, calendar.versions.count()) == (True, 1)


def test_two_versions_of_one_day_are_refused() -> None:
    calendar = make_calendar()
    add_version(calendar, week())
    words_of(add_version(calendar, week()))
    assert calendar.versions.count() == 2


def test_s12_a_version_that_an_incident_counts_by_is_read_only() -> None:
    make_ticket()
    version = CalendarVersion.objects.get(calendar__code="bureaux")
    before = CalendarVersion.objects.values().get(pk=version.pk)
    address = reverse("admin:sla_calendarversion_change", args=[version.pk])
    response = sent(address, {"calendar": version.calendar_id, **week()})
    after = CalendarVersion.objects.values().get(pk=version.pk)
    assert (response.status_code, after) == (403, before)


def test_s12_a_locked_version_still_shows_its_week() -> None:
    version = CalendarVersion.objects.get(calendar__code="bureaux")
    client = Client()
    client.force_login(make_manager())
    page = client.get(reverse("admin:sla_calendarversion_change", args=[version.pk]))
    assert "lun. 09:00-18:00" in page.content.decode()


def test_a_version_to_come_can_be_changed() -> None:
    calendar = make_calendar()
    add_version(calendar, week())
    version = last_version(calendar)
    address = reverse("admin:sla_calendarversion_change", args=[version.pk])
    sent(address, {"calendar": calendar.pk, **week(mon="10:00-18:00")})
    assert last_version(calendar).hours["weekly"]["mon"] == [["10:00", "18:00"]]


def test_a_new_version_starts_from_the_last_one() -> None:
    calendar = make_calendar()
    client = Client()
    client.force_login(make_manager())
    address = reverse("admin:sla_calendarversion_add")
    page = client.get(f"{address}?calendar={calendar.pk}").content.decode()
    assert page.count('value="09:00-18:00"') == 5


@pytest.mark.parametrize("value", ["x", "0", "99999999999999999999"])
def test_a_wrong_calendar_in_the_address_is_ignored(value: str) -> None:
    client = Client()
    client.force_login(make_manager())
    address = reverse("admin:sla_calendarversion_add")
    assert client.get(f"{address}?calendar={value}").status_code == 200


# --- service levels -------------------------------------------------------------------------------

CELLS = {
    "acknowledgement_blocking": "30",
    "acknowledgement_impairing": "1 h",
    "acknowledgement_informational": "2 h",
    "resolution_blocking": "4 h",
    "resolution_impairing": "9\u00a0h",
    "resolution_informational": "27 h",
}


def add_level(level: ServiceLevel, **changes: object) -> HttpResponse:
    calendar = Calendar.objects.get(code="bureaux")
    data = {
        "service_level": level.pk, "calendar": calendar.pk, "effective_from": NEXT_MONTH,
        **CELLS, **changes,
    }  # fmt: skip
    return sent(reverse("admin:sla_servicelevelversion_add"), data)


@pytest.mark.parametrize("text", ["4h 70", "4 h 60", "1h 100 min"])
def test_minutes_beside_hours_end_at_59(text: str) -> None:
    with pytest.raises(ValidationError, match="vont de 0 à 59"):
        MinutesField().clean(text)


@pytest.mark.parametrize(("text", "minutes"), [("4h 59", 299), ("90", 90), ("90 min", 90)])
def test_minutes_alone_may_pass_59(text: str, minutes: int) -> None:
    assert MinutesField().clean(text) == minutes


def test_durations_are_read_as_people_write_them() -> None:
    level = make_service_level()
    add_level(level, acknowledgement_blocking="45 min", resolution_blocking="1 h 30")
    version = level.versions.order_by("-effective_from")[0]
    cells = [getattr(version, name) for name in CELLS]
    assert cells == [45, 60, 120, 90, 540, 1620]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"acknowledgement_blocking": ""}, "obligatoire"),
        ({"acknowledgement_blocking": "0"}, "au moins une minute"),
        ({"acknowledgement_blocking": "-5"}, "n’est pas une durée"),
        ({"acknowledgement_blocking": "vite"}, "n’est pas une durée"),
        ({"resolution_informational": "9999 h"}, "au plus 1\u00a0000\u00a0heures"),
        ({"acknowledgement_impairing": "10"}, "plus court que celui d’une criticité plus grave"),
        ({"resolution_blocking": "10"}, "ne peut pas précéder la prise en charge"),
        ({"effective_from": "2026-09-14"}, "au plus tôt aujourd’hui"),
        ({"calendar": "999999"}, "choix"),
        ({"service_level": "x"}, "choix"),
    ],
)
def test_a_bad_service_level_is_refused_with_a_sentence(
    changes: dict[str, object], sentence: str
) -> None:
    level = make_service_level()
    page = words_of(add_level(level, **changes))
    assert (sentence in page, level.versions.count()) == (True, 1)


def test_a_level_needs_a_calendar_that_has_hours_by_then() -> None:
    empty = Calendar.objects.create(code="vide", name="Vide")
    page = words_of(add_level(make_service_level(), calendar=empty.pk))
    assert "pas encore d’horaires" in page


def test_s12_a_level_that_an_incident_was_promised_is_read_only() -> None:
    make_ticket()
    version = ServiceLevelVersion.objects.get(service_level=default_service_level())
    address = reverse("admin:sla_servicelevelversion_change", args=[version.pk])
    assert sent(address, {**CELLS, "acknowledgement_blocking": "45"}).status_code == 403


def test_the_code_of_a_level_never_changes() -> None:
    level = default_service_level()
    address = reverse("admin:sla_servicelevel_change", args=[level.pk])
    sent(address, {"name": "Charte 2026", "code": "autre", "description": ""})
    level.refresh_from_db()
    assert (level.name, level.code) == ("Charte 2026", "charte")


# --- contracts ------------------------------------------------------------


def add_contract(**changes: object) -> HttpResponse:
    data = {
        "number": "CS-NEUF",
        "service_level": default_service_level().pk,
        "starts_on": "2026-10-01",
        "ends_on": "2027-09-30",
        **changes,
    }
    return sent(reverse("admin:licences_supportcontract_add"), data)


def test_a_contract_that_follows_another_is_taken() -> None:
    company = make_company()
    make_contract(company, starts_on=date(2025, 10, 1), ends_on=date(2026, 9, 30))
    add_contract(company=company.code)
    assert company.contracts.count() == 2


def test_s13_an_overlap_names_the_contract_in_the_way() -> None:
    company = make_company()
    make_contract(
        company, number="CS-VIEUX", starts_on=date(2025, 10, 1), ends_on=date(2026, 10, 1)
    )
    page = words_of(add_contract(company=company.code))
    assert ("CS-VIEUX" in page, company.contracts.count()) == (True, 1)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"starts_on": "2027-10-01"}, "se termine avant d’avoir commencé"),
        ({"ends_on": ""}, "obligatoire"),
        ({"number": "  "}, "obligatoire"),
        ({"service_level": "0"}, "choix"),
        ({"starts_on": "2026-13-01"}, "date valide"),
    ],
)
def test_a_bad_contract_is_refused_with_a_sentence(
    changes: dict[str, object], sentence: str
) -> None:
    page = words_of(add_contract(company=make_company().code, **changes))
    assert (sentence in page, SupportContract.objects.count()) == (True, 0)


def test_s12_what_incidents_were_declared_under_stays() -> None:
    company = make_company()
    contract = make_contract(company)
    level = contract.service_level
    make_ticket(requester=make_contact(company))
    address = reverse("admin:licences_supportcontract_change", args=[contract.pk])
    sent(
        address,
        {
            "number": contract.number,
            "service_level": default_service_level().pk,
            "starts_on": "2026-02-01",
            "ends_on": "2026-12-31",
        },
    )
    contract.refresh_from_db()
    found = (contract.service_level, contract.starts_on, contract.ends_on)
    assert found == (level, date(2026, 1, 1), date(2026, 12, 31))


# --- who ------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "sla_calendar", "sla_calendarversion", "sla_servicelevel", "sla_servicelevelversion",
        "licences_supportcontract",
    ],
)  # fmt: skip
def test_an_engineer_reads_the_rules_and_adds_none(name: str) -> None:
    engineer = make_engineer()
    client = Client()
    client.force_login(engineer)
    read = client.get(reverse(f"admin:{name}_changelist")).status_code
    assert (read, sent(reverse(f"admin:{name}_add"), {}, engineer).status_code) == (200, 403)


# --- what the database holds by itself ----------------------------------------------------------


def refused_by(constraint: str, write: Callable[[], object]) -> bool:
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        write()
    return constraint in str(error.value)


@pytest.mark.parametrize("missing", ["tz", "weekly", "holidays"])
def test_hours_without_a_part_are_refused_by_the_database(missing: str) -> None:
    hours = {"tz": "Europe/Paris", "weekly": {}, "holidays": []}
    del hours[missing]
    versions = CalendarVersion.objects
    assert refused_by("calendar_version_hours_complete", lambda: versions.update(hours=hours))


@pytest.mark.parametrize("minutes", [0, -5])
def test_a_target_of_nothing_is_refused_by_the_database(minutes: int) -> None:
    versions = ServiceLevelVersion.objects
    assert refused_by(
        "acknowledgement_blocking", lambda: versions.update(acknowledgement_blocking=minutes)
    )


def test_s13_overlapping_contracts_are_refused_by_the_database() -> None:
    company = make_company()
    make_contract(company, ends_on=date(2026, 12, 31))
    starts, ends = date(2026, 12, 31), date(2027, 12, 31)
    assert refused_by(
        "contract_one_at_a_time",
        lambda: make_contract(company, starts_on=starts, ends_on=ends),
    )


def test_a_contract_that_ends_before_it_starts_is_refused_by_the_database() -> None:
    """By the constraint, or by the range of its exclusion, whichever comes first."""
    with pytest.raises((IntegrityError, DataError)), transaction.atomic():
        make_contract(make_company(), starts_on=date(2026, 12, 31), ends_on=date(2026, 1, 1))
