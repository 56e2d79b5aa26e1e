"""Sessions in the database, read by a statement compiled once (SESSION_ENGINE)."""

from __future__ import annotations

from datetime import datetime

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from foundation.prepared import Prepared

_alive = Prepared(
    lambda key, at: Session.objects.filter(session_key=key, expire_date__gt=at),
    key=str,
    at=datetime,
)


# Named as Django's: the name is part of what signs a session's data.
class SessionStore(db.SessionStore):
    """Django's own, but for the statement that every page asks first."""

    def _get_session_from_db(self) -> Session | None:
        for session in _alive(key=self.session_key or "", at=timezone.now()):
            return session
        self._session_key = None
        return None
