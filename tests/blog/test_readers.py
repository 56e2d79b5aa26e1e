"""Who reads what, through every channel that shows articles (B5)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.utils import timezone

from accounts.models import User
from blog import queries
from blog.enums import Audience
from blog.models import Article
from tests.factories.blog import make_article
from tests.factories.cast import Cast, make_cast

pytestmark = pytest.mark.django_db

# A word that no page holds of itself.
WORD = "zeugme"


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def client_of(person: User | None) -> Client:
    client = Client()
    if person is not None:
        client.force_login(person)
    return client


@dataclass(frozen=True)
class Kind:
    """An article, and who may read it: nobody, strangers, other customers, its company, ours."""

    audience: Audience
    is_draft: bool = False
    is_future: bool = False
    readers: tuple[str, ...] = ()


EVERYBODY = ("stranger", "charlie", "alice", "ines")
KINDS = {
    "public": Kind(Audience.PUBLIC, readers=EVERYBODY),
    "customers": Kind(Audience.CUSTOMERS, readers=("charlie", "alice", "ines")),
    "company": Kind(Audience.COMPANIES, readers=("alice", "ines")),
    "draft": Kind(Audience.PUBLIC, is_draft=True),
    "future": Kind(Audience.PUBLIC, is_future=True),
}


def made(kind: Kind, cast: Cast) -> Article:
    now = timezone.now()
    published_at = now + timedelta(hours=1) if kind.is_future else now - timedelta(hours=1)
    return make_article(
        title=f"Un {WORD}",
        summary=f"Le {WORD} en bref.",
        body=f"Le {WORD} en détail.",
        audience=kind.audience,
        companies=[cast.company] if kind.audience == Audience.COMPANIES else [],
        published_at=None if kind.is_draft else published_at,
    )


def in_list(person: User | None, article: Article) -> bool:
    return WORD in client_of(person).get("/blog/").content.decode()


def in_search(person: User | None, article: Article) -> bool:
    page = client_of(person).get("/blog/", {"q": WORD})
    return article in page.context["page_obj"]


def on_its_page(person: User | None, article: Article) -> bool:
    response = client_of(person).get(article.get_absolute_url())
    return response.status_code == 200 and WORD in response.content.decode()


def in_latest(person: User | None, article: Article) -> bool:
    return article in queries.latest(person or AnonymousUser(), timezone.now(), 10)


def in_portal_search(person: User | None, article: Article) -> bool:
    return article in queries.search(person or AnonymousUser(), WORD, timezone.now(), 10)


def in_product_filter(person: User | None, article: Article) -> bool:
    found = queries.products_written_about(person or AnonymousUser(), timezone.now())
    return bool(found)


CHANNELS: list[Callable[[User | None, Article], bool]] = [
    in_list,
    in_search,
    on_its_page,
    in_latest,
    in_portal_search,
]


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("who", EVERYBODY)
@pytest.mark.parametrize("kind", KINDS)
def test_b5_an_article_is_read_by_its_readers_alone(
    cast: Cast, kind: str, who: str, channel: Callable[[User | None, Article], bool]
) -> None:
    article = made(KINDS[kind], cast)
    person = None if who == "stranger" else getattr(cast, who)

    assert channel(person, article) is (who in KINDS[kind].readers)


@pytest.mark.parametrize("who", EVERYBODY)
@pytest.mark.parametrize("kind", KINDS)
def test_b5_the_feed_holds_public_articles_whoever_asks(cast: Cast, kind: str, who: str) -> None:
    made(KINDS[kind], cast)
    person = None if who == "stranger" else getattr(cast, who)

    feed = client_of(person).get("/blog/rss/").content.decode()

    assert (WORD in feed) is (kind == "public")


def _without_token(body: bytes) -> bytes:
    """The token against forged requests is masked anew on each page."""
    return re.sub(rb'(csrfmiddlewaretoken" value="|X-CSRFToken": ")[^"]+', b"", body)


@pytest.mark.parametrize(
    ("kind", "who"),
    [(kind, who) for kind in KINDS for who in EVERYBODY if who not in KINDS[kind].readers],
)
def test_b5_a_hidden_article_answers_like_a_missing_one(cast: Cast, kind: str, who: str) -> None:
    article = made(KINDS[kind], cast)
    client = client_of(None if who == "stranger" else getattr(cast, who))

    hidden, missing = client.get(article.get_absolute_url()), client.get("/blog/nulle-part/")

    assert (hidden.status_code, _without_token(hidden.content), hidden.headers) == (
        404,
        _without_token(missing.content),
        missing.headers,
    )


def test_b5_products_of_hidden_articles_are_not_offered(cast: Cast) -> None:
    from_draft = made(KINDS["draft"], cast)
    assert not in_product_filter(None, from_draft)


def test_a4_an_article_closes_with_the_membership(cast: Cast) -> None:
    article = made(KINDS["company"], cast)
    cast.alice.memberships.update(is_active=False)

    assert not on_its_page(cast.alice, article)


def test_an_article_for_two_companies_of_one_person_is_listed_once(cast: Cast) -> None:
    cast.alice.memberships.create(company=cast.other_company)
    make_article(audience=Audience.COMPANIES, companies=[cast.company, cast.other_company])

    assert len(queries.latest(cast.alice, timezone.now(), 10)) == 1


PAGES = ["/blog/", "/blog/article/", "/blog/rss/"]


@pytest.mark.parametrize("url", PAGES)
def test_k4_a_stranger_s_page_is_kept_a_minute_and_sets_no_cookie(url: str) -> None:
    make_article(slug="article")

    response = Client().get(url)

    assert response["Cache-Control"] == "public, max-age=60"
    assert not response.cookies


@pytest.mark.parametrize("url", PAGES[:2])
def test_k4_a_stranger_s_page_is_another_for_whoever_has_a_session(url: str) -> None:
    make_article(slug="article")

    assert "Cookie" in Client().get(url)["Vary"]


@pytest.mark.parametrize("url", PAGES[:2])
def test_k4_the_page_of_somebody_signed_in_is_kept_by_nobody(cast: Cast, url: str) -> None:
    make_article(slug="article")

    assert client_of(cast.alice).get(url)["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("url", PAGES[:2])
def test_k4_whoever_brings_a_session_gets_no_shared_page(url: str) -> None:
    """Signed out a moment ago: a message may stand on the page."""
    make_article(slug="article")
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = "x" * 32

    assert client.get(url)["Cache-Control"] == "private, no-store"


def test_k4_a_hidden_article_is_kept_by_nobody() -> None:
    article = make_article(published_at=None)

    assert Client().get(article.get_absolute_url())["Cache-Control"] == "private, no-store"
