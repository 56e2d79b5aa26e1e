"""B3: refusals that no page of an incident gives: a body too long, a method, a form too old."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from pytest_django import Settings

from tests.factories.cast import Cast

Ask = Callable[[Client], Any]

# What tells the inside: of Django, of Python, of the tree, of the database.
_INSIDE = re.compile(
    r"Traceback|Django|django|Exception|\.py\b|/work/|site-packages|SELECT |psycopg|settings|DEBUG"
)
_MUCH = "x" * (6 * 1024 * 1024)


def _too_long(client: Client) -> Any:
    return client.post("/incidents/declarer/", {"body": _MUCH}, secure=True)


def _too_many_fields(client: Client) -> Any:
    return client.post("/incidents/declarer/", {f"f{n}": "1" for n in range(600)}, secure=True)


def _broken(client: Client) -> Any:
    kind = "multipart/form-data; boundary=B"
    return client.generic("POST", "/incidents/declarer/", b"--C\r\n", kind, secure=True)


def _without_token(client: Client) -> Any:
    return Client(enforce_csrf_checks=True).post("/connexion/", {"login": "x"}, secure=True)


def _missing(client: Client) -> Any:
    return client.get("/incidents/INC-2026-999999/", secure=True)


REFUSALS: list[tuple[Ask, set[int]]] = [
    (_too_long, {400, 413}),
    (_too_many_fields, {400, 413}),
    (_broken, {200, 400}),
    (_without_token, {403}),
    (_missing, {404}),
]


@pytest.fixture
def alice(cast: Cast, production_like: Settings) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(cast.alice)
    return client


@pytest.mark.parametrize(
    ("ask", "statuses"), REFUSALS, ids=lambda value: getattr(value, "__name__", "")
)
def test_b3_a_refusal_is_a_french_page_that_tells_nothing_of_the_inside(
    alice: Client, ask: Ask, statuses: set[int]
) -> None:
    answer = ask(alice)
    page = answer.content.decode()
    assert answer.status_code in statuses
    assert '<html lang="fr">' in page
    assert re.search(r"<title>\s*\S.+ · Portail support", page)
    # The head names the scripts that every page loads.
    assert _INSIDE.search(page.partition("<body")[2]) is None


@pytest.mark.parametrize("method", ["put", "patch", "delete", "trace", "propfind"])
@pytest.mark.parametrize("path", ["/", "/charte/", "/incidents/", "/licences/", "/compte/"])
def test_b3_a_method_that_no_page_takes_tells_nothing(
    alice: Client, path: str, method: str
) -> None:
    answer = alice.generic(method.upper(), path, secure=True)
    assert answer.status_code == 405
    assert _INSIDE.search(answer.content.decode()) is None


def test_r3_each_error_page_has_a_title_of_its_own() -> None:
    """400, 403 of a person and of a form, 404, 429, 500 and 503."""
    titles = [
        re.search(r"{% block title %}(.*?){% endblock", path.read_text(encoding="utf-8"))
        for path in sorted((settings.BASE_DIR / "templates").glob("*.html"))
    ]
    told = [found[1] for found in titles if found]
    assert (len(told), len(set(told))) == (len(titles), len(titles))
    assert len(told) >= 7
