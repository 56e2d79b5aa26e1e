"""Rights are read anew on each request; absent and forbidden look the same (A1, A4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts import access, operations
from accounts.enums import CompanyRole
from accounts.models import Company, Membership, User
from foundation.refusals import Refusal
from tests.accounts.browser import NOW, is_signed_in, sign_in, signed_in
from tests.factories.accounts import make_company, make_membership, make_user
from tests.factories.cast import Cast


def test_a4_a_closed_account_is_signed_out_at_the_next_click(cast: Cast) -> None:
    client = signed_in(cast.alice)
    operations.close_account(actor=cast.marc, at=NOW, user_id=cast.alice.pk)
    assert not is_signed_in(client)


def test_a4_even_when_only_the_row_says_so(cast: Cast) -> None:
    client = signed_in(cast.alice)
    User.objects.filter(pk=cast.alice.pk).update(is_active=False)
    assert not is_signed_in(client)


def test_a4_reopening_does_not_revive_the_old_session(cast: Cast) -> None:
    client = signed_in(cast.alice)
    operations.close_account(actor=cast.marc, at=NOW, user_id=cast.alice.pk)
    operations.reopen_account(actor=cast.marc, at=NOW, user_id=cast.alice.pk)
    assert not is_signed_in(client)
    assert sign_in(Client(), cast.alice).status_code == 302


def test_a4_ending_sessions_signs_out_everywhere(cast: Cast) -> None:
    clients = [signed_in(cast.alice), signed_in(cast.alice)]
    operations.end_sessions(actor=cast.marc, at=NOW, user_id=cast.alice.pk)
    assert [is_signed_in(client) for client in clients] == [False, False]


def test_a4_a_manager_made_contact_loses_the_team_at_the_next_click(cast: Cast) -> None:
    client = signed_in(cast.rejane)
    assert client.get(reverse("team")).status_code == 200
    Membership.objects.filter(user=cast.rejane).update(role=CompanyRole.CONTACT)
    assert client.get(reverse("team")).status_code == 404


def test_a4_somebody_moved_sees_the_new_company_only(cast: Cast) -> None:
    client = signed_in(cast.alice)
    Membership.objects.filter(user=cast.alice).update(company=cast.other_company)
    page = client.get(reverse("account_settings")).content.decode()
    assert (cast.other_company.name in page, "Acier" in page) == (True, False)


@pytest.mark.parametrize("who", ["alice", "rejane", "marc"])
def test_nobody_but_administrators_closes_a_staff_account(cast: Cast, who: str) -> None:
    with pytest.raises(Refusal, match="Seul un administrateur"):
        operations.close_account(actor=getattr(cast, who), at=NOW, user_id=cast.ines.pk)
    cast.ines.refresh_from_db()
    assert cast.ines.is_active


def test_nobody_closes_their_own_account(cast: Cast) -> None:
    with pytest.raises(Refusal, match="votre propre compte"):
        operations.close_account(actor=cast.adele, at=NOW, user_id=cast.adele.pk)


# --- Loaders ---------------------------------------------------------------------------------


def test_a_customer_sees_their_open_companies_only(cast: Cast) -> None:
    make_membership(cast.alice, cast.other_company, is_active=False)
    make_membership(cast.alice, make_company(is_active=False))
    assert list(Company.objects.visible_to(cast.alice)) == [cast.company]


def test_staff_see_every_company(cast: Cast) -> None:
    assert set(Company.objects.visible_to(cast.ines)) == {cast.company, cast.other_company}


@pytest.mark.parametrize("who", ["alice", "ines", "adele"])
def test_a1_a_foreign_company_is_a_missing_one(cast: Cast, who: str) -> None:
    with pytest.raises(Http404):
        access.get_own_company(getattr(cast, who), cast.other_company.pk)


def test_one_s_own_company_is_found(cast: Cast) -> None:
    assert access.get_own_company(cast.alice, cast.company.pk) == cast.company


@pytest.mark.parametrize("who", ["alice", "charlie", "ines", "marc", "adele"])
def test_only_a_manager_reaches_a_membership(cast: Cast, who: str) -> None:
    bob = Membership.objects.get(user=cast.bob)
    with pytest.raises(Http404):
        access.get_managed_membership(getattr(cast, who), bob.pk)


def test_a_closed_manager_reaches_nothing(cast: Cast) -> None:
    Membership.objects.filter(user=cast.rejane).update(is_active=False)
    with pytest.raises(Http404):
        access.require_manager_of_company(cast.rejane, cast.company)


def test_the_chosen_company_is_the_one_managed(cast: Cast) -> None:
    make_membership(cast.rejane, cast.other_company, role=CompanyRole.MANAGER)
    chosen = access.require_manager_of_company(cast.rejane, cast.other_company)
    assert chosen == cast.other_company


def test_a_chosen_company_that_is_not_managed_falls_back(cast: Cast) -> None:
    make_membership(cast.rejane, cast.other_company)
    chosen = access.require_manager_of_company(cast.rejane, cast.other_company)
    assert chosen == cast.company


# --- The guard of customers' pages -------------------------------------------------------------


@access.require_customer
def _page(request: Any) -> HttpResponse:
    return HttpResponse("page")


def _ask(user: User, companies: list[Company]) -> HttpResponse:
    request: Any = RequestFactory().get("/")
    request.user, request.companies = user, companies
    return _page(request)


def test_a_customer_opens_a_customers_page(cast: Cast) -> None:
    assert _ask(cast.alice, [cast.company]).content == b"page"


@pytest.mark.parametrize(
    ("make", "error"),
    [(lambda cast: cast.ines, Http404), (lambda _cast: make_user(), PermissionDenied)],
)
def test_others_do_not(cast: Cast, make: Callable[[Cast], User], error: type[Exception]) -> None:
    with pytest.raises(error):
        _ask(make(cast), [])
