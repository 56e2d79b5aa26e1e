"""The roof's own pages: home, health, charter, search, errors."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse


@login_not_required
def home(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")


@login_not_required
def health(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")


@login_not_required
def charter(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")


def search(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return HttpResponse("", status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return HttpResponse("", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return HttpResponse("", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return HttpResponse("", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    return HttpResponse("", status=500)
