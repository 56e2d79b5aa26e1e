"""Which tests run one after the other in one process, and in which order.

A module stays together, as fixtures of its own are made once. The world of tests/isolation and
the robot's walk through it are made once for the package, so that the whole of it is one piece,
and the first to go. The journeys come last, on one running portal per process, the longest module
first: whichever process is done with the rest begins them, and both end at nearly the same time.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

TESTS = Path(__file__).parents[1]
ISOLATION, JOURNEYS = TESTS / "isolation", TESTS / "journeys"


class Scheduling(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """A module is one piece of work, and so is tests/isolation."""

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.partition("::")[0]
        return "tests/isolation" if module.startswith("tests/isolation/") else module


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling:
    """Asked by the process that hands out the work."""
    return Scheduling(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """After the shuffle, whose order is kept among all that is equal here."""
    sizes = Counter(item.path for item in items)

    def place(item: pytest.Item) -> tuple[int, int]:
        if JOURNEYS in item.path.parents:
            return 1, -sizes[item.path]
        return (-1 if ISOLATION in item.path.parents else 0), 0

    items.sort(key=place)
