"""« Mon compte » and the texts of the account pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.accounts.browser import post, signed_in
from tests.factories.cast import Cast

OWN = {"first_name": "Alix", "last_name": "Durand", "phone": "04 78 00 00 00"}


def save(client: Client, **changes: str) -> Any:
    return post(client, reverse("account_settings"), {**OWN, **changes})


def test_a_person_corrects_their_name_and_phone(cast: Cast) -> None:
    save(signed_in(cast.alice))
    cast.alice.refresh_from_db()
    assert (cast.alice.full_name, cast.alice.phone) == ("Alix Durand", "04 78 00 00 00")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("first_name", ""),
        ("first_name", "x" * 81),
        ("last_name", "a\x00b"),
        ("phone", "0" * 31),
    ],
)
def test_a_bad_value_is_the_form_again(cast: Cast, field: str, value: str) -> None:
    response = save(signed_in(cast.alice), **{field: value})
    cast.alice.refresh_from_db()
    assert (response.status_code, cast.alice.first_name) == (200, "Alice")
    assert 'aria-invalid="true"' in response.content.decode()


def test_d5_marks_that_reorder_text_are_removed(cast: Cast) -> None:
    save(signed_in(cast.alice), last_name="Du\u202erand\r\nBcc: x")
    cast.alice.refresh_from_db()
    assert cast.alice.last_name == "Durand Bcc: x"


@pytest.mark.parametrize(
    "extra",
    [
        {"email": "pirate@evil.test"},
        {"staff_role": "administrator"},
        {"is_active": ""},
        {"agency": "1"},
        {"password": "x"},
    ],
)
def test_g1_extra_fields_are_ignored(cast: Cast, extra: dict[str, str]) -> None:
    before = (cast.alice.email, cast.alice.staff_role, cast.alice.password)
    save(signed_in(cast.alice), **extra)
    cast.alice.refresh_from_db()
    assert (cast.alice.email, cast.alice.staff_role, cast.alice.password) == before


PAGES = [
    ("account_login", False),
    ("account_signup", False),
    ("account_inactive", False),
    ("account_reset_password", False),
    ("account_reset_password_done", False),
    ("account_reset_password_from_key_done", False),
    ("account_settings", True),
    ("account_logout", True),
    ("account_change_password", True),
    ("account_reauthenticate", True),
    ("mfa_index", True),
    ("usersessions_list", True),
    ("team", True),
    ("team_invite", True),
]


@pytest.mark.parametrize(("name", "private"), PAGES)
def test_every_page_stands_in_the_layout_of_the_portal(
    cast: Cast, name: str, private: bool
) -> None:
    client = signed_in(cast.rejane) if private else Client()
    response = client.get(reverse(name))
    page = response.content.decode()
    assert (response.status_code, page.count("<h1"), page.count('id="contenu"')) == (200, 1, 1)


@pytest.mark.parametrize(("name", "private"), PAGES)
def test_k1_nothing_is_inline(cast: Cast, name: str, private: bool) -> None:
    client = signed_in(cast.rejane) if private else Client()
    page = client.get(reverse(name)).content.decode()
    assert [mark in page for mark in (" style=", "<style", " onclick", "<script>")] == [False] * 4


@pytest.mark.parametrize("name", [name for name, private in PAGES if private])
def test_p1_private_pages_ask_to_sign_in(db: None, name: str) -> None:
    response = Client().get(reverse(name))
    assert response["Location"].startswith(reverse("account_login")) or name == "account_logout"


ALLAUTH_NAMES = [
    "account_login",
    "account_logout",
    "account_signup",
    "account_inactive",
    "account_email",
    "account_reauthenticate",
    "account_change_password",
    "account_set_password",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key_done",
    "mfa_index",
    "mfa_authenticate",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
    "usersessions_list",
]


@pytest.mark.parametrize("name", ALLAUTH_NAMES)
def test_the_names_that_allauth_reverses_lead_to_french_paths(name: str) -> None:
    first = reverse(name).split("/")[1]
    assert first in {"connexion", "deconnexion", "inscription", "mot-de-passe-perdu", "compte"}
