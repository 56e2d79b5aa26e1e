"""Articles in the admin: written by ours, previewed, published, never lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from blog.models import Article
from tests.factories.blog import make_article
from tests.factories.cast import Cast, make_cast
from tests.factories.licences import make_product

pytestmark = pytest.mark.django_db

LIST = "/admin/blog/article/"
ADD = f"{LIST}add/"


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def typed(**fields: Any) -> dict[str, Any]:
    return {
        "title": "Purger Revit",
        "summary": "En bref.",
        "body": "Un **texte**.",
        "audience": "public",
        "slug": "",
        "seen_at": "",
        **fields,
    }


@pytest.mark.parametrize("who", ["ines", "marc", "adele"])
def test_ours_write_articles(cast: Cast, who: str) -> None:
    person = getattr(cast, who)

    response = signed_in(person).post(ADD, typed(products=[make_product().pk]))

    article = Article.objects.get()
    assert (response.status_code, article.author, article.published_at) == (302, person, None)
    assert (article.html, article.products.count()) == ("<p>Un <strong>texte</strong>.</p>\n", 1)


def test_writing_and_publishing_in_one_click(cast: Cast) -> None:
    signed_in(cast.ines).post(ADD, typed(_publish="1"))

    assert Article.objects.get().published_at is not None


@pytest.mark.parametrize("url", [LIST, ADD])
def test_customers_do_not_reach_the_admin(cast: Cast, url: str) -> None:
    assert signed_in(cast.alice).get(url).status_code != 200


def test_nobody_deletes_an_article(cast: Cast) -> None:
    article = make_article()

    response = signed_in(cast.adele).post(f"{LIST}{article.pk}/delete/", {"post": "yes"})

    assert (response.status_code, Article.objects.count()) == (403, 1)


def test_g1_fields_that_are_not_asked_are_ignored(cast: Cast) -> None:
    signed_in(cast.ines).post(
        ADD,
        typed(
            html="<script>", author=cast.marc.pk, published_at="2026-01-01", updated_at="2020-01-01"
        ),
    )

    article = Article.objects.get()
    assert (article.author, article.published_at) == (cast.ines, None)
    assert "script" not in article.html


def test_a_refusal_keeps_what_was_typed(cast: Cast) -> None:
    response = signed_in(cast.ines).post(ADD, typed(audience="companies"))

    page = response.content.decode()
    assert (response.status_code, Article.objects.count()) == (200, 0)
    assert "Choisissez au moins une société" in page
    assert "Un **texte**." in page


def test_g4_saving_over_another_s_change_keeps_both_texts(cast: Cast) -> None:
    article = make_article(body="Le texte de l’autre.")
    seen = (article.updated_at - timedelta(hours=1)).isoformat()

    response = signed_in(cast.ines).post(
        f"{LIST}{article.pk}/change/", typed(body="Mon texte.", seen_at=seen)
    )

    assert "pendant que vous l’écriviez" in response.content.decode()
    assert "Mon texte." in response.content.decode()
    assert Article.objects.get().body == "Le texte de l’autre."


def test_g4_the_form_says_which_version_it_shows(cast: Cast) -> None:
    article = make_article()
    client = signed_in(cast.ines)
    seen = client.get(f"{LIST}{article.pk}/change/").context["adminform"].form["seen_at"].value()

    client.post(f"{LIST}{article.pk}/change/", typed(body="Mon texte.", seen_at=seen))

    assert Article.objects.get().body == "Mon texte."


def test_preview_shows_the_article_and_writes_nothing(cast: Cast) -> None:
    response = signed_in(cast.ines).post(
        reverse("admin:blog_article_preview"), typed(body="**gras** <script>alert(1)</script>")
    )

    page = response.content.decode()
    assert "<strong>gras</strong> &lt;script&gt;" in page
    assert "brouillon" in page
    assert not Article.objects.exists()


@pytest.mark.parametrize("field", ["title", "summary", "body"])
def test_d5_preview_of_a_broken_text_is_no_fault(cast: Cast, field: str) -> None:
    response = signed_in(cast.ines).post(
        reverse("admin:blog_article_preview"), typed(**{field: "\x00" + "[" * 70_000})
    )

    assert response.status_code == 200


def test_k2_preview_takes_no_get(cast: Cast) -> None:
    assert signed_in(cast.ines).get(reverse("admin:blog_article_preview")).status_code == 405


def test_j1_preview_is_closed_to_customers(cast: Cast) -> None:
    url = reverse("admin:blog_article_preview")

    assert signed_in(cast.alice).post(url, typed()).status_code != 200


@pytest.mark.parametrize(("action", "is_published"), [("publish", True), ("unpublish", False)])
def test_articles_are_published_and_withdrawn_from_the_list(
    cast: Cast, action: str, is_published: bool
) -> None:
    article = make_article(published_at=None)
    if not is_published:
        article = make_article()

    signed_in(cast.ines).post(LIST, {"action": action, "_selected_action": [article.pk]})

    article.refresh_from_db()
    assert (article.published_at is not None) is is_published
