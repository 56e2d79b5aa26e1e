"""The mark that lets a form survive the end of its session (accounts.unsent)."""

from __future__ import annotations

from django import template
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts import unsent
from accounts.models import User

register = template.Library()


@register.simple_tag(takes_context=True)
def unsent_mark(context: Context, page: str = "") -> SafeString | str:
    """The hidden field. `page`: where to come back to, when the form's own address shows none."""
    user = context.get("user")
    if not isinstance(user, User):
        return ""
    # A page of several forms signs its mark once.
    kept: dict[str, str] = vars(context["request"]).setdefault("unsent_marks", {})
    if page not in kept:
        kept[page] = unsent.mark(user, page)
    return format_html('<input type="hidden" name="{}" value="{}">', unsent.MARK, kept[page])
