"""D1, D2: a payload in every text of every row, and no page or mail where one is a node.

A module of its own: its world is poisoned from the first test to the last.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from html import unescape
from itertools import cycle
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree as ET

import pytest
from django.apps import apps
from django.db import models, transaction
from django.urls import reverse
from freezegun import freeze_time

from blog.models import Article
from blog.rendering import render_article
from notifications.models import Delivery
from notifications.operations import derive_pending
from notifications.sender.letters import NotToSend, prepare
from tests.isolation.active import MARK, faults_at, faults_of
from tests.isolation.crawl import Visit, seeds
from tests.isolation.crawl import visit as visit_page
from tests.isolation.forms import FORMS, Form
from tests.isolation.payloads import MARKUP, SHORT
from tests.isolation.test_matrix import client_of
from tests.isolation.walk import WALKED_AT
from tests.isolation.world import World
from tickets.models import Message, Ticket

# A référente's pages show all that an author's do, a manager's all that an engineer's do.
READERS = ("anonymous", "référente", "manager")


@pytest.fixture(scope="module")
def poisoned(shared_world: World) -> Iterator[World]:
    """The world with a payload in every text of every row, as forms and as others put it there."""
    with freeze_time(WALKED_AT), transaction.atomic():
        _declare_all(shared_world)
        _poison_rows()
        yield shared_world
        transaction.set_rollback(True)


def _declare_all(world: World) -> None:
    """Each payload through the forms of customers and of ours."""
    author, engineer = client_of(world, "author"), client_of(world, "engineer")
    declare, reply, note = (
        next(form for form in FORMS if form.route == route)
        for route in ("tickets:declare", "desk:reply", "desk:note")
    )
    for payload in MARKUP:
        extra = {"uploads": ""}
        text = payload.replace("\n", " ").encode()
        with transaction.atomic():
            # Another token each time: the same one would be the same incident.
            one = _with_token(declare)
            assert one.post(author, world, text=text, extra=extra).status_code == 302
    everything = "\n\n".join(MARKUP).encode()
    for form in (reply, note):
        assert form.post(engineer, world, text=everything).status_code == 302


def _with_token(form: Form) -> Form:
    token = str(uuid4())
    return Form(form.route, form.role, lambda world: {**form.data(world), "form_token": token},
                texts=form.texts)  # fmt: skip


# Columns that hold no text of anybody's, or that a page would not survive without.
_NOT_TEXTS = re.compile(
    r"(email|slug|html|key|sha256|hash|digest|token|content_type|code|reference|password|state"
    r"|message_id|server_answer|session|act|address_of|search|body_text|body_html|ip|data|type"
    r"|user_agent|name_of|codename|model|app_label)$"
)


def _poison_rows() -> None:
    """By SQL, past every form: what an import or a former version could have left."""
    payloads = cycle(MARKUP)
    for app in ("accounts", "licences", "blog", "tickets", "files", "sla"):
        for model in apps.get_app_config(app).get_models():
            if model._meta.label not in {"tickets.TicketEvent", "tickets.HistorySeal"}:
                _poison(model, payloads)
    body = "\n\n".join(MARKUP)
    Article.objects.update(body=body, html=render_article(body))
    Message.objects.filter(ticket__title__startswith="canari").update(body=body)
    Ticket.objects.exclude(waiting_reason="").update(waiting_reason=body)


def _poison(model: type[models.Model], payloads: Iterator[str]) -> None:
    columns = [column for column in model._meta.concrete_fields if _is_text(column)]
    for row in model._default_manager.filter():
        values = {column.name: _payload(column, row, payloads) for column in columns}
        if values:
            model._default_manager.filter(pk=row.pk).update(**values)


def _is_text(column: models.Field[Any, Any]) -> bool:
    if not isinstance(column, models.CharField | models.TextField) or column.choices:
        return False
    return not _NOT_TEXTS.search(column.name)


def _payload(column: models.Field[Any, Any], row: models.Model, payloads: Iterator[str]) -> str:
    if not getattr(row, column.attname):
        return ""
    room = column.max_length or 50_000
    unlike_others = f" {row.pk}" if column.unique or column.name in {"name", "version"} else ""
    payload = next(payloads)
    if len(payload) + len(unlike_others) > room:
        payload = SHORT[int(str(row.pk), 16) % len(SHORT)] if room >= 20 else "<b>"
    return (payload + unlike_others)[:room]


@pytest.fixture(scope="module")
def pages(poisoned: World) -> list[Visit]:
    """What each kind of reader sees of it."""
    clients = {role: client_of(poisoned, role) for role in READERS}
    return [
        visit_page(client, role, url)
        for role, client in clients.items()
        for url in _worth_reading(poisoned, role)
    ]


def _worth_reading(world: World, role: str) -> list[str]:
    fresh = Ticket.objects.filter(title__contains="alert").order_by("-pk")
    pages = [reverse("tickets:ticket", args=[row.reference]) for row in fresh[:70:7]]
    desk = [reverse("desk:ticket", args=[row.reference]) for row in fresh[:70:7]]
    lists = [f"/incidents/?page={number}" for number in (1, 2, 3)]
    searches = ["/recherche/?q=%3Cscript%3E", f"/incidents/?q=%22%3E%3C{MARK}%3E",
                f"/blog/?q=%22%3E%3C{MARK}%3E", "/admin/?q=%3Csvg%20onload%3D1%3E"]  # fmt: skip
    if role == "manager":
        pages = [*desk, f"/admin/incidents/appel/?q=%22%3E%3C{MARK}%3E", *pages[:3]]
    own = [url for url in seeds(world, role) if _shows_texts(url, role)]
    return [*own, *pages, *lists, *searches]


def _shows_texts(url: str, role: str) -> bool:
    """Customers get nothing from the admin; its journals of changes are empty."""
    if url.startswith("/admin/"):
        return role == "manager" and not url.endswith(("/history/", "/delete/", "/add/"))
    return not url.startswith(("/compte/second", "/fichiers/"))


def test_d1_the_poison_is_on_the_pages(pages: list[Visit]) -> None:
    """Escaped, but there: pages that show nothing prove nothing."""
    shown = dict.fromkeys(READERS, 0)
    for page in pages:
        shown[page.role] += "alert(1)" in unescape(page.html)
    assert all(number >= 3 for number in shown.values()), shown


def test_d1_no_page_breaks(pages: list[Visit]) -> None:
    assert {str(page) for page in pages if page.status >= 500 and page.url != "/sante/"} == set()


def test_d1_no_text_becomes_a_node(pages: list[Visit]) -> None:
    faults = {}
    for page in pages:
        if page.html and (found := faults_at(page.url, page.html)):
            faults[str(page)] = found[:3]
    assert faults == {}


_NODES_OF_A_FEED = {
    "rss", "channel", "title", "link", "description", "language", "lastBuildDate", "item",
    "creator", "pubDate", "guid",
}  # fmt: skip


def test_d1_the_feed_is_plain_text(pages: list[Visit]) -> None:
    feeds = [page for page in pages if page.kind == "application/rss+xml"]
    assert feeds
    for feed in feeds:
        names = {node.tag.rpartition("}")[2] for node in ET.fromstring(feed.body).iter()}  # noqa: S314
        assert names <= _NODES_OF_A_FEED


def test_d1_d4_no_text_becomes_a_node_or_a_header_of_a_mail(poisoned: World) -> None:
    derive_pending(at=WALKED_AT, limit=1_000)
    faults, made = {}, 0
    for delivery in Delivery.objects.filter(event__isnull=False).select_related("event__ticket"):
        try:
            letter = prepare(delivery)
        except NotToSend:
            continue
        made += 1
        if found := _faults_of_mail(letter.content):
            faults[str(delivery.event)] = found[:3]
    assert made > len(MARKUP)
    assert faults == {}


def _faults_of_mail(content: bytes) -> list[str]:
    mail = message_from_bytes(content, policy=policy.default)
    strange = {"bcc", "cc"} & {name.lower() for name in mail}
    found = sorted(strange)
    for part in mail.walk():
        if part.get_content_type() == "text/html":
            found += [fault for fault in faults_of(part.get_content()) if not _is_of_a_mail(fault)]
    return found


def _is_of_a_mail(fault: str) -> bool:
    """Mails carry their style with them, and full addresses."""
    own = ("<style> may not be here", "<meta> ")
    return fault.endswith("> style") or (fault.startswith(own) and "refresh" not in fault)
