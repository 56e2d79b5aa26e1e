"""Articles. `html` is rendered as the operation does it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import count

from accounts.models import Company, User
from blog.enums import Audience
from blog.models import Article
from blog.rendering import render_article
from licences.models import Product
from tests.factories.accounts import make_engineer

PUBLISHED_AT = datetime(2026, 6, 1, 8, tzinfo=UTC)

_numbers = count(1)


def make_article(
    *,
    title: str | None = None,
    slug: str | None = None,
    summary: str = "Ce qu’il faut savoir en deux lignes.",
    body: str = "Un texte en **Markdown**.",
    author: User | None = None,
    audience: Audience = Audience.PUBLIC,
    companies: Iterable[Company] = (),
    products: Iterable[Product] = (),
    published_at: datetime | None = PUBLISHED_AT,
) -> Article:
    """A published public article, unless said otherwise; `published_at=None` is a draft."""
    number = next(_numbers)
    article = Article.objects.create(
        title=title or f"Article {number}",
        slug=slug or f"article-{number}",
        summary=summary,
        body=body,
        html=render_article(body),
        author=author or make_engineer(),
        audience=audience,
        published_at=published_at,
        updated_at=published_at or PUBLISHED_AT,
    )
    article.companies.set(companies)
    article.products.set(products)
    return article
