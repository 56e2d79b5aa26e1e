"""« Calculer une échéance »: both deadlines of a date, with their ledgers. Writes nothing."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.http import PortalRequest
from tickets.admin_actions.guard import desk_page, shell
from tickets.admin_forms.calculator import CalculatorForm


@desk_page
@require_safe
def calculator(request: PortalRequest) -> HttpResponse:
    """The question in the address, the answer below it."""
    at = timezone.now()
    form = CalculatorForm(request.GET, at)
    context = {
        **shell(request, _("Calculer une échéance"), at),
        "form": form,
        "found": form.calculation(),
    }
    return render(request, "desk/calculator.html", context)
