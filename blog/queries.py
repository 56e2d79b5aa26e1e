"""Reading the blog, always through `visible_to`: no channel shows more than another (B5)."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache

from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import Exists, F, OuterRef, Q

from accounts.models import User
from blog.models import SEARCH_CONFIG, Article, ArticleQuerySet
from foundation.prepared import PlannedRows
from foundation.text import tidy_line
from licences.models import Product

# What people type in a search box; past this it is not a search (Q2).
SEARCH_MAX = 200
# Shorter words say nothing of a trouble.
WORD_MIN = 3
# Of ts_rank: two words of the title or the summary, among half a dozen typed.
RANK_MIN, RANK_MIN_ON_PRODUCT = 0.15, 0.08

Reader = User | AnonymousUser


def readable(user: Reader, at: datetime) -> ArticleQuerySet:
    """The articles that this person may read now, newest first, without their texts."""
    return Article.objects.visible_to(user, at).for_lists().order_by("-published_at", "-pk")


def latest(user: Reader, at: datetime, limit: int) -> list[Article]:
    """The newest articles that this person may read."""
    if isinstance(user, AnonymousUser) or user.is_staff:
        return list(readable(user, at)[:limit])
    return _latest_of_customer(limit)(user=user.pk, at=at)


@lru_cache(maxsize=8)
def _latest_of_customer(limit: int) -> PlannedRows[Article]:
    """Every customer's home asks for them: worded once."""
    return PlannedRows(lambda user, at: readable(User(pk=user), at)[:limit], user=int, at=datetime)


def matching(articles: ArticleQuerySet, q: str) -> ArticleQuerySet:
    """The articles among these that answer `q`, best first; French, accents forgiven.

    `q` follows the habits of web search: « "mot exact" », « or », « -sans ».
    """
    query = SearchQuery(tidy_line(q[:SEARCH_MAX]), config=SEARCH_CONFIG, search_type="websearch")
    return (
        articles.filter(search=query)
        .annotate(rank=SearchRank(F("search"), query))
        .order_by("-rank", "-published_at", "-pk")
    )


def search(user: Reader, q: str, at: datetime, limit: int) -> list[Article]:
    """Articles that this person may read and that answer `q`, best first."""
    return list(matching(readable(user, at), q)[:limit])


def suggested(
    user: Reader, words: str, product_id: int | None, at: datetime, limit: int
) -> list[Article]:
    """Articles that this person may read and that hold some of these words, best first.

    An article about the product counts for more; one that only mentions a word in passing is
    left out.
    """
    wanted = [word for word in re.findall(r"\w+", words[:SEARCH_MAX]) if len(word) >= WORD_MIN]
    if not wanted:
        return []
    query = SearchQuery(" or ".join(wanted), config=SEARCH_CONFIG, search_type="websearch")
    about = Article.products.through.objects.filter(article=OuterRef("pk"), product=product_id)
    found = (
        readable(user, at)
        .filter(search=query)
        .annotate(rank=SearchRank(F("search"), query), is_about=Exists(about))
        .filter(Q(rank__gte=RANK_MIN) | Q(is_about=True, rank__gte=RANK_MIN_ON_PRODUCT))
    )
    return list(found.order_by("-is_about", "-rank", "-published_at", "-pk")[:limit])


def products_written_about(user: Reader, at: datetime) -> list[Product]:
    """Products of the articles that this person may read, by name."""
    articles = Article.objects.visible_to(user, at)
    return list(Product.objects.filter(articles__in=articles).distinct().order_by("name"))
