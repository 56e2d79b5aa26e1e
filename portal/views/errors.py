"""Refusals and faults, each with what to do next.

Absent and forbidden objects get one and the same 404: nothing here repeats the address or the
exception of a 404.
"""

from __future__ import annotations

import sys

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from foundation.text import TEXT_MAX
from portal import bare
from portal.middleware import DATABASE_AWAY

# What people type at length; shown back when their session ended under them, never kept.
_TYPED = ("title", "body", "message", "reason", "solution", "notes")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: the address or the form cannot be read; what was too much is named."""
    return _error(
        request,
        "400.html",
        400,
        too_long=isinstance(exception, RequestDataTooBig),
        too_many_files=isinstance(exception, TooManyFilesSent),
        files_max=settings.FILE_MAX_COUNT,
        text_max=TEXT_MAX,
    )


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: signed in, but this page is not for them; the sentence says why if there is one."""
    sentence = next((str(part) for part in exception.args if part), "")
    return _error(request, "403.html", 403, sentence=sentence)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404, the same for what does not exist and for what belongs to others (A1)."""
    return _error(request, "404.html", 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500; or 503 when the cause is that PostgreSQL is away, as in loading a session."""
    error = sys.exception()
    while error is not None:
        if isinstance(error, DATABASE_AWAY):
            return bare.unavailable(error)
        error = error.__cause__
    return bare.server_error()


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 of a form whose session or token is over: what was typed is shown, to be copied."""
    typed = [request.POST[name] for name in _TYPED if request.POST.get(name, "").strip()]
    return _error(request, "403_csrf.html", 403, typed=typed)


def _error(request: HttpRequest, template: str, status: int, **facts: object) -> HttpResponse:
    # The company switch leads home from here: the address of a refused page says nothing.
    return render(request, template, {"next_url": "/", **facts}, status=status)
