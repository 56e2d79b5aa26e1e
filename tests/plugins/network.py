"""No test talks to another machine: a socket may reach the loopback and nothing else.

An attempt raises, and fails its test even where the code under test swallows the exception.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

attempts: list[str] = []


class NetworkForbiddenError(RuntimeError):
    """A test tried to reach another machine. Not an OSError: code must not mistake it for one."""


def refuse_strangers(host: object) -> None:
    """Let the loopback pass. Raises NetworkForbiddenError for every other host."""
    name = host.decode() if isinstance(host, bytes) else host
    if name is None or name in {"", "localhost"}:
        return
    try:
        if ipaddress.ip_address(str(name)).is_loopback:
            return
    except ValueError:
        pass
    attempts.append(str(name))
    raise NetworkForbiddenError(f"a test tried to reach {name}")


def _guarded_method(name: str, position: int) -> Callable[..., Any]:
    """A method of sockets that looks at the address, its argument at `position` (from the end)."""
    original = getattr(socket.socket, name)

    def guarded(self: socket.socket, *args: Any) -> Any:
        if self.family in {socket.AF_INET, socket.AF_INET6}:
            refuse_strangers(args[position][0])
        return original(self, *args)

    return guarded


def _guarded_lookup(name: str) -> Callable[..., Any]:
    original = getattr(socket, name)

    def guarded(host: object, *args: Any, **kwargs: Any) -> Any:
        # Mail libraries look up the machine's own name, which asks nobody else.
        if host != socket.gethostname():
            refuse_strangers(host)
        return original(host, *args, **kwargs)

    return guarded


def pytest_configure() -> None:
    """Put the guard in front of the ways out that Python offers."""
    for method in ("connect", "connect_ex", "sendto"):
        setattr(socket.socket, method, _guarded_method(method, -1))
    for lookup in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
        setattr(socket, lookup, _guarded_lookup(lookup))


@pytest.fixture(autouse=True)
def _no_stranger_called() -> Iterator[None]:
    attempts.clear()
    yield
    assert attempts == []
