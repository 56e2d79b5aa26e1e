"""While one types: articles, and colleagues' open incidents that one may follow instead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.test import Client

from blog.enums import Audience
from blog.models import ArticleHelp
from licences.models import Product
from tests.factories.blog import make_article
from tests.factories.cast import Cast
from tests.factories.licences import make_product
from tests.factories.tickets import TUESDAY_10, make_ticket
from tests.tickets.pages import at, body, main_text, signed_in, text
from tickets import operations
from tickets.enums import Act
from tickets.models import Copy, EventToTell, Ticket, TicketEvent

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db
SUGGESTIONS = "/incidents/declarer/suggestions/"
TYPED = "revit se ferme ouverture maquette"


@pytest.fixture(autouse=True)
def _now(revit: Product) -> Iterator[None]:
    """Revit is in the park of Alice's company."""
    with at(TUESDAY_10):
        yield


def of_bob(cast: Cast, revit: Product, **facts: Any) -> Ticket:
    facts = {"title": "Revit se ferme à l’ouverture de la maquette", "product": revit, **facts}
    return make_ticket(company=cast.company, requester=cast.bob, **facts)


def suggested(client: Client, title: str = TYPED, **facts: Any) -> str:
    asked: dict[str, Any] = {"title": title, "form_token": str(uuid4()), **facts}
    response = client.get(SUGGESTIONS, asked)
    assert response.status_code == 200
    return text(response)


# --- what is shown ---------------------------------------------------------------------------


def test_a_colleagues_open_incident_is_offered(cast: Cast, alice: Client, revit: Product) -> None:
    of_bob(cast, revit)
    page = suggested(alice)
    assert f"{cast.bob.full_name} l’a déclaré aujourd’hui à 10 h 00" in page
    assert "Le suivre plutôt" in page


def test_a2_a_private_one_is_not(cast: Cast, alice: Client, revit: Product) -> None:
    of_bob(cast, revit, is_private=True)
    assert cast.bob.full_name not in suggested(alice)


def test_a1_another_companys_is_not(cast: Cast, alice: Client, revit: Product) -> None:
    make_ticket(company=cast.other_company, requester=cast.charlie, product=revit)
    assert cast.charlie.full_name not in suggested(alice)


def test_one_that_is_over_is_not(cast: Cast, alice: Client, revit: Product) -> None:
    ticket = of_bob(cast, revit)
    operations.cancel(ticket_id=ticket.pk, actor=cast.bob, reason="Rien.", at=TUESDAY_10)
    assert cast.bob.full_name not in suggested(alice)


def test_one_about_something_else_is_not(cast: Cast, alice: Client, revit: Product) -> None:
    of_bob(cast, revit, title="Export IFC sans les cotes")
    assert cast.bob.full_name not in suggested(alice, product=revit.pk)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("Revit", False),
        ("Revit ne marche plus", False),
        ("Revit plante, erreur", False),
        ("Export de la maquette vers IFC", False),
        ("Les maquettes se ferment", True),
        ("ouvertre de la maqette", True),
    ],
)
def test_two_words_that_say_something_are_wanted(
    cast: Cast, alice: Client, revit: Product, typed: str, offered: bool
) -> None:
    of_bob(cast, revit)
    assert (cast.bob.full_name in suggested(alice, typed)) is offered


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("Revit ne marche plus", False), ("Problème de maquette", True), ("Problème", False)],
)
def test_on_the_chosen_software_one_such_word_is_enough(
    cast: Cast, alice: Client, revit: Product, typed: str, offered: bool
) -> None:
    of_bob(cast, revit)
    found = suggested(alice, typed, product=revit.pk)
    assert (cast.bob.full_name in found) is offered


def test_words_that_only_begin_alike_are_two(cast: Cast, alice: Client, revit: Product) -> None:
    of_bob(cast, revit, title="Blocs dynamiques figés après copie")
    assert cast.bob.full_name not in suggested(alice, "Les cotes manquent", product=revit.pk)


def test_the_chosen_software_comes_first_and_each_shows_its_number(
    cast: Cast, alice: Client, revit: Product
) -> None:
    elsewhere = of_bob(cast, make_product(name="Navisworks"))
    assert elsewhere.reference in suggested(alice)
    here = of_bob(cast, revit, title="La maquette se ferme")
    page = suggested(alice, product=revit.pk)
    assert 0 < page.index(here.reference) < page.index(elsewhere.reference)


def test_the_text_of_a_colleagues_incident_is_not_shown(
    cast: Cast, alice: Client, revit: Product
) -> None:
    of_bob(cast, revit, body="texte-de-bob")
    assert "texte-de-bob" not in body(alice.get(SUGGESTIONS, {"title": TYPED}))


def test_ones_own_is_a_link(cast: Cast, alice: Client, revit: Product) -> None:
    ticket = make_ticket(company=cast.company, requester=cast.alice, product=revit, title=TYPED)
    page = suggested(alice)
    assert f"Vous suivez déjà {ticket.reference}" in page
    assert "Le suivre plutôt" not in page


def test_b5_articles_are_those_one_may_read(cast: Cast, alice: Client, revit: Product) -> None:
    title = "Revit se ferme à l’ouverture d’une maquette"
    make_article(title=title, slug="un", products=[revit])
    make_article(title=f"{title} (béton)", slug="deux", audience=Audience.COMPANIES,
                 companies=[cast.other_company])  # fmt: skip
    page = suggested(alice, product=revit.pk)
    assert title in page
    assert "(béton)" not in page


