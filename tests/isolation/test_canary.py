"""[C]: unique strings in every private text; the robot reads all it can as each role."""

from __future__ import annotations

import re
from datetime import timedelta
from email.utils import parseaddr
from html import unescape
from io import BytesIO
from urllib.parse import urljoin
from uuid import uuid4
from zipfile import ZipFile

import pytest
from django.urls import reverse
from freezegun import freeze_time

from notifications.models import Delivery
from notifications.operations import derive_pending
from tests.isolation.canaries import ROLES, canaries_in, readable, readers
from tests.isolation.crawl import visit
from tests.isolation.matrix import LINES
from tests.isolation.test_matrix import client_of
from tests.isolation.walk import WALKED_AT, Walk, browser_name, texts_of
from tests.isolation.world import World
from tickets import operations

CUSTOMERS = ("author", "référente")
# What is never shown to anybody: hashes of passwords.
_HASH = re.compile(rb"(?:argon2|argon2id|md5|pbkdf2_sha256)\$")
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.\w+")
_REQUESTED = re.compile(r"(?:Not Found|Gone|Forbidden[^:]*|Method Not Allowed[^:]*): (\S+)")
_TOKEN = re.compile(rb"[A-Za-z0-9]{64}")


@pytest.mark.parametrize("role", ROLES)
def test_a2_no_page_shows_what_the_table_does_not_give(walk: Walk, world: World, role: str) -> None:
    allowed = readable(role, readers(world)) | {browser_name(role)}
    found = {
        f"{visit}: {canary}"
        for visit in walk.visits[role]
        # What somebody types in the address is no news to them.
        for canary in canaries_in(visit.body) - canaries_in(visit.url.encode()) - allowed
    }
    assert found == set()


@pytest.mark.parametrize("role", ROLES)
def test_the_robot_reads_all_that_the_table_gives(walk: Walk, world: World, role: str) -> None:
    """A crawl that misses pages proves nothing."""
    read = {canary for visit in walk.visits[role] for canary in canaries_in(visit.body)}
    assert readable(role, readers(world)) - read == set()


def test_the_robot_met_no_fault_of_ours(walk: Walk) -> None:
    """/sante/ alone may say 503: nothing beats here."""
    faults = {str(visit) for visit in walk.all_visits if visit.status >= 500}
    assert {fault for fault in faults if " /sante/ (503)" not in fault} == set()


# --- mails ----------------------------------------------------------------------------------------


def test_a2_no_mail_says_what_the_table_does_not_give(walk: Walk, world: World) -> None:
    roles = {person.email: role for role, person in world.people.items() if person}
    table = readers(world)
    found = set()
    for mail in walk.mails:
        address = parseaddr(mail["To"])[1]
        role = roles.get(address, "anonymous")
        allowed = readable("manager" if role == "administrator" else role, table)
        own = canaries_in(address.encode())
        found |= {(address, canary) for canary in canaries_in(texts_of(mail)) - allowed - own}
    assert found == set()


def test_every_mail_left(walk: Walk) -> None:
    assert walk.undelivered == []
    assert len(walk.mails) > 30


def test_f5_a_link_is_in_the_mail_of_its_person_only(walk: Walk) -> None:
    holders = {
        (token, parseaddr(mail["To"])[1])
        for mail in walk.mails
        for token in walk.links
        if token.encode() in texts_of(mail)
    }
    assert walk.links
    assert {address for _token, address in holders} == {"canari-courriel-invite@portail.test"}


# --- secrets --------------------------------------------------------------------------------------


def test_b4_no_page_shows_a_hash_a_session_or_a_link(walk: Walk) -> None:
    secrets = {secret.encode() for secret in walk.links | walk.sessions}
    assert {
        str(visit)
        for visit in walk.all_visits
        if _HASH.search(visit.body) or any(secret in visit.body for secret in secrets)
    } == set()


def test_f8_codes_of_a_second_factor_are_on_their_owners_two_pages_only(walk: Walk) -> None:
    shown = {
        (visit.role, visit.url)
        for visit in walk.all_visits
        if any(code.encode() in visit.body for code in walk.codes)
    }
    assert shown == {
        ("engineer", reverse("mfa_view_recovery_codes")),
        ("engineer", reverse("mfa_download_recovery_codes")),
    }


