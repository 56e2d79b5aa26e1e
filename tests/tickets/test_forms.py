"""Forms of customers: what they offer, what they keep, how they read an address."""

from __future__ import annotations

from uuid import uuid4

import pytest

from sla.enums import Severity
from tests.factories.accounts import make_contact, make_membership, make_site, make_user
from tests.factories.cast import Cast
from tests.factories.licences import make_licence, make_perpetual_licence, make_product
from tests.factories.tickets import TUESDAY_10, make_ticket
from tickets.clocks import terms_for
from tickets.forms import (
    SEVERITY_TEXTS,
    DeclareForm,
    ReasonForm,
    bound_token,
    only_licence,
    severity_cards,
)

pytestmark = pytest.mark.django_db


def form_of(cast: Cast, **facts: object) -> DeclareForm:
    return DeclareForm(person=cast.alice, company=cast.company, **{"follows": None, **facts})  # type: ignore[arg-type]  # the form's own keywords


def offered(form: DeclareForm, name: str) -> list[str]:
    return [str(label) for _value, label in form.fields[name].choices][1:]  # type: ignore[attr-defined]  # a choice field


def test_each_severity_has_its_words_and_an_example() -> None:
    assert list(SEVERITY_TEXTS) == list(Severity)
    assert all(text.meaning and text.example for text in SEVERITY_TEXTS.values())


def test_products_offered_are_those_the_company_holds_once_each(cast: Cast) -> None:
    revit, tekla = make_product(name="Revit"), make_product(name="Tekla")
    make_licence(cast.company, product=revit)
    make_perpetual_licence(cast.company, product=revit)
    make_licence(cast.other_company, product=tekla)
    make_product(name="AutoCAD")
    assert offered(form_of(cast), "product") == ["Revit"]


def test_the_only_product_is_filled_in(cast: Cast) -> None:
    licence = make_licence(cast.company)
    assert form_of(cast)["product"].value() == licence.product_id
    make_licence(cast.company)
    assert form_of(cast)["product"].value() is None


def test_colleagues_offered_leave_out_oneself_strangers_and_closed_accesses(cast: Cast) -> None:
    gone = make_user(first_name="Partie")
    make_membership(gone, cast.company, is_active=False)
    make_contact(cast.other_company)
    people = form_of(cast).fields["copies"].queryset  # type: ignore[attr-defined]  # a model field
    assert set(people) == {cast.bob, cast.rejane}


def test_a_site_is_asked_only_when_there_are_several(cast: Cast) -> None:
    assert "site" not in form_of(cast).fields
    make_site(cast.company, name="Dépôt")
    assert offered(form_of(cast), "site") == ["Dépôt", cast.site.name]


def test_a_follow_up_starts_from_the_old_incident(cast: Cast) -> None:
    product = make_product()
    make_licence(cast.company, product=product)
    make_licence(cast.company)
    old = make_ticket(company=cast.company, requester=cast.alice, product=product, title="Ancien")
    form = form_of(cast, follows=old)
    assert (form["product"].value(), form["title"].value()) == (product.pk, "Ancien")


def test_a_browser_never_cuts_a_long_paste(cast: Cast) -> None:
    html = str(form_of(cast)["title"]) + str(form_of(cast)["body"]) + str(ReasonForm()["reason"])
    assert "maxlength" not in html


def test_the_licence_is_known_when_there_is_only_one(cast: Cast) -> None:
    licence = make_licence(cast.company)
    make_licence(cast.other_company, product=licence.product)
    assert only_licence(cast.company, licence.product) == licence
    make_perpetual_licence(cast.company, product=licence.product)
    assert only_licence(cast.company, licence.product) is None


def test_cards_tick_what_was_chosen_and_show_no_deadline_without_terms(cast: Cast) -> None:
    terms = terms_for(cast.company, TUESDAY_10)
    cards = severity_cards(terms, TUESDAY_10, "impairing")
    assert [card.checked for card in cards] == [False, True, False]
    assert all(card.preview for card in cards)
    assert not any(card.preview for card in severity_cards(None, TUESDAY_10))


def test_a_token_is_of_one_person_and_one_incident(cast: Cast) -> None:
    token = uuid4()
    ticket = make_ticket(company=cast.company, requester=cast.alice)
    tokens = {
        bound_token(token, cast.alice),
        bound_token(token, cast.bob),
        bound_token(token, cast.alice, ticket),
        bound_token(token, cast.bob, ticket),
    }
    assert len(tokens) == 4
    assert bound_token(token, cast.alice) in tokens
