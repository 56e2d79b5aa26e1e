"""The filters of a person's last visit to the list, kept by their browser and nowhere else.

A GET writes nothing in the database (K2), so the browser keeps them: whose they are, and the
filters as an address holds them. What comes back is read like any address, and dropped when it is
somebody else's (decision 0018).
"""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote, unquote

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse

from accounts.models import User

COOKIE = "filtres"
KEPT = timedelta(days=90)
# More than any valid filters take; a cookie that is longer was not made here.
LENGTH_MAX = 1_500


def recall(request: HttpRequest, person: User) -> QueryDict:
    """The filters that this browser keeps for this person; empty without any."""
    value = request.COOKIES.get(COOKIE, "")
    owner, _dot, query = value.partition(".")
    if owner != str(person.pk) or len(value) > LENGTH_MAX:
        return QueryDict()
    return QueryDict(unquote(query))


def keep(response: HttpResponse, person: User, query: str) -> None:
    """Have the browser keep the filters of an address for this person."""
    response.set_cookie(
        COOKIE,
        f"{person.pk}.{quote(query, safe='')}",
        max_age=KEPT,
        path=reverse("tickets:list"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def forget(response: HttpResponse) -> None:
    """Have the browser forget them."""
    response.delete_cookie(COOKIE, path=reverse("tickets:list"), samesite="Lax")
