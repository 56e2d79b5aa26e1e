"""French as it is printed, on every page that the robot read as a customer."""

from __future__ import annotations

import re

import pytest

from tests.french import faults_on
from tests.isolation.canaries import STAFF
from tests.isolation.walk import Walk

# What people typed, and what browsers and files are called, is theirs.
_TYPED = re.compile(r"canari-[\w.@-]+|Mozilla[^<]*")


@pytest.mark.parametrize("role", ["anonymous", "author", "colleague", "référente", "stranger"])
def test_pages_are_set_in_french(walk: Walk, role: str) -> None:
    assert role not in STAFF
    found = {
        fault
        for visit in walk.visits[role]
        if visit.html
        for fault in faults_on(_TYPED.sub("x", visit.html))
    }
    assert found == set()


def test_pages_say_their_language(walk: Walk) -> None:
    pages = [visit for visit in walk.all_visits if "<head>" in visit.html]
    assert len(pages) > 100
    assert {str(visit) for visit in pages if '<html lang="fr"' not in visit.html} == set()
