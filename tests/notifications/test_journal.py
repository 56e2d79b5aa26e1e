"""Where our people read what became of each mail."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.admin.sites import site
from django.template import Context, Template
from django.test import RequestFactory

from accounts.models import User
from notifications import sender
from notifications.admin import DeliveryAdmin
from notifications.models import Delivery
from tests.factories.cast import Cast
from tests.factories.notifications import declared
from tests.factories.tickets import TUESDAY_10
from tests.notifications.smtp_stub import FaultyServer

pytestmark = pytest.mark.django_db


def register_of(cast: Cast) -> str:
    ticket = declared(cast.alice)
    sender.deliver_pending(at=TUESDAY_10 + timedelta(seconds=2))
    tag = Template("{% load deliveries %}{% mail_register ticket %}")
    return tag.render(Context({"ticket": ticket}))


def test_p5_the_register_proves_that_a_mail_left(cast: Cast, server: FaultyServer) -> None:
    page = register_of(cast)
    parts = ("Incident déclaré", "alice@acier.test", "Accepté par le serveur", "250 2.0.0 pris")
    assert [part for part in parts if part not in page] == []


def test_p5_the_register_shows_a_refusal(cast: Cast, server: FaultyServer) -> None:
    server.at_rcpt["alice@acier.test"] = ["550 5.1.1 inconnu"]
    page = register_of(cast)
    assert ("Refusé par le serveur" in page, "550 5.1.1 inconnu" in page) == (True, True)


@pytest.mark.parametrize(
    ("role", "views"), [("ines", True), ("marc", True), ("adele", True), ("alice", False)]
)
def test_j1_our_people_read_the_journal_and_nobody_writes_it(
    role: str, views: bool, cast: Cast
) -> None:
    request = RequestFactory().get("/")
    person: User = getattr(cast, role)
    request.user = person
    journal = DeliveryAdmin(Delivery, site)
    rights = [
        journal.has_view_permission(request),
        journal.has_add_permission(request),
        journal.has_change_permission(request),
        journal.has_delete_permission(request),
    ]
    assert rights == [views, False, False, False]


def test_b4_the_journal_never_shows_the_text_of_a_mail() -> None:
    assert set(DeliveryAdmin.fields).isdisjoint({"body_text", "body_html"})


def test_the_filters_of_the_journal_begin_with_a_capital(cast: Cast) -> None:
    request = RequestFactory().get("/")
    request.user = cast.adele
    changelist = DeliveryAdmin(Delivery, site).get_changelist_instance(request)
    shown = [choice["display"] for choice in changelist.filter_specs[0].choices(changelist)]
    assert shown[1:3] == ["À envoyer", "Accepté par le serveur"]
