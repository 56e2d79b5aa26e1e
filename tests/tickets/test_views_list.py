"""The customers’ list of incidents: whose, in which order, kept by which filters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from sla.enums import Severity
from tests.factories.cast import Cast
from tests.factories.licences import make_licence, make_product
from tests.factories.tickets import TUESDAY_10, make_ticket
from tests.tickets.pages import at, body, main_text, signed_in, text
from tickets import operations, views
from tickets.models import Ticket
from tickets.queries import customer

if TYPE_CHECKING:
    from tests.tickets.pages import Page

pytestmark = pytest.mark.django_db
NOW = TUESDAY_10 + timedelta(minutes=20)

ODD_KEYS = [
    "_connector", "_negated", "pk", "id", "company", "company__name", "company_id", "order_by",
    "requester__password__startswith", "requester__email", "status__in", "status", "__class__",
    "severity", "product__name__regex", "is_private", "limit", "offset", "per_page", "fields",
    "select_related", "extra", "where", "raw", "user", "user__is_staff", "assignee", "turn",
    "statut__in", "tour__in", "q__regex", "produit__in", "criticite__gt", "de__in", "page__lt",
    "sort", "search", "format", "callback", "debug",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with at(NOW):
        yield


def page(user: User, query: str = "") -> Page:
    response = signed_in(user).get(f"/incidents/{query}")
    assert response.status_code == 200
    return response


def titles(response: Page) -> list[str]:
    return [line.title for line in response.context["lines"]]


def declare(cast: Cast, title: str, requester: User | None = None, **facts: object) -> Ticket:
    return make_ticket(
        company=cast.company, requester=requester or cast.alice, title=title,
        **facts,  # type: ignore[arg-type]  # the factory's own keywords
    )  # fmt: skip


# --- whose -------------------------------------------------------------------------------------


def test_a2_a_contact_sees_their_own_and_those_they_are_in_copy_of(cast: Cast) -> None:
    declare(cast, "À moi")
    declare(cast, "En copie", cast.bob, copies=[cast.alice])
    declare(cast, "À Bob", cast.bob)
    assert sorted(titles(page(cast.alice))) == ["En copie", "À moi"]


def test_a2_a_referent_sees_the_companys_but_private_ones(cast: Cast) -> None:
    declare(cast, "D’Alice")
    declare(cast, "Privé", is_private=True)
    assert titles(page(cast.rejane)) == ["D’Alice"]


def test_a2_another_companys_incidents_change_no_row_and_no_count(cast: Cast) -> None:
    declare(cast, "À moi")
    before = main_text(page(cast.alice))
    for number in range(30):
        make_ticket(company=cast.other_company, requester=cast.charlie, title=f"Autre {number}")
    assert main_text(page(cast.alice)) == before


def test_staff_see_every_companys_incidents_as_customers_do(cast: Cast) -> None:
    declare(cast, "D’Alice")
    make_ticket(company=cast.other_company, requester=cast.charlie, title="De Charlie")
    assert sorted(titles(page(cast.ines))) == ["De Charlie", "D’Alice"]


def test_a4_a_closed_access_empties_the_list_at_the_next_click(cast: Cast) -> None:
    declare(cast, "À moi")
    client = signed_in(cast.alice)
    cast.alice.memberships.update(is_active=False)
    assert "À moi" not in body(client.get("/incidents/"))


# --- one line ----------------------------------------------------------------------------------


def test_a_line_says_the_next_deadline_and_whose_turn(cast: Cast) -> None:
    declare(cast, "À moi")
    shown = main_text(page(cast.alice))
    assert "Prise en charge en cours aujourd’hui à 11 h 00 dans 40 min ouvrées" in shown
    assert "À nous" in shown


def test_a_line_that_waits_for_the_customer_says_what_for(cast: Cast) -> None:
    ticket = declare(cast, "À moi")
    operations.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=TUESDAY_10)
    operations.wait_for_customer(
        ticket_id=ticket.pk, actor=cast.ines, reason="Envoyez le journal.", until=None, at=NOW
    )
    shown = main_text(page(cast.alice))
    assert "Envoyez le journal." in shown
    assert "En attente client À vous" in shown


def test_b1_a_note_changes_nothing_in_the_list(cast: Cast) -> None:
    first = declare(cast, "Premier")
    declare(cast, "Second", at=TUESDAY_10 + timedelta(minutes=5))
    before = main_text(page(cast.alice))
    operations.add_note(
        ticket_id=first.pk, actor=cast.ines, body="CANARI", at=NOW, form_token=uuid4()
    )
    assert main_text(page(cast.alice)) == before


# --- filters -----------------------------------------------------------------------------------


@pytest.fixture
def mixed(cast: Cast) -> Cast:
    revit, inventor = make_product(name="Revit"), make_product(name="Inventor")
    for product in (revit, inventor):
        make_licence(cast.company, product=product)
    declare(cast, "Éclairage figé", product=revit, severity=Severity.BLOCKING)
    waiting = declare(cast, "Vault perdu", product=inventor)
    operations.acknowledge(ticket_id=waiting.pk, actor=cast.ines, at=TUESDAY_10)
    operations.wait_for_customer(
        ticket_id=waiting.pk, actor=cast.ines, reason="Journal", until=None, at=NOW
    )
    cancelled = declare(cast, "Fausse alerte", cast.rejane, product=revit)
    operations.cancel(ticket_id=cancelled.pk, actor=cast.rejane, reason="Rien", at=NOW)
    return cast


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?tour=yours", ["Vault perdu"]),
        ("?tour=ours", ["Éclairage figé"]),
        ("?tour=nobody", ["Fausse alerte"]),
        ("?statut=ouverts", ["Vault perdu", "Éclairage figé"]),
        ("?statut=cancelled", ["Fausse alerte"]),
        ("?criticite=blocking", ["Éclairage figé"]),
        ("?q=eclairage", ["Éclairage figé"]),
        ("?q=VAULT+perdu", ["Vault perdu"]),
        ("?q=%25", []),
        ("?de=moi", ["Fausse alerte"]),
        ("?tour=ours&criticite=impairing", []),
        # A wrong value counts as none.
        ("?tour=xx&statut=xx", ["Fausse alerte", "Vault perdu", "Éclairage figé"]),
        ("?q=a%00b", ["Fausse alerte", "Vault perdu", "Éclairage figé"]),
    ],
)
def test_a_filter_keeps_what_it_says(mixed: Cast, query: str, expected: list[str]) -> None:
    assert sorted(titles(page(mixed.rejane, query))) == expected


def test_the_product_filter_offers_the_companys_products_only(mixed: Cast) -> None:
    make_product(name="Logiciel d’ailleurs")
    response = page(mixed.rejane)
    assert "Logiciel d’ailleurs" not in body(response)
    inventor = Ticket.objects.get(title="Vault perdu").product_id
    assert titles(page(mixed.rejane, f"?produit={inventor}")) == ["Vault perdu"]


def test_a_number_finds_its_incident(mixed: Cast) -> None:
    ticket = Ticket.objects.get(title="Vault perdu")
    assert titles(page(mixed.rejane, f"?q={ticket.reference}")) == ["Vault perdu"]


def test_only_a_referent_is_offered_the_persons_filter(mixed: Cast) -> None:
    assert 'name="de"' in body(page(mixed.rejane, "?filtres=1"))
    assert 'name="de"' not in body(page(mixed.alice, "?filtres=1"))


def test_a3_unknown_keys_change_nothing(cast: Cast) -> None:
    declare(cast, "À moi")
    declare(cast, "À Bob", cast.bob)
    found = {
        (key, value): titles(page(cast.alice, f"?{quote(key)}={value}"))
        for key in ODD_KEYS
        for value in ("1", "password")
    }
    assert {query: shown for query, shown in found.items() if shown != ["À moi"]} == {}


# --- pages -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "shown"), [("1000000000", 2), ("-1", 1), ("0", 1), ("abc", 1), ("", 1), ("2", 2)]
)
def test_q1_the_page_is_clamped(cast: Cast, number: str, shown: int) -> None:
    for index in range(views.LINES_PER_PAGE + 1):
        declare(cast, f"n° {index}")
    assert page(cast.alice, f"?page={number}").context["pager"].number == shown


def test_filters_stay_in_the_address_from_page_to_page(cast: Cast) -> None:
    for index in range(views.LINES_PER_PAGE + 1):
        declare(cast, f"Coupure {index}")
    assert "?q=coupure&amp;page=2" in body(page(cast.alice, "?q=coupure"))


def test_q1_counting_stops_at_what_can_be_paged_through(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(customer, "LIST_MAX", 3)
    for index in range(5):
        declare(cast, f"n° {index}")
    response = page(cast.alice)
    assert response.context["pager"].page.total == 3
    assert "La liste s’arrête ici" in text(response)


def _queries(user: User) -> int:
    client = signed_in(user)
    client.get("/incidents/")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.get("/incidents/")
    return len(queries)


def test_q1_the_list_makes_as_many_queries_for_three_as_for_one(cast: Cast) -> None:
    declare(cast, "Un")
    alone = _queries(cast.alice)
    for title in ("Deux", "Trois"):
        declare(cast, title, product=make_product())
    assert _queries(cast.alice) == alone <= 12


# --- empty -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("", "Aucun incident pour l’instant"),
        ("?tour=yours", "Rien ne vous attend"),
        ("?q=introuvable", "Aucun incident ne correspond à ces filtres"),
    ],
)
def test_an_empty_list_says_what_to_do(cast: Cast, query: str, sentence: str) -> None:
    response = page(cast.alice, query)
    assert sentence in text(response)
    assert 'class="acts"' in body(response)


# --- search ------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["éclairage", "ECLAIRAGE", "fige eclairage"])
def test_search_forgives_accents_and_order(mixed: Cast, words: str) -> None:
    assert [found.title for found in customer.search(mixed.alice, words, 5)] == ["Éclairage figé"]


@pytest.mark.parametrize("words", ["", "   ", "%%%%", "_", "(", "x" * 10_000, "\u202e"])
def test_q2_odd_searches_find_nothing(mixed: Cast, words: str) -> None:
    assert customer.search(mixed.alice, words, 5) == []


def test_a2_search_never_finds_another_companys(mixed: Cast) -> None:
    assert customer.search(mixed.charlie, "éclairage", 5) == []
