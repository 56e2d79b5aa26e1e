"""What each role may do in the admin: the whole table (J1)."""

from __future__ import annotations

import pytest

from accounts.models import User
from accounts.permissions import granted_to
from tests.factories.accounts import make_user
from tests.factories.cast import Cast

MODELS = ["agency", "company", "site", "user", "membership", "absence", "training"]
VIEW = {f"accounts.view_{model}" for model in MODELS}
RUN = {
    f"accounts.{act}_{model}"
    for act in ("add", "change")
    for model in ("company", "site", "user", "membership")
}
REGISTER = {
    f"accounts.{act}_{model}"
    for act in ("add", "change", "delete")
    for model in ("absence", "training")
}
EVERY = {
    f"accounts.{act}_{model}" for act in ("view", "add", "change", "delete") for model in MODELS
}


def held(user: User) -> set[str]:
    return {code for code in EVERY if user.has_perm(code)}


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("alice", set()),
        ("rejane", set()),
        ("ines", VIEW),
        ("marc", VIEW | RUN | REGISTER),
        ("adele", EVERY),
    ],
)
def test_j1_the_rights_of_each_role(cast: Cast, who: str, expected: set[str]) -> None:
    assert held(getattr(cast, who)) == expected


@pytest.mark.parametrize("who", ["ines", "marc", "adele"])
def test_a_closed_account_holds_nothing(cast: Cast, who: str) -> None:
    user = getattr(cast, who)
    user.is_active = False
    assert (held(user), user.has_module_perms("accounts")) == (set(), False)


@pytest.mark.parametrize(
    ("who", "expected"),
    [("alice", False), ("rejane", False), ("ines", True), ("marc", True), ("adele", True)],
)
def test_only_staff_open_the_admin(cast: Cast, who: str, expected: bool) -> None:
    user = getattr(cast, who)
    assert (user.is_staff, user.has_module_perms("accounts")) == (expected, expected)


def test_no_right_is_granted_to_customers() -> None:
    assert granted_to("") == frozenset()


def test_no_role_but_the_administrator_touches_secrets(cast: Cast) -> None:
    secrets = [
        "accounts.view_invitation",
        "accounts.change_invitation",
        "mfa.view_authenticator",
        "sessions.view_session",
        "usersessions.view_usersession",
        "account.view_emailaddress",
    ]
    assert [user.has_perm(code) for user in (cast.ines, cast.marc) for code in secrets] == [
        False
    ] * 12


def test_has_perms_wants_all_of_them(cast: Cast) -> None:
    assert cast.ines.has_perms(["accounts.view_company", "accounts.view_site"])
    assert not cast.ines.has_perms(["accounts.view_company", "accounts.change_company"])


def test_an_unknown_role_is_a_fault(db: None) -> None:
    user = make_user()
    user.staff_role = "roi"
    with pytest.raises(ValueError, match="roi"):
        user.has_perm("accounts.view_company")
