"""Writing in the blog: Markdown with a preview, readers, publication."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.models import User
from blog import operations
from blog.admin_forms import ArticleForm
from blog.models import Article, ArticleQuerySet
from blog.rendering import render_article
from foundation.refusals import Refusal
from foundation.text import tidy_line, tidy_text
from foundation.wording import instant, thousands
from licences.admin_forms import KeepingAdmin


@admin.register(Article)
class ArticleAdmin(KeepingAdmin):
    form = ArticleForm
    change_form_template = "blog/admin/change_form.html"
    list_display = ["title", "state", "audience", "author", "published_at", "updated_at", "helped"]
    list_filter = ["audience", "products"]
    search_fields = ["title", "summary"]
    readonly_fields = ["state", "author", "updated_at", "helped"]
    view_on_site = False
    actions = ["publish", "unpublish"]
    fieldsets = [
        (None, {"fields": ["title", "summary", "body", "products"]}),
        (gettext_lazy("Lecteurs"), {"fields": ["audience", "companies"]}),
        (
            gettext_lazy("Publication"),
            {"fields": ["state", "slug", "author", "updated_at", "helped"]},
        ),
        (None, {"fields": ["seen_at"], "classes": ["hidden"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Article]:
        rows = cast(ArticleQuerySet, super().get_queryset(request))
        helps = Count("helps", distinct=True)
        return rows.defer("search", "html").select_related("author").annotate(helps_count=helps)

    def get_urls(self) -> list[URLPattern]:
        preview = self.admin_site.admin_view(require_POST(self.preview))
        return [path("apercu/", preview, name="blog_article_preview"), *super().get_urls()]

    def preview(self, request: HttpRequest) -> HttpResponse:
        """The article as it would be read; nothing is written."""
        if not (self.has_add_permission(request) or self.has_change_permission(request)):
            raise PermissionDenied
        article = Article(
            title=tidy_line(request.POST.get("title", "")) or _("(sans titre)"),
            summary=tidy_line(request.POST.get("summary", "")),
            html=render_article(tidy_text(request.POST.get("body", ""))),
        )
        return render(request, "blog/article.html", {"article": article})

    def save_model(
        self, request: HttpRequest, obj: Article, form: ModelForm[Article], change: bool
    ) -> None:
        actor, at, given = cast(User, request.user), timezone.now(), form.cleaned_data
        saved = operations.save_article(
            actor=actor, at=at, article_id=obj.pk if change else None, **given
        )
        obj.pk = saved.pk
        if "_publish" in request.POST:
            operations.publish(article_id=saved.pk, actor=actor, at=at)
        obj.refresh_from_db()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Products and companies were written by the operation."""

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Links to it live: an article is made a draft again, never deleted."""
        return False

    @admin.display(description=gettext_lazy("état"), ordering="published_at")
    def state(self, article: Article) -> str:
        if article.published_at is None:
            return _("brouillon")
        if article.published_at > timezone.now():
            return _("paraîtra le %(at)s") % {"at": instant(article.published_at)}
        return _("publié le %(at)s") % {"at": instant(article.published_at)}

    @admin.display(description=gettext_lazy("a aidé"), ordering="helps_count")
    def helped(self, article: Article) -> str:
        """How many people it spared a declaration."""
        return thousands(getattr(article, "helps_count", 0))

    @admin.action(description=gettext_lazy("Publier maintenant"), permissions=["change"])
    def publish(self, request: HttpRequest, chosen: QuerySet[Article]) -> None:
        self._act(request, chosen, operations.publish, _("Articles publiés"))

    @admin.action(description=gettext_lazy("Remettre en brouillon"), permissions=["change"])
    def unpublish(self, request: HttpRequest, chosen: QuerySet[Article]) -> None:
        self._act(request, chosen, operations.unpublish, _("Articles remis en brouillon"))

    def _act(self, request: HttpRequest, chosen: QuerySet[Article], act: Any, done: str) -> None:
        """One operation per article; a refusal of one does not stop the others."""
        at, number = timezone.now(), 0
        for article in chosen:
            try:
                act(article_id=article.pk, actor=cast(User, request.user), at=at)
                number += 1
            except Refusal as refusal:
                messages.error(request, refusal.sentence)
        if number:
            messages.success(request, f"{done}\u00a0: {number}.")
