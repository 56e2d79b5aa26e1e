"""Stock pages of the admin read as the rest does: French, well set, never Django's own English."""

from __future__ import annotations

import html
import re
from datetime import date

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import NoReverseMatch, reverse

from tests.factories.accounts import make_absence, make_training
from tests.factories.cast import Cast
from tests.factories.licences import make_contract, make_licence, make_patch
from tests.french import faults_on
from tests.tickets.pages import signed_in, text

pytestmark = pytest.mark.django_db
LABELS = sorted(model._meta.label for model in admin.site._registry)
# What was typed is nobody's sentence; nor are names that migrations and holidays have stored.
_TYPED = re.compile(
    r"<option.*?</option>|value=\"[^\"]*\"|<textarea.*?</textarea>"
    r"|lundi au vendredi, 9.h – 18.h|Jour de l(?:'|&#x27;)an",
    re.DOTALL,
)


def page(label: str, name: str, *args: object) -> str:
    return reverse(f"admin:{label.lower().replace('.', '_')}_{name}", args=args)


@pytest.fixture
def adele(cast: Cast) -> Client:
    """An administrator, in a house that has one row of each kind."""
    make_licence(cast.company)
    make_contract(cast.company)
    make_training(cast.ines, done_on=date(2026, 3, 2))
    make_absence(cast.ines, starts_on=date(2026, 3, 2), ends_on=date(2026, 3, 6))
    patch = make_patch(cast.company.licences.get().product)
    assert patch.pk
    return signed_in(cast.adele)


def pages_of(label: str) -> list[str]:
    """Its list, a search that finds nothing, its form to add, and the pages of its first row."""
    model: type[Model] = next(m for m in admin.site._registry if m._meta.label == label)
    row = model._default_manager.first()
    found = [page(label, "changelist"), f"{page(label, 'changelist')}?q=introuvable",
             page(label, "add")]  # fmt: skip
    if row is not None:
        found += [page(label, name, row.pk) for name in ("change", "history", "delete")]
    return found


@pytest.mark.parametrize("label", LABELS)
def test_d10_a_stock_page_is_set_in_french(adele: Client, label: str) -> None:
    answers = {address: adele.get(address) for address in pages_of(label)}
    shown = {
        address: faults_on(_TYPED.sub("", answer.content.decode()))
        for address, answer in answers.items()
        if answer.status_code == 200
    }
    assert len(shown) >= 2
    assert {address: faults for address, faults in shown.items() if faults} == {}


@pytest.mark.parametrize("label", LABELS)
def test_a_form_sent_empty_says_so_in_french(adele: Client, label: str) -> None:
    try:
        answer = adele.post(page(label, "add"), {})
    except NoReverseMatch:
        pytest.skip("no form to add")
    assert answer.status_code in {200, 403}
    assert faults_on(_TYPED.sub("", answer.content.decode())) == []


@pytest.mark.parametrize(
    ("label", "data", "sentence"),
    [
        ("accounts.Agency", {"name": "Lyon", "city": "Lyon"},
         "Une autre fiche a déjà cette valeur : Nom."),
        ("accounts.Site", {"name": "Usine de Vénissieux", "company": "acier"},
         "Une autre fiche a déjà les mêmes valeurs : Société et Nom du site."),
    ],
)  # fmt: skip
def test_d10_what_exists_already_is_said_plainly(
    cast: Cast, label: str, data: dict[str, object], sentence: str
) -> None:
    typed = {**data, "company": cast.company.pk} if "company" in data else data
    assert sentence in text(signed_in(cast.adele).post(page(label, "add"), typed))


def test_d10_what_was_saved_is_said_plainly(cast: Cast) -> None:
    adele = signed_in(cast.adele)
    typed = {"name": "Nice", "city": "Nice", "phone": "", "hours_text": ""}
    said = text(adele.post(page("accounts.Agency", "add"), typed, follow=True))
    assert "« Nice » a été ajouté" in said
    said = text(
        adele.post(page("accounts.Agency", "change", cast.agency.pk),
                   {**typed, "name": "Lyon"}, follow=True)
    )  # fmt: skip
    assert "Enregistré : agence « Lyon »." in said


def test_q1_a_list_counts_neither_its_rows_nor_its_filters(cast: Cast) -> None:
    shown = text(signed_in(cast.adele).get(page("accounts.Company", "changelist")))
    assert ("Afficher les nombres" in shown, "Sociétés" in html.unescape(shown)) == (False, True)
