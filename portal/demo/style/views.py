"""The style page and its sheets. Demo settings only, like the rest of portal.demo."""

from __future__ import annotations

import re
from pathlib import Path

from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from portal.demo.style import declaring, following
from portal.demo.style.asking import asks
from portal.demo.style.clocks import NOW, accounts, clocks
from portal.demo.style.forms import SampleFilter, forms_in_every_state, one_fault, uploads
from portal.demo.style.samples import Samples, sections
from portal.demo.views import latest

# The value of the address, its words, the colour scheme it stands for.
THEMES = {
    "": (_("Comme le système"), ""),
    "clair": (_("Clair"), "light"),
    "sombre": (_("Sombre"), "dark"),
}
# In the order of the pages that load them.
SHEETS = ("portal", "incident", "declare", "lists", "ledger", "licences", "files", "style")

_DARK = re.compile(r"@media \(prefers-color-scheme: dark\)")


@login_not_required
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Every component in every state. An unknown theme is the system's."""
    chosen = request.GET.get("theme", "")
    theme = chosen if chosen in THEMES else ""
    upload, refused_upload = uploads()
    facts = {
        "now": NOW,
        "sections": sections(),
        "theme": theme,
        "themes": [(value, words) for value, (words, _scheme) in THEMES.items()],
        "sheets": SHEETS,
        "clocks": clocks(),
        "accounts": accounts(),
        "forms": forms_in_every_state(),
        "one_fault": one_fault(),
        "filter": SampleFilter(request.GET),
        "upload": upload,
        "refused_upload": refused_upload,
        "samples": Samples(),
        "declaring": declaring.parts(),
        "following": following.parts() | {"asks": asks()},
        "mails": latest(6),
    }
    return render(request, "demo/style/page.html", facts)


@login_not_required
@require_safe
def sheet(request: HttpRequest, theme: str, name: str) -> HttpResponse:
    """A style sheet of ours whose colour scheme is chosen by the address, not by the system.

    The rules are those that people get, read from the same file: only the condition of the dark
    ones is replaced. So the page needs neither JavaScript nor a second set of colours.
    """
    scheme = THEMES.get(theme, ("", ""))[1]
    path = finders.find(f"css/{name}.css") if name in SHEETS and scheme else None
    if path is None:
        raise Http404
    source = Path(str(path)).read_text(encoding="utf-8")
    source = _DARK.sub("@media all" if scheme == "dark" else "@media not all", source)
    source = source.replace("color-scheme: light dark", f"color-scheme: {scheme}")
    return HttpResponse(source, content_type="text/css; charset=utf-8")
