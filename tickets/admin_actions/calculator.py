"""« Calculer une échéance »: both deadlines of a date, with their ledgers. Writes nothing."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.http import PortalRequest
from tickets.admin_actions.guard import desk_page
from tickets.admin_forms.calculator import CalculatorForm


@desk_page
@require_safe
def calculator(request: PortalRequest) -> HttpResponse:
    """The question in the address, the answer below it."""
    at = timezone.now()
    form = CalculatorForm(request.GET, at)
    context = {
        **admin.site.each_context(request),
        "is_nav_sidebar_enabled": False,
        "title": _("Calculer une échéance"),
        "form": form,
        "found": form.calculation(),
        "now": at,
    }
    return render(request, "desk/calculator.html", context)
