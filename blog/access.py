"""The only way a view reaches an article. Absent, hidden and not yet published: the same 404."""

from __future__ import annotations

import logging
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.http import Http404

from accounts.models import User
from blog.models import Article

logger = logging.getLogger(__name__)


def get_article(user: User | AnonymousUser, slug: str, at: datetime) -> Article:
    """An article that this person may read now. Raises Http404 (B5)."""
    article = (
        Article.objects.visible_to(user, at)
        .defer("body", "search")
        .select_related("author")
        .filter(slug=slug)
        .first()
    )
    if article is None:
        logger.info("article_not_reachable", extra={"user": user.pk})
        raise Http404("No such article.")
    return article
