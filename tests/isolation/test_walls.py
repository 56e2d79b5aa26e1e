"""A1, A2, A4, A7, B2: the walls between companies, in the parts of the cases that a matrix by
role and route does not show: other verbs, logs, other people's business, a move, a forwarded link.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from freezegun import freeze_time

from accounts.models import Membership
from blog.enums import Audience
from tests.factories.accounts import make_membership, make_user
from tests.factories.blog import make_article
from tests.factories.licences import make_licence, make_patch, make_product
from tests.factories.tickets import make_ticket
from tests.isolation.canaries import STAFF, canaries_in, readable, readers
from tests.isolation.crawl import visit as read_page
from tests.isolation.matrix import LINES
from tests.isolation.test_matrix import REFUSED_OBJECTS, client_of
from tests.isolation.walk import WALKED_AT, Walk
from tests.isolation.world import World

VERBS = ("get", "head", "post", "put", "patch", "delete", "options")
CLOSED_TO_STRANGERS = [name for name, role in REFUSED_OBJECTS if role == "stranger"]
# Tokens of forms, drawn at each answer.
_DRAWN = re.compile(rb"[A-Za-z0-9]{64}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# What may differ between two answers that say the same.
_UNTOLD = {"set-cookie", "content-length"}


def _told(client: Client, verb: str, address: str) -> tuple[int, dict[str, str], bytes]:
    """What an answer says, the address that was asked for left out."""
    answer = client.generic(verb.upper(), address)
    body = b"".join(answer) if answer.streaming else answer.content
    headers = {
        name: value.replace(address, "*")
        for name, value in answer.headers.items()
        if name.lower() not in _UNTOLD
    }
    return answer.status_code, headers, _DRAWN.sub(b"", body).replace(address.encode(), b"*")


@pytest.mark.parametrize("name", CLOSED_TO_STRANGERS)
def test_a1_no_verb_tells_a_foreign_object_from_a_missing_one(world: World, name: str) -> None:
    """Same status, same headers, same body, whatever the method."""
    line, client = LINES[name], client_of(world, "stranger")
    for verb in VERBS:
        theirs, missing = (
            _told(client, verb, reverse(name, kwargs=parameters))
            for parameters in (line.theirs(world), line.missing)
        )
        if verb == "get" and line.method == "post":
            # An act asked for by GET leads back to the page of its object, which refuses.
            assert theirs[0] == missing[0]
        else:
            assert theirs == missing, verb


# A program that does not speak the protocol is told so before anything is looked for.
@pytest.mark.parametrize("name", [one for one in CLOSED_TO_STRANGERS if not LINES[one].programs])
def test_a1_a_refusal_leaves_a_line_in_the_log(
    world: World, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    line = LINES[name]
    address = reverse(name, kwargs=line.theirs(world))
    with caplog.at_level(logging.WARNING, "django.request"):
        getattr(client_of(world, "stranger"), line.method)(address)
    assert [record.getMessage() for record in caplog.records] == [f"Not Found: {address}"]


# --- other people's business (A2) -----------------------------------------------------------------

# What a customer reads of incidents, licences, articles and colleagues. Pages of one's own account
# hold codes and instants that change at each reading.
_READ = ("home", "search", "tickets:", "licences:", "blog:", "team", "charter")


def _addresses(world: World, role: str) -> Iterator[str]:
    for name, line in LINES.items():
        if name.startswith(_READ) and line.method == "get" and role in line.reach:
            yield reverse(name, kwargs=line.theirs(world))
    yield f"{reverse('search')}?q=canari"
    yield f"{reverse('tickets:list')}?q=canari"
    yield f"{reverse('tickets:list')}?tour=ours"


def _pages(world: World, role: str) -> dict[str, tuple[bytes, int]]:
    """Each page, and how many queries it took."""
    client, found = client_of(world, role), {}
    for address in _addresses(world, role):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page = read_page(client, role, address)
        found[address] = (_DRAWN.sub(b"", _unpacked(page.body)), len(queries))
    return found


def _unpacked(body: bytes) -> bytes:
    """A workbook's parts: the archive around them bears the instant of a temporary file."""
    if not body.startswith(b"PK"):
        return body
    with ZipFile(BytesIO(body)) as book:
        return b"\n".join(name.encode() + book.read(name) for name in sorted(book.namelist()))


