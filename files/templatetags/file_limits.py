"""What a page says of the files that it takes, before any is chosen."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from files import types

register = template.Library()


class Limits(NamedTuple):
    """The limits of one form: sizes in bytes, and in French for people."""

    max_count: int
    each_bytes: int
    each: str
    # Of a form sent as a whole, without JavaScript.
    whole: str
    types: str


@register.simple_tag
def file_limits() -> Limits:
    """The limits of this deployment: `{% file_limits as limits %}`."""
    return Limits(
        max_count=settings.FILE_MAX_COUNT,
        each_bytes=settings.FILE_MAX_BYTES,
        each=types.limit_fr(settings.FILE_MAX_BYTES),
        whole=types.limit_fr(settings.FILE_FORM_MAX_BYTES),
        types=types.EXAMPLES,
    )


@register.simple_tag
def upload_words() -> SafeString:
    """The words and the line of uploads.js: the same for everybody, so rendered once a process."""
    return _words(file_limits(), get_language())


@lru_cache(maxsize=8)
def _words(limits: Limits, language: str | None) -> SafeString:
    return render_to_string("files/_upload_words.html", {"limits": limits})
