"""Databases of a test run: made, copied and dropped by the owner, used by the application.

Nothing here knows where the server comes from: the embedded one, or the one that DATABASE_URL
named when the run began.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import psycopg2
from django.db import connections
from psycopg2 import sql

from sla import queries


@dataclass(frozen=True)
class Databases:
    """Creates and drops databases through `owner` and gives their addresses for both roles."""

    owner: str
    app: str

    def owner_url(self, name: str) -> str:
        """Address of a database for migrations."""
        return _with_database(self.owner, name)

    def app_url(self, name: str) -> str:
        """Address of a database for the application."""
        return _with_database(self.app, name)

    def create(self, name: str, *, template: str | None = None) -> None:
        """Create a database, empty or as a copy of one that nobody is connected to."""
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(template or "template1")
        )
        self._execute(statement)

    def drop(self, name: str) -> None:
        """Drop a database with the sessions that are still in it."""
        self._execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )

    def _execute(self, statement: sql.Composed) -> None:
        connection = psycopg2.connect(self.owner_url("postgres"))
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)
        finally:
            connection.close()


def _with_database(url: str, name: str) -> str:
    return urlsplit(url)._replace(path=f"/{name}").geturl()


@contextlib.contextmanager
def connected_to(url: str) -> Iterator[None]:
    """Point Django's default connection, in every thread, at `url` for a while."""
    parts = urlsplit(url)
    # One dict is shared by the connections of all threads.
    settings = connections.settings["default"]
    before = {key: settings[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}
    connections.close_all()
    settings.update(
        NAME=parts.path.removeprefix("/"),
        USER=parts.username or "",
        PASSWORD=parts.password or "",
        HOST=parts.hostname or "",
        PORT=parts.port or "",
    )
    _forget_calendars()
    try:
        yield
    finally:
        connections.close_all()
        settings.update(before)
        _forget_calendars()


def _forget_calendars() -> None:
    """A process keeps calendar versions by number; a copy gives the same numbers to others."""
    for kept in (queries._calendar_version, queries._hours):
        kept.cache_clear()
