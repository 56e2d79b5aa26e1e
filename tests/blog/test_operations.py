"""Writing articles: rendering at saving, addresses, readers, publication."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from blog import operations, queries
from blog.enums import Audience
from blog.models import Article
from blog.rendering import MARKDOWN_MAX_BYTES
from foundation.refusals import Conflict, Refusal
from tests.factories.accounts import make_company, make_contact, make_engineer
from tests.factories.blog import make_article
from tests.factories.licences import make_product

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def author() -> User:
    return make_engineer()


def saved(author: User, **given: Any) -> Article:
    fields: dict[str, Any] = {"title": "Purger Revit", "summary": "En bref.", "body": "Texte."}
    return operations.save_article(actor=author, at=AT, **{**fields, **given})


def test_a_new_article_is_a_draft_of_its_author(author: User) -> None:
    article = saved(author)

    assert (article.author, article.published_at, article.updated_at) == (author, None, AT)


def test_d1_what_is_stored_as_html_was_rendered(author: User) -> None:
    article = saved(author, body="**gras** <script>alert(1)</script>")

    article.refresh_from_db()
    assert article.html == ("<p><strong>gras</strong> &lt;script&gt;alert(1)&lt;/script&gt;</p>\n")


def test_a_change_keeps_the_author_and_the_address(author: User) -> None:
    article = saved(author)

    changed = saved(make_engineer(), article_id=article.pk, title="Autre titre", body="Neuf.")

    assert (changed.pk, changed.slug, changed.author, changed.html) == (
        article.pk,
        "purger-revit",
        author,
        "<p>Neuf.</p>\n",
    )


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Purger Revit", "purger-revit"),
        ("L’été à l'œuvre", "l-ete-a-l-uvre"),
        ("???", "article"),
        ("RSS", "rss-2"),
        ("a" * 160, "a" * 150),
    ],
)
def test_the_address_is_made_from_the_title(author: User, title: str, slug: str) -> None:
    assert saved(author, title=title).slug == slug


def test_two_articles_of_one_title_have_two_addresses(author: User) -> None:
    slugs = [saved(author).slug for _ in range(3)]

    assert slugs == ["purger-revit", "purger-revit-2", "purger-revit-3"]


@pytest.mark.parametrize("slug", ["prise", "rss"])
def test_an_address_that_is_taken_is_refused(author: User, slug: str) -> None:
    make_article(slug="prise")

    with pytest.raises(operations.AddressTaken):
        saved(author, slug=slug)


def test_d4_title_and_summary_hold_on_a_line(author: User) -> None:
    article = saved(author, title="Un\r\ntitre\x00", summary="Deux\nlignes")

    assert (article.title, article.summary) == ("Un titre", "Deux lignes")


def test_products_and_companies_are_written(author: User) -> None:
    product, company = make_product(), make_company()

    article = saved(author, products=[product], audience=Audience.COMPANIES, companies=[company])

    assert (list(article.products.all()), list(article.companies.all())) == ([product], [company])


def test_b5_companies_are_dropped_when_everybody_may_read(author: User) -> None:
    article = saved(author, audience=Audience.PUBLIC, companies=[make_company()])

    assert not article.companies.exists()


def test_b5_an_article_for_no_company_is_refused(author: User) -> None:
    with pytest.raises(operations.ReadersMissing):
        saved(author, audience=Audience.COMPANIES)


@pytest.mark.parametrize("body", ["é" * (MARKDOWN_MAX_BYTES // 2 + 1), "[" * 10_000])
def test_q3_a_text_that_is_not_rendered_is_refused(author: User, body: str) -> None:
    with pytest.raises(operations.ArticleTooLong):
        saved(author, body=body)


@pytest.mark.parametrize("act", [operations.publish, operations.unpublish])
def test_customers_do_not_publish(act: Callable[..., Article]) -> None:
    article = make_article()

    with pytest.raises(operations.NotAnAuthor):
        act(article_id=article.pk, actor=make_contact(make_company()), at=AT)


def test_customers_do_not_write() -> None:
    with pytest.raises(operations.NotAnAuthor):
        saved(make_contact(make_company()))


def test_a6_a_refusal_writes_nothing(author: User) -> None:
    article = saved(author)

    with pytest.raises(Refusal):
        saved(author, article_id=article.pk, title="Autre", audience=Audience.COMPANIES)

    assert Article.objects.get().title == "Purger Revit"


def test_g4_an_article_saved_by_another_meanwhile_is_not_overwritten(author: User) -> None:
    article = saved(author)

    with pytest.raises(Conflict, match="modifié à 10"):
        saved(author, article_id=article.pk, seen_at=AT - timedelta(hours=1))


def test_g4_an_article_as_it_was_seen_is_saved(author: User) -> None:
    article = saved(author)

    changed = saved(author, article_id=article.pk, title="Autre", seen_at=AT)

    assert changed.title == "Autre"


def test_an_article_is_published_now_or_later(author: User) -> None:
    now, later = saved(author), saved(author)

    operations.publish(article_id=now.pk, actor=author, at=AT)
    operations.publish(
        article_id=later.pk, actor=author, at=AT, published_at=AT + timedelta(days=1)
    )

    assert list(Article.objects.published(AT)) == [now]


def test_b5_an_article_made_a_draft_again_is_gone(author: User) -> None:
    article = make_article()

    operations.unpublish(article_id=article.pk, actor=author, at=AT)

    assert not Article.objects.published(AT).exists()


def test_p8_search_is_served_by_its_index() -> None:
    """The planner reads a small table whole; forbidden to, it must find our index fit."""
    make_article()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")

    plan = queries.matching(Article.objects.all(), "texte").explain()

    assert "Bitmap Index Scan on article_search" in plan
