"""A page of the customer's that one of ours looks at: seen whole, unable to lead or to send."""

from __future__ import annotations

import re

from django import template
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

_SCRIPT = re.compile(r"<script\b[^<>]*></script>")
_TAG = re.compile(r"<[a-z][^<>]*>")
# What acts: addresses of links but those within the page, targets of forms, requests of htmx.
_LEADS = re.compile(r'\shref="[^#"][^"]*"')
_SENDS = re.compile(r'\s(?:action|formaction|method|hx-[a-z-]+|data-fetch|data-from)(?:="[^"]*")?')


@register.filter
def inert(page: str) -> SafeString:
    """The same HTML without what acts. A link without an address is a text, also for a keyboard.

    Values of attributes are escaped by the templates: none of them holds < or >.
    """
    still = _TAG.sub(lambda tag: _without_acts(tag[0]), _SCRIPT.sub("", page))
    return mark_safe(still)  # noqa: S308  # safe as it came


def _without_acts(tag: str) -> str:
    tag = _SENDS.sub("", tag)
    return _LEADS.sub("", tag) if tag.startswith("<a ") else tag
