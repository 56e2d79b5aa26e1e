"""What the account tests share: the cast, its mails, ways to sign in."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from tests.factories.cast import Cast, make_cast


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture(autouse=True)
def _mails_in_memory(settings: Settings) -> None:
    """These tests read what accounts hands over; that it leaves is notifications' business."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.PORTAL_BASE_URL = "https://portail.exemple.test"
