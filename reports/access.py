"""Compliance figures are for managers: anybody else reads the same 404 as for a missing page."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpResponse

from accounts.http import PortalRequest

View = Callable[[PortalRequest], HttpResponse]


def managers_only(view: View) -> View:
    """Support managers and administrators."""

    @wraps(view)
    def guarded(request: PortalRequest) -> HttpResponse:
        if not request.user.is_manager:
            raise Http404
        return view(request)

    return guarded
