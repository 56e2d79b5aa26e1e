"""What holds for every answer of the portal."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

logger = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponse]


class DatabaseAway:
    """PostgreSQL away: a French 503 with the phone number, no traceback (P1).

    It stands outermost, and renders without any context processor: nothing in it may query.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, OperationalError | InterfaceError):
            return None
        return unavailable(error)


def unavailable(error: Exception) -> HttpResponse:
    """The 503 page, and a line for the operator."""
    logger.error("database_away", extra={"error": type(error).__name__})
    page = render_to_string(
        "503.html",
        {
            "support_phone": settings.SUPPORT_PHONE,
            "portal_name": settings.PORTAL_NAME,
            "stylesheet": staticfiles_storage.url("css/portal.css"),
        },
    )
    return HttpResponse(
        page, status=503, headers={"Retry-After": "30", "Cache-Control": "no-store"}
    )


class PrivatePages:
    """Nothing is kept by a proxy or a browser unless a view says it may be (K4)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-store"
        return response
