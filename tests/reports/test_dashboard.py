"""`/pilotage/`: who sees it, what it costs, what it links to."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from freezegun import freeze_time

from sla.enums import Severity
from tests.factories.accounts import make_engineer, make_manager, make_user
from tests.factories.tickets import TUESDAY_10, make_ticket
from tickets import operations
from tickets.models import Ask, Ticket

pytestmark = pytest.mark.django_db
AT = TUESDAY_10 + timedelta(hours=3)


@pytest.fixture
def manager() -> Client:
    client = Client()
    client.force_login(make_manager())
    return client


@pytest.mark.parametrize("page", ["", "changements/", "repetition/"])
@pytest.mark.parametrize("make", [make_user, make_engineer])
def test_others_read_the_same_404_as_for_a_missing_page(
    client: Client, make: object, page: str
) -> None:
    client.force_login(make())  # type: ignore[operator]
    assert client.get(f"/pilotage/{page}").status_code == 404


def test_a_miss_links_to_its_incident_and_its_ledger(manager: Client) -> None:
    ticket = make_ticket()
    operations.sweep_deadlines(at=AT)
    page = manager.get("/pilotage/?mois=2026-09").content.decode()
    row = ticket.commitments.get(kind="acknowledgement")
    assert f'href="/admin/incidents/{ticket.reference}/#engagement-{row.pk}"' in page


@pytest.mark.parametrize("page", ["", "changements/"])
@pytest.mark.parametrize("month", ["", "demain", "2026-13", "0000-00", "2026-09-01", "\x00"])
def test_a_bad_month_shows_the_present_one(manager: Client, month: str, page: str) -> None:
    assert manager.get(f"/pilotage/{page}", {"mois": month}).status_code == 200


def test_q1_the_dashboard_costs_the_same_for_one_miss_and_for_three(manager: Client) -> None:
    counts = []
    manager.get("/pilotage/?mois=2026-09")  # The desk's state is asked once a minute.
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


# --- escalations ----------------------------------------------------------------------------------


def escalated_ticket() -> Ticket:
    ticket = make_ticket()
    operations.escalate(ticket_id=ticket.pk, actor=ticket.requester, reason="Arrêt.", at=TUESDAY_10)
    return ticket


def test_c29_an_escalation_stands_on_the_dashboard_until_it_is_answered(manager: Client) -> None:
    ticket = escalated_ticket()
    with freeze_time(AT):
        page = unescape(manager.get("/pilotage/").content.decode()).replace("\xa0", " ")
        assert f'href="/admin/incidents/{ticket.reference}/"' in page.split("Escalades")[1]
        assert "depuis 3 h" in page
        operations.answer_escalation(
            ticket_id=ticket.pk, actor=make_manager(), answer="Oui.", at=AT
        )
        assert "Escalades" not in manager.get("/pilotage/").content.decode()


def test_q1_escalations_cost_the_dashboard_one_query_however_many(manager: Client) -> None:
    manager.get("/pilotage/")
    for wanted in (1, 12):
        while Ask.objects.count() < wanted:
            escalated_ticket()
        with freeze_time(AT), CaptureQueriesContext(connection) as captured:
            page = manager.get("/pilotage/").content.decode()
        assert sum('FROM "tickets_ask"' in query["sql"] for query in captured) == 1
    assert "Les 10 plus anciennes sont affichées." in page


# --- changes (S7, S14, S19) -----------------------------------------------------------------------


def changed_ticket() -> Ticket:
    """Raised after five minutes, taken in charge too late, corrected in the next month."""
    ticket = make_ticket()
    engineer, manager = make_engineer(), make_manager()
    operations.requalify(
        ticket_id=ticket.pk, actor=engineer, severity=Severity.BLOCKING,
        reason="Toute l’agence est arrêtée", at=TUESDAY_10 + timedelta(minutes=5),
    )  # fmt: skip
    operations.acknowledge(ticket_id=ticket.pk, actor=engineer, at=AT)
    return operations.correct_acknowledgement(
        ticket_id=ticket.pk, actor=manager, reason="Pris par téléphone",
        acknowledged_at=TUESDAY_10 + timedelta(minutes=10), at=TUESDAY_10 + timedelta(days=20),
    )  # fmt: skip


def test_s7_s14_the_dashboard_counts_changes_and_links_to_them(manager: Client) -> None:
    changed_ticket()
    page = manager.get("/pilotage/?mois=2026-09").content.decode()
    link = '<a href="/pilotage/changements/?mois=2026-09#hausses">1\u00a0criticité relevée</a>'
    assert link in page


def test_s19_the_dashboard_shows_a_correction_made_since(manager: Client) -> None:
    ticket = changed_ticket()
    page = manager.get("/pilotage/?mois=2026-09").content.decode()
    since = page.partition('id="depuis"')[2].partition("</section>")[0]
    told = (ticket.reference, "13\u00a0h\u00a000", "10\u00a0h\u00a010", "Pris par téléphone")
    assert [text for text in told if text not in since] == []


def test_s7_s14_the_list_of_a_month_tells_who_when_what_and_why(manager: Client) -> None:
    changed_ticket()
    raised = manager.get("/pilotage/changements/?mois=2026-09").content.decode()
    corrected = manager.get("/pilotage/changements/?mois=2026-10").content.decode()
    assert ("Toute l’agence est arrêtée" in raised, "Pris par téléphone" in corrected) == (
        True, True,
    )  # fmt: skip


@pytest.mark.parametrize("page", ["", "changements/"])
def test_the_numbers_of_changes_stand_at_the_right_edge_too(manager: Client, page: str) -> None:
    changed_ticket()
    shown = manager.get(f"/pilotage/{page}?mois=2026-09").content.decode()
    assert ("tally" in shown, '<span class="muted report-number">1</span>' in shown) == (
        False, True,
    )  # fmt: skip


@pytest.mark.parametrize("page", ["", "changements/"])
def test_q1_changes_cost_the_same_for_one_and_for_three(manager: Client, page: str) -> None:
    counts = []
    manager.get(f"/pilotage/{page}?mois=2026-09")  # The desk's state is asked once a minute.
    for number in (1, 2):
        for _change in range(number):
            changed_ticket()
        with CaptureQueriesContext(connection) as captured:
            manager.get(f"/pilotage/{page}?mois=2026-09")
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_q1_the_dashboard_asks_at_most_twelve_queries(manager: Client) -> None:
    changed_ticket()
    manager.get("/pilotage/?mois=2026-09")
    with CaptureQueriesContext(connection) as captured:
        manager.get("/pilotage/?mois=2026-09")
    assert len(captured) <= 12
