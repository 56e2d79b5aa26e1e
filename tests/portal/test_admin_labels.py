"""Every label of the admin is French: none is left to be made of a field's English name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.utils import flatten, label_for_field

# The same word in both languages.
FRENCH_TOO = {
    "article", "code", "cycle", "description", "incident", "licence", "message", "site", "version",
}  # fmt: skip


def _shown(page: Any) -> Iterator[str]:
    """Names of what a list, its filters and its form show."""
    for name in [*flatten(page.list_display), *flatten(page.fields or ())]:
        yield str(name)
    for found in page.list_filter:
        # A filter of our own has a title of its own.
        if not isinstance(found, type):
            yield str(found if isinstance(found, str) else found[0])


def _labels() -> Iterator[Any]:
    for model, page in admin.site._registry.items():
        for name in sorted(set(_shown(page))):
            yield pytest.param(model, page, name, id=f"{model.__name__}.{name}")
        for kind in page.inlines:
            inline = kind(model, admin.site)
            for name in flatten(inline.fields or ()):
                yield pytest.param(
                    inline.model, inline, str(name), id=f"{model.__name__}.{kind.__name__}.{name}"
                )


@pytest.mark.parametrize(("model", "page", "name"), list(_labels()))
def test_a_label_is_never_the_english_name(model: Any, page: Any, name: str) -> None:
    label = str(label_for_field(name, model, page)).lower()
    assert label != name.replace("_", " ") or label in FRENCH_TOO
