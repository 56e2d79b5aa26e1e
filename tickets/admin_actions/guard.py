"""Who reaches the desk, and what every act on an incident has in common."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.http import PortalRequest
from tickets.access import get_ticket
from tickets.models import Ticket
from tickets.rights import ACT_ON_TICKET, VIEW_TICKET

P = ParamSpec("P")
Page = Callable[Concatenate[PortalRequest, P], HttpResponse]
Act = Callable[[PortalRequest, Ticket, datetime], HttpResponse]


def desk_page(view: Page[P]) -> Callable[..., HttpResponse]:
    """A page of the desk: a stranger is answered as the admin answers, then rights are asked."""

    @wraps(view)
    def guarded(request: PortalRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.has_perm(VIEW_TICKET):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return admin.site.admin_view(guarded)


def desk_act(act: Act) -> Callable[..., HttpResponse]:
    """An act on an incident, by POST only. The clock is read here, once."""

    @wraps(act, assigned=("__name__", "__doc__", "__module__"))
    def guarded(request: PortalRequest, reference: str) -> HttpResponse:
        if not request.user.has_perm(ACT_ON_TICKET):
            raise PermissionDenied
        return act(request, get_ticket(request.user, reference), timezone.now())

    return desk_page(require_POST(guarded))
