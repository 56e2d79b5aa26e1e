"""The company of the request: chosen with the switch, read anew each time (A4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.enums import CompanyRole
from accounts.middleware import CurrentCompany
from accounts.models import Company, User
from tests.accounts.browser import post, signed_in
from tests.factories.accounts import make_company, make_membership
from tests.factories.cast import Cast


def read(user: User | AnonymousUser, chosen: int | None = None) -> Any:
    """A request as a view would get it."""
    request: Any = RequestFactory().get("/")
    request.user, request.session = user, SessionStore()
    if chosen is not None:
        request.session["company"] = chosen
    middleware = CurrentCompany(lambda _request: HttpResponse())
    middleware(request)
    middleware.process_view(request, lambda _request: HttpResponse(), (), {})
    return request


@pytest.fixture
def two(cast: Cast) -> Cast:
    """Alice belongs to both companies."""
    make_membership(cast.alice, cast.other_company)
    return cast


def test_all_their_companies_are_shown_until_one_is_chosen(two: Cast) -> None:
    request = read(two.alice)
    assert (request.company, request.shows_companies) == (None, True)
    assert request.companies == [two.company, two.other_company]


def test_the_only_company_needs_no_choice(cast: Cast) -> None:
    request = read(cast.alice)
    assert (request.company, request.shows_companies) == (cast.company, False)


def test_the_switch_goes_back_to_all_companies(two: Cast) -> None:
    client = signed_in(two.alice)
    post(client, reverse("switch_company"), {"company": two.other_company.pk})
    post(client, reverse("switch_company"), {"company": "toutes"})
    assert "company" not in client.session
    page = client.get("/compte/").content.decode()
    assert page.index('value="toutes" aria-current="true"') > 0


def test_the_switch_chooses_another(two: Cast) -> None:
    client = signed_in(two.alice)
    post(client, reverse("switch_company"), {"company": two.other_company.pk})
    assert client.session["company"] == two.other_company.pk
    assert read(two.alice, two.other_company.pk).company == two.other_company


def test_the_switch_goes_back_to_the_page(two: Cast) -> None:
    data = {"company": two.other_company.pk, "next": "/licences/?page=2"}
    response = post(signed_in(two.alice), reverse("switch_company"), data)
    assert response["Location"] == "/licences/?page=2"


@pytest.mark.parametrize("target", ["https://evil.test/", "//evil.test", ""])
def test_k3_the_switch_goes_nowhere_else(two: Cast, target: str) -> None:
    data = {"company": two.company.pk, "next": target}
    response = post(signed_in(two.alice), reverse("switch_company"), data)
    assert response["Location"] == reverse("home")


@pytest.mark.parametrize("wanted", ["{foreign}", "999999", "", "x", "-1", "1" * 30, "²"])
def test_a1_another_s_company_is_the_same_404_as_a_missing_one(cast: Cast, wanted: str) -> None:
    client = signed_in(cast.alice)
    value = wanted.format(foreign=cast.other_company.pk)
    response = post(client, reverse("switch_company"), {"company": value})
    assert (response.status_code, "company" in client.session) == (404, False)


def test_staff_have_no_company_to_switch_to(cast: Cast) -> None:
    for wanted in (cast.company.pk, "toutes"):
        response = post(signed_in(cast.ines), reverse("switch_company"), {"company": wanted})
        assert response.status_code == 404


def test_the_switch_wants_a_post(cast: Cast, client: Client) -> None:
    assert signed_in(cast.alice).get(reverse("switch_company")).status_code == 405


def _leave(cast: Cast) -> None:
    cast.alice.memberships.filter(company=cast.other_company).update(is_active=False)


def _close(cast: Cast) -> None:
    Company.objects.filter(pk=cast.other_company.pk).update(is_active=False)


def test_a4_the_loss_of_a_chosen_company_shows_what_is_left(two: Cast) -> None:
    make_membership(two.alice, make_company(name="Zinc"))
    _leave(two)
    request = read(two.alice, two.other_company.pk)
    assert (request.company, len(request.companies)) == (None, 2)


@pytest.mark.parametrize("lose", [_leave, _close])
def test_a4_a_chosen_company_is_lost_with_the_access(
    two: Cast, lose: Callable[[Cast], None]
) -> None:
    lose(two)
    request = read(two.alice, two.other_company.pk)
    assert (request.company, request.companies) == (two.company, [two.company])


def test_somebody_without_any_company_has_none(cast: Cast) -> None:
    cast.alice.memberships.update(is_active=False)
    assert read(cast.alice).company is None


@pytest.mark.parametrize("who", ["ines", "marc", "adele"])
def test_staff_have_no_company(cast: Cast, who: str) -> None:
    request = read(getattr(cast, who))
    assert (request.company, request.companies, request.manages_company) == (None, [], False)


def test_a_manager_of_any_company_manages(cast: Cast) -> None:
    make_membership(cast.alice, make_company(), role=CompanyRole.MANAGER)
    assert [read(user).manages_company for user in (cast.alice, cast.bob, cast.rejane)] == [
        True,
        False,
        True,
    ]


@pytest.mark.parametrize(("who", "queries"), [("alice", 1), ("ines", 0)])
def test_it_costs_one_query_and_none_for_staff(
    cast: Cast, who: str, queries: int, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(queries):
        read(getattr(cast, who))


def test_strangers_cost_no_query(db: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert read(AnonymousUser()).company is None
