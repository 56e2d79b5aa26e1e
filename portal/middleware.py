"""What holds for every answer of the portal."""

from __future__ import annotations

import codecs
from collections.abc import Callable

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.core.exceptions import BadRequest
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase as Answer
from django.utils import translation

from portal.bare import unavailable

GetResponse = Callable[[HttpRequest], HttpResponse]

# What psycopg2 raises when the server is away, refuses us or drops the connection.
DATABASE_AWAY = (OperationalError, InterfaceError)


class DatabaseAway:
    """PostgreSQL away: a French 503 with the phone number, no traceback (P1).

    This sees what views raise. What middleware raises (loading the session, the person) becomes
    a 500 before it comes here: portal.views.server_error looks at the cause there.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return unavailable(error) if isinstance(error, DATABASE_AWAY) else None


class OnePolicy(CSPMiddleware):
    """The content security policy, worded once: it is the same for every answer (K1).

    An answer that a decorator of django-csp gave a policy of its own, or that used a nonce, gets
    what django-csp builds for it.
    """

    def __init__(self, get_response: GetResponse) -> None:
        super().__init__(get_response)
        self._policy = build_policy()

    def process_response(self, request: HttpRequest, response: Answer) -> Answer:
        if hasattr(request, "_csp_nonce") or any(name[:4] == "_csp" for name in vars(response)):
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, self._policy)
        return response


class PrivatePages:
    """Nothing is kept by a proxy or a browser unless a view says it may be (K4).

    Answers made before the inner middleware ran (a refused host) get their frame header here.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        response.headers.setdefault("X-Frame-Options", settings.X_FRAME_OPTIONS)
        return response


class InFrench:
    """The portal's language, said once per answer: each word of a page would look for it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        translation.activate(settings.LANGUAGE_CODE)
        return self.get_response(request)


class PlainUtf8:
    """Forms are read as UTF-8 and as nothing else (D5).

    A request may name any codec of Python's: some fail, some (`unicode_escape`) make half
    characters that neither a page nor a row can hold. Browsers name none.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.encoding and codecs.lookup(request.encoding).name != "utf-8":
            raise BadRequest("This charset is not read.")
        return self.get_response(request)
