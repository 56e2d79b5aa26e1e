"""What a person does with a browser and a mailbox, in a few words."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.factories.accounts import PASSWORD

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def post(client: Client, url: str, data: dict[str, Any] | None = None, **extra: Any) -> Any:
    """POST, without following redirects."""
    return client.post(url, data or {}, **extra)


def sign_in(client: Client, user: User, password: str = PASSWORD, **extra: Any) -> Any:
    """Through the page, so that allauth makes the session as it does for people."""
    data = {"login": user.email, "password": password}
    return post(client, reverse("account_login"), data, **extra)


def signed_in(user: User) -> Client:
    """A browser of their own, signed in."""
    client = Client()
    response = sign_in(client, user)
    assert response.status_code == 302, response.content.decode()
    return client


def is_signed_in(client: Client) -> bool:
    """Does this browser still open the account page?"""
    return bool(client.get(reverse("account_settings")).status_code == 200)


def text_of(response: Any) -> str:
    """The page without what differs each time: the token of forms and of htmx."""
    page: str = response.content.decode()
    return re.sub(r'"[A-Za-z0-9]{64}"', '"token"', page)


def letters() -> list[tuple[str, str]]:
    """(recipient, subject) of every mail handed over so far."""
    return [(message.to[0], str(message.subject)) for message in mail.outbox]


def link_in_last_mail() -> str:
    """The path of the link that the last mail gives."""
    found = re.search(r"https://portail\.exemple\.test(/\S+)", str(mail.outbox[-1].body))
    assert found is not None, mail.outbox[-1].body
    return found.group(1)
