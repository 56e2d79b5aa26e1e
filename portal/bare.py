"""Pages drawn when the portal itself is in trouble: no database, no session, no context processor.

They are complete all the same: French, styled, with the phone number of the desk.
"""

from __future__ import annotations

import logging
import secrets

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpResponse
from django.template.loader import render_to_string

logger = logging.getLogger(__name__)

STYLE_SHEETS = ("vendor/bootstrap/css/bootstrap.min.css", "css/portal.css")
RETRY_SECONDS = 30


def unavailable(error: BaseException) -> HttpResponse:
    """PostgreSQL is away: 503, and a line for the operator (P1)."""
    logger.error("database_away", extra={"error": type(error).__name__})
    response = HttpResponse(_page("503.html"), status=503)
    response["Retry-After"] = str(RETRY_SECONDS)
    response["Cache-Control"] = "no-store"
    return response


def server_error() -> HttpResponse:
    """A fault of ours: 500, with a code that the page and the log line share."""
    code = secrets.token_hex(4).upper()
    logger.error("server_error", extra={"code": code})
    response = HttpResponse(_page("500.html", code=code), status=500)
    response["Cache-Control"] = "no-store"
    return response


def _page(template: str, **facts: str) -> str:
    return render_to_string(
        template,
        {
            "portal_name": settings.PORTAL_NAME,
            "organisation": settings.PORTAL_ORGANISATION,
            "support_phone": settings.SUPPORT_PHONE,
            "is_demo": settings.DEMO,
            "style_sheets": _style_sheets(),
            **facts,
        },
    )


def _style_sheets() -> list[str]:
    try:
        return [staticfiles_storage.url(name) for name in STYLE_SHEETS]
    except ValueError:
        # collectstatic has not run: a plain page is still better than none.
        logger.warning("static_files_missing")
        return []
