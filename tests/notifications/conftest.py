"""A mail server of the test's own, and an incident whose declaration is to be told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.factories.cast import Cast, make_cast
from tests.notifications.smtp_stub import FaultyServer, running


@pytest.fixture
def server(settings: Settings) -> Iterator[FaultyServer]:
    """The server that the portal is told to use."""
    with running(FaultyServer()) as stub:
        settings.SMTP_HOST, settings.SMTP_PORT = "127.0.0.1", stub.port
        settings.SMTP_TIMEOUT = 2
        yield stub


@pytest.fixture
def cast(db: None) -> Cast:
    """The standing cast."""
    return make_cast()
