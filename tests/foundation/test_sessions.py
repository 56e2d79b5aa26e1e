"""The session's own statements: what they keep, and what they refuse."""

from __future__ import annotations

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foundation.sessions import SessionStore

pytestmark = pytest.mark.django_db


def begun() -> SessionStore:
    session = SessionStore()
    session["company"] = 1
    session.create()
    return session


def test_a_change_is_kept_by_one_statement() -> None:
    session = begun()
    session["company"] = 2
    with CaptureQueriesContext(connection) as captured:
        session.save()
    assert len(captured) == 1
    assert SessionStore(session.session_key)["company"] == 2


def test_a_session_without_a_key_is_begun() -> None:
    session = SessionStore()
    session["company"] = 3
    session.save()
    assert SessionStore(session.session_key)["company"] == 3


def test_a_session_that_was_ended_is_not_begun_again() -> None:
    session = begun()
    Session.objects.all().delete()
    session["company"] = 2
    with pytest.raises(UpdateError):
        session.save()
    assert not Session.objects.exists()
