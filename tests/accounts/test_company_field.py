"""A company as it is typed in a form of the admin, in place of a list of all of them."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.admin_forms import CompanyField
from accounts.models import Company
from tests.factories.accounts import make_company
from tests.factories.cast import Cast
from tests.factories.licences import make_licence, make_product
from tests.tickets.pages import body, signed_in, text

pytestmark = pytest.mark.django_db


def field() -> CompanyField:
    return CompanyField(Company.objects.filter(is_active=True), required=False)


@pytest.mark.parametrize(
    "typed", ["ACIER", "acier", " Acier & Fils ", "ACIER & FILS", "fils", "aciér", "fils acier"]
)
def test_e15_a_company_is_found_by_its_code_or_its_name(cast: Cast, typed: str) -> None:
    assert field().clean(typed) == cast.company


def test_an_exact_name_wins_over_longer_ones(cast: Cast) -> None:
    make_company(name="Acier & Fils Sud")
    assert field().clean("acier & fils") == cast.company


def test_several_are_named_to_choose_from(cast: Cast) -> None:
    make_company(name="Aciérie du Rhône", code="RHONE")
    with pytest.raises(ValidationError) as refused:
        field().clean("aci")
    (sentence,) = refused.value.messages
    assert "Acier & Fils (ACIER), Aciérie du Rhône (RHONE)" in sentence


@pytest.mark.parametrize("typed", ["introuvable", "%", "x" * 5_000, "123456"])
def test_none_is_said_so(cast: Cast, typed: str) -> None:
    with pytest.raises(ValidationError, match="Aucune société"):
        field().clean(typed)


@pytest.mark.parametrize("typed", ["", None, "\x00"])
def test_nothing_typed_is_no_company(typed: Any) -> None:
    assert field().clean(typed) is None


def test_a_closed_company_is_not_offered() -> None:
    make_company(code="FERMEE", is_active=False)
    with pytest.raises(ValidationError):
        field().clean("FERMEE")


@pytest.mark.parametrize(
    "page", ["licences_licence_add", "licences_supportcontract_add", "accounts_user_add"]
)
def test_q1_no_form_lists_every_company(cast: Cast, page: str) -> None:
    shown = body(signed_in(cast.adele).get(reverse(f"admin:{page}")))
    assert (cast.company.name in shown, 'name="company"' in shown) == (False, True)


def test_a_licence_shows_its_company_and_site_by_name(cast: Cast) -> None:
    licence = make_licence(cast.company, product=make_product(), site=cast.site)
    address = reverse("admin:licences_licence_change", args=[licence.pk])
    shown = body(signed_in(cast.marc).get(address))
    assert 'value="Acier &amp; Fils"' in shown
    assert f'value="{cast.site.name}"' in shown


@pytest.mark.parametrize(("name", "found"), [("usine de vénissieux", True), ("", False)])
def test_a_licence_is_put_on_a_site_by_its_name(cast: Cast, name: str, found: bool) -> None:
    licence = make_licence(cast.company, product=make_product())
    address = reverse("admin:licences_licence_change", args=[licence.pk])
    typed = {
        "company": "Acier & Fils", "site": name, "product": licence.product_id,
        "kind": licence.kind, "version": "2027", "seats": "5",
        "contract_number": licence.contract_number, "starts_on": "2026-01-01",
        "ends_on": "2029-12-31",
    }  # fmt: skip
    response = signed_in(cast.marc).post(address, typed)
    licence.refresh_from_db()
    expected = cast.site if found else None
    assert (response.status_code, licence.site) == (302, expected)


def test_what_was_typed_comes_back_with_the_reason(cast: Cast) -> None:
    response = signed_in(cast.marc).post(
        reverse("admin:licences_licence_add"), {"company": "introuvable", "site": "Usine"}
    )
    assert "Aucune société n’a ce code ou ce nom." in text(response)
    assert 'value="introuvable"' in body(response)
