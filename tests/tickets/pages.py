"""Reading pages in tests: signed-in clients at a fixed instant, visible text."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from django.test import Client
from freezegun import freeze_time

from accounts.models import User

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse

    Page: TypeAlias = _MonkeyPatchedWSGIResponse


def signed_in(user: User) -> Client:
    """A browser in which this person is signed in."""
    client = Client()
    client.force_login(user)
    return client


@contextmanager
def at(instant: datetime) -> Iterator[None]:
    """The clock of the pages stands at `instant`."""
    with freeze_time(instant):
        yield


def body(response: Page) -> str:
    """The page's HTML."""
    return response.content.decode()


def text(response: Page) -> str:
    """What a person reads: no tags, spaces unified (non-breaking ones included)."""
    plain = re.sub(r"<[^>]+>", " ", body(response))
    return " ".join(html.unescape(plain).split())


def main_text(response: Page) -> str:
    """The same for the page's own content, without header and footer."""
    found = re.search(r"<main.*?</main>", body(response), re.DOTALL)
    assert found is not None
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", found[0])).split())


def answer(response: Page, *unlike: str) -> tuple[int, str, list[tuple[str, str]]]:
    """All that a stranger could compare: status, body, headers. Tokens and `unlike` are blanked."""
    plain = re.sub(r"[A-Za-z0-9]{64}", "", body(response))
    for word in unlike:
        plain = plain.replace(word, "")
    return response.status_code, plain, sorted(response.headers.items())
