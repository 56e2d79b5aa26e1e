"""B3, D1, D5, G1, K4: side doors, and what arrives by a way that no form shows."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from freezegun import freeze_time

from accounts.models import User
from tests.factories.accounts import PASSWORD
from tests.isolation.active import faults_of
from tests.isolation.forms import FORMS
from tests.isolation.matrix import CUSTOMERS, LINES
from tests.isolation.payloads import MARKUP
from tests.isolation.test_matrix import client_of
from tests.isolation.walk import WALKED_AT, _logged
from tests.isolation.world import World

# What scanners ask for: sources, secrets, consoles, metrics, other people's tools.
DOORS = (
    "/.git/config", "/static/.git/config", "/static/../.env", "/.env", "/.env.production",
    "/backup.sql", "/dump.sql.gz", "/db.sqlite3", "/settings.py", "/portal/settings/base.py",
    "/static/../manage.py", "/static/%2e%2e/manage.py", "/static/..%2f..%2fmanage.py", "/media/",
    "/media/../manage.py", "/metrics", "/metrics/", "/prometheus", "/actuator/health",
    "/server-status", "/nginx_status", "/flower/", "/flower/tasks", "/celery/", "/rq/",
    "/__debug__/", "/debug/", "/_debug_toolbar/", "/silk/", "/logs/", "/log-viewer/", "/sentry/",
    "/phpmyadmin/", "/pgadmin/", "/wp-login.php", "/graphql", "/api/", "/api/v1/users",
    "/swagger.json", "/openapi.json", "/redoc/", "/console", "/shell", "/i18n/setlang/",
    "/accounts/login/", "/accounts/signup/", "/demo/", "/demo/courrier/", "/demo/style/",
)  # fmt: skip
_TOKEN = re.compile(rb"[A-Za-z0-9]{64}")


@pytest.mark.parametrize("role", ["anonymous", "author", "manager"])
@pytest.mark.parametrize("path", DOORS)
def test_b3_a_side_door_is_a_missing_page(world: World, path: str, role: str) -> None:
    client = client_of(world, role)
    told, missing = (client.get(one) for one in (path, "/nulle-part/"))
    assert told.status_code == 404
    if "/static/" not in path:
        assert _TOKEN.sub(b"", told.content) == _TOKEN.sub(b"", missing.content)


@pytest.mark.parametrize("path", ["/admin/doc/", "/admin/jsi18n/", "/admin/r/1/1/", "/admin/x/"])
@pytest.mark.parametrize("role", ["author", "référente"])
def test_b3_the_admins_tools_do_not_exist_for_a_customer(
    world: World, path: str, role: str
) -> None:
    """Refused alike, whether there is such a tool or not."""
    client = client_of(world, role)
    told, missing = (client.get(one, follow=True) for one in (path, "/admin/nulle-part/"))
    assert (told.status_code, missing.status_code) == (403, 403)
    assert _TOKEN.sub(b"", told.content) == _TOKEN.sub(b"", missing.content)


# --- what a page shows and no form sends (D1) -----------------------------------------------------


@pytest.mark.parametrize("payload", MARKUP[:40])
def test_d1_the_name_of_a_browser_is_inert(world: World, payload: str) -> None:
    client = Client(headers={"user-agent": payload.replace("\n", " ")})
    typed = {"login": world.cast.alice.email, "password": PASSWORD}
    with freeze_time(WALKED_AT):
        assert client.post(reverse("account_login"), typed).status_code == 302
        page = client.get(reverse("usersessions_list")).content.decode()
    assert faults_of(page) == []


# --- one line per event, one login per person (D5) ------------------------------------------------

_FORGED = (
    "%0a%7b%22level%22%3a%22INFO%22%2c%22message%22%3a%22forged%22%7d", "%0d%0aforged",
    "%1b[31mforged%1b[0m", "%e2%80%a8forged", "%c2%85forged", "%00forged", "%22%2c%22forged%22:1",
)  # fmt: skip


@pytest.mark.parametrize("forged", _FORGED)
def test_d5_an_event_of_the_log_is_one_line_of_json(world: World, forged: str) -> None:
    with _logged() as log:
        client_of(world, "author").get(f"/incidents/{forged}/")
        client_of(world, "author").get("/nulle-part/", headers={"user-agent": f"x{forged}"})
    lines = log.getvalue().splitlines()
    assert lines
    assert [set(json.loads(line)) >= {"level", "message"} for line in lines] == [True] * len(lines)
    assert "\x1b" not in log.getvalue()
    assert not any(json.loads(line)["message"].startswith("forged") for line in lines)


def _wide(address: str) -> str:
    """The same letters as they are typed in a Japanese text: another string, one look."""
    name, _at, host = address.partition("@")
    wide = "".join(chr(ord(letter) + 0xFEE0) if letter.isalpha() else letter for letter in name)
    return f"{wide}@{host}"


def test_d5_an_address_in_wide_letters_is_nobody_elses(world: World) -> None:
    """The form refuses it; whatever else wrote it down would find Alice."""
    alice = world.cast.alice
    assert User.objects.get_by_natural_key(_wide(alice.email)) == alice


@pytest.mark.parametrize("spelt", [str.upper, str.title, lambda address: f" {address} "])
def test_d5_spellings_that_look_alike_are_one_login(
    world: World, spelt: Callable[[str], str]
) -> None:
    typed = {"login": spelt(world.cast.alice.email), "password": PASSWORD}
    with freeze_time(WALKED_AT):
        client = Client()
        assert client.post(reverse("account_login"), typed).status_code == 302
        assert client.get(reverse("home")).wsgi_request.user == world.cast.alice


# --- every form is tried (G1) ---------------------------------------------------------------------

# They name their object in their address and read nothing of what is sent; a program sends files
# byte by byte, with headers instead of fields (tests/files).
_WITHOUT_FIELDS = {"team_remind", "team_reopen", "invitation_renew", "files:uploads"}


def test_g1_every_form_of_a_customer_is_among_those_that_are_tried() -> None:
    """A route that takes a POST from a customer and has no line in tests/isolation/forms.py."""
    reached = CUSTOMERS | {"anonymous"}
    acts = {
        name
        for name, line in LINES.items()
        if line.method == "post" and line.reach & reached and not name.startswith("desk:")
    }
    assert acts - {form.route for form in FORMS} - _WITHOUT_FIELDS == set()


# --- nothing is kept under another name (K4) ------------------------------------------------------

_NAMES = ("x.css", "logo.png", "x.js", ";x.css", "%3bx.css", "%2fx.css", "%0ax.css", "%23x.css")


@pytest.mark.parametrize("tail", _NAMES)
def test_k4_a_private_page_is_not_found_under_a_name_that_a_cache_keeps(
    world: World, tail: str
) -> None:
    client = client_of(world, "author")
    for base in (world.ticket.get_absolute_url(), "/incidents/", "/compte/", "/licences/"):
        answer = client.get(f"{base}{tail}")
        assert answer.status_code == 404, base
        assert "no-store" in answer["Cache-Control"], base


_UNKEYED = {
    "x-forwarded-host": "mal.test", "x-host": "mal.test", "x-original-url": "/admin/",
    "x-rewrite-url": "/admin/", "x-forwarded-scheme": "http", "x-forwarded-prefix": "/mal",
    "x-http-method-override": "POST", "accept-language": "xx", "user-agent": "<script>",
    "referer": "https://mal.test/", "hx-request": "true", "x-forwarded-for": "10.0.0.1",
}  # fmt: skip


@pytest.mark.parametrize("header", _UNKEYED)
@pytest.mark.parametrize("route", ["home", "charter", "blog:list", "blog:feed", "account_login"])
def test_k4_a_header_that_is_no_key_of_a_cache_changes_no_public_page(
    world: World, route: str, header: str
) -> None:
    with freeze_time(WALKED_AT):
        plain, odd = (
            Client().get(reverse(route), headers=headers)
            for headers in ({}, {header: _UNKEYED[header]})
        )
    assert (odd.status_code, _TOKEN.sub(b"", odd.content)) == (200, _TOKEN.sub(b"", plain.content))
