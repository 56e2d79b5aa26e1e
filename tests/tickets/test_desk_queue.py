"""The engineers' queue at /admin/: what it lists, in which order, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from freezegun import freeze_time

from accounts.models import User
from sla.enums import Severity
from tests.factories.accounts import (
    make_administrator,
    make_agency,
    make_company,
    make_contact,
    make_engineer,
    make_user,
)
from tests.factories.cast import make_cast
from tests.factories.files import make_stored_file
from tests.factories.licences import make_product
from tests.factories.tickets import TUESDAY_10, acknowledged_ticket, make_ticket
from tickets import operations
from tickets.enums import Side
from tickets.models import Ticket
from tickets.queries import desk
from tickets.queries.desk import Criteria, Cursor, Tab

pytestmark = pytest.mark.django_db
LATER = TUESDAY_10 + timedelta(minutes=20)
NOTHING = Criteria()


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def listed(
    tab: Tab, user: User, criteria: Criteria = NOTHING, at: datetime = LATER
) -> list[Ticket]:
    found = desk.page_of(desk.queue_of(user, criteria, at), tab).lines
    return [Ticket.objects.get(reference=line.reference) for line in found]


def counted(user: User, at: datetime = LATER, criteria: Criteria = NOTHING) -> dict[Tab, str]:
    return desk.counts(desk.queue_of(user, criteria, at))


def waiting_ticket(engineer: User) -> Ticket:
    ticket = acknowledged_ticket(engineer=engineer)
    return operations.wait_for_customer(
        ticket_id=ticket.pk, actor=engineer, reason="La maquette.", until=None, at=TUESDAY_10
    )


def of_company(name: str, *, alert_note: str = "") -> Ticket:
    return make_ticket(requester=make_contact(make_company(name=name, alert_note=alert_note)))


# --- order ---------------------------------------------------------------------------------


def test_the_nearest_deadline_comes_first() -> None:
    mild = make_ticket(severity=Severity.INFORMATIONAL)
    grave = make_ticket(severity=Severity.BLOCKING)
    assert listed(Tab.ALL, make_engineer()) == [grave, mild]


def test_incidents_without_a_deadline_come_last() -> None:
    engineer = make_engineer()
    waiting = waiting_ticket(engineer)
    running = make_ticket(severity=Severity.INFORMATIONAL)
    assert listed(Tab.ALL, engineer) == [running, waiting]


def test_resolved_incidents_are_not_in_the_queue() -> None:
    engineer = make_engineer()
    ticket = acknowledged_ticket(engineer=engineer)
    operations.resolve(ticket_id=ticket.pk, actor=engineer, solution="Fait.", at=LATER)
    assert listed(Tab.ALL, engineer) == []


# --- tabs ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Morning:
    ines: User
    to_take: Ticket
    mine: Ticket
    waiting: Ticket
    of_my_agency: Ticket


@pytest.fixture
def morning() -> Morning:
    """One incident for each tab; every other one is of another agency and another engineer."""
    agency = make_agency()
    ines = make_engineer(agency=agency)
    neighbour = make_ticket(requester=make_contact(make_company(agency=agency)))
    return Morning(
        ines=ines,
        to_take=make_ticket(severity=Severity.BLOCKING),
        mine=acknowledged_ticket(engineer=ines),
        waiting=waiting_ticket(make_engineer()),
        of_my_agency=operations.acknowledge(
            ticket_id=neighbour.pk, actor=make_engineer(), at=TUESDAY_10
        ),
    )


@pytest.mark.parametrize(
    ("tab", "expected"),
    [
        (Tab.TO_TAKE, "to_take"),
        (Tab.MINE, "mine"),
        (Tab.AGENCY, "of_my_agency"),
        (Tab.WAITING, "waiting"),
    ],
)
def test_each_tab_keeps_its_own(morning: Morning, tab: Tab, expected: str) -> None:
    assert listed(tab, morning.ines) == [getattr(morning, expected)]


def test_late_are_those_whose_deadline_has_passed(morning: Morning) -> None:
    after_half_an_hour = TUESDAY_10 + timedelta(minutes=31)
    assert listed(Tab.LATE, morning.ines, at=after_half_an_hour) == [morning.to_take]


def test_counts_say_what_each_tab_lists(morning: Morning) -> None:
    expected = {tab: str(len(listed(tab, morning.ines))) for tab in Tab}
    assert counted(morning.ines) == expected


def test_counts_stop_at_99(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "COUNTED", 1)
    make_ticket()
    make_ticket()
    assert counted(make_engineer())[Tab.TO_TAKE] == "1+"


def test_who_has_no_agency_has_no_agency_tab() -> None:
    assert Tab.AGENCY not in counted(make_administrator())


# --- filter --------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["béton", "BETON", "beton durand", "durand béton"])
def test_words_forgive_accents_case_and_order(words: str) -> None:
    wanted = of_company("Béton Durand")
    of_company("Acier & Fils")
    assert listed(Tab.ALL, make_engineer(), Criteria(words=words)) == [wanted]


def test_a_reference_finds_its_incident() -> None:
    wanted = make_ticket()
    make_ticket()
    assert listed(Tab.ALL, make_engineer(), Criteria(words=wanted.reference)) == [wanted]


@pytest.mark.parametrize("words", ["coffrage", "Étage coffrage", "PLAN_ETAGE-coffrage.pdf"])
def test_c43_the_name_of_a_file_finds_its_incident(words: str) -> None:
    wanted = make_ticket(files=[make_stored_file(name="Plan_étage-coffrage.pdf")])
    make_ticket(files=[make_stored_file(name="journal.txt", content=b"texte")])
    assert listed(Tab.ALL, make_engineer(), Criteria(words=words)) == [wanted]


def test_c43_the_product_and_the_title_are_looked_for_together() -> None:
    product = make_product(name="Géostat 3000")
    wanted = make_ticket(product=product, title="Ne s’ouvre plus")
    make_ticket(product=product, title="Se ferme")
    assert listed(Tab.ALL, make_engineer(), Criteria(words="geostat ouvre")) == [wanted]


def test_status_and_engineer_narrow_too() -> None:
    ines, hugo = make_engineer(), make_engineer()
    free, mine = make_ticket(), acknowledged_ticket(engineer=ines)
    acknowledged_ticket(engineer=hugo)
    assert listed(Tab.ALL, hugo, Criteria(engineer=ines.pk)) == [mine]
    assert listed(Tab.ALL, hugo, Criteria(engineer=0)) == [free]
    assert listed(Tab.ALL, hugo, Criteria(status="declared")) == [free]


def test_an_agency_narrows_every_tab_even_that_of_ones_own() -> None:
    theirs = make_ticket()
    mine = make_ticket()
    agency = make_agency(name="Brest")
    Ticket.objects.filter(pk=theirs.pk).update(agency=agency)
    ines = make_engineer(agency=mine.agency)
    assert listed(Tab.ALL, ines, Criteria(agency=agency.pk)) == [theirs]
    assert listed(Tab.TO_TAKE, ines, Criteria(agency=agency.pk, words="revit")) == [theirs]
    assert listed(Tab.AGENCY, ines, Criteria(agency=agency.pk)) == []
    assert counted(ines, criteria=Criteria(agency=agency.pk))[Tab.TO_TAKE] == "1"


def test_the_filter_of_an_agency_is_said_in_words() -> None:
    agency, other = make_agency(name="Brest"), make_ticket()
    client = signed_in(make_engineer())
    page = client.get(f"/admin/?agence={agency.pk}").content.decode()
    assert "Agence\u00a0: Brest" in page
    assert other.reference not in page
    assert "Cette agence n’existe pas" in client.get("/admin/?agence=999").content.decode()


@pytest.mark.parametrize("found", [100, 1])
def test_a_search_lists_and_counts_the_same_however_much_it_found(
    morning: Morning, monkeypatch: pytest.MonkeyPatch, found: int
) -> None:
    """Beyond what is told apart by tab, the page has a statement of its own and numbers are not
    known.
    """
    monkeypatch.setattr(desk, "FOUND", found)
    criteria = Criteria(words="revit")
    for tab in Tab:
        assert listed(tab, morning.ines, criteria) == listed(tab, morning.ines)
    whole = counted(morning.ines, criteria=criteria)
    assert whole == (counted(morning.ines) if found == 100 else dict.fromkeys(Tab, ""))


def test_severity_and_product_narrow_together() -> None:
    product = make_product()
    wanted = make_ticket(product=product, severity=Severity.BLOCKING)
    make_ticket(product=product)
    make_ticket(severity=Severity.BLOCKING)
    criteria = Criteria(severity=Severity.BLOCKING, product=product.pk)
    assert listed(Tab.ALL, make_engineer(), criteria) == [wanted]


@pytest.mark.parametrize(
    "query",
    [
        "onglet=inconnu", "criticite=enorme", "produit=x", "produit=99999999999999999999",
        "apres=abc", "apres=9999999999999999-1", "apres=x-999999999999999999", "apres=-",
        "q=%25%25%25", "q=%00", "q=" + "a" * 9000, "assignee__password__startswith=a", "o=password",
    ],
)  # fmt: skip
def test_a3_wrong_parameters_are_ignored(query: str) -> None:
    make_ticket()
    assert signed_in(make_engineer()).get(f"/admin/?{query}").status_code == 200


# --- pages ---------------------------------------------------------------------------------


def all_pages(user: User) -> list[Ticket]:
    """Every incident met by following « Échéances suivantes » to the end."""
    found: list[Ticket] = []
    after: Cursor | None = None
    while True:
        page = desk.page_of(desk.queue_of(user, NOTHING, LATER), Tab.ALL, after)
        found += [Ticket.objects.get(reference=line.reference) for line in page.lines]
        if page.after is None:
            return found
        after = Cursor.read(str(page.after))


def test_q1_a_later_page_meets_those_that_share_a_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(desk, "PAGE_SIZE", 1)
    expected = [make_ticket(), make_ticket(), make_ticket(severity=Severity.INFORMATIONAL)]
    assert all_pages(make_engineer()) == expected


def test_following_the_pages_meets_every_incident_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "PAGE_SIZE", 2)
    engineer = make_engineer()
    expected = [make_ticket(), make_ticket(), make_ticket()]  # of one same deadline
    expected += [waiting_ticket(engineer), waiting_ticket(engineer), waiting_ticket(engineer)]
    assert all_pages(engineer) == expected


# --- the page ------------------------------------------------------------------------------


@freeze_time(LATER)
def test_a_line_says_what_is_left_in_words() -> None:
    make_ticket(severity=Severity.BLOCKING)
    page = signed_in(make_engineer()).get("/admin/").content.decode()
    assert "<b>dans 10\u00a0min</b>" in page


def test_an_alert_is_said_in_the_line_and_told_on_demand() -> None:
    ticket = of_company("Béton Durand", alert_note="Contrat en litige : prévenir Marc.")
    client = signed_in(make_engineer())
    line = client.get("/admin/").content.decode()
    address = reverse("desk:company", args=[ticket.company_id])
    card = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "alerte</span>" in line
    assert "Contrat en litige : prévenir Marc." not in line
    assert "Contrat en litige : prévenir Marc." in card


def test_without_a_script_a_company_leads_to_its_page() -> None:
    company = make_company()
    response = signed_in(make_engineer()).get(reverse("desk:company", args=[company.pk]))
    assert response["Location"] == reverse("admin:accounts_company_change", args=[company.pk])


@freeze_time(LATER)
def test_a_line_says_who_spoke_last_and_when() -> None:
    ticket = acknowledged_ticket(engineer=(ines := make_engineer(first_name="Inès")))
    operations.post_message(
        ticket_id=ticket.pk, actor=ines, body="Essayez ceci.", at=LATER - timedelta(minutes=5),
        form_token=uuid4(), files=[],
    )  # fmt: skip
    page = signed_in(make_engineer()).get("/admin/").content.decode()
    assert f"<small>support · {ines.full_name}, 5\u00a0min</small>" in page


def test_b1_a_note_is_no_word() -> None:
    ticket = acknowledged_ticket(engineer=(ines := make_engineer(first_name="Inès")))
    operations.add_note(
        ticket_id=ticket.pk, actor=ines, body="Entre nous.", at=LATER, form_token=uuid4()
    )
    line = desk.page_of(desk.queue_of(ines, NOTHING, LATER), Tab.ALL).lines[0]
    assert line.last_word is not None
    assert line.last_word.side == Side.CUSTOMER


def test_a_wrong_filter_is_said_and_the_rest_is_applied() -> None:
    kept, other = make_ticket(severity=Severity.BLOCKING), make_ticket()
    client = signed_in(make_engineer())
    page = client.get("/admin/?criticite=blocking&produit=999").content.decode()
    assert "Ce produit n’existe pas, ou plus" in page
    assert kept.reference in page
    assert other.reference not in page


def test_a_selection_is_a_form_of_its_own_without_a_token() -> None:
    """It is sent by GET: the token of the page would stand in an address."""
    ticket = make_ticket()
    page = signed_in(make_engineer()).get("/admin/").content.decode()
    form = page[page.index('id="selection"') : page.index("</tbody>")]
    assert f'name="ticket" value="{ticket.reference}"' in form
    assert "csrfmiddlewaretoken" not in form


def test_a_selection_goes_where_it_is_acted_on_in_bulk() -> None:
    make_ticket()
    page = signed_in(make_engineer()).get("/admin/").content.decode()
    assert f'<form method="get" action="{reverse("desk:bulk")}"' in page
    assert "Agir sur la sélection" in page


def test_a_selection_takes_the_filters_of_the_queue_along() -> None:
    make_ticket(severity=Severity.BLOCKING)
    client = signed_in(make_engineer())
    page = client.get("/admin/?criticite=blocking&onglet=a-prendre").content.decode()
    form = page[page.index('id="selection"') : page.index("</tbody>")]
    assert 'name="queue" value="onglet=a-prendre&amp;criticite=blocking"' in form


def test_an_empty_tab_says_so() -> None:
    page = signed_in(make_engineer()).get("/admin/").content.decode()
    assert "Rien ici pour l’instant." in page


def test_an_administrator_is_not_offered_to_take_charge() -> None:
    make_ticket()
    page = signed_in(make_administrator()).get("/admin/").content.decode()
    assert "prendre-en-charge" not in page


def test_a_customer_does_not_reach_the_queue() -> None:
    response = signed_in(make_user()).get("/admin/")
    assert (response.status_code, response["Location"]) == (302, "/admin/login/?next=/admin/")


def test_nothing_on_the_page_is_inline() -> None:
    make_ticket()
    page = signed_in(make_cast().ines).get(reverse("admin:index")).content.decode()
    assert [mark for mark in (" style=", " onclick=", "<style", "<script>") if mark in page] == []


# --- cost ----------------------------------------------------------------------------------


def queries_of_the_queue(client: Client) -> int:
    with CaptureQueriesContext(connection) as captured:
        client.get(reverse("admin:index"))
    return len(captured)


def test_q1_three_incidents_cost_what_one_costs() -> None:
    client = signed_in(make_engineer())
    make_ticket()
    client.get(reverse("admin:index"))  # opening hours are kept in memory from now on
    one = queries_of_the_queue(client)
    make_ticket()
    waiting_ticket(make_engineer())
    assert queries_of_the_queue(client) == one


def test_q1_the_first_page_takes_at_most_12_queries() -> None:
    client = signed_in(make_engineer())
    make_ticket()
    client.get(reverse("admin:index"))
    assert queries_of_the_queue(client) <= 12
