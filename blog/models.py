"""Articles of the engineers' technical blog."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Company, User
from blog.enums import Audience
from licences.models import Product

# French, accents forgiven (foundation's first migration).
SEARCH_CONFIG = "fr_unaccent"


class ArticleQuerySet(models.QuerySet["Article"]):
    def published(self, at: datetime) -> Self:
        """Published at that instant: drafts and future articles are not."""
        return self.filter(published_at__lte=at)

    def visible_to(self, user: User | AnonymousUser, at: datetime) -> Self:
        """Published articles whose audience includes this person (B5)."""
        published = self.published(at)
        if isinstance(user, AnonymousUser):
            return published.filter(audience=Audience.PUBLIC)
        if user.is_staff:
            return published
        mine = Article.companies.through.objects.filter(
            company__in=Company.objects.visible_to(user)
        ).values("article")
        return published.filter(
            Q(audience__in=[Audience.PUBLIC, Audience.CUSTOMERS])
            | Q(audience=Audience.COMPANIES, pk__in=mine)
        )

    def for_lists(self) -> Self:
        """Without the texts, which lists never show and which weigh a hundred times the rest."""
        return self.defer("body", "html", "search").select_related("author")


class Article(models.Model):
    """An article, written in Markdown in the admin; `html` is its sanitised rendering."""

    title = models.CharField(_("titre"), max_length=160)
    slug = models.SlugField(_("adresse"), max_length=160, unique=True)
    summary = models.CharField(_("chapeau"), max_length=300)
    body = models.TextField(_("texte"), help_text=_("En Markdown."))
    html = models.TextField(editable=False)
    products = models.ManyToManyField(
        Product, blank=True, related_name="articles", verbose_name=_("produits")
    )
    author = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="articles", verbose_name=_("auteur")
    )
    audience = models.CharField(
        _("lecteurs"), max_length=10, choices=Audience.choices, default=Audience.PUBLIC
    )
    companies = models.ManyToManyField(
        Company, blank=True, related_name="articles", verbose_name=_("sociétés")
    )
    published_at = models.DateTimeField(
        _("publié le"), null=True, blank=True, help_text=_("Vide : brouillon.")
    )
    updated_at = models.DateTimeField(_("modifié le"), editable=False)
    search = models.GeneratedField(
        expression=SearchVector("title", weight="A", config=SEARCH_CONFIG)
        + SearchVector("summary", weight="B", config=SEARCH_CONFIG)
        + SearchVector("body", weight="C", config=SEARCH_CONFIG),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = ArticleQuerySet.as_manager()

    class Meta:
        verbose_name = _("article")
        ordering = ["-published_at", "-pk"]
        indexes = [
            models.Index(
                fields=["-published_at"],
                name="article_published",
                condition=Q(published_at__isnull=False),
            ),
            GinIndex(fields=["search"], name="article_search"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("blog:article", args=[self.slug])


class ArticleHelp(models.Model):
    """« Cet article m’a aidé », said by somebody who was about to declare an incident.

    Once per person, article and form: the engineers see how many, never the words typed.
    """

    article = models.ForeignKey(Article, on_delete=models.PROTECT, related_name="helps")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    form_token = models.UUIDField()
    said_at = models.DateTimeField()

    class Meta:
        verbose_name = _("article utile")
        constraints = [
            models.UniqueConstraint(
                fields=["article", "person", "form_token"], name="article_helped_once_per_form"
            )
        ]

    def __str__(self) -> str:
        return f"Article utile {self.pk}"
