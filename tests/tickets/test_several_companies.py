"""Somebody of several companies: lists show all of them, a declaration says for which (§1)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories.accounts import make_membership
from tests.factories.cast import Cast, make_cast
from tests.factories.licences import make_licence, make_product
from tests.factories.tickets import TUESDAY_10, make_ticket
from tests.tickets.pages import at, body, main_text, signed_in
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
DECLARE = "/incidents/declarer/"


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with at(TUESDAY_10):
        yield


@pytest.fixture
def cast() -> Cast:
    """Alice belongs to both companies and has an incident in each."""
    cast = make_cast()
    make_membership(cast.alice, cast.other_company)
    make_ticket(company=cast.company, requester=cast.alice, title="À l’usine")
    make_ticket(company=cast.other_company, requester=cast.alice, title="Au siège")
    return cast


@pytest.mark.parametrize("address", ["/", "/incidents/"])
def test_lists_show_every_company_and_name_it(alice: Client, address: str) -> None:
    page = main_text(alice.get(address))
    for words in ("À l’usine", "Acier & Fils", "Au siège", "Béton Durand"):
        assert words in page


def test_the_switch_narrows_the_list(cast: Cast, alice: Client) -> None:
    alice.post(reverse("switch_company"), {"company": cast.other_company.pk})
    page = main_text(alice.get("/incidents/"))
    assert "Au siège" in page
    assert "À l’usine" not in page
    assert "Béton Durand" not in page


def test_the_products_of_all_companies_can_be_filtered(cast: Cast, alice: Client) -> None:
    for company, name in ((cast.company, "Revit"), (cast.other_company, "Tekla")):
        make_licence(company, product=make_product(name=name))
    make_product(name="Autre")
    asked = alice.get("/incidents/?filtres=1").context["asked"]
    assert list(asked.choices.products.values()) == ["Revit", "Tekla"]


def test_somebody_of_one_company_does_not_read_its_name_on_each_line(cast: Cast) -> None:
    make_ticket(company=cast.company, requester=cast.bob, title="À Bob")
    assert "Acier & Fils" not in main_text(signed_in(cast.bob).get("/incidents/"))


def test_staff_read_the_company_on_each_line(cast: Cast) -> None:
    page = main_text(signed_in(cast.ines).get("/incidents/"))
    assert "Acier & Fils" in page
    assert "Béton Durand" in page


def test_a_declaration_asks_for_the_company(cast: Cast, alice: Client) -> None:
    page = alice.get(f"{DECLARE}?suite=")
    assert "Pour quelle société ?" in main_text(page)
    assert 'name="title"' not in body(page)
    for company in (cast.company, cast.other_company):
        assert f'href="?suite=&amp;societe={company.pk}"' in body(page)


def test_the_chosen_company_is_not_asked_for_again(cast: Cast, alice: Client) -> None:
    alice.post(reverse("switch_company"), {"company": cast.other_company.pk})
    make_licence(cast.other_company)
    assert "Pour Béton Durand ou pour Acier & Fils" in main_text(alice.get(DECLARE))


def test_without_a_product_another_company_can_still_be_chosen(cast: Cast, alice: Client) -> None:
    page = main_text(alice.get(f"{DECLARE}?societe={cast.other_company.pk}"))
    assert "Aucun logiciel n’est enregistré" in page
    assert "ou pour Acier & Fils" in page


def test_nothing_is_filed_before_the_company_is_chosen(alice: Client) -> None:
    before = Ticket.objects.count()
    page = alice.post(DECLARE, {"title": "Perdu", "body": "Perdu", "severity": "blocking"})
    assert "Pour quelle société ?" in main_text(page)
    assert Ticket.objects.count() == before
