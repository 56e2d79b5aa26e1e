"""`/pilotage/`: who sees it, what it costs, what it links to."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories.accounts import make_engineer, make_manager, make_user
from tests.factories.tickets import TUESDAY_10, make_ticket
from tickets import operations

pytestmark = pytest.mark.django_db
AT = TUESDAY_10 + timedelta(hours=3)


@pytest.fixture
def manager() -> Client:
    client = Client()
    client.force_login(make_manager())
    return client


@pytest.mark.parametrize("make", [make_user, make_engineer])
def test_others_read_the_same_404_as_for_a_missing_page(client: Client, make: object) -> None:
    client.force_login(make())  # type: ignore[operator]
    assert client.get("/pilotage/").status_code == 404


def test_a_miss_links_to_its_incident_and_its_ledger(manager: Client) -> None:
    ticket = make_ticket()
    operations.sweep_deadlines(at=AT)
    page = manager.get("/pilotage/?mois=2026-09").content.decode()
    row = ticket.commitments.get(kind="acknowledgement")
    assert f'href="/admin/incidents/{ticket.reference}/#engagement-{row.pk}"' in page


@pytest.mark.parametrize("month", ["", "demain", "2026-13", "0000-00", "2026-09-01", "\x00"])
def test_a_bad_month_shows_the_present_one(manager: Client, month: str) -> None:
    assert manager.get("/pilotage/", {"mois": month}).status_code == 200


def test_q1_the_dashboard_costs_the_same_for_one_miss_and_for_three(manager: Client) -> None:
    counts = []
    for misses in (1, 2):
        for _miss in range(misses):
            make_ticket()
        operations.sweep_deadlines(at=AT)
        with CaptureQueriesContext(connection) as captured:
            manager.get("/pilotage/?mois=2026-09")
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_the_number_of_a_panel_stands_at_its_right_edge(manager: Client) -> None:
    """« tally » is the grid of a home: in the head of a panel it took a column of its own."""
    page = manager.get("/pilotage/").content.decode()
    assert page.count('<span class="muted report-number">') == 4
    assert "tally" not in page
