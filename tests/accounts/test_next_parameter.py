"""`next=` leads to a page of this portal or to the default one (K3)."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.adapters import is_local_path
from tests.accounts.browser import post
from tests.factories.accounts import PASSWORD
from tests.factories.cast import Cast

BAD = [
    "//evil.test",
    "///evil.test",
    "////evil.test",
    "/\\evil.test",
    "\\\\evil.test",
    "\\/evil.test",
    "/\\/evil.test",
    "https:evil.test",
    "https:/evil.test",
    "https://evil.test",
    "http://evil.test/compte/",
    "http:///evil.test",
    "HTTPS://EVIL.TEST",
    "%2f%2fevil.test",
    "/%2fevil.test",
    "/%2Fevil.test",
    "/%5cevil.test",
    "%5c%5cevil.test",
    "/%252fevil.test",
    "/%09/evil.test",
    "/\t/evil.test",
    "/\n/evil.test",
    "\t//evil.test",
    " //evil.test",
    "/ /evil.test\r\nSet-Cookie: a=b",
    "javascript:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,x",
    "evil.test",
    "compte/",
    "testserver@evil.test",
    "//testserver@evil.test",
    "http://testserver.evil.test/",
    "http://testserver/compte/",
    "//testserver/compte/",
    "\u2028//evil.test",
    "/\u200b/evil.test",
    "//ⓔvil.test",
    "/" + "x" * 3000,
    "",
]
GOOD = [
    "/",
    "/compte/",
    "/incidents/INC-2026-000123/",
    "/incidents/?statut=ouvert&page=2",
    "/recherche/?q=licence+r%C3%A9seau",
    "/recherche/?q=https%3A%2F%2Fexemple.test",
    "/recherche/?q=C%3A%5Ctemp",
    "/blog/une-page/#suite",
    "/admin/accounts/user/?q=a",
]


@pytest.mark.parametrize("target", BAD)
def test_k3_a_bad_target_is_the_home_page_after_signing_in(cast: Cast, target: str) -> None:
    data = {"login": cast.alice.email, "password": PASSWORD, "next": target}
    assert post(Client(), reverse("account_login"), data)["Location"] == reverse("home")


@pytest.mark.parametrize("target", BAD)
def test_k3_a_bad_target_is_the_home_page_after_signing_out(cast: Cast, target: str) -> None:
    client = Client()
    client.force_login(cast.alice)
    response = post(client, reverse("account_logout"), {"next": target})
    assert response["Location"] == reverse("home")


@pytest.mark.parametrize("target", GOOD)
def test_a_page_of_the_portal_is_kept(cast: Cast, target: str) -> None:
    data = {"login": cast.alice.email, "password": PASSWORD, "next": target}
    assert post(Client(), reverse("account_login"), data)["Location"] == target


@pytest.mark.parametrize("target", BAD)
def test_k3_the_rule_itself_refuses_it(target: str) -> None:
    assert not is_local_path(target)
