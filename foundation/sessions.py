"""Sessions in the database, read by a statement compiled once (SESSION_ENGINE)."""

from __future__ import annotations

from datetime import datetime

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.utils import timezone

from foundation.prepared import PlannedRows

_alive = PlannedRows(
    lambda key, at: Session.objects.filter(session_key=key, expire_date__gt=at),
    key=str,
    at=datetime,
)


# Named as Django's: the name is part of what signs a session's data.
class SessionStore(db.SessionStore):
    """Django's own, but for the statement that every page asks first, and for the one that most
    forms end with: a notice is kept by one UPDATE, without a transaction around it.
    """

    def _get_session_from_db(self) -> Session | None:
        for session in _alive(key=self.session_key or "", at=timezone.now()):
            return session
        self._session_key = None
        return None

    def save(self, must_create: bool = False) -> None:
        """Raises UpdateError when the session was ended meanwhile."""
        if must_create or self.session_key is None:
            super().save(must_create)
            return
        row = self.create_model_instance(dict(self.items()))
        kept = Session.objects.filter(pk=row.pk).update(
            session_data=row.session_data, expire_date=row.expire_date
        )
        if not kept:
            raise UpdateError
