"""The cast, people signed in, a time at which the desk is open, and settings of production."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from django.test import Client
from freezegun import freeze_time
from pytest_django import Settings

from accounts.models import User
from tests.factories.cast import Cast, make_cast

# Tuesday, 10:00 in Paris: far from any holiday or clock change.
TUESDAY_10 = datetime(2026, 9, 15, 8, tzinfo=UTC)

SignIn = Callable[[User], Client]


@pytest.fixture
def cast(db: None) -> Cast:
    """Alice and the others, in a database of their own."""
    return make_cast()


@pytest.fixture
def tuesday() -> Iterator[datetime]:
    """The clock that views read stands at Tuesday, 10:00 in Paris."""
    with freeze_time(TUESDAY_10):
        yield TUESDAY_10


@pytest.fixture
def sign_in() -> SignIn:
    """A browser signed in as somebody."""

    def signed_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return signed_in


@pytest.fixture
def production_like(settings: Settings) -> Settings:
    """What production settings say of transport and cookies, on the test's own services."""
    settings.DEBUG = False
    settings.DEBUG_PROPAGATE_EXCEPTIONS = False
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_REDIRECT_EXEMPT = [r"^sante/$"]
    settings.SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365
    settings.SESSION_COOKIE_SECURE = True
    settings.CSRF_COOKIE_SECURE = True
    settings.SESSION_COOKIE_NAME = "__Host-session"
    settings.CSRF_COOKIE_NAME = "__Host-csrf"
    return settings
