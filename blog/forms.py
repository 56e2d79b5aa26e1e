"""The filter of the article list, kept in the address."""

from __future__ import annotations

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from blog import queries
from blog.models import ArticleQuerySet
from foundation.text import LineField
from licences.forms import AddressFilter
from licences.models import Product


class ArticleFilter(AddressFilter):
    """Words and product."""

    q = LineField(label=_("Rechercher"), required=False, max_length=queries.SEARCH_MAX)
    produit = forms.ChoiceField(label=_("Produit"), required=False)

    def __init__(self, data: QueryDict, products: list[Product]) -> None:
        super().__init__(data)
        self.offer(
            "produit",
            [("", _("Tous")), *((str(product.pk), product.name) for product in products)],
        )

    def applied(self, articles: ArticleQuerySet) -> ArticleQuerySet:
        """The articles that the filter keeps; best first when words are given."""
        chosen = self.chosen()
        if product := chosen.get("produit"):
            articles = articles.filter(products=int(product))
        return queries.matching(articles, chosen["q"]) if "q" in chosen else articles
