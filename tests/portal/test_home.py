"""The home of a stranger, of a customer, of ours; and whether the desk is open."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from freezegun import freeze_time

from blog.enums import Audience
from portal.desk import desk_state
from portal.navigation import places
from sla.models import CalendarVersion, ServiceLevelVersion
from sla.queries import default_service_level
from tests.factories.accounts import make_company, make_membership
from tests.factories.blog import make_article
from tests.factories.cast import Cast
from tests.factories.licences import make_licence
from tests.factories.sla import make_calendar, make_service_level_version
from tests.factories.tickets import make_ticket
from tests.portal.visitors import TUESDAY_10, SignIn
from tickets import operations

N = "\u00a0"


def _page(client: Client) -> str:
    response = client.get("/")
    assert response.status_code == 200
    return response.content.decode()


# --- strangers ----------------------------------------------------------------------------------


def test_a_stranger_reads_the_delays_of_the_charter(client: Client, db: None) -> None:
    page = _page(client)
    for delay in (f"30{N}min", f"1{N}h", f"2{N}h", f"4{N}h", f"9{N}h", f"27{N}h"):
        assert f">{delay}<" in page


def test_a_stranger_finds_the_phone_the_hours_and_the_way_in(client: Client, db: None) -> None:
    page = _page(client)
    assert 'href="tel:0472206890"' in page
    assert f"du lundi au vendredi, de 9{N}h à 18{N}h" in page
    assert 'href="/connexion/"' in page


def test_b5_a_stranger_sees_public_articles_only(client: Client, db: None) -> None:
    make_article(title="Pour tous")
    make_article(title="Pour les clients", audience=Audience.CUSTOMERS)
    page = _page(client)
    assert ("Pour tous" in page, "Pour les clients" in page) == (True, False)


def test_home_only_answers_reads(client: Client, db: None) -> None:
    assert client.post("/").status_code == 405


# --- customers ----------------------------------------------------------------------------------


@pytest.mark.usefixtures("tuesday")
def test_a_customer_sees_the_clock_of_an_open_incident(cast: Cast, sign_in: SignIn) -> None:
    make_ticket(requester=cast.alice, title="Revit se ferme")
    page = _page(sign_in(cast.alice))
    assert "Revit se ferme" in page
    assert f"aujourd’hui à 11{N}h{N}00" in page
    assert f"dans 1{N}h ouvrée" in page


@pytest.mark.usefixtures("tuesday")
def test_a_customer_is_told_what_is_awaited_of_them(cast: Cast, sign_in: SignIn) -> None:
    at = TUESDAY_10 - timedelta(minutes=30)
    ticket = make_ticket(requester=cast.alice, at=at)
    operations.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=at)
    operations.wait_for_customer(
        ticket_id=ticket.pk, actor=cast.ines, reason="Envoyez le fichier.", until=None, at=at
    )
    page = _page(sign_in(cast.alice))
    assert f"1{N}incident attend votre réponse" in page
    assert "Envoyez le fichier." in page
    assert "À vous" in page


@pytest.mark.usefixtures("tuesday")
def test_a2_a_customer_sees_nothing_of_other_companies(cast: Cast, sign_in: SignIn) -> None:
    make_ticket(requester=cast.charlie, title="Secret de Béton Durand")
    make_licence(cast.other_company, ends_on=date(2026, 9, 30))
    page = _page(sign_in(cast.alice))
    assert "Secret de Béton Durand" not in page
    assert "Licences à renouveler" not in page
    assert "Aucun incident en cours" in page


@pytest.mark.usefixtures("tuesday")
def test_a_customer_sees_licences_that_end_soon(cast: Cast, sign_in: SignIn) -> None:
    make_licence(cast.company, ends_on=date(2026, 10, 5), seats=12)
    page = _page(sign_in(cast.alice))
    assert f"12{N}postes" in page
    assert f"échéance lun.{N}5{N}oct. 2026" in page


@pytest.mark.usefixtures("tuesday")
def test_a_customer_of_one_company_has_no_switch(cast: Cast, sign_in: SignIn) -> None:
    assert "Société affichée" not in _page(sign_in(cast.alice))


@pytest.mark.usefixtures("tuesday")
def test_a_customer_of_two_companies_has_a_switch(cast: Cast, sign_in: SignIn) -> None:
    second = make_company(name="Atelier Nord")
    make_membership(cast.alice, second)
    page = _page(sign_in(cast.alice))
    assert f'name="company" value="{second.pk}"' in page


@pytest.mark.usefixtures("tuesday")
def test_q1_queries_do_not_grow_with_incidents(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.alice)
    make_ticket(requester=cast.alice)
    _page(client)
    with CaptureQueriesContext(connection) as one:
        _page(client)
    for _ in range(4):
        make_ticket(requester=cast.alice)
        make_article()
    with CaptureQueriesContext(connection) as five:
        _page(client)
    assert len(five) == len(one)


# --- ours ---------------------------------------------------------------------------------------


@pytest.mark.usefixtures("tuesday")
def test_an_engineer_reads_what_the_queue_holds(cast: Cast, sign_in: SignIn) -> None:
    make_ticket(requester=cast.alice)
    page = _page(sign_in(cast.ines))
    assert "<dt>À prendre</dt><dd>1</dd>" in page
    assert 'href="/admin/"' in page


@pytest.mark.parametrize(("who", "pilots"), [("ines", False), ("marc", True), ("alice", False)])
def test_only_managers_are_led_to_the_dashboards(
    cast: Cast,
    sign_in: SignIn,
    who: str,
    pilots: bool,
) -> None:
    assert ('href="/pilotage/"' in _page(sign_in(getattr(cast, who)))) is pilots


def test_a_customer_is_not_led_to_the_administration(cast: Cast, sign_in: SignIn) -> None:
    assert 'href="/admin/"' not in _page(sign_in(cast.alice))


@pytest.mark.parametrize("who", ["alice", "rejane", "ines", "marc", "adele"])
def test_every_link_of_the_header_leads_somewhere(cast: Cast, sign_in: SignIn, who: str) -> None:
    client = sign_in(getattr(cast, who))
    request = client.get("/").wsgi_request
    shown = [place.url for place in places(request)]
    assert len(shown) >= 7
    assert [url for url in shown if client.get(url).status_code not in {200, 302}] == []


def test_the_current_place_is_marked(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in(cast.alice).get("/charte/").content.decode()
    assert page.count('aria-current="page"') == 1
    assert 'href="/charte/" aria-current="page"' in page


# --- the desk -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "is_open", "sentence"),
    [
        (datetime(2026, 9, 15, 8, tzinfo=UTC), True, f"ouvert jusqu’à 18{N}h"),
        (datetime(2026, 9, 15, 6, 59, tzinfo=UTC), False, f"fermé, rouvre à 9{N}h"),
        (datetime(2026, 9, 15, 16, tzinfo=UTC), False, f"fermé, rouvre demain à 9{N}h"),
        (datetime(2026, 9, 18, 16, tzinfo=UTC), False, f"fermé, rouvre lundi à 9{N}h"),
        (datetime(2026, 9, 20, 16, tzinfo=UTC), False, f"fermé, rouvre demain à 9{N}h"),
        # Christmas is a Friday.
        (datetime(2026, 12, 24, 18, tzinfo=UTC), False, f"fermé, rouvre lundi à 9{N}h"),
    ],
)
def test_the_desk_says_until_or_from_when(
    db: None,
    at: datetime,
    is_open: bool,
    sentence: str,
) -> None:
    state = desk_state(at)
    assert state is not None
    assert (state.is_open, state.sentence) == (is_open, sentence)


def test_a_far_reopening_is_a_date(db: None) -> None:
    hours: dict[str, object] = {
        "tz": "Europe/Paris",
        "weekly": {},
        "holidays": [],
        "extra_openings": [{"date": "2026-10-05", "from": "08:30", "to": "12:00"}],
    }
    _replace_calendar(hours)
    state = desk_state(TUESDAY_10)
    assert state is not None
    assert state.sentence == f"fermé, rouvre le lun.{N}5{N}oct. à 8{N}h{N}30"


def test_c6_a_desk_that_never_opens_is_closed(db: None) -> None:
    _replace_calendar({"tz": "Europe/Paris", "weekly": {}, "holidays": []})
    state = desk_state(TUESDAY_10)
    assert state is not None
    assert (state.sentence, state.changes_at) == ("fermé", None)


def test_a_desk_open_for_good_says_so(db: None) -> None:
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    weekly = {day: [["00:00", "24:00"]] for day in days}
    _replace_calendar({"tz": "Europe/Paris", "weekly": weekly, "holidays": []})
    state = desk_state(TUESDAY_10)
    assert state is not None
    assert (state.is_open, state.sentence) == (True, "ouvert jour et nuit")


def test_s12_a_calendar_changes_from_its_date_on(db: None) -> None:
    level = default_service_level()
    shorter = make_calendar(
        hours={"tz": "Europe/Paris", "weekly": {"tue": [["09:00", "12:00"]]}, "holidays": []}
    )
    make_service_level_version(level, effective_from=date(2026, 9, 15), calendar=shorter)
    before, after = desk_state(TUESDAY_10 - timedelta(days=1)), desk_state(TUESDAY_10)
    assert before is not None
    assert after is not None
    assert (before.sentence, after.sentence) == (
        f"ouvert jusqu’à 18{N}h",
        f"ouvert jusqu’à 12{N}h",
    )


def test_without_any_calendar_pages_still_answer(client: Client, db: None) -> None:
    ServiceLevelVersion.objects.all().delete()
    with freeze_time(TUESDAY_10):
        assert "04 72 20 68 90" in _page(client)
    assert desk_state(TUESDAY_10) is None


def _replace_calendar(hours: dict[str, object]) -> None:
    level = default_service_level()
    make_service_level_version(
        level, effective_from=date(2026, 9, 1), calendar=make_calendar(hours=hours)
    )
    assert CalendarVersion.objects.count() == 2
