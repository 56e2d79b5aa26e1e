"""Writing articles: what is stored as HTML was rendered and sanitised here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.models import Company, User
from blog.enums import Audience
from blog.models import Article, ArticleHelp
from blog.rendering import MARKDOWN_MAX_BYTES, is_rendered, render_article
from foundation.refusals import Conflict, Refusal
from foundation.text import tidy_line, tidy_text
from foundation.wording import hour, size
from licences.models import Product

SLUG_MAX = 150  # leaves room for a number
RESERVED = frozenset({"rss"})  # other pages of the blog


class NotAnAuthor(Refusal):
    """Only our engineers and managers write in the blog."""


class ArticleTooLong(Refusal):
    """The text is longer than what is rendered (Q3)."""


class ReadersMissing(Refusal):
    """An article for certain companies names none: nobody could read it."""


class AddressTaken(Refusal):
    """Another article has this address."""


@transaction.atomic
def save_article(
    *,
    actor: User,
    at: datetime,
    title: str,
    summary: str,
    body: str,
    audience: Audience = Audience.PUBLIC,
    companies: Iterable[Company] = (),
    products: Iterable[Product] = (),
    slug: str = "",
    article_id: int | None = None,
    seen_at: datetime | None = None,
) -> Article:
    """Write a new article (a draft) or change an existing one.

    `slug` is made from the title when empty; an existing article keeps its own, so that links
    live. `seen_at` is the `updated_at` that the author had before their eyes: Conflict when
    somebody saved since (G4). Raises NotAnAuthor, ArticleTooLong, ReadersMissing, AddressTaken.
    """
    _check_author(actor)
    readers = list(companies) if audience == Audience.COMPANIES else []
    _check(body, audience, readers)
    article = _locked(article_id) if article_id else Article(author=actor)
    _check_unchanged(article, seen_at)
    article.title, article.summary = tidy_line(title), tidy_line(summary)
    article.body = tidy_text(body)
    article.html = render_article(article.body)
    article.audience = audience
    article.slug = _address(article, slug)
    article.updated_at = at
    article.save()
    article.companies.set(readers)
    article.products.set(products)
    return article


@transaction.atomic
def publish(
    *, article_id: int, actor: User, at: datetime, published_at: datetime | None = None
) -> Article:
    """Show an article to its readers from `published_at` on, or from now. Raises NotAnAuthor."""
    _check_author(actor)
    article = _locked(article_id)
    article.published_at = published_at or at
    article.save(update_fields=["published_at"])
    return article


@transaction.atomic
def unpublish(*, article_id: int, actor: User, at: datetime) -> Article:
    """Make an article a draft again: gone from every channel at once (B5). Raises NotAnAuthor."""
    _check_author(actor)
    article = _locked(article_id)
    article.published_at = None
    article.updated_at = at
    article.save(update_fields=["published_at", "updated_at"])
    return article


def say_helped(*, article: Article, person: User, form_token: UUID, at: datetime) -> bool:
    """An article answered somebody before they declared an incident; False when it was said."""
    _row, created = ArticleHelp.objects.get_or_create(
        article=article, person=person, form_token=form_token, defaults={"said_at": at}
    )
    return created


def _locked(article_id: int) -> Article:
    return Article.objects.select_for_update(of=("self",), no_key=True).get(pk=article_id)


def _check_author(actor: User) -> None:
    if not (actor.is_active and actor.is_staff):
        raise NotAnAuthor(_("Seuls nos ingénieurs écrivent dans le blog."))


def _check(body: str, audience: Audience, readers: list[Company]) -> None:
    if not is_rendered(body):
        raise ArticleTooLong(
            _(
                "Le texte dépasse %(limit)s ou porte trop de mise en forme : partagez-le en "
                "plusieurs articles."
            )
            % {"limit": size(MARKDOWN_MAX_BYTES)}
        )
    if audience == Audience.COMPANIES and not readers:
        raise ReadersMissing(_("Choisissez au moins une société, ou ouvrez l’article à d’autres."))


def _check_unchanged(article: Article, seen_at: datetime | None) -> None:
    if article.pk and seen_at is not None and article.updated_at != seen_at:
        raise Conflict(
            _(
                "Cet article a été modifié à %(hour)s pendant que vous l’écriviez. Ouvrez-le dans "
                "un autre onglet et reportez-y vos changements."
            )
            % {"hour": hour(article.updated_at)}
        )


def _address(article: Article, wanted: str) -> str:
    """The address asked for, or the article's own, or one made from the title."""
    others = Article.objects.exclude(pk=article.pk)
    if wanted and wanted != article.slug:
        if wanted in RESERVED or others.filter(slug=wanted).exists():
            raise AddressTaken(_("Un autre article a déjà cette adresse."))
        return wanted
    if article.slug:
        return article.slug
    base = slugify(article.title.replace("’", "-").replace("'", "-"))[:SLUG_MAX] or "article"
    taken = {*others.filter(slug__startswith=base).values_list("slug", flat=True), *RESERVED}
    candidates = (f"{base}-{number}" if number > 1 else base for number in range(1, len(taken) + 2))
    return next(slug for slug in candidates if slug not in taken)