def _business_of_the_other_company(world: World) -> None:
    cast = world.cast
    product = world.ticket.product
    for number in range(3):
        make_ticket(
            company=cast.other_company, requester=cast.charlie, product=product,
            title=f"canari-affaire-{number}", at=WALKED_AT - timedelta(minutes=number),
        )  # fmt: skip
    make_licence(cast.other_company, product=product)
    make_licence(cast.other_company, product=make_product(name="canari-autre-logiciel"))
    make_membership(make_user(email="neuf@etranger.test"), cast.other_company)
    make_article(
        title="canari-article-neuf", audience=Audience.COMPANIES, companies=[cast.other_company]
    )
    make_patch(make_product(name="canari-encore-un"), title="canari-correctif-neuf")


@pytest.mark.parametrize("role", ["author", "référente"])
def test_a2_another_company_changes_no_byte_and_no_query_of_a_customers_pages(
    world: World, role: str
) -> None:
    """No row, no count, and no more work for the database, which time could tell."""
    with freeze_time(WALKED_AT):
        _pages(world, role)  # what a process keeps once it has been asked for
        before = _pages(world, role)
        _business_of_the_other_company(world)
        after = _pages(world, role)
    assert len(before) > 10
    assert {address for address in before if before[address] != after[address]} == set()


def test_a2_the_comparison_sees_a_colleagues_business(world: World) -> None:
    with freeze_time(WALKED_AT):
        before = _pages(world, "référente")
        make_ticket(company=world.cast.company, requester=world.cast.bob, title="Encore un")
        assert _pages(world, "référente") != before


# --- somebody who moved (A4) ----------------------------------------------------------------------


@contextmanager
def _moved(world: World) -> Iterator[Client]:
    """Alice's open browser, after her access went from one company to the other."""
    client = client_of(world, "author")
    Membership.objects.filter(user=world.cast.alice).update(
        company=world.cast.other_company, site=None
    )
    with freeze_time(WALKED_AT):
        yield client


def test_a4_requests_replayed_after_a_move_show_nothing_of_the_former_company(
    world: World, walk: Walk
) -> None:
    table = readers(world)
    own = {"canari-courriel-alice", "canari-tel-alice"}
    lost = readable("author", table) - readable("stranger", table) - own
    with _moved(world) as client:
        met = [
            read_page(client, "author", visit.url)
            for visit in walk.visits["author"]
            if visit.status == 200 and canaries_in(visit.body) & lost
        ]
    assert len(met) > 10
    assert {
        f"{page}: {canary}"
        for page in met
        for canary in (canaries_in(page.body) - canaries_in(page.url.encode())) & lost
    } == set()


@pytest.mark.parametrize(
    "name",
    [name for name, line in LINES.items() if name.startswith("tickets:") and line.missing],
)
def test_a4_an_act_sent_after_a_move_is_a_404(world: World, name: str) -> None:
    line = LINES[name]
    with _moved(world) as client:
        answer = getattr(client, line.method)(reverse(name, kwargs=line.theirs(world)))
    assert answer.status_code == 404


# --- files (A7) and what is the desk's own (B2) ---------------------------------------------------


@pytest.mark.parametrize("role", ["anonymous", "stranger"])
def test_a7_a_forwarded_link_opens_no_patch(world: World, role: str) -> None:
    address = reverse("files:download", args=[world.patch_file.pk])
    answer = client_of(world, role).get(address)
    where = answer.get("Location", "")
    assert (answer.status_code, where.startswith("/connexion/?next=")) == (
        (302, True) if role == "anonymous" else (404, False)
    )


@pytest.mark.parametrize("role", ["author", "colleague", "référente", "stranger"])
def test_b2_what_is_the_desks_own_is_on_no_page_of_a_customer(
    walk: Walk, world: World, role: str
) -> None:
    ours = {canary for canary, who in readers(world).items() if who == STAFF}
    assert len(ours) > 15
    assert {
        f"{visit}: {canary}"
        for visit in walk.visits[role]
        for canary in canaries_in(visit.body) & ours - canaries_in(visit.url.encode())
    } == set()
