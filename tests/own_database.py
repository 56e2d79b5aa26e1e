"""A database that a whole module shares: filled once, every test of it rolled back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pytest_django import DjangoDbBlocker

from tests.conftest import TEMPLATE
from tests.plugins.databases import Databases, connected_to


@contextmanager
def own_database(databases: Databases, blocker: DjangoDbBlocker, name: str) -> Iterator[None]:
    """Connected to a copy of the migrated database, dropped at the end."""
    name = f"{TEMPLATE}_{name}"
    databases.create(name, template=TEMPLATE)
    try:
        with connected_to(databases.app_url(name)), blocker.unblock():
            yield
    finally:
        databases.drop(name)
