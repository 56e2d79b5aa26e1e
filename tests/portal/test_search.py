"""/recherche/: within one's own scope, accents forgiven, limits said."""

from __future__ import annotations

import pytest
from django.test import Client

from blog.enums import Audience
from tests.factories.blog import make_article
from tests.factories.cast import Cast
from tests.factories.licences import make_licence, make_product
from tests.factories.tickets import make_ticket
from tests.portal.visitors import SignIn

pytestmark = pytest.mark.usefixtures("tuesday")


def _page(client: Client, q: str) -> str:
    response = client.get("/recherche/", {"q": q})
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def alice(cast: Cast, sign_in: SignIn) -> Client:
    return sign_in(cast.alice)


@pytest.mark.parametrize("q", ["réseau", "reseau", "RESEAU", "rÉseau"])
def test_accents_and_case_are_forgiven(cast: Cast, alice: Client, q: str) -> None:
    make_ticket(requester=cast.alice, title="Licence réseau introuvable")
    make_article(title="Le serveur de licences réseau")
    make_licence(cast.company, product=make_product(name="Suite Réseau"))
    page = _page(alice, q)
    assert "Licence réseau introuvable" in page
    assert "Le serveur de licences réseau" in page
    assert "Suite Réseau" in page


def test_an_incident_is_found_by_its_number(cast: Cast, alice: Client) -> None:
    ticket = make_ticket(requester=cast.alice, title="Cotes décalées")
    assert "Cotes décalées" in _page(alice, ticket.reference.lower())


def test_a2_other_peoples_things_are_not_found(cast: Cast, alice: Client) -> None:
    make_ticket(requester=cast.charlie, title="Zircon chez Béton")
    make_ticket(requester=cast.bob, title="Zircon de Bob")
    make_licence(cast.other_company, product=make_product(name="Zircon 3D"))
    make_article(
        title="Zircon pour Béton", audience=Audience.COMPANIES, companies=[cast.other_company]
    )
    assert "Rien ne correspond" in _page(alice, "zircon")


def test_the_manager_of_a_company_finds_its_incidents(cast: Cast, sign_in: SignIn) -> None:
    make_ticket(requester=cast.bob, title="Zircon de Bob")
    assert "Zircon de Bob" in _page(sign_in(cast.rejane), "zircon")


@pytest.mark.parametrize(
    ("q", "sentence"),
    [
        ("", "Tapez ce que vous cherchez."),
        ("   ", "Tapez ce que vous cherchez."),
        ("a", "Tapez au moins deux caractères."),
        ("x" * 101, "Tapez au plus 100 caractères."),
        ("a\x00b", "caractère nul"),
    ],
)
def test_what_cannot_be_searched_is_said(alice: Client, q: str, sentence: str) -> None:
    page = _page(alice, q)
    assert sentence in page
    assert 'aria-describedby="id_q_error"' in page


@pytest.mark.parametrize("q", ["%%", "__", "' OR 1=1 --", "\\\\", "(((", "\"''", "<b>x</b>", "&|!"])
def test_signs_are_taken_literally(cast: Cast, alice: Client, q: str) -> None:
    make_ticket(requester=cast.alice, title="Rien de tel ici")
    assert "Rien de tel ici" not in _page(alice, q)


def test_what_was_typed_stays_in_the_field_escaped(alice: Client) -> None:
    page = _page(alice, '"><script>alert(1)</script>')
    assert "<script>alert" not in page
    assert 'value="&quot;&gt;&lt;script&gt;' in page


def test_before_anything_is_typed_nothing_is_wrong(alice: Client) -> None:
    page = alice.get("/recherche/").content.decode()
    assert 'class="invalid-feedback"' not in page
    assert "Rien ne correspond" not in page


def test_p1_a_stranger_is_sent_to_sign_in(client: Client, db: None) -> None:
    response = client.get("/recherche/?q=revit")
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/connexion/")


def test_a_kind_shows_ten_results_at_most(cast: Cast, alice: Client) -> None:
    for _ in range(12):
        make_ticket(requester=cast.alice, title="Revit se ferme")
    assert _page(alice, "revit").count(">Revit se ferme<") == 10
