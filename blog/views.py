"""The blog's pages: open to everybody, each reader seeing what is written for them."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from blog import access, queries
from blog.forms import ArticleFilter

ARTICLES_PER_PAGE = 12
# Seconds: the delay within which an article that was withdrawn is gone everywhere (B5).
PUBLIC_MAX_AGE = 60


@login_not_required
@require_safe
def articles(request: HttpRequest) -> HttpResponse:
    """/blog/: the articles that this reader may read, by words and product (P8)."""
    at = timezone.now()
    form = ArticleFilter(request.GET, queries.products_written_about(request.user, at))
    found = form.applied(queries.readable(request.user, at)).prefetch_related("products")
    context = {
        "now": at,
        "form": form,
        "chosen": form.chosen(),
        "page_obj": Paginator(found, ARTICLES_PER_PAGE).get_page(request.GET.get("page")),
    }
    return _shared(request, render(request, "blog/articles.html", context))


@login_not_required
@require_safe
def article(request: HttpRequest, slug: str) -> HttpResponse:
    """/blog/<slug>/: one article."""
    at = timezone.now()
    found = access.get_article(request.user, slug, at)
    context = {"now": at, "article": found, "products": found.products.all()}
    return _shared(request, render(request, "blog/article.html", context))


def _shared(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """What a stranger reads may be kept for a minute; what somebody signed in reads, never (K4).

    Somebody who brings a session may have a message on the page: that is not a stranger's page.
    """
    if not request.user.is_authenticated and settings.SESSION_COOKIE_NAME not in request.COOKIES:
        response["Cache-Control"] = f"public, max-age={PUBLIC_MAX_AGE}"
    return response
