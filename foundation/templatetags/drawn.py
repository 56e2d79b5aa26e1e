"""Parts of a page that say the same to many, drawn once: `{% drawn "layout/footer.html" … %}`.

An include whose result is kept, by the values given (decision 0019). Its template sees these values
and nothing else: no request, no person, no token, so that nothing of one page reaches another.
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache

from django import template
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

register = template.Library()


@register.simple_tag
def drawn(name: str, **values: Hashable) -> SafeString:
    """The template `name` with these values, drawn once per process, language and set of values."""
    return _drawn(name, get_language(), **values)


@lru_cache(maxsize=256)
def _drawn(name: str, _language: str | None, /, **values: Hashable) -> SafeString:
    return mark_safe(get_template(name).render(values))  # noqa: S308 (a template escapes)


def forget() -> None:
    """Draw everything anew (tests change what lies below: settings, static files)."""
    _drawn.cache_clear()
