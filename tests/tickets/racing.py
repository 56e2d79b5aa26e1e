"""Acts that begin together, each on a connection of its own (the module needs `committed_db`)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connections

_T = TypeVar("_T")


def at_once(*acts: Callable[[], _T]) -> list[_T]:
    """What each gives, in their order."""
    barrier = Barrier(len(acts), timeout=60)

    def play(act: Callable[[], _T]) -> _T:
        barrier.wait()
        try:
            return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(play, acts))
