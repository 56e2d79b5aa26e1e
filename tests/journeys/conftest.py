"""What the journeys stand on: one portal, one browser, one cast for all of them."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from django.db import connection
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django import DjangoDbBlocker

from tests.factories.cast import Cast
from tests.journeys.browsing import Windows, launch
from tests.journeys.pages import make_places
from tests.journeys.post import PostOffice
from tests.journeys.scene import Scene, make_scene
from tests.journeys.stack import Stack, broker_url
from tests.own_database import own_database
from tests.plugins.databases import Databases

WIDTHS = (360, 1280)


@pytest.fixture(scope="package")
def folder() -> Iterator[Path]:
    """Logs and files of the portal, gone at the end."""
    run = Path(os.environ["PORTAL_DATA_DIR"]).parent
    folder = Path(tempfile.mkdtemp(prefix="journeys-", dir=run))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="package")
def scene(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, databases: Databases
) -> Iterator[Scene]:
    """The cast in a database of its own; what journeys do stays in it until the end."""
    with pytest.MonkeyPatch.context() as patch:
        # Playwright's loop runs in this thread; Django would refuse the database because of it.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        with own_database(databases, django_db_blocker, "journeys"):
            yield make_scene()


@pytest.fixture(scope="package")
def places(scene: Scene) -> dict[str, str]:
    """What the {places} of the paths of `tests.journeys.pages` stand for."""
    return make_places(scene)


@pytest.fixture(scope="package")
def stack(scene: Scene, databases: Databases, folder: Path) -> Iterator[Stack]:
    """Web, worker and beat on the scene's database."""
    url = broker_url()
    with redis.Redis.from_url(url) as valkey:
        valkey.flushdb()
    stack = Stack(folder, database_url=_database_url(databases), redis_url=url)
    try:
        stack.start_all()
        yield stack
    finally:
        stack.stop()


def _database_url(databases: Databases) -> str:
    return databases.app_url(str(connection.settings_dict["NAME"]))


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium, for the whole package."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def _all_windows(browser: Browser, stack: Stack) -> Windows:
    return Windows(browser, stack.address)


@pytest.fixture
def windows(_all_windows: Windows) -> Iterator[Windows]:
    """Windows of people. Nothing may have gone wrong in any of them by the end of the test."""
    yield _all_windows
    faults = _all_windows.faults()
    _all_windows.tidy()
    assert faults == []


@pytest.fixture
def post(stack: Stack) -> PostOffice:
    """What the mail server of the run received."""
    return PostOffice(Path(os.environ["PORTAL_MAILBOX_DIR"]))


@pytest.fixture(params=WIDTHS)
def width(request: pytest.FixtureRequest) -> int:
    """A phone, then a desk."""
    return int(request.param)


@pytest.fixture
def cast(scene: Scene) -> Cast:
    """The people, for short."""
    return scene.cast


@pytest.fixture
def alice(windows: Windows, cast: Cast, width: int) -> Page:
    """A customer's page at this width, on her home."""
    return windows.of(cast.alice).open("/", width=width)


@pytest.fixture
def ines(windows: Windows, cast: Cast, width: int) -> Page:
    """An engineer's page at this width, on the queue."""
    return windows.of(cast.ines).open("/admin/", width=width)
