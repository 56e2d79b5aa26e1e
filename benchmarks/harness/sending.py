"""What a measure of uploads needs from Django: somebody signed in, and what was kept of a file."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from accounts.models import User
from files.models import StoredFile

Facts = dict[str, Any]


def somebody(known: Facts) -> Facts:
    """A customer and their session."""
    person = User.objects.create_user(email="envois@bench.example")
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    return {"session": session.session_key}


def kept(known: Facts) -> Facts:
    """Where a file stands."""
    file = StoredFile.objects.get(pk=known["file"])
    return {"state": file.state, "sha256": file.sha256, "size": file.size}
