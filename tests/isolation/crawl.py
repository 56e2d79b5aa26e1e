"""A robot that reads the portal as somebody: every route, then every address it finds there.

GET only. What it met is kept whole, for the tests of leaks, of headers and of what GET writes.
"""

from __future__ import annotations

import contextlib
import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import unescape
from urllib.parse import parse_qsl, urljoin, urlsplit

from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import NoReverseMatch, reverse

from accounts.models import Company, User
from blog.models import Article
from files.models import StoredFile
from licences.models import Patch
from tests.isolation.canaries import STAFF
from tests.isolation.matrix import LINES
from tests.isolation.routes import all_routes
from tests.isolation.world import World

# Addresses that differ by their query only: of each page, some.
VARIANTS = 4
_READ_WHOLE: set[type[Model]] = {User, Article, Patch}

# Whatever a page may lead to: links, forms (by GET), what htmx asks for.
_LINK = re.compile(
    r"""\s(?:href|src|action|formaction|hx-(?:get|post|put|patch|delete))="""
    r"""(?:"([^"]+)"|'([^']+)')"""
)
_HOSTS = {"", "testserver"}
_XML_LINK = re.compile(rb"https?://testserver(/[^<\"\s]*)")


@dataclass(frozen=True)
class Visit:
    """One answer."""

    role: str
    url: str
    status: int
    headers: dict[str, str]
    cookies: tuple[str, ...]
    body: bytes

    @property
    def kind(self) -> str:
        """The media type, without its parameters."""
        return self.headers.get("Content-Type", "").partition(";")[0]

    @property
    def html(self) -> str:
        """The page; empty for anything else."""
        return self.body.decode() if self.kind == "text/html" else ""

    def __str__(self) -> str:
        return f"{self.role} {self.url} ({self.status})"


def links_of(visit: Visit) -> list[str]:
    """Addresses on this host that an answer leads to."""
    if visit.html:
        found = [unescape(one or other) for one, other in _LINK.findall(visit.html)]
    else:
        found = [link.decode() for link in _XML_LINK.findall(visit.body)]
    if "Location" in visit.headers:
        found = [*found, visit.headers["Location"]]
    return [local for link in found if (local := _local(visit.url, link))]


def _local(base: str, link: str) -> str:
    parts = urlsplit(urljoin(base, link))
    if parts.scheme not in {"", "http", "https"} or parts.netloc not in _HOSTS:
        return ""
    if not parts.path.startswith("/") or parts.path.startswith("/static/"):
        return ""
    return parts.path + (f"?{parts.query}" if parts.query else "")


def visit(client: Client, role: str, url: str) -> Visit:
    """Ask for one address and read the answer to its end."""
    answer = client.get(url)
    # A file is closed by reading it to its end.
    body = b"".join(answer) if answer.streaming else answer.content
    return Visit(role, url, answer.status_code, dict(answer.headers), tuple(answer.cookies), body)


def crawl(client: Client, role: str, seeds: Iterable[str], *, rows: int) -> list[Visit]:
    """Everything that this browser reaches from `seeds`, breadth first.

    Of pages that differ by a number only, `rows` are read; the seeds always are.
    """
    met: list[Visit] = []
    seen: set[str] = set()
    likes: Counter[str] = Counter()
    waiting = deque((url, True) for url in seeds)
    while waiting:
        url, is_seed = waiting.popleft()
        if url in seen or not (is_seed or _is_worth_it(url, likes, rows)):
            continue
        seen.add(url)
        met.append(visit(client, role, url))
        waiting.extend((link, False) for link in links_of(met[-1]) if link not in seen)
    return met


def _is_worth_it(url: str, likes: Counter[str], rows: int) -> bool:
    """Not the tenth sort order of a list, nor the hundredth row of a table."""
    path, _mark, query = url.partition("?")
    shape = re.sub(r"[0-9]+", "0", path)
    if not query:
        likes[shape] += 1
        return likes[shape] <= (1 if path.startswith("/admin/") else rows)
    likes[f"{shape}?"] += 1
    likes[same := f"{shape}?{sorted({name for name, _value in parse_qsl(query)})}"] += 1
    some = 1 if path.startswith("/admin/") else VARIANTS
    return likes[f"{shape}?"] <= some and likes[same] <= VARIANTS // 2


# --- where it starts ------------------------------------------------------------------------------


def seeds(world: World, role: str) -> list[str]:
    """Every route with Alice's object and a missing one, what a guess could name, searches."""
    guesses = (_routes(world), _objects(world), _searches(world), _admin(role))
    return [*dict.fromkeys(url for found in guesses for url in found)]


def _routes(world: World) -> Iterator[str]:
    for route in all_routes():
        if not route.is_admin_model:
            line = LINES[route.name]
            yield reverse(route.name, kwargs=line.theirs(world))
            if line.missing is not None:
                yield reverse(route.name, kwargs=line.missing)
    yield from ("/nulle-part/", "/charte", "/admin/nulle-part/", "/static/absent.css")


def _objects(world: World) -> Iterator[str]:
    """Every incident, file and company, in the addresses that take one."""
    for ticket in world.tickets.values():
        yield reverse("tickets:ticket", args=[ticket.reference])
        yield reverse("desk:ticket", args=[ticket.reference])
        yield reverse("desk:customer-view", args=[ticket.reference])
        yield f"{reverse('tickets:declare')}?suite={ticket.reference}"
    for pk in StoredFile.objects.values_list("pk", flat=True):
        yield reverse("files:download", args=[pk])
    for company_id in Company.objects.values_list("pk", flat=True):
        yield f"{reverse('tickets:declare')}?societe={company_id}"
        yield f"{reverse('tickets:deadlines')}?societe={company_id}"


def _searches(world: World) -> Iterator[str]:
    for name in ("search", "tickets:list", "blog:list", "desk:call", "admin:index"):
        yield f"{reverse(name)}?q=canari"
        yield f"{reverse(name)}?page=2"


def _admin(role: str) -> Iterator[str]:
    """The admin's own pages: lists, searches, and the first row of each for whoever may come."""
    for route in all_routes():
        if not route.is_admin_model:
            continue
        with contextlib.suppress(NoReverseMatch):
            yield reverse(route.name)
            if role in STAFF and route.name.endswith("_changelist"):
                yield f"{reverse(route.name)}?q=canari"
    if role in STAFF | {"author"}:
        for model in admin.site._registry:
            rows = model._default_manager.order_by("pk").values_list("pk", flat=True)
            # Where a hash, a telephone or a draft could show, every row is read.
            for pk in rows[: 20 if model in _READ_WHOLE else 1]:
                yield from _pages_of(model, pk)


def _pages_of(model: type[Model], pk: object) -> Iterator[str]:
    for page in ("change",) if model in _READ_WHOLE else ("change", "history", "delete"):
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"
        yield reverse(name, args=[pk])
