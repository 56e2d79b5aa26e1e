"""Who reaches the desk, and what every act on an incident has in common."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.http import PortalRequest
from accounts.models import User
from foundation.text import number_of
from tickets.access import get_ticket
from tickets.models import Ticket
from tickets.rights import ACT_ON_TICKET, VIEW_TICKET

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

P = ParamSpec("P")
Page = Callable[Concatenate[PortalRequest, P], HttpResponse]
Act = Callable[[PortalRequest, Ticket, datetime], HttpResponse]


def desk_page(view: Page[P]) -> Callable[..., HttpResponse]:
    """A page of the desk. Customers read the 404 of a missing page, whatever they name (A1).

    Visitors sign in first; then rights are asked, as the admin does.
    """

    @wraps(view)
    def guarded(request: PortalRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.has_perm(VIEW_TICKET):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return _hidden_from_customers(admin.site.admin_view(guarded))


def _hidden_from_customers(page: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The admin would send them to a sign-in page that they have already passed."""

    @wraps(page)
    def hidden(request: HttpRequest, /, *args: object, **kwargs: object) -> HttpResponse:
        if isinstance(request.user, User) and not request.user.is_staff:
            raise Http404
        return page(request, *args, **kwargs)

    return hidden


def desk_act(act: Act) -> Callable[..., HttpResponse]:
    """An act on an incident, by POST only. The clock is read here, once."""

    @wraps(act, assigned=("__name__", "__doc__", "__module__"))
    def guarded(request: PortalRequest, reference: str) -> HttpResponse:
        return act(request, get_ticket(request.user, reference), timezone.now())

    return desk_page(require_POST(acting(guarded)))


def acting(view: Page[P]) -> Callable[..., HttpResponse]:
    """A page of the desk for those alone who may act on incidents."""

    @wraps(view)
    def guarded(request: PortalRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.has_perm(ACT_ON_TICKET):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def shell(request: PortalRequest, title: StrOrPromise, at: datetime) -> dict[str, Any]:
    """What every page of the desk is drawn around."""
    return {
        **admin.site.each_context(request),
        "is_nav_sidebar_enabled": False,
        "title": title,
        "now": at,
    }


def queue_address(asked: str) -> str:
    """The queue as a form says that it was left: its tab, filters and page.

    Only parameters are taken over, so that it leads nowhere else.
    """
    parameters = QueryDict(asked).urlencode()
    return f"{reverse('admin:index')}?{parameters}" if parameters else reverse("admin:index")


def seen_on(request: PortalRequest) -> int | None:
    """The last event that the page of this form showed; None when it does not say."""
    return event_number(request.POST.get("seen", ""))


def event_number(text: str) -> int | None:
    """The number of an event as an address or a form says it; None for what none of ours wrote."""
    return number_of(text, 9)
