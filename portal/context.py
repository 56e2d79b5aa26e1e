"""What every page knows of the desk."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from portal.desk import shown_state
from portal.navigation import account_places, places


def desk(request: HttpRequest) -> dict[str, Any]:
    """Names and phone of the support desk, the header's links, and the instant of the page.

    A view that reads the clock gives its own `now`, which wins. What costs a query is computed
    only by templates that show it.
    """
    now = timezone.now()
    return {
        "portal_name": settings.PORTAL_NAME,
        "organisation": settings.PORTAL_ORGANISATION,
        "support_phone": settings.SUPPORT_PHONE,
        "renewal_contact": settings.RENEWAL_CONTACT,
        "is_demo": settings.DEMO,
        "now": now,
        "desk_state": SimpleLazyObject(partial(shown_state, now)),
        "places": SimpleLazyObject(partial(places, request)),
        "account_places": SimpleLazyObject(partial(account_places, request)),
    }
