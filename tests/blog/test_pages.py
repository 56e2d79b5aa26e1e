"""The list, an article, the feed."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from blog.models import Article
from foundation.wording import NBSP
from tests.factories.accounts import make_engineer
from tests.factories.blog import PUBLISHED_AT, make_article
from tests.factories.cast import Cast, make_cast
from tests.factories.licences import make_product

pytestmark = pytest.mark.django_db


def read(url: str) -> str:
    """The page for a stranger, its spaces made plain."""
    response = Client().get(url)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode().replace(NBSP, " "))


def listed(query: str = "") -> list[Article]:
    return list(Client().get(f"/blog/{query}").context["page_obj"])


def test_the_newest_article_comes_first() -> None:
    older = make_article(published_at=PUBLISHED_AT)
    newer = make_article(published_at=PUBLISHED_AT + timedelta(days=1))

    assert listed() == [newer, older]


def test_an_empty_blog_says_what_to_do() -> None:
    page = read("/blog/")

    assert "Aucun article pour le moment" in page
    assert "flux RSS" in page


def test_a_search_without_answer_offers_all_articles() -> None:
    make_article()

    assert "Aucun article ne correspond" in read("/blog/?q=zeugme")


def test_list_by_product() -> None:
    revit, inventor = make_product(name="Revit"), make_product(name="Inventor")
    about = make_article(products=[revit, inventor])
    make_article(products=[inventor])

    assert listed(f"?produit={revit.pk}") == [about]


@pytest.mark.parametrize(
    "q", ["réseau", "reseau", "RÉSEAUX", "licences reseau", "problème licence", '"serveur réseau"']
)
def test_p8_search_forgives_accents_case_and_plurals(q: str) -> None:
    found = make_article(
        title="Problèmes de licence réseau", body="Relancez le serveur réseau après l’été."
    )
    make_article(title="Tout autre chose", body="Rien à voir.")

    assert listed(f"?q={q}") == [found]


def test_p8_search_puts_a_title_before_a_text() -> None:
    in_text = make_article(title="Divers", body="Le carroyage s’affiche mal.")
    in_title = make_article(title="Carroyage", body="Divers.")

    assert listed("?q=carroyage") == [in_title, in_text]


@pytest.mark.parametrize("q", ["", "%20", "%00", "%25%25%25%25"])
def test_q2_a_search_for_nothing_is_the_whole_list(q: str) -> None:
    make_article()

    assert len(listed(f"?q={q}")) <= 1


@pytest.mark.parametrize(
    "q", ["'", "\\", "&|!()", "a:*", "x" * 10_000, "mot " * 100, "<->", "\ud800"]
)
def test_q2_a_strange_search_is_no_fault(q: str) -> None:
    response = Client().get("/blog/", {"q": q.encode("utf-8", "surrogatepass")})

    assert response.status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "?_connector=OR",
        "?author__password__startswith=a",
        "?audience=companies",
        "?order_by=password",
        "?produit=abc",
        "?produit=99999999999999999999",
        "?produit=%00",
        "?page[]=2",
    ],
)
def test_a3_unknown_keys_and_values_are_ignored(query: str) -> None:
    make_article(products=[make_product()])
    make_article(products=[make_product()])

    assert listed(query) == listed()


@pytest.mark.parametrize(
    ("wanted", "shown"), [("1", 1), ("2", 2), ("1000000000", 2), ("1e9", 1), ("-1", 2), ("x", 1)]
)
def test_q1_page_numbers_are_clamped(wanted: str, shown: int) -> None:
    author = make_engineer()
    for _ in range(13):
        make_article(author=author)

    assert Client().get("/blog/", {"page": wanted}).context["page_obj"].number == shown


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.mark.parametrize("signed_in", [False, True])
@pytest.mark.parametrize("url", ["/blog/", "/blog/?q=texte", "/blog/rss/"])
def test_q1_lists_cost_the_same_for_one_and_three_articles(
    cast: Cast, url: str, signed_in: bool
) -> None:
    client = Client()
    if signed_in:
        client.force_login(cast.alice)
    costs = []
    for number in (1, 2):
        for _ in range(number):
            make_article(author=make_engineer(), products=[make_product(), make_product()])
        with CaptureQueriesContext(connection) as captured:
            client.get(url)
        costs.append(len(captured))

    assert costs[0] == costs[1]
    assert costs[0] <= 10


def test_lists_do_not_read_the_texts() -> None:
    make_article()
    with CaptureQueriesContext(connection) as captured:
        Client().get("/blog/")

    assert not [query for query in captured if '"blog_article"."body"' in query["sql"]]


def test_an_article_shows_its_rendering_its_author_and_its_products() -> None:
    product = make_product(name="Revit")
    article = make_article(
        title="Purger <Revit>",
        summary="En deux lignes.",
        body="Un texte en **gras**.",
        author=make_engineer(first_name="Inès", last_name="Moreau"),
        products=[product],
    )

    page = read(article.get_absolute_url())

    for text in (
        "Purger &lt;Revit&gt;",
        "En deux lignes.",
        "<strong>gras</strong>",
        "Inès Moreau",
        "lun. 1er juin 2026",
        f'href="/blog/?produit={product.pk}"',
    ):
        assert text in page


def test_the_feed_is_well_formed_and_links_to_the_portal() -> None:
    make_article(
        title="Purger <Revit> & Cie",
        slug="purger",
        summary="En bref.",
        published_at=datetime(2026, 6, 1, 8, tzinfo=UTC),
    )

    channel = ET.fromstring(Client().get("/blog/rss/", HTTP_HOST="127.0.0.1").content)[0]  # noqa: S314
    (item,) = channel.findall("item")

    assert {child.tag: child.text for child in item} == {
        "title": "Purger <Revit> & Cie",
        "link": f"{settings.PORTAL_BASE_URL}/blog/purger/",
        "guid": f"{settings.PORTAL_BASE_URL}/blog/purger/",
        "description": "En bref.",
        "{http://purl.org/dc/elements/1.1/}creator": Article.objects.get().author.full_name,
        "pubDate": "Mon, 01 Jun 2026 08:00:00 +0000",
    }


@pytest.mark.parametrize("url", ["/blog/", "/blog/purger/", "/blog/rss/"])
def test_k2_pages_take_no_post(url: str) -> None:
    make_article(slug="purger")

    assert Client().post(url).status_code == 405
