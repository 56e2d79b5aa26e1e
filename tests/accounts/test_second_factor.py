"""The second factor (F8): asked at sign-in, compulsory for staff, hard to guess or to shed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
)
from django.core import mail
from django.test import Client
from django.urls import reverse
from freezegun import freeze_time
from pytest_django import Settings

from accounts import operations
from accounts.models import User
from foundation.refusals import Refusal
from tests.accounts.browser import NOW, is_signed_in, letters, post, sign_in, signed_in
from tests.accounts.test_next_parameter import BAD
from tests.factories.accounts import PASSWORD
from tests.factories.cast import Cast

SECRET = generate_totp_secret()


@pytest.fixture(autouse=True)
def _still_clock() -> Iterator[None]:
    """A code does not expire in the middle of a test."""
    with freeze_time("2026-11-23 10:00:05"):
        yield


def code(step: int = 0) -> str:
    """The code of the present half minute, or of `step` half minutes later."""
    value: str = format_hotp_value(hotp_value(SECRET, int(time.time()) // 30 + step))
    return value


def protect(user: User) -> None:
    TOTP.activate(user, SECRET)
    RecoveryCodes.activate(user)


def enter_code(client: Client, value: str) -> None:
    post(client, reverse("mfa_authenticate"), {"code": value})


def prove(client: Client) -> None:
    """Type one's password again, as the pages that touch security ask."""
    url = reverse("account_reauthenticate") + "?next=" + reverse("mfa_activate_totp")
    post(client, url, {"password": PASSWORD})


def test_f8_the_code_is_asked_at_sign_in(cast: Cast) -> None:
    protect(cast.ines)
    client = Client()
    assert sign_in(client, cast.ines)["Location"] == reverse("mfa_authenticate")
    enter_code(client, code())
    assert is_signed_in(client)


@pytest.mark.parametrize("target", BAD)
def test_k3_a_bad_target_is_the_home_page_after_the_second_factor(cast: Cast, target: str) -> None:
    protect(cast.alice)
    client = Client()
    post(
        client,
        reverse("account_login"),
        {"login": cast.alice.email, "password": PASSWORD, "next": target},
    )
    answer = post(client, reverse("mfa_authenticate"), {"code": code(), "next": target})
    assert (answer.status_code, answer["Location"]) == (302, reverse("home"))


@pytest.mark.parametrize("path", ["/", "/compte/", "/compte/second-facteur/", "/admin/"])
def test_f8_the_second_step_cannot_be_skipped_by_its_address(cast: Cast, path: str) -> None:
    protect(cast.ines)
    client = Client()
    sign_in(client, cast.ines)
    client.get(path)
    assert not is_signed_in(client)


def test_f8_a_wrong_code_does_not_open(cast: Cast) -> None:
    protect(cast.ines)
    client = Client()
    sign_in(client, cast.ines)
    enter_code(client, code(step=7))
    assert not is_signed_in(client)


def test_f8_a_code_works_once(cast: Cast) -> None:
    protect(cast.ines)
    first, second = Client(), Client()
    for client in (first, second):
        sign_in(client, cast.ines)
        enter_code(client, code())
    assert (is_signed_in(first), is_signed_in(second)) == (True, False)


def test_f8_guessing_stops_after_five_tries(cast: Cast) -> None:
    protect(cast.ines)
    client = Client()
    sign_in(client, cast.ines)
    for step in range(5, 10):
        enter_code(client, code(step))
    enter_code(client, code())
    assert not is_signed_in(client)


def test_f8_a_recovery_code_works_once(cast: Cast) -> None:
    protect(cast.ines)
    spare = Authenticator.objects.get(user=cast.ines, type="recovery_codes").wrap()
    value = spare.get_unused_codes()[0]
    first, second = Client(), Client()
    for client in (first, second):
        sign_in(client, cast.ines)
        enter_code(client, value)
    assert (is_signed_in(first), is_signed_in(second)) == (True, False)


def test_f8_activating_wants_a_recent_proof_of_who_one_is(cast: Cast) -> None:
    client = signed_in(cast.alice)
    before = client.get(reverse("mfa_activate_totp"))
    prove(client)
    proved = client.get(reverse("mfa_activate_totp"))
    with freeze_time("2026-11-23 10:05:06"):
        after = client.get(reverse("mfa_activate_totp"))
    assert [page.status_code for page in (before, proved, after)] == [302, 200, 302]
    assert after["Location"].startswith(reverse("account_reauthenticate"))


