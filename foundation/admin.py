"""Bases of the admin: pages that only show, lists that never count everything, refusals shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import cached_property
from django.utils.text import capfirst

from foundation.refusals import Refusal
from foundation.text import tidy_line

if TYPE_CHECKING:
    AnyPaginator = Paginator[Any]
    AnyModelAdmin = admin.ModelAdmin[Any]
else:
    AnyPaginator = Paginator
    AnyModelAdmin = admin.ModelAdmin


class CapitalisedFilter(admin.ChoicesFieldListFilter):
    """The choices of a field as a list of its own: their labels, written for the middle of a
    sentence, begin with a capital here."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        for choice in super().choices(changelist):
            yield {**choice, "display": capfirst(choice["display"])}


SEARCH_MAX = 100
SEARCH_WORDS = 6
# Rows that a list counts, and so can be leafed through; beyond, one refines the search.
COUNTED = 5_000


class UncountedPaginator(AnyPaginator):
    """Stops counting at COUNTED rows: the cost of a list does not grow with the table (Q1)."""

    @cached_property
    def count(self) -> int:
        rows = self.object_list
        if isinstance(rows, QuerySet):
            return rows.order_by()[:COUNTED].count()
        return len(rows)


class LongListAdmin(AnyModelAdmin):
    """A list that may hold many rows: neither they nor the choices of its filters are counted."""

    paginator = UncountedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50

    def searched(self, rows: QuerySet[Any], words: list[str]) -> QuerySet[Any] | None:
        """The rows that answer to these words, by an index. None: Django looks for them itself.

        `search_fields` then only says that there is a search.
        """
        return None

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Of the words that were typed, the first ones; a NUL is no word (A3)."""
        words = tidy_line(search_term[:SEARCH_MAX]).split()[:SEARCH_WORDS]
        if not words:
            return queryset, False
        found = self.searched(queryset, words)
        if found is not None:
            return found, False
        return super().get_search_results(request, queryset, " ".join(words))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list is called by what it holds."""
        named = {"title": capfirst(self.opts.verbose_name_plural), **(extra_context or {})}
        response: HttpResponse = super().changelist_view(request, named)
        return response

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What a deletion takes with it, with a space that holds before each colon."""
        found, *others = super().get_deleted_objects(objs, request)
        return (_spaced(found), *others)


def _spaced(found: list[Any]) -> list[Any]:
    # A text stays of its kind: what Django marked safe stays so, nothing else becomes it.
    return [
        _spaced(part) if isinstance(part, list) else type(part)(part.replace(": ", "\u00a0: ", 1))
        for part in found
    ]


class ActingAdmin(LongListAdmin):
    """Saving calls an operation: what it refuses is said on the page, and nothing is written."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except Refusal as refusal:
            messages.error(request, refusal.sentence)
            return HttpResponseRedirect(request.get_full_path())


class ReadOnlyAdmin(LongListAdmin):
    """Shows to whoever may view; nobody adds, changes or deletes, an administrator included."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
