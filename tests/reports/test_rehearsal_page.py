"""`/pilotage/repetition/`: what is asked, what is answered, what it costs."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from freezegun import freeze_time

from reports import queries
from reports.forms import RehearsalForm
from sla.queries import default_service_level
from tests.factories.accounts import make_manager
from tests.factories.sla import Targets, make_service_level
from tests.factories.tickets import TUESDAY_10, acknowledged_ticket

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
NOW = datetime(2026, 10, 6, 8, 0, tzinfo=UTC)
QUESTION = {"period": "quarter", "acknowledgement_impairing": "45"}


@pytest.fixture
def manager() -> Client:
    client = Client()
    client.force_login(make_manager())
    return client


def page_of(manager: Client, **question: str) -> str:
    with freeze_time(NOW):
        answer = manager.get("/pilotage/repetition/", question)
    assert answer.status_code == 200
    return answer.content.decode()


def form_of(**question: Any) -> RehearsalForm:
    data = QueryDict(mutable=True)
    data.update({name: str(value) for name, value in question.items()})
    form = RehearsalForm(data, at=NOW)
    form.is_valid()
    return form


def numbers_of(page: str) -> list[str]:
    """The figures of the line « prise en charge, Gênant »."""
    lines = re.findall(r"<tr.*?</tr>", page.partition('id="reponse"')[2], re.DOTALL)
    line = next(line for line in lines if "Gênant" in line)
    cells = re.findall(r"<td class=\"report-number\">(.*?)</td>", line, re.DOTALL)
    return [re.sub(r"<.*?>", "", cell).replace("\u00a0", " ").strip() for cell in cells]


# --- the page -------------------------------------------------------------------------------------


def test_a_changed_cell_is_answered_with_both_denominators(manager: Client) -> None:
    acknowledged_ticket(taken_at=TUESDAY_10 + 50 * MINUTE)
    acknowledged_ticket(taken_at=TUESDAY_10 + 10 * MINUTE)
    page = page_of(manager, **QUESTION)
    assert numbers_of(page) == ["100 % 2 sur 2", "50 % 1 sur 2", "0", "1"]


def test_nothing_changed_asks_nothing(manager: Client) -> None:
    page = page_of(manager, period="quarter", acknowledgement_impairing="60")
    assert ("Changez au moins un délai" in page, 'id="reponse"' in page) == (True, False)


def test_the_table_is_filled_with_the_targets_in_force(manager: Client) -> None:
    value = re.search(r'name="acknowledgement_impairing"[^>]*value="(\d*)"', page_of(manager))
    assert [value and value[1]] == ["60"]


def test_it_says_what_it_cannot_know(manager: Client) -> None:
    assert "l’équipe aurait travaillé autrement" in page_of(manager, **QUESTION)


@pytest.mark.parametrize(
    "question",
    [
        {"period": "jamais"}, {"acknowledgement_impairing": "0"}, {"level": "999999"},
        {"acknowledgement_impairing": "999999999999"}, {"acknowledgement_impairing": "deux"},
        {"period": "dates"}, {"period": "dates", "from_day": "2026-09-30", "to_day": "2026-09-01"},
        {"period": "dates", "from_day": "0001-01-01", "to_day": "2026-09-01"},
        {"period": "dates", "from_day": "2026-09-01", "to_day": "9999-12-31"},
        {"period": "dates", "from_day": "\x00", "to_day": "hier"}, {"filled_for": "x"},
    ],
)  # fmt: skip
def test_a_bad_question_is_refused_and_nothing_is_computed(
    manager: Client, question: dict[str, str]
) -> None:
    page = page_of(manager, **{**QUESTION, **question})
    assert ("Rien n’a été calculé" in page, 'id="reponse"' in page) == (True, False)


def test_q1_it_costs_the_same_for_one_incident_and_for_three(manager: Client) -> None:
    counts = []
    for number in (1, 2):
        for _incident in range(number):
            acknowledged_ticket(taken_at=TUESDAY_10 + 50 * MINUTE)
        with CaptureQueriesContext(connection) as captured:
            page_of(manager, **QUESTION)
        counts.append(len(captured))
    assert counts[0] == counts[1]


# --- the question ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("period", "first", "after"),
    [
        ("month", date(2026, 9, 1), date(2026, 10, 1)),
        ("quarter", date(2026, 7, 1), date(2026, 10, 1)),
        ("year", date(2025, 10, 6), date(2026, 10, 7)),
    ],
)
def test_periods_are_days_of_paris(period: str, first: date, after: date) -> None:
    assert form_of(period=period).span == (queries.midnight(first), queries.midnight(after))


def test_free_dates_include_both_days() -> None:
    form = form_of(period="dates", from_day="2026-09-01", to_day="2026-09-30")
    assert form.span == queries.month_span(date(2026, 9, 1))


@pytest.mark.parametrize(
    ("today", "first"),
    [
        (datetime(2026, 1, 5, tzinfo=UTC), date(2025, 10, 1)),
        (datetime(2026, 6, 30, tzinfo=UTC), date(2026, 1, 1)),
        (datetime(2026, 12, 31, tzinfo=UTC), date(2026, 7, 1)),
    ],
)
def test_the_last_quarter_is_the_whole_one_before_this_one(today: datetime, first: date) -> None:
    form = RehearsalForm(QueryDict("period=quarter"), at=today)
    form.is_valid()
    assert form.span.start == queries.midnight(first)


def test_another_level_chosen_with_the_table_of_all_asks_nothing() -> None:
    make_service_level(targets=Targets(acknowledgement=(15, 60, 120)))
    charter = default_service_level()
    form = form_of(period="month", level=charter.pk, acknowledgement_impairing=60)
    assert form.asked == {}


def test_a_target_is_changed_against_the_level_that_filled_the_table() -> None:
    level = make_service_level(targets=Targets(acknowledgement=(15, 45, 90)))
    form = form_of(
        period="month", filled_for=level.pk, level=level.pk, acknowledgement_blocking=15,
        acknowledgement_impairing=60,
    )  # fmt: skip
    assert form.asked == {("acknowledgement", "impairing"): 60 * MINUTE}


def test_levels_that_differ_leave_the_cell_empty() -> None:
    make_service_level(targets=Targets(acknowledgement=(15, 60, 120)))
    found = queries.targets_in_force(None, NOW.date())
    assert (found["acknowledgement", "blocking"], found["acknowledgement", "impairing"]) == (
        None, 60,
    )  # fmt: skip
