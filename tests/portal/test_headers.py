"""Every answer carries the policy, whatever its kind and status (K1, K4)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from pytest_django import Settings

from tests.factories.accounts import PASSWORD
from tests.factories.cast import Cast
from tests.portal.visitors import SignIn

pytestmark = pytest.mark.urls("tests.portal.faulty_urls")

POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
    "manifest-src 'self'",
}
ANSWERS = [
    ("/", 200),
    ("/charte/", 200),
    ("/sante/", 200),
    ("/blog/", 200),
    ("/blog/rss/", 200),
    ("/connexion/", 200),
    ("/recherche/", 302),
    ("/charte", 301),
    ("/essai/400/", 400),
    ("/essai/403/", 403),
    ("/nulle-part/", 404),
    ("/essai/500/", 500),
    ("/essai/503/", 503),
]


@pytest.fixture
def stranger(db: None, production_like: Settings) -> Client:
    return Client(raise_request_exception=False)


@pytest.mark.parametrize(("path", "status"), ANSWERS)
def test_k1_policy_is_strict_on_every_answer(stranger: Client, path: str, status: int) -> None:
    response = stranger.get(path, secure=True)
    assert response.status_code == status
    assert set(response.headers["Content-Security-Policy"].split("; ")) == POLICY


@pytest.mark.parametrize(("path", "status"), ANSWERS)
def test_k1_every_answer_refuses_frames_and_guessed_types(
    stranger: Client, path: str, status: int
) -> None:
    headers = stranger.get(path, secure=True).headers
    assert (headers["X-Frame-Options"], headers["X-Content-Type-Options"]) == ("DENY", "nosniff")


@pytest.mark.parametrize(("path", "status"), ANSWERS)
def test_k1_every_answer_keeps_addresses_to_itself(
    stranger: Client, path: str, status: int
) -> None:
    headers = stranger.get(path, secure=True).headers
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Strict-Transport-Security"].startswith("max-age=31536000")


def test_k1_a_refused_host_gets_the_policy_too(stranger: Client) -> None:
    response = stranger.get("/", secure=True, headers={"host": "ailleurs.exemple"})
    assert set(response.headers["Content-Security-Policy"].split("; ")) == POLICY
    assert response.headers["X-Frame-Options"] == "DENY"


def test_plain_http_is_sent_to_https(stranger: Client) -> None:
    response = stranger.get("/charte/")
    assert (response.status_code, response.headers["Location"]) == (
        301,
        "https://testserver/charte/",
    )


def test_probes_may_ask_in_plain_http(stranger: Client) -> None:
    assert stranger.get("/sante/").status_code == 200


@pytest.mark.parametrize("path", ["/", "/charte/", "/recherche/", "/licences/", "/compte/"])
def test_k4_private_pages_are_kept_by_nobody(cast: Cast, sign_in: SignIn, path: str) -> None:
    response = sign_in(cast.alice).get(path)
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("path", ["/", "/charte/", "/blog/", "/sante/"])
def test_k4_public_pages_set_no_cookie(stranger: Client, path: str) -> None:
    assert not stranger.get(path, secure=True).cookies


def test_k2_both_cookies_are_of_this_host_alone_and_read_by_no_script(
    cast: Cast, stranger: Client
) -> None:
    """`__Host-` makes the browser itself refuse them from another host or over plain HTTP."""
    typed = {"login": cast.alice.email, "password": PASSWORD}
    cookies = [
        *stranger.get("/connexion/", secure=True).cookies.values(),
        *stranger.post("/connexion/", typed, secure=True).cookies.values(),
    ]
    assert {cookie.key for cookie in cookies} == {"__Host-csrf", "__Host-session"}
    assert {
        (bool(cookie["secure"]), bool(cookie["httponly"]), cookie["samesite"], cookie["path"],
         cookie["domain"])
        for cookie in cookies
    } == {(True, True, "Lax", "/", "")}  # fmt: skip


def test_k2_production_names_its_cookies_so() -> None:
    """Read as text: settings are loaded once per process, and these are not the tests'."""
    source = (settings.BASE_DIR / "portal/settings/production.py").read_text(encoding="utf-8")
    for line in ('SESSION_COOKIE_NAME = "__Host-session"', 'CSRF_COOKIE_NAME = "__Host-csrf"',
                 "SESSION_COOKIE_SECURE = True", "CSRF_COOKIE_SECURE = True"):  # fmt: skip
        assert f"\n{line}\n" in source


def _pages(client: Client) -> list[str]:
    paths = ("/", "/charte/", "/recherche/?q=revit", "/nulle-part/")
    return [client.get(path).content.decode() for path in paths]


def test_k1_nothing_is_inline(cast: Cast, sign_in: SignIn) -> None:
    for page in _pages(sign_in(cast.alice)):
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", page)
        assert not re.search(r"<script(?![^>]* src=)", page)


def test_k1_nothing_comes_from_another_host(cast: Cast, sign_in: SignIn) -> None:
    for page in _pages(sign_in(cast.alice)):
        found = re.findall(r'(?:src|href|action)="(https?:)?//', page)
        assert found == []


@pytest.mark.parametrize("folder", ["layout", "components", "allauth", "portal"])
def test_k1_no_template_of_ours_has_inline_code(folder: str) -> None:
    for template in (Path(settings.BASE_DIR) / "templates" / folder).rglob("*.html"):
        source = template.read_text()
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"|hx-on|javascript:", source), template
