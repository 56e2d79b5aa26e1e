"""/recherche/: incidents, articles and licences that the person may see."""

from __future__ import annotations

from typing import cast

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.http import PortalRequest
from blog import queries as blog
from foundation.text import LineField
from licences import queries as licences
from tickets.queries import customer as tickets

Q_MAX = 100
Q_MIN = 2
LIMIT = 10  # per kind of thing found


class SearchForm(forms.Form):
    """One line of text."""

    q = LineField(
        label=_("Numéro, titre ou mots d’un article"),
        min_length=Q_MIN,
        max_length=Q_MAX,
        error_messages={
            "required": _("Tapez ce que vous cherchez."),
            "min_length": _("Tapez au moins deux caractères."),
            "max_length": _("Tapez au plus 100 caractères."),
        },
    )


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Nothing is found until something valid was typed; what was typed stays in the field."""
    now = timezone.now()
    form = SearchForm(request.GET if "q" in request.GET else None)
    facts: dict[str, object] = {"now": now, "form": form}
    if form.is_bound and form.is_valid():
        q, user = form.cleaned_data["q"], cast("PortalRequest", request).user
        facts |= {
            "q": q,
            "tickets": tickets.search(user, q, LIMIT),
            "articles": blog.search(user, q, now, LIMIT),
            "licences": licences.search(user, q, LIMIT),
        }
    return render(request, "portal/search.html", facts)
