"""« Appel »: somebody is on the phone (P7). The same number, clocks, mail and thread as by the web.

The caller is looked up first, as one types with htmx; the start of the call is fixed when the page
opens, and follows.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import unsent
from accounts.http import PortalRequest
from accounts.models import Membership
from foundation.refusals import Refusal
from foundation.text import number_of
from foundation.wording import paris
from licences.queries import contract_on
from tickets import operations
from tickets.admin_actions.guard import desk_page, shell
from tickets.admin_forms.desk import CallForm
from tickets.enums import Origin, Status
from tickets.models import Ticket
from tickets.queries.callers import Callers, caller, callers, open_of


@desk_page
@require_http_methods(["GET", "HEAD", "POST"])
def call(request: PortalRequest) -> HttpResponse:
    """Find the caller, then type the incident."""
    at = timezone.now()
    member = _chosen(request)
    if request.method != "POST":
        return _looking_up(request, at, member)
    form = CallForm(request.POST, member, at)
    if member is None:
        form.add_error(None, _("Choisissez d’abord la personne qui appelle."))
    if member is not None and form.is_valid():
        try:
            return _logged(request, _declare(request, member, form.cleaned_data, at))
        except Refusal as refusal:
            form.add_error(None, refusal.sentence)
    return _page(request, at, member, form, status=400)


def _looking_up(request: PortalRequest, at: datetime, member: Membership | None) -> HttpResponse:
    """The search, or the form once the caller is known; a search with one answer chooses it."""
    words = request.GET.get("q", "")
    found = callers(words, at) if words and member is None else Callers([])
    if "HX-Request" in request.headers and member is None:
        began_at = call_began_at(request, at).isoformat()
        part = {"words": words, "found": found, "debut": began_at, "is_part": True}
        return render(request, "desk/_callers.html", part)
    if len(found.people) == 1:
        return redirect(_form_of(request, found.people[0], at))
    form = CallForm(_retyped(request, at, member), member, call_began_at(request, at))
    return _page(request, at, member, form, found=found)


def _form_of(request: PortalRequest, member: Membership, at: datetime) -> str:
    """The address of the form for this caller: the start of the call goes with it."""
    chosen = QueryDict(mutable=True)
    chosen.update({"appelant": str(member.pk), "debut": call_began_at(request, at).isoformat()})
    if "suite" in request.GET:
        chosen["suite"] = request.GET["suite"]
    return f"{reverse('desk:call')}?{chosen.urlencode()}"


def _retyped(request: PortalRequest, at: datetime, member: Membership | None) -> QueryDict | None:
    """What was typed of this caller's incident, when the session ended before it was sent."""
    kept = unsent.waiting(request, request.path, at)
    if kept is None or member is None or kept.values.get("appelant") != [str(member.pk)]:
        return None
    return kept.as_post


def _declare(
    request: PortalRequest, member: Membership, data: dict[str, Any], at: datetime
) -> Ticket:
    return operations.declare(
        actor=request.user,
        requester=member.user,
        company=member.company,
        follows=_followed(request, member),
        origin=Origin.PHONE,
        at=at,
        **data,
    )


def _logged(request: PortalRequest, ticket: Ticket) -> HttpResponse:
    unsent.forget(request)
    messages.success(
        request,
        _("Appel enregistré\u00a0: %(reference)s. Le client reçoit le numéro et les délais.")
        % {"reference": ticket.reference},
    )
    return redirect("desk:ticket", ticket.reference)


def _chosen(request: PortalRequest) -> Membership | None:
    """The person chosen in the list, for the company they call for; None for a wrong value."""
    given = request.POST if request.method == "POST" else request.GET
    number = number_of(given.get("appelant", ""))
    return caller(number) if number is not None else None


def _followed(request: PortalRequest, member: Membership | None) -> Ticket | None:
    """The ended incident of the caller's company that the new one follows (S9), if any."""
    given = request.POST if request.method == "POST" else request.GET
    reference = given.get("suite", "")
    if member is None or not reference or "\x00" in reference:
        return None
    ended = Ticket.objects.filter(status__in=[Status.CLOSED, Status.CANCELLED])
    return ended.filter(company=member.company, reference=reference).first()


def call_began_at(request: PortalRequest, at: datetime) -> datetime:
    """When this call began: kept in the address while the caller is looked up."""
    given = request.GET.get("debut", "")
    try:
        found = parse_datetime(given)
    except ValueError:
        found = None
    if found is None or timezone.is_naive(found) or found > at:
        return at
    return found


def _page(
    request: PortalRequest,
    at: datetime,
    member: Membership | None,
    form: CallForm,
    *,
    found: Callers | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        **shell(request, _("Appel"), at),
        "form": form,
        "member": member,
        "follows": _followed(request, member),
        "words": request.GET.get("q", ""),
        "debut": call_began_at(request, at).isoformat(),
        "found": found or Callers([]),
        **(_customer(member, at) if member is not None else {}),
    }
    return render(request, "desk/call.html", context, status=status)


def _customer(member: Membership, at: datetime) -> dict[str, Any]:
    return {
        "contract": contract_on(member.company, paris(at).date()),
        "open_tickets": open_of(member.company),
    }
