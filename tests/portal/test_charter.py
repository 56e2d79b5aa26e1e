"""/charte/: the promises, with the hours and the targets in force."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from portal.opening import closures, opening_lines, week_sentence
from sla.hours import OpeningHours
from sla.models import ServiceLevelVersion
from sla.queries import default_service_level
from tests.factories.cast import Cast
from tests.factories.licences import make_contract
from tests.factories.sla import Targets, make_service_level, make_service_level_version
from tests.portal.visitors import SignIn

N = "\u00a0"

pytestmark = pytest.mark.usefixtures("tuesday")


def _page(client: Client) -> str:
    response = client.get("/charte/")
    assert response.status_code == 200
    return response.content.decode()


def test_everybody_reads_the_three_severities_and_their_delays(client: Client, db: None) -> None:
    page = _page(client)
    for word in ("Bloquant", "Gênant", "Informatif", f"30{N}min", f"27{N}h"):
        assert word in page


def test_s12_targets_are_those_of_the_version_in_force(client: Client, db: None) -> None:
    level = default_service_level()
    faster = Targets((17, 43, 97), (61, 122, 183))
    make_service_level_version(level, effective_from=date(2026, 9, 15), targets=faster)
    later = Targets((11, 12, 13), (14, 15, 16))
    make_service_level_version(level, effective_from=date(2026, 9, 16), targets=later)
    page = _page(client)
    assert (f"17{N}min" in page, f"11{N}min" in page) == (True, False)


def test_hours_and_coming_closures_are_those_of_the_calendar(client: Client, db: None) -> None:
    page = _page(client)
    assert "<dt>Du lundi au vendredi</dt>" in page
    assert f"<dd>de 9{N}h à 18{N}h</dd>" in page
    # 60 days from 15 September reach the 11th of November, not the 1st: it is a Sunday.
    assert f"mer.{N}11{N}nov. 2026" in page
    assert f"1er{N}nov." not in page


def test_a_customer_reads_the_targets_of_the_contract(cast: Cast, sign_in: SignIn) -> None:
    level = make_service_level(name="Sérénité", targets=Targets((19, 41, 83), (151, 302, 603)))
    make_contract(cast.company, number="CS-2026-7", service_level=level)
    page = _page(sign_in(cast.alice))
    assert ("CS-2026-7" in page, "Sérénité" in page, f"19{N}min" in page) == (True, True, True)


def test_a1_a_customer_reads_nothing_of_other_contracts(cast: Cast, sign_in: SignIn) -> None:
    make_contract(cast.other_company, number="CS-SECRET")
    assert "CS-SECRET" not in _page(sign_in(cast.alice))


def test_s13_without_a_contract_the_page_says_so(cast: Cast, sign_in: SignIn) -> None:
    page = _page(sign_in(cast.alice))
    assert "n’a pas de contrat de support en cours" in page
    assert "mailto:commercial@aplicit.example" in page


def test_a_stranger_is_told_of_no_company(cast: Cast, client: Client) -> None:
    make_contract(cast.company, number="CS-2026-7")
    page = _page(client)
    assert ("CS-2026-7" in page, cast.company.name in page) == (False, False)


def test_without_targets_the_page_still_answers(client: Client, db: None) -> None:
    ServiceLevelVersion.objects.all().delete()
    assert "ne sont pas encore renseignés" in _page(client)


# --- the week in words --------------------------------------------------------------------------


def _hours(**weekly: list[list[str]]) -> OpeningHours:
    return OpeningHours.from_dict({"tz": "Europe/Paris", "weekly": weekly, "holidays": []})


def test_days_in_a_row_with_the_same_hours_are_told_together() -> None:
    day, saturday = [["09:00", "18:00"]], [["09:00", "12:30"]]
    lines = opening_lines(_hours(mon=day, tue=day, wed=day, thu=day, fri=day, sat=saturday))
    assert [(line.days, line.hours) for line in lines] == [
        ("du lundi au vendredi", f"de 9{N}h à 18{N}h"),
        ("le samedi", f"de 9{N}h à 12{N}h{N}30"),
    ]


def test_two_days_are_joined_and_a_lunch_break_is_told() -> None:
    split = [["08:30", "12:00"], ["14:00", "17:45"]]
    hours = _hours(wed=split, thu=split)
    morning, afternoon = f"de 8{N}h{N}30 à 12{N}h", f"de 14{N}h à 17{N}h{N}45"
    assert week_sentence(hours) == f"les mercredi et jeudi, {morning} et {afternoon}"


def test_a_week_without_opening_has_no_line() -> None:
    assert opening_lines(_hours()) == []


def test_a_sunday_closes_the_week() -> None:
    (line,) = opening_lines(_hours(sun=[["10:00", "24:00"]]))
    assert (line.days, line.hours) == ("le dimanche", f"de 10{N}h à 24{N}h")


def test_closures_leave_out_days_that_are_closed_anyway() -> None:
    hours = OpeningHours.from_dict(
        {
            "tz": "Europe/Paris",
            "weekly": {"fri": [["09:00", "18:00"]]},
            "holidays": ["2026-12-25", "2026-12-26", "2027-01-01"],
        }
    )
    names = {"2026-12-25": "Noël", "2027-01-01": "Jour de l'an"}
    assert closures(hours, names, date(2026, 12, 20), days=13) == [
        (date(2026, 12, 25), "Noël"),
        (date(2027, 1, 1), "Jour de l’an"),
    ]
