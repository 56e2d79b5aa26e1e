"""Losing the cache degrades and never breaks a page (design §4)."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator

import pytest

from portal.cache import ForgivingRedisCache


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A server that accepts connections and never says a word."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def cache_at(port: int) -> ForgivingRedisCache:
    options = {"socket_connect_timeout": 0.2, "socket_timeout": 0.2}
    return ForgivingRedisCache(f"redis://127.0.0.1:{port}/0", {"OPTIONS": options})


def test_a_cache_that_hangs_is_replaced_by_memory(silent_port: int) -> None:
    cache = cache_at(silent_port)
    cache.set("tries", 3)
    assert cache.get("tries") == 3


def test_a_cache_that_hangs_is_asked_once_and_then_left_alone(
    silent_port: int, caplog: pytest.LogCaptureFixture
) -> None:
    cache = cache_at(silent_port)
    with caplog.at_level(logging.WARNING):
        for _call in range(10):
            cache.get("tries")
    assert [record.getMessage() for record in caplog.records] == ["cache_away"]
