"""The roof's own pages: home, health, charter, search, errors."""

from portal.views.charter import charter
from portal.views.errors import (
    bad_request,
    csrf_failure,
    forbidden,
    not_found,
    server_error,
)
from portal.views.health import health
from portal.views.home import home, home_seen
from portal.views.search import search

__all__ = [
    "bad_request",
    "charter",
    "csrf_failure",
    "forbidden",
    "health",
    "home",
    "home_seen",
    "not_found",
    "search",
    "server_error",
]
