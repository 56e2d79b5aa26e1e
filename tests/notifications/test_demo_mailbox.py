"""`/demo/courrier/`: what the demo's mail server received, shown without running anything."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse
from pytest_django import Settings

from notifications import sender
from tests.conftest import Mailbox
from tests.factories.cast import Cast
from tests.factories.notifications import declared
from tests.factories.tickets import TUESDAY_10

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(settings: Settings, cast: Cast, mailbox: Mailbox) -> Client:
    """The demo's pages, over a mailbox that holds one mail."""
    settings.ROOT_URLCONF = "portal.demo.urls"
    settings.PORTAL_MAILBOX_DIR = os.environ["PORTAL_MAILBOX_DIR"]
    declared(cast.alice, title="Revit & co")
    sender.deliver_pending(at=TUESDAY_10)
    return Client()


def last_number() -> int:
    folder = Path(os.environ["PORTAL_MAILBOX_DIR"])
    return max(int(path.stem) for path in folder.glob("*.eml"))


def test_the_list_names_the_mail_without_login(demo: Client) -> None:
    page = demo.get("/demo/courrier/").content.decode()
    assert ("Bien reçu : Revit &amp; co" in page, "alice@acier.test" in page) == (True, True)


def test_an_empty_mailbox_says_so(demo: Client, mailbox: Mailbox) -> None:
    mailbox.clear()
    assert "Aucun e-mail" in demo.get("/demo/courrier/").content.decode()


def test_one_mail_shows_headers_and_text(demo: Client) -> None:
    page = demo.get(f"/demo/courrier/{last_number()}/").content.decode()
    assert ("Auto-Submitted" in page, "Votre incident est enregistré" in page) == (True, True)


def test_c2_the_html_preview_can_run_and_load_nothing(demo: Client) -> None:
    response = demo.get(f"/demo/courrier/{last_number()}/html/")
    assert (response.status_code, response["Content-Security-Policy"]) == (
        200,
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    )


@pytest.mark.parametrize("path", ["/demo/courrier/999999/", "/demo/courrier/999999/html/"])
def test_a_missing_mail_is_a_404(path: str, demo: Client) -> None:
    assert demo.get(path).status_code == 404


def test_b3_the_portal_itself_has_no_such_page() -> None:
    with pytest.raises(NoReverseMatch):
        reverse("demo:mailbox")
