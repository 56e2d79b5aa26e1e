"""K2: the same walk by GET; every table and every sequence is compared before and after."""

from __future__ import annotations

import pytest

from tests.isolation.canaries import ROLES
from tests.isolation.walk import Walk

MAY_CHANGE = {
    "django_session": "a message is shown once, then leaves the session",
    "mfa_authenticator": "that its owner has seen the recovery codes is marked",
    "django_admin_log": "who of ours looked at an incident as its customer is an audit too",
    "django_admin_log_id_seq": "its numbers",
    "files_fileaccess": "who took which file, and when, is the audit of downloads (A7)",
    "files_fileaccess_id_seq": "its numbers",
}


@pytest.mark.parametrize("role", ROLES)
def test_k2_reading_writes_nothing(walk: Walk, role: str) -> None:
    assert walk.changed[role] - set(MAY_CHANGE) == set()


def test_k2_a_stranger_leaves_no_trace_at_all(walk: Walk) -> None:
    assert walk.changed["anonymous"] == set()


def test_every_exception_is_needed(walk: Walk) -> None:
    assert set.union(*walk.changed.values()) == set(MAY_CHANGE)