@pytest.mark.parametrize("title", ["", "abc", "\x00" * 9, "'", "%" * 50, "é" * 5000, '"-or'])
def test_a3_whatever_is_typed_is_no_fault(alice: Client, title: str) -> None:
    suggested(alice, title=title, product="²")


def test_at_most_three_of_each_in_two_queries(
    cast: Cast, alice: Client, revit: Product, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(5):
        of_bob(cast, revit)
        make_article(title=f"Revit se ferme, maquette {number}", products=[revit])
    alice.get(SUGGESTIONS)
    # The session, the person, their companies; then one for each kind.
    with django_assert_num_queries(5):
        response = alice.get(SUGGESTIONS, {"title": TYPED, "product": str(revit.pk)})
    found = response.context["suggested"]
    assert (len(found.incidents), len(found.articles)) == (3, 3)


# --- following -------------------------------------------------------------------------------


def follow(client: Client, ticket: Ticket) -> Any:
    return client.post(f"/incidents/{ticket.reference}/suivre/", follow=True)


def test_c8_following_puts_oneself_in_copy_and_shows_the_incident(
    cast: Cast, alice: Client, revit: Product
) -> None:
    ticket = of_bob(cast, revit)
    assert alice.get(ticket.get_absolute_url()).status_code == 404
    page = follow(alice, ticket)
    assert ticket.reference in main_text(page)
    event = TicketEvent.objects.filter(ticket=ticket).latest("sequence")
    assert (event.act, event.actor, event.facts, event.recipients) == (
        Act.ADD_COPY, cast.alice, {"user": cast.alice.pk}, [],
    )  # fmt: skip
    assert not EventToTell.objects.filter(event=event).exists()


def test_the_draft_that_following_leaves_is_told(cast: Cast, alice: Client, revit: Product) -> None:
    ticket, token = of_bob(cast, revit), uuid4()
    typed = {"form_token": str(token), "title": TYPED, "draft_page": "a", "draft_version": 0}
    assert alice.post("/incidents/declarer/brouillon/", typed).status_code == 200
    page = alice.post(
        f"/incidents/{ticket.reference}/suivre/", {"form_token": str(token)}, follow=True
    )
    assert "Votre brouillon est gardé" in main_text(page)
    assert "brouillon" not in main_text(follow(alice, ticket))


def test_following_twice_records_once(cast: Cast, alice: Client, revit: Product) -> None:
    ticket = of_bob(cast, revit)
    follow(alice, ticket)
    follow(alice, ticket)
    assert Copy.objects.filter(ticket=ticket).count() == 1
    assert TicketEvent.objects.filter(ticket=ticket, act=Act.ADD_COPY).count() == 1


@pytest.mark.parametrize("what", ["private", "over", "foreign"])
def test_a1_what_may_not_be_followed_is_the_404_of_a_missing_one(
    cast: Cast, alice: Client, revit: Product, what: str
) -> None:
    if what == "foreign":
        ticket = make_ticket(company=cast.other_company, requester=cast.charlie)
    else:
        ticket = of_bob(cast, revit, is_private=what == "private")
    if what == "over":
        operations.cancel(ticket_id=ticket.pk, actor=cast.bob, reason="Rien.", at=TUESDAY_10)
    assert follow(alice, ticket).status_code == 404
    assert not Copy.objects.exists()


@pytest.mark.parametrize("what", ["private", "foreign"])
def test_a1_the_operation_judges_under_its_lock(cast: Cast, revit: Product, what: str) -> None:
    ticket = of_bob(cast, revit, is_private=what == "private")
    actor = cast.charlie if what == "foreign" else cast.alice
    with pytest.raises(operations.NotFollowable):
        operations.follow(ticket_id=ticket.pk, actor=actor, at=TUESDAY_10)
    assert not Copy.objects.exists()


# --- « cet article m’a aidé » ----------------------------------------------------------------


def test_it_is_counted_once_per_person_article_and_form(cast: Cast, alice: Client) -> None:
    article, token = make_article(slug="utile"), str(uuid4())
    for _ in range(2):
        page = alice.post(
            "/incidents/declarer/aide/utile/", {"form_token": token}, headers={"HX-Request": "true"}
        )
        assert "votre avis est compté" in text(page)
    alice.post("/incidents/declarer/aide/utile/", {"form_token": str(uuid4())})
    signed_in(cast.bob).post("/incidents/declarer/aide/utile/", {"form_token": token})
    assert ArticleHelp.objects.filter(article=article).count() == 3


def test_b5_an_article_that_one_may_not_read_is_a_404(cast: Cast, alice: Client) -> None:
    make_article(slug="cache", audience=Audience.COMPANIES, companies=[cast.other_company])
    answer = alice.post("/incidents/declarer/aide/cache/", {"form_token": str(uuid4())})
    assert (answer.status_code, ArticleHelp.objects.count()) == (404, 0)


def test_engineers_read_how_often_an_article_helped(cast: Cast, alice: Client) -> None:
    make_article(slug="utile", title="Un article utile")
    alice.post("/incidents/declarer/aide/utile/", {"form_token": str(uuid4())})
    page = signed_in(cast.ines).get("/admin/blog/article/")
    assert '<td class="field-helped">1</td>' in body(page)
