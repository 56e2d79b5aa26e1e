"""What a page says of the files that it takes, before any is chosen."""

from __future__ import annotations

from typing import NamedTuple

from django import template
from django.conf import settings

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
