"""The queue kept up to date (decision 0020): what a poll answers, writes and costs."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from freezegun import freeze_time

from accounts.models import User
from tests.factories.accounts import make_company, make_engineer, make_user
from tests.factories.tickets import TUESDAY_10, acknowledged_ticket, make_ticket
from tests.isolation.fingerprint import changed, fingerprint
from tests.tickets.test_desk_queue import LATER, signed_in
from tickets import operations
from tickets.queries import desk, queue_words
from tickets.queries.desk import Criteria, Cursor, Tab

# A statement planned once is named after its table.
_TABLE = re.compile(r'(?:FROM "|EXECUTE )([a-z]+_[a-z]+)')
pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def poll(client: Client, version: str, **asked: str) -> Any:
    """What the page asks for every 15 seconds."""
    address = f"{reverse('desk:queue')}?{urlencode({**asked, 'v': version})}"
    return client.get(address, headers=HTMX)


def version_of(page: Any) -> str:
    found = re.search(r'data-version="([^"]+)"', page.content.decode())
    assert found
    return found[1]


@freeze_time(LATER)
def test_an_unchanged_queue_answers_nothing_and_asks_one_small_query() -> None:
    make_ticket()
    client = signed_in(make_engineer())
    version = version_of(client.get("/admin/"))
    with CaptureQueriesContext(connection) as captured:
        answer = poll(client, version)
    assert (answer.status_code, answer.content) == (204, b"")
    # The session and the person, which every request pays; then the last act on any incident.
    assert [_TABLE.search(query["sql"])[1] for query in captured] == [  # type: ignore[index]
        "django_session", "accounts_user", "tickets_ticketevent",
    ]  # fmt: skip


@freeze_time(LATER)
def test_an_act_on_any_incident_brings_the_queue_anew() -> None:
    ticket = make_ticket(title="Ailleurs")
    client = signed_in(make_engineer())
    version = version_of(client.get("/admin/"))
    operations.acknowledge(ticket_id=ticket.pk, actor=make_engineer(), at=LATER)
    answer = poll(client, version, onglet="a-prendre")
    assert answer.status_code == 200
    assert "Ailleurs" not in answer.content.decode()
    assert version_of(answer) != version


def test_another_minute_brings_the_clocks_anew() -> None:
    make_ticket()
    client = signed_in(make_engineer())
    with freeze_time(LATER):
        version = version_of(client.get("/admin/"))
    with freeze_time(LATER + timedelta(seconds=59)):
        assert poll(client, version).status_code == 204
    with freeze_time(LATER + timedelta(seconds=60)):
        assert poll(client, version).status_code == 200


@freeze_time(LATER)
def test_a_poll_holds_tabs_and_lines_only() -> None:
    make_ticket(title="Dans la file")
    page = poll(signed_in(make_engineer()), "").content.decode()
    assert "Dans la file" in page
    assert "<html" not in page
    assert "csrfmiddlewaretoken" not in page


@freeze_time(LATER)
def test_a_poll_asks_for_the_page_that_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "PAGE_SIZE", 1)
    make_ticket(title="La première")
    make_ticket(title="La deuxième")
    client = signed_in(make_engineer())
    first = desk.page_of(desk.queue_of(make_engineer(), Criteria(), LATER), Tab.ALL)
    page = client.get(f"/admin/?apres={first.after}").content.decode()
    assert "La deuxième" in page
    assert f"{reverse('desk:queue')}?apres={first.after}" in page


def test_a_poll_writes_nothing_and_prolongs_no_session() -> None:
    make_ticket()
    client = signed_in(make_engineer())
    with freeze_time(LATER):
        client.get("/admin/")
        ends = Session.objects.get(pk=client.session.session_key).expire_date
        before = fingerprint()
        answer = poll(client, "")
    assert not answer.cookies
    assert changed(before, fingerprint()) == set()
    assert Session.objects.get(pk=client.session.session_key).expire_date == ends


def test_a_session_that_has_ended_reads_401_not_a_sign_in_page() -> None:
    assert poll(Client(), "").status_code == 401


def test_a1_a_customer_reads_404() -> None:
    assert poll(signed_in(make_user()), "").status_code == 404


# --- plans ----------------------------------------------------------------------------------------


def plan_of(
    user: User,
    tab: Tab,
    at: datetime,
    after: Cursor | None = None,
    criteria: Criteria = Criteria(),  # noqa: B008 (frozen)
) -> str:
    """How PostgreSQL finds a page; a table of a few rows is read whole unless told otherwise."""
    queue = desk.queue_of(user, criteria, at)
    text, values = desk._hits(queue, tab, after)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute(f"EXPLAIN {text}", values)
        return "\n".join(line for (line,) in cursor.fetchall())


@pytest.mark.parametrize(
    ("tab", "index"),
    [
        (Tab.ALL, "ticket_queue"),
        (Tab.TO_TAKE, "ticket_to_take"),
        (Tab.MINE, "ticket_of_assignee"),
        (Tab.AGENCY, "ticket_of_agency"),
        (Tab.WAITING, "ticket_waiting"),
        (Tab.LATE, "ticket_queue"),
    ],
)
def test_q1_each_tab_is_read_in_the_order_of_an_index(tab: Tab, index: str) -> None:
    acknowledged_ticket()
    user = make_engineer(agency=make_company().agency)
    assert f"using {index} on" in plan_of(user, tab, LATER)


def test_q1_nobodys_incidents_are_read_in_the_order_of_an_index() -> None:
    make_ticket()
    plan = plan_of(make_engineer(), Tab.ALL, LATER, criteria=Criteria(engineer=0))
    assert "using ticket_nobodys on" in plan


def test_q1_companies_are_found_by_their_index() -> None:
    text, values = queue_words._bearing([queue_words.Word("maquette", "")])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {text}", values)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Bitmap Index Scan on company_named" in plan


@pytest.mark.parametrize("cursor", [Cursor(TUESDAY_10, 5), Cursor(None, 5)])
def test_q1_a_later_page_begins_in_the_index(cursor: Cursor) -> None:
    make_ticket()
    plan = plan_of(make_engineer(), Tab.ALL, LATER, cursor)
    assert "Seq Scan" not in plan
    assert re.search(r"Index Cond: \(+next_due_at", plan)


def test_q1_names_of_files_are_found_by_their_index() -> None:
    make_ticket()
    queue = desk.queue_of(make_engineer(), Criteria(words="coffrage"), LATER)
    text, values = desk._hits(queue, Tab.ALL, None)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_indexscan = off")
        cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute(f"EXPLAIN {text}", values)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Bitmap Index Scan on stored_file_searched" in plan
