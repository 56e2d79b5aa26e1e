"""`{% specimen "tickets/_ask.html" "ask-1" ticket=… %}`: a part of a page, drawn on the style page.

A real page has such a part once: its ids, and what points at them, take a name of their own here,
so that one page can show it in each of its states.
"""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any, cast

from django import template
from django.template.context import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

# Whoever reads the style page, its parts are those that a customer gets; the forms post nothing.
READER = SimpleNamespace(pk=1, is_staff=False, full_name="Alice Durand")
_ID = re.compile(r'\sid="([^"]+)"')
_POINTER = re.compile(r'(\s(?:id|for|aria-labelledby|aria-describedby|href)=")([^"]+)"')


@register.simple_tag(takes_context=True)
def specimen(
    context: Context, name: str, mark: str, *, shown: bool = False, bare: bool = False,
    **values: Any,
) -> SafeString:  # fmt: skip
    """The template `name` with `values`; `mark` ends its ids. `shown`: what waits hidden is seen.

    htmx is held off, by the frame or, for one that is `bare`, by what stands around it: nothing
    here asks the server for what is not there.
    """
    defaults: dict[str, Any] = {"user": READER, "csrf_token": "specimen"}
    around = cast("dict[str, Any]", context.flatten())
    html: str = render_to_string(name, {**around, **defaults, **values})
    # A fold that would fetch what it holds keeps its link to it.
    html = _with_own_ids(html, mark).replace(" data-fetch", "")
    if shown:
        html = re.sub(r"\shidden(?=[\s>])|</?template[^>]*>", "", html)
    if bare:
        return mark_safe(html)  # noqa: S308 (a template's)
    return mark_safe(f"<div hx-disable data-specimen>{html}</div>")  # noqa: S308 (a template's)


def _with_own_ids(html: str, mark: str) -> str:
    ids = set(_ID.findall(html))

    def renamed(found: re.Match[str]) -> str:
        pointed = [_renamed(word, ids, mark) for word in found[2].split(" ")]
        return f'{found[1]}{" ".join(pointed)}"'

    return _POINTER.sub(renamed, html)


def _renamed(word: str, ids: set[str], mark: str) -> str:
    """An id of this part with its mark; a link to another part of a real page leads nowhere."""
    if word.removeprefix("#") in ids:
        return f"{word}-{mark}"
    return "#contenu" if word.startswith("#") and word != "#listes" else word
