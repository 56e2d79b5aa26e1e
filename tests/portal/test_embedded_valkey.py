"""The embedded Valkey: closed to strangers, forgetful, and quick to say what is missing."""

from __future__ import annotations

import importlib.util
import os
import signal
import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis

from portal.embedded.errors import ServiceError
from portal.embedded.valkey import ValkeyServer


@pytest.fixture
def server(folder: Path) -> Iterator[ValkeyServer]:
    with ValkeyServer(folder / "valkey") as valkey:
        yield valkey


@pytest.fixture
def client(server: ValkeyServer) -> Iterator[redis.Redis]:
    link = redis.Redis.from_url(server.url(0))
    yield link
    link.close()


def test_it_answers_at_its_address(client: redis.Redis) -> None:
    assert client.ping()


@pytest.mark.parametrize("password", ["", ":wrong@"])
def test_nobody_enters_without_the_password(server: ValkeyServer, password: str) -> None:
    port = urlsplit(server.url(0)).port
    stranger = redis.Redis.from_url(f"redis://{password}127.0.0.1:{port}/0")

    with pytest.raises(redis.AuthenticationError):
        stranger.ping()
    stranger.close()


def test_it_listens_on_the_loopback_only(client: redis.Redis) -> None:
    assert client.config_get("bind") == {"bind": "127.0.0.1"}


def test_databases_are_apart(server: ValkeyServer, client: redis.Redis) -> None:
    client.set("key", "value")
    with redis.Redis.from_url(server.url(1)) as other:
        assert other.get("key") is None


def test_it_keeps_nothing_on_disk(server: ValkeyServer, client: redis.Redis) -> None:
    client.set("key", "value")
    server.stop()
    server.start()

    with redis.Redis.from_url(server.url(0)) as again:
        assert again.dbsize() == 0


def test_the_password_stays_the_same_across_starts(server: ValkeyServer) -> None:
    before = urlsplit(server.url(0)).password
    server.stop()
    server.start()

    assert urlsplit(server.url(0)).password == before


def test_password_and_configuration_are_for_their_owner_alone(
    server: ValkeyServer, folder: Path
) -> None:
    files = [folder / "valkey" / "keys" / "valkey", folder / "valkey" / "valkey.conf"]

    assert [stat.S_IMODE(path.stat().st_mode) for path in files] == [0o600, 0o600]


def test_the_password_is_on_no_command_line(server: ValkeyServer) -> None:
    command = Path(f"/proc/{server.child.pid}/cmdline")
    if not command.exists():
        pytest.skip("no /proc here")

    assert (urlsplit(server.url(0)).password or "?") not in command.read_text()


def test_two_servers_run_at_once(server: ValkeyServer, folder: Path) -> None:
    with ValkeyServer(folder / "other") as other:
        assert server.url(0) != other.url(0)


def test_it_starts_again_after_kill_9(folder: Path) -> None:
    killed = ValkeyServer(folder / "valkey")
    killed.start()
    os.kill(killed.child.pid, signal.SIGKILL)
    killed.stop()

    with ValkeyServer(folder / "valkey") as again, redis.Redis.from_url(again.url(0)) as link:
        assert link.ping()


def test_destroy_leaves_nothing(folder: Path) -> None:
    valkey = ValkeyServer(folder / "valkey")
    valkey.start()

    valkey.destroy()

    assert list(folder.iterdir()) == []


def test_without_the_package_it_says_which_variable_to_set(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    with pytest.raises(ServiceError, match=r"make setup.*REDIS_URL"):
        ValkeyServer(folder / "valkey").start()
