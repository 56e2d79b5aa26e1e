"""One world for the whole package; what a test does to it is rolled back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from tests.isolation.walk import Walk, walk_as_everybody
from tests.isolation.world import World, make_world
from tests.own_database import own_database
from tests.plugins.databases import Databases


@pytest.fixture(scope="package")
def shared_world(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, databases: Databases
) -> Iterator[World]:
    with own_database(databases, django_db_blocker, "isolation"):
        yield make_world()


@pytest.fixture
def world(shared_world: World) -> Iterator[World]:
    with transaction.atomic():
        yield shared_world
        transaction.set_rollback(True)


@pytest.fixture(scope="package")
def walk(shared_world: World) -> Walk:
    """What the robot met as every role, and the mails that left: asked once for all tests."""
    with transaction.atomic():
        found = walk_as_everybody(shared_world)
        transaction.set_rollback(True)
    return found