# --- logs (B4) ------------------------------------------------------------------------------------


def test_b4_the_log_holds_no_private_text(walk: Walk) -> None:
    """Addresses that were asked for are logged, with the slug or number that somebody typed."""
    assert canaries_in(_REQUESTED.sub("", walk.log).encode()) == set()


def test_b4_the_log_names_nobody(walk: Walk) -> None:
    assert set(_ADDRESS.findall(walk.log)) == set()


def test_b4_the_log_opens_no_account(walk: Walk) -> None:
    secrets = walk.links | walk.sessions | walk.codes
    assert {secret for secret in secrets if secret in walk.log} == set()


# --- internal notes (B1) --------------------------------------------------------------------------


def _pages(world: World, role: str) -> dict[str, bytes]:
    """What a customer can open that speaks of the open incident, without the form's tokens."""
    client = client_of(world, role)
    addresses = [
        # Pages, fragments, prints, exports: whatever a customer may ask for.
        *(
            reverse(name, kwargs=line.theirs(world))
            for name, line in LINES.items()
            if name.startswith(("home", "tickets:", "licences:", "team"))
            and line.method == "get"
            and role in line.reach
        ),
        f"{reverse('search')}?q=canari",
        f"{reverse('tickets:list')}?q=note",
        f"{reverse('tickets:list')}?statut=ouverts&tour=yours",
    ]
    return {address: _still(visit(client, role, address).body) for address in addresses}


def _still(page: bytes) -> bytes:
    """Without what differs at each click: the tokens of forms, the hour of a file that is made."""
    if page.startswith(b"PK"):
        with ZipFile(BytesIO(page)) as book:
            page = b"".join(book.read(name) for name in book.namelist() if "docProps" not in name)
    return re.sub(rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", b"", _TOKEN.sub(b"", page))


@pytest.mark.parametrize("role", CUSTOMERS)
def test_b1_a_note_changes_no_byte_of_what_a_customer_reads(world: World, role: str) -> None:
    with freeze_time(WALKED_AT):
        operations.sweep_deadlines(at=WALKED_AT)
        before = _pages(world, role)
        for minutes in (2, 1):
            operations.add_note(
                ticket_id=world.ticket.pk, actor=world.cast.ines, body="canari-autre-note",
                form_token=uuid4(), at=WALKED_AT - timedelta(minutes=minutes),
            )  # fmt: skip
        assert _pages(world, role) == before


def _asked_by_itself(page: str) -> list[str]:
    """What an open page asks for without a click: its news since the version that it shows."""
    return [
        unescape(found[1] + found[2])
        for found in re.finditer(r'data-from="([^"]+)" data-version="([^"]+)"', page)
    ]


@pytest.mark.parametrize("role", CUSTOMERS)
def test_b1_a_note_wakes_no_page_that_waits_for_news(world: World, role: str) -> None:
    """Not even the fact that something happened: the page is told nothing, as before."""
    client = client_of(world, role)
    with freeze_time(WALKED_AT):
        operations.sweep_deadlines(at=WALKED_AT)
        page = client.get(world.ticket.get_absolute_url()).content.decode()
        news = [urljoin(world.ticket.get_absolute_url(), one) for one in _asked_by_itself(page)]
        before = [(client.get(one).status_code, _still(client.get(one).content)) for one in news]
        operations.add_note(
            ticket_id=world.ticket.pk, actor=world.cast.ines, body="canari-autre-note",
            form_token=uuid4(), at=WALKED_AT,
        )  # fmt: skip
        after = [(client.get(one).status_code, _still(client.get(one).content)) for one in news]
    assert news
    assert after == before


def test_b1_a_note_is_told_to_nobody(world: World) -> None:
    derive_pending(at=WALKED_AT, limit=1_000)
    before = Delivery.objects.count()
    operations.add_note(
        ticket_id=world.ticket.pk, actor=world.cast.marc, body="canari-autre-note",
        form_token=uuid4(), at=WALKED_AT - timedelta(hours=1),
    )  # fmt: skip
    derive_pending(at=WALKED_AT, limit=1_000)
    assert Delivery.objects.count() == before
