"""{% own_drafts %}: the declarations that somebody has begun and not sent."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context
from django.template.loader import render_to_string

from accounts.http import PortalRequest
from tickets.queries.drafts import drafts_of

register = template.Library()


@register.simple_tag(takes_context=True)
def own_drafts(context: Context) -> str:
    """The person's drafts with what can be done; nothing when there is none. One query.

    The page links css/declare.css and gives `now`.
    """
    request: PortalRequest = context["request"]
    drafts = drafts_of(request.user, request.companies) if request.companies else []
    if not drafts:
        return ""
    shown: dict[str, Any] = {"drafts": drafts, "now": context["now"]}
    return render_to_string("tickets/_drafts.html", shown, request=request)
