"""What every test finds: the migrated database, the application's role, an empty cache.

`db` is pytest-django's: a transaction rolled back at the end. `committed_db` is for what needs
real commits, threads or other processes: a copy of the database, dropped at the end.
"""

from __future__ import annotations

import importlib
import io
import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis
from django.conf import settings
from django.core.management import call_command
from pytest_django import DjangoDbBlocker

from foundation.templatetags import drawn
from portal import desk
from tests.plugins.databases import Databases, connected_to
from tests.plugins.services import DATABASE, start_smtp

pytest_plugins = ["tests.plugins.network", "tests.plugins.scheduling"]

# Nobody ever connects to this one, so that it can be copied at any moment.
TEMPLATE = f"{DATABASE}_template"
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def databases() -> Databases:
    """Creates and drops databases on the server of this run."""
    return Databases(owner=os.environ["DATABASE_OWNER_URL"], app=os.environ["DATABASE_URL"])


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: DjangoDbBlocker, databases: Databases
) -> Iterator[None]:
    """Migrate as the owner, take the rights away, then connect as the application."""
    databases.create(TEMPLATE)
    with django_db_blocker.unblock():
        with connected_to(databases.owner_url(TEMPLATE)):
            call_command("migrate", verbosity=0, interactive=False)
            call_command("grant_rights", stdout=io.StringIO())
        databases.create(DATABASE, template=TEMPLATE)
        with connected_to(databases.app_url(DATABASE)):
            yield
    databases.drop(DATABASE)
    databases.drop(TEMPLATE)


@contextmanager
def _exported(url: str, owner_url: str) -> Iterator[None]:
    """Programs started meanwhile find the database in their environment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", url)
        patch.setenv("DATABASE_OWNER_URL", owner_url)
        yield


@pytest.fixture
def committed_db(
    request: pytest.FixtureRequest,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    databases: Databases,
) -> Iterator[str]:
    """A database where commits are real, for threads and other processes; gives its address.

    DATABASE_URL in the environment names it too. Nothing is flushed: it is dropped.
    """
    if "db" in request.fixturenames or request.node.get_closest_marker("django_db"):
        pytest.fail("committed_db replaces db: do not ask for both")
    name = f"{DATABASE}_{next(_numbers)}"
    url = databases.app_url(name)
    databases.create(name, template=TEMPLATE)
    try:
        with (
            connected_to(url),
            _exported(url, databases.owner_url(name)),
            django_db_blocker.unblock(),
        ):
            yield url
    finally:
        databases.drop(name)


@pytest.fixture
def transactional_db() -> None:
    """Not here: it empties tables with TRUNCATE, which the history refuses."""
    pytest.fail("use committed_db: history tables refuse the TRUNCATE of transactional_db")


@pytest.fixture(scope="session", autouse=True)
def _own_mail_backend(django_test_environment: None) -> None:
    """Django's test set-up swaps the mail backend; ours is part of what is tested."""
    module = importlib.import_module(os.environ["DJANGO_SETTINGS_MODULE"])
    settings.EMAIL_BACKEND = module.EMAIL_BACKEND


@pytest.fixture(scope="session")
def _valkey() -> Iterator[redis.Redis]:
    client = redis.Redis.from_url(os.environ["REDIS_URL"])
    yield client
    client.close()


@pytest.fixture(autouse=True)
def _empty_cache(_valkey: redis.Redis) -> None:
    """Rate limits and cached values do not pass from one test to the next.

    Only the cache's keys: the broker's tell a running worker where its queues are.
    """
    keys = list(_valkey.scan_iter(":1:*"))
    if keys:
        _valkey.delete(*keys)


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a process keeps of the desk and of drawn parts does not pass to the next test.

    Each page looks the desk up, so that the first of a test costs as much as those after it.
    """
    monkeypatch.setattr(desk, "_state_in", desk._state_in.__wrapped__)
    drawn.forget()


@pytest.fixture(scope="session", autouse=True)
def _own_mail_server(
    django_test_environment: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Each process of a parallel run has a mail server of its own."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        yield
        return
    server = start_smtp(tmp_path_factory.mktemp("smtp"))
    settings.SMTP_PORT = int(os.environ["SMTP_PORT"])
    settings.PORTAL_MAILBOX_DIR = os.environ["PORTAL_MAILBOX_DIR"]
    yield
    server.stop()


class Mailbox:
    """What the mail server of this run received."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of the server."""
        return os.environ["SMTP_HOST"], int(os.environ["SMTP_PORT"])

    def messages(self) -> list[EmailMessage]:
        """The mails, oldest first."""
        paths = sorted(self._folder.glob("*.eml"), key=lambda path: int(path.stem))
        return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in paths]

    def clear(self) -> None:
        """Forget everything received so far."""
        for path in self._folder.glob("*.eml"):
            path.unlink()


@pytest.fixture
def mailbox() -> Mailbox:
    """The mailbox behind SMTP_HOST and SMTP_PORT, emptied."""
    box = Mailbox(Path(os.environ["PORTAL_MAILBOX_DIR"]))
    box.clear()
    return box


def pytest_report_header() -> str:
    """Say which servers the run is on."""
    address = urlsplit(os.environ.get("DATABASE_URL", ""))
    return f"postgresql: {address.hostname}:{address.port}, database {DATABASE}"
