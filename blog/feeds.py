"""/blog/rss/: the newest public articles, for feed readers."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Rss201rev2Feed
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from blog import queries
from blog.views import PUBLIC_MAX_AGE

ARTICLES_IN_FEED = 20


@login_not_required
@require_safe
def rss(request: HttpRequest) -> HttpResponse:
    """What a stranger may read, whoever asks: a feed address is passed around (B5).

    Links start with the configured address, never with a Host header (F4).
    """
    feed = Rss201rev2Feed(
        title=f"{settings.PORTAL_ORGANISATION} · {_('Blog technique')}",
        link=_absolute(reverse("blog:list")),
        description=_("Les articles techniques de nos ingénieurs support."),
        language="fr",
        feed_url=_absolute(reverse("blog:feed")),
    )
    for article in queries.latest(AnonymousUser(), timezone.now(), ARTICLES_IN_FEED):
        link = _absolute(article.get_absolute_url())
        feed.add_item(
            title=article.title,
            link=link,
            unique_id=link,
            description=article.summary,
            author_name=article.author.full_name,
            pubdate=article.published_at,
        )
    response = HttpResponse(content_type="application/rss+xml; charset=utf-8")
    response["Cache-Control"] = f"public, max-age={PUBLIC_MAX_AGE}"
    feed.write(response, "utf-8")
    return response


def _absolute(path: str) -> str:
    return f"{settings.PORTAL_BASE_URL}{path}"
