"""A1, A5, A6: every route, every role, Alice's object and a missing one."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests.isolation.fingerprint import changed, fingerprint
from tests.isolation.matrix import EVERYBODY, LINES, Line
from tests.isolation.routes import all_routes
from tests.isolation.world import World

ROLES = sorted(EVERYBODY)
CASES = [(name, role) for name in LINES for role in ROLES]
REFUSED = [(name, role) for name, role in CASES if role not in LINES[name].reach]
REFUSED_OBJECTS = [case for case in REFUSED if LINES[case[0]].missing and case[1] != "anonymous"]
_TOKEN = re.compile(rb'(csrfmiddlewaretoken" value="|X-CSRFToken": ")[A-Za-z0-9]+')


def client_of(world: World, role: str) -> Client:
    """A browser of this role, signed in once for the whole package."""
    client = Client()
    if role in world.sessions:
        client.cookies[settings.SESSION_COOKIE_NAME] = world.sessions[role]
    return client


def ask(
    client: Client, name: str, line: Line, world: World, *, missing: bool = False
) -> HttpResponse:
    parameters = line.missing if missing else line.theirs(world)
    data = {
        key: str(world.cast.company.pk) if value == "theirs" else value
        for key, value in line.data.items()
    }
    headers = {"Tus-Resumable": "1.0.0"} if line.programs else {}
    answer: HttpResponse = getattr(client, line.method)(
        reverse(name, kwargs=parameters), data, headers=headers
    )
    # A file that is being sent holds its blob open until the answer is closed.
    if answer.streaming:
        answer.close()
    return answer


def is_sent_to_sign_in(answer: HttpResponse) -> bool:
    return answer.status_code == 302 and answer["Location"].startswith("/connexion/?next=")


def test_every_route_has_its_line() -> None:
    routes = {route.name for route in all_routes() if not route.is_admin_model}
    assert routes == set(LINES)


def test_every_route_with_an_object_is_asked_for_a_missing_one_too() -> None:
    named = {"reference", "uuid", "licence_id", "membership_id", "slug"}
    assert {
        route.name
        for route in all_routes()
        if not route.is_admin_model
        and set(route.parameters) & named
        and LINES[route.name].missing is None
    } == set()


@pytest.mark.parametrize(("name", "role"), CASES)
def test_a1_who_reaches_alices_object(world: World, name: str, role: str) -> None:
    line = LINES[name]
    answer = ask(client_of(world, role), name, line, world)
    if role in line.reach:
        assert answer.status_code != 404
        assert not is_sent_to_sign_in(answer)
    elif role == "anonymous" and line.programs:
        assert answer.status_code == 401
    elif role == "anonymous" and not line.public:
        assert is_sent_to_sign_in(answer)
    else:
        assert answer.status_code == 404


@pytest.mark.parametrize(("name", "role"), REFUSED_OBJECTS)
def test_a1_a_refusal_reads_like_a_missing_object(world: World, name: str, role: str) -> None:
    line = LINES[name]
    client = client_of(world, role)
    bodies = [
        _TOKEN.sub(b"", ask(client, name, line, world, missing=missing).content)
        for missing in (False, True)
    ]
    assert bodies[0] == bodies[1]


@pytest.mark.parametrize(
    ("name", "role"), [case for case in REFUSED if LINES[case[0]].method == "post"]
)
def test_a6_a_refusal_writes_nothing(world: World, name: str, role: str) -> None:
    client = client_of(world, role)
    before = fingerprint()
    ask(client, name, LINES[name], world)
    assert changed(before, fingerprint()) == set()
