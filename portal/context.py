"""What every page knows of the desk."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def desk(request: HttpRequest) -> dict[str, Any]:
    """Names and phone of the support desk, for headers and footers."""
    return {
        "portal_name": settings.PORTAL_NAME,
        "organisation": settings.PORTAL_ORGANISATION,
        "support_phone": settings.SUPPORT_PHONE,
        "renewal_contact": settings.RENEWAL_CONTACT,
        "is_demo": settings.DEMO,
    }