@pytest.mark.parametrize(
    "name", ["mfa_deactivate_totp", "mfa_generate_recovery_codes", "mfa_view_recovery_codes"]
)
def test_f8_changing_it_wants_a_recent_proof_too(cast: Cast, name: str) -> None:
    protect(cast.alice)
    client = Client()
    sign_in(client, cast.alice)
    enter_code(client, code())
    method = client.get if name == "mfa_view_recovery_codes" else client.post
    asked = method(reverse(name)).get("Location", "")
    assert asked.startswith((reverse("account_reauthenticate"), reverse("mfa_reauthenticate")))
    assert Authenticator.objects.filter(user=cast.alice, type="totp").exists()


def test_activating_gives_recovery_codes_and_tells_the_person(
    cast: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    client = signed_in(cast.alice)
    prove(client)
    client.get(reverse("mfa_activate_totp"))
    secret = client.session["mfa.totp.secret"]
    value = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    with django_capture_on_commit_callbacks(execute=True):
        response = post(client, reverse("mfa_activate_totp"), {"code": value})
    assert response["Location"] == reverse("mfa_view_recovery_codes")
    assert (cast.alice.email, "Double authentification activée") in letters()


# --- Compulsory for staff -----------------------------------------------------------------


@pytest.fixture
def _compulsory(settings: Settings) -> None:
    settings.STAFF_MUST_HAVE_SECOND_FACTOR = True


@pytest.mark.usefixtures("_compulsory")
@pytest.mark.parametrize("path", ["/", "/compte/", "/admin/", "/admin/accounts/user/", "/blog/"])
@pytest.mark.parametrize("who", ["ines", "marc", "adele"])
def test_f8_staff_without_one_are_sent_to_its_activation(cast: Cast, who: str, path: str) -> None:
    response = signed_in(getattr(cast, who)).get(path)
    assert response["Location"] == reverse("mfa_activate_totp")


@pytest.mark.usefixtures("_compulsory")
def test_f8_staff_cannot_act_without_one_either(cast: Cast) -> None:
    before = User.objects.get(pk=cast.ines.pk).first_name
    post(
        signed_in(cast.ines),
        reverse("account_settings"),
        {"first_name": "Autre", "last_name": "Nom"},
    )
    assert User.objects.get(pk=cast.ines.pk).first_name == before


@pytest.mark.usefixtures("_compulsory")
def test_f8_the_way_to_one_and_the_way_out_stay_open(cast: Cast) -> None:
    client = signed_in(cast.ines)
    prove(client)
    assert client.get(reverse("mfa_activate_totp")).status_code == 200
    assert post(client, reverse("account_logout")).status_code == 302
    assert not is_signed_in(client)


@pytest.mark.usefixtures("_compulsory")
def test_f8_staff_with_one_work(cast: Cast) -> None:
    protect(cast.ines)
    client = Client()
    sign_in(client, cast.ines)
    enter_code(client, code())
    assert is_signed_in(client)


@pytest.mark.usefixtures("_compulsory")
def test_f8_losing_it_closes_everything_at_the_next_click(cast: Cast) -> None:
    protect(cast.ines)
    client = Client()
    sign_in(client, cast.ines)
    enter_code(client, code())
    Authenticator.objects.filter(user=cast.ines).delete()
    response = client.get(reverse("account_settings"))
    assert response["Location"] == reverse("mfa_activate_totp")


@pytest.mark.usefixtures("_compulsory")
def test_customers_are_free_to_have_none(cast: Cast) -> None:
    assert is_signed_in(signed_in(cast.alice))


def test_in_the_demo_staff_are_free_to_have_none(cast: Cast) -> None:
    assert is_signed_in(signed_in(cast.ines))


# --- Lost phone -------------------------------------------------------------------------------


def test_an_administrator_removes_it_and_the_person_is_told(cast: Cast) -> None:
    protect(cast.ines)
    operations.remove_second_factor(actor=cast.adele, at=NOW, user_id=cast.ines.pk)
    assert not Authenticator.objects.filter(user=cast.ines).exists()
    assert mail.outbox[-1].to == [cast.ines.email]
    assert mail.outbox[-1].subject == "Votre double authentification a été retirée"


@pytest.mark.parametrize("who", ["alice", "ines", "marc"])
def test_nobody_else_removes_it(cast: Cast, who: str) -> None:
    protect(cast.bob)
    with pytest.raises(Refusal, match="Seul un administrateur"):
        operations.remove_second_factor(actor=getattr(cast, who), at=NOW, user_id=cast.bob.pk)
    assert Authenticator.objects.filter(user=cast.bob, type="totp").exists()
