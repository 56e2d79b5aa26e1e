"""The portal's addresses, and some whose views break on purpose."""

from __future__ import annotations

from typing import NoReturn

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError
from django.http import HttpRequest
from django.urls import path

from portal.urls import handler400, handler403, handler404, handler500
from portal.urls import urlpatterns as real

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

SECRET = "mot-de-passe-de-la-base"


@login_not_required
def broken(request: HttpRequest) -> NoReturn:
    raise RuntimeError(SECRET)


@login_not_required
def suspicious(request: HttpRequest) -> NoReturn:
    raise SuspiciousOperation(SECRET)


@login_not_required
def refused(request: HttpRequest) -> NoReturn:
    raise PermissionDenied


@login_not_required
def refused_with_a_reason(request: HttpRequest) -> NoReturn:
    raise PermissionDenied("Votre société n’a plus d’accès <depuis hier>.")


@login_not_required
def away(request: HttpRequest) -> NoReturn:
    raise OperationalError(SECRET)


urlpatterns = [
    path("essai/500/", broken),
    path("essai/400/", suspicious),
    path("essai/403/", refused),
    path("essai/403-motif/", refused_with_a_reason),
    path("essai/503/", away),
    *real,
]
