"""A3: what a page does not know in its address changes no row; what it knows never breaks it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse
from freezegun import freeze_time

from tests.isolation.matrix import LINES
from tests.isolation.test_matrix import client_of
from tests.isolation.walk import WALKED_AT
from tests.isolation.world import World

HOSTILE = (
    "_connector=OR", "_negated=1", "pk=1", "id__in=1,2,3", "company=2", "company_id=2",
    "company__members__password__startswith=argon2", "company__users__password__startswith=a",
    "requester__password__regex=^.", "user__email__contains=@", "requester=1", "assignee=1",
    "messages__body__contains=canari", "notes__body__contains=canari", "is_private=0",
    "is_private__exact=0", "status__in=closed", "severity__gt=a", "received_at__year=2026",
    "order_by=password", "ordering=-password", "sort=company__members__password", "o=99", "e=1",
    "select_related=company", "extra=1", "raw=SELECT+1", "annotate=password", "exclude=pk",
    "fields=password", "format=json", "per_page=1000000", "limit=-1", "offset=-1", "all=1",
    "_method=DELETE", "debug=1", "lang=xx", "callback=alert", "__proto__=1", "q[]=canari",
    "q__regex=.*", "audience=public", "published_at__isnull=1", "withdrawn_at__isnull=0",
    "user_id=1", "as_user=1", "role=manager", "is_staff=1", "next=//mal.test",
)  # fmt: skip

LISTS = [
    ("home", "anonymous"), ("home", "author"), ("home", "engineer"), ("blog:list", "anonymous"),
    ("blog:list", "author"), ("blog:feed", "anonymous"), ("tickets:list", "author"),
    ("tickets:list", "référente"), ("tickets:list", "engineer"), ("licences:park", "author"),
    ("licences:park", "engineer"), ("licences:downloads", "author"), ("team", "référente"),
    ("usersessions_list", "author"), ("admin:index", "engineer"), ("reports:dashboard", "manager"),
    ("reports:changes", "manager"), ("reports:rehearsal", "manager"),
    ("tickets:declare", "author"), ("tickets:suggestions", "author"),
    ("tickets:deadlines", "author"), ("tickets:ticket", "author"), ("tickets:ticket", "référente"),
    ("tickets:commitments", "author"), ("tickets:colleagues", "author"),
    ("tickets:print", "author"), ("tickets:export_csv", "author"),
    ("tickets:export_csv", "référente"),
]  # fmt: skip
_ROW = re.compile(rb"canari-[a-z0-9-]+|INC-[0-9]{4}-[0-9]{6}|href=\"/[^\"?]*\"")


def rows_of(page: bytes) -> Counter[bytes]:
    """What a list shows: every canary, number and link, as many times as it is there."""
    return Counter(_ROW.findall(page))


def address_of(world: World, route: str) -> str:
    """Where the page is; that of an incident is the one everybody of the company may read."""
    arguments = LINES[route].theirs(world) if route in LINES else {}
    return reverse(route, kwargs=arguments)


def rows_at(client: Client, address: str) -> Counter[bytes]:
    """The rows of a page that must be there."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    return rows_of(answer.getvalue())


def batched(pairs: Sequence[str], size: int) -> list[Sequence[str]]:
    """A few at a time: pages are slow, and no key can hide what another one does to the rows."""
    return [pairs[start : start + size] for start in range(0, len(pairs), size)]


@pytest.mark.parametrize(("route", "role"), LISTS)
def test_a3_unknown_keys_change_no_row(world: World, route: str, role: str) -> None:
    client = client_of(world, role)
    with freeze_time(WALKED_AT):
        address = address_of(world, route)
        rows = rows_at(client, address)
        for some in batched(HOSTILE, 4):
            assert rows_at(client, f"{address}?{'&'.join(some)}") == rows, some


def test_the_hostile_keys_are_many() -> None:
    assert len(set(HOSTILE)) >= 40


def test_rows_are_told_apart(world: World) -> None:
    client = client_of(world, "author")
    assert rows_at(client, "/incidents/") != rows_at(client, "/incidents/?q=canari-titre-clos")


# Every parameter that some page reads.
KNOWN = ("q", "page", "tour", "statut", "produit", "criticite", "de", "site", "societe", "etat",
         "mois", "suite", "licence", "brouillon", "appelant", "debut", "onglet", "p",
         "_changelist_filters", "periode", "du", "au", "tri", "filtres", "tout", "envoi", "etape",
         "v", "avant", "apres", "engagement", "fil", "title", "product", "form_token", "annee",
         "vu", "avec", "ecrit", "next", "session", "theme", "vue")  # fmt: skip
WRONG = (
    "\x00", "-1", "9" * 30, "1e9", "²", "x" * 5_000, "%%%%____\\", "' OR 1=1--", "9999-12",
    "0001-01",
    "9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+14:00", "{{7*7}}%s{0}", "(" * 200,
)  # fmt: skip
READ = [
    *LISTS, ("search", "author"), ("tickets:export_xlsx", "author"), ("tickets:since", "author"),
    ("tickets:earlier", "author"), ("desk:ticket", "engineer"), ("desk:since", "engineer"),
    ("desk:earlier", "engineer"), ("desk:pane", "engineer"),
    ("desk:solutions", "engineer"),
    ("desk:call", "engineer"), ("desk:queue", "engineer"),
    ("charter", "author"), ("account_login", "anonymous"),
    ("admin:tickets_ticket_changelist", "engineer"), ("admin:accounts_user_changelist", "engineer"),
]  # fmt: skip


@pytest.mark.parametrize(("route", "role"), READ)
def test_a3_wrong_values_never_break_a_page(world: World, route: str, role: str) -> None:
    client = client_of(world, role)
    for value in WRONG:
        query = "&".join(f"{key}={quote(value)}" for key in KNOWN)
        answer = client.get(f"{address_of(world, route)}?{query}")
        answer.getvalue()  # what is streamed is made only then
        assert answer.status_code < 500, value


@pytest.mark.parametrize("role", ["author", "référente", "stranger"])
def test_a2_a_search_finds_no_word_of_what_is_hidden(world: World, role: str) -> None:
    """Not even a count: the page of a hidden word is that of a word that nobody wrote."""
    client = client_of(world, role)
    hidden = ("canari-note-interne", "canari-brouillon", "canari-alerte", "canari-corps-brouillon")
    for route in ("search", "tickets:list", "blog:list"):
        pages = {
            re.sub(
                rb"[A-Za-z0-9]{64}", b"",
                client.get(reverse(route), {"q": word}).content.replace(word.encode(), b""),
            )
            for word in (*hidden, "canari-jamais-ecrit")
        }  # fmt: skip
        assert len(pages) == 1, route
