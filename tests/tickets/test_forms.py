"""Forms of customers: what they offer, what they keep, how they read an address."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.http import QueryDict

from sla.enums import Severity
from tests.factories.accounts import make_contact, make_membership, make_site, make_user
from tests.factories.cast import Cast
from tests.factories.licences import make_licence, make_perpetual_licence, make_product
from tests.factories.tickets import TUESDAY_10, make_ticket
from tickets.clocks import terms_for
from tickets.declare_forms import SEVERITY_TEXTS, DeclareForm, severity_cards
from tickets.forms import ReasonForm, bound_token

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
    assert offered(form_of(cast), "product") == ["Revit", "Autre logiciel"]


def test_the_only_product_is_filled_in(cast: Cast) -> None:
    licence = make_licence(cast.company)
    assert form_of(cast)["product"].value() == licence.product_id
    make_licence(cast.company)
    assert form_of(cast)["product"].value() is None


def test_colleagues_offered_leave_out_oneself_strangers_and_closed_accesses(cast: Cast) -> None:
    gone = make_user(first_name="Partie")
    make_membership(gone, cast.company, is_active=False)
    make_contact(cast.other_company)
    offered_people = {person.pk for person in form_of(cast).people}
    assert offered_people == {cast.bob.pk, cast.rejane.pk}


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


def posted(cast: Cast, **typed: object) -> DeclareForm:
    data = QueryDict(mutable=True)
    blank = {"severity": "blocking", "title": "Une panne", "body": "Voici.", "form_token": uuid4()}
    data.update({name: str(value) for name, value in {**blank, **typed}.items()})
    form = DeclareForm(data, person=cast.alice, company=cast.company)
    assert form.is_valid(), form.errors
    return form


def test_the_licence_is_known_when_there_is_only_one(cast: Cast) -> None:
    licence = make_licence(cast.company)
    make_licence(cast.other_company, product=licence.product)
    assert posted(cast, product=licence.product_id).chosen_licence() == licence
    make_perpetual_licence(cast.company, product=licence.product)
    assert posted(cast, product=licence.product_id).chosen_licence() is None


def test_one_of_several_licences_is_chosen_and_its_number_is_masked(cast: Cast) -> None:
    first = make_licence(cast.company, contract_number="AG-2026-77-4812", seats=1)
    make_licence(cast.company, product=first.product, version="2025")
    (group,) = [label for label in offered_groups(form_of(cast)) if label]
    assert [label for _pk, label in group if "4812" in label] == [
        f"{first} · contrat ••••4812 · 1\u00a0poste"
    ]
    assert "AG-2026-77-4812" not in str(form_of(cast)["licence"])
    form = posted(cast, product=first.product_id, licence=first.pk)
    assert form.chosen_licence() == first


def offered_groups(form: DeclareForm) -> list[list[tuple[str, str]]]:
    choices = form.fields["licence"].choices  # type: ignore[attr-defined]  # a choice field
    return [list(group) for _name, group in choices if not isinstance(group, str)]


def test_a_licence_of_another_product_is_not_taken(cast: Cast) -> None:
    first, other = make_licence(cast.company), make_licence(cast.company)
    make_licence(cast.company, product=first.product)
    form = posted(cast, product=other.product_id, licence=first.pk)
    assert form.chosen_licence() == other


def test_another_software_is_named_in_the_text(cast: Cast) -> None:
    make_licence(cast.company)
    form = posted(cast, product="autre", other_product="Rhino 8")
    assert (form.chosen_product(), form.chosen_licence()) == (None, None)
    assert form.chosen_text() == "Logiciel concerné\u00a0: Rhino 8\n\nVoici."


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
