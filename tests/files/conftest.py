"""The live portal of the tests that need one, one for each module."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from django.db import connection
from pytest_django import DjangoDbBlocker

from tests.files.live import Live
from tests.journeys.stack import Stack, broker_url
from tests.own_database import own_database
from tests.plugins.databases import Databases


@pytest.fixture(scope="module")
def live(
    request: pytest.FixtureRequest,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    databases: Databases,
) -> Iterator[Live]:
    """gunicorn on a database of this module, where commits are real."""
    folder = Path(tempfile.mkdtemp(prefix="live-", dir=Path(os.environ["PORTAL_DATA_DIR"]).parent))
    name = request.module.__name__.rpartition(".")[2]
    with redis.Redis.from_url(broker_url()) as valkey:
        valkey.flushdb()
    with own_database(databases, django_db_blocker, name):
        url = databases.app_url(str(connection.settings_dict["NAME"]))
        stack = Stack(folder, database_url=url, redis_url=broker_url())
        try:
            yield Live(stack, folder)
        finally:
            stack.stop()
    shutil.rmtree(folder, ignore_errors=True)
