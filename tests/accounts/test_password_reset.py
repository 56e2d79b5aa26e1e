"""« Mot de passe perdu » (P2): same answer for all, links that die, limits (F4, F5, F6)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts import operations
from accounts.models import Invitation, User
from tests.accounts.browser import (
    is_signed_in,
    letters,
    link_in_last_mail,
    post,
    sign_in,
    signed_in,
    text_of,
)
from tests.factories.accounts import PASSWORD, make_membership, make_user
from tests.factories.cast import Cast

NEW = "une-autre-phrase-de-passe"
CHOICE = {"password1": NEW, "password2": NEW}


def ask(client: Client, email: str) -> str:
    """Ask for a link; the text of the page that answers."""
    asked = post(client, reverse("account_reset_password"), {"email": email})
    assert asked["Location"] == reverse("account_reset_password_done")
    return text_of(client.get(asked["Location"]))


@pytest.fixture
def link(cast: Cast) -> str:
    """The path that Alice finds in her mailbox."""
    ask(Client(), cast.alice.email)
    return link_in_last_mail()


def test_the_link_lets_choose_another_password(cast: Cast, link: str) -> None:
    done = post(Client(), link, CHOICE)
    assert done["Location"] == reverse("account_reset_password_from_key_done")
    assert sign_in(Client(), cast.alice, NEW).status_code == 302


def test_the_former_password_no_longer_works(cast: Cast, link: str) -> None:
    post(Client(), link, CHOICE)
    assert sign_in(Client(), cast.alice, PASSWORD).status_code == 200


def test_f6_known_and_unknown_addresses_read_the_same_answer(cast: Cast) -> None:
    closed = make_user(email="ferme@acier.test", is_active=False)
    make_membership(closed, cast.company)
    known = ask(Client(), cast.alice.email)
    assert [ask(Client(), "inconnu@acier.test"), ask(Client(), closed.email)] == [known, known]


def test_f6_only_an_open_account_receives_a_mail(cast: Cast) -> None:
    closed = make_user(email="ferme@acier.test", is_active=False)
    left = make_user(email="parti@acier.test")
    make_membership(left, cast.company, is_active=False)
    for email in ("inconnu@acier.test", closed.email, left.email):
        ask(Client(), email)
    assert letters() == []


def test_the_mail_says_how_long_the_link_lives(cast: Cast, link: str) -> None:
    message = mail.outbox[-1]
    assert (message.to, message.subject) == (
        [cast.alice.email],
        "Choisir un nouveau mot de passe",
    )
    assert "valable 60\u00a0minutes" in str(message.body)


def test_f6_three_links_per_address_and_hour(cast: Cast) -> None:
    url = reverse("account_reset_password")
    statuses = [post(Client(), url, {"email": cast.alice.email}).status_code for _try in range(4)]
    assert (statuses, len(mail.outbox)) == ([302, 302, 302, 429], 3)


def test_f6_the_limit_does_not_depend_on_the_account(cast: Cast) -> None:
    url = reverse("account_reset_password")
    statuses = [post(Client(), url, {"email": "x@acier.test"}).status_code for _try in range(4)]
    assert statuses == [302, 302, 302, 429]


def test_f6_the_limit_holds_when_the_cache_forgets(cast: Cast) -> None:
    at = timezone.now()
    for minute in range(5):
        operations.request_lost_password(
            actor=None, at=at + timedelta(minutes=minute), email=cast.alice.email
        )
    assert len(mail.outbox) == 3


def test_f6_twenty_addresses_per_client_and_hour(cast: Cast) -> None:
    url = reverse("account_reset_password")
    statuses = [
        post(Client(), url, {"email": f"x{number}@acier.test"}).status_code for number in range(21)
    ]
    assert statuses == [302] * 20 + [429]


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_HOST": "evil.test"},
        {"HTTP_HOST": "portail.exemple.test.evil.test"},
        {"HTTP_HOST": "testserver@evil.test"},
        {"HTTP_HOST": "testserver:80@evil.test"},
        {"HTTP_HOST": "testserver, evil.test"},
        {"HTTP_HOST": "evil.test/testserver"},
        {"HTTP_HOST": ""},
        {"HTTP_X_FORWARDED_HOST": "evil.test"},
        {"HTTP_X_FORWARDED_HOST": "evil.test", "HTTP_X_FORWARDED_PROTO": "https"},
        {"HTTP_FORWARDED": "host=evil.test;proto=http"},
        {"HTTP_X_ORIGINAL_HOST": "evil.test"},
        {"HTTP_X_REMOTE_USER": "adele@portail.test", "REMOTE_USER": "adele@portail.test"},
        {"SERVER_NAME": "evil.test"},
    ],
)
def test_f4_links_start_with_the_configured_address(cast: Cast, headers: dict[str, str]) -> None:
    url, data = reverse("account_reset_password"), {"email": cast.alice.email}
    post(Client(raise_request_exception=False), url, data, **headers)
    written = "".join(f"{message.subject}{message.body}" for message in mail.outbox)
    html = "".join(str(message.message()) for message in mail.outbox)
    assert "evil" not in written + html
    assert all("https://portail.exemple.test/" in str(message.body) for message in mail.outbox)


def test_f5_looking_does_not_consume(cast: Cast, link: str) -> None:
    scanner = Client()
    for _visit in range(5):
        scanner.head(link)
        scanner.get(link)
    assert post(Client(), link, CHOICE).status_code == 302


def test_f5_the_link_works_once(cast: Cast, link: str) -> None:
    post(Client(), link, CHOICE)
    assert post(Client(), link, CHOICE).status_code == 410


def test_f5_after_an_hour_the_link_is_dead(cast: Cast) -> None:
    at = timezone.now() - timedelta(hours=1, seconds=1)
    operations.request_lost_password(actor=None, at=at, email=cast.alice.email)
    assert Client().get(link_in_last_mail()).status_code == 410


def test_f5_just_before_the_hour_it_works(cast: Cast) -> None:
    at = timezone.now() - timedelta(minutes=59)
    operations.request_lost_password(actor=None, at=at, email=cast.alice.email)
    assert Client().get(link_in_last_mail()).status_code == 200


def test_f5_a_newer_link_kills_the_former(cast: Cast, link: str) -> None:
    ask(Client(), cast.alice.email)
    statuses = [Client().get(path).status_code for path in (link, link_in_last_mail())]
    assert statuses == [410, 200]


def test_f5_changing_the_password_kills_the_link(cast: Cast, link: str) -> None:
    post(
        signed_in(cast.alice),
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, **CHOICE},
    )
    assert Client().get(link).status_code == 410


def test_f5_changing_the_address_kills_the_link(cast: Cast, link: str) -> None:
    operations.change_address(
        actor=cast.marc, at=timezone.now(), user_id=cast.alice.pk, email="a.martin@acier.test"
    )
    assert Client().get(link).status_code == 410


def test_a_dead_link_offers_a_new_one(db: None) -> None:
    dead = reverse("account_reset_password_from_key", kwargs={"token": "x" * 43})
    page = Client().get(dead)
    assert (page.status_code, reverse("account_reset_password") in page.content.decode()) == (
        410,
        True,
    )


def test_f5_the_page_tells_its_address_to_nobody(cast: Cast, link: str) -> None:
    headers = [
        Client().get(link)["Referrer-Policy"],
        post(Client(), link, {"password1": "court"})["Referrer-Policy"],
        post(Client(), link, CHOICE)["Referrer-Policy"],
        Client().get(link)["Referrer-Policy"],
    ]
    assert headers == ["strict-origin"] * 4


def test_f5_the_database_holds_no_token(cast: Cast, link: str) -> None:
    token = link.rstrip("/").rsplit("/", 1)[-1]
    rows = [str(row) for row in Invitation.objects.values_list()]
    assert [token in row for row in rows] == [False]


def test_f3_choosing_a_password_ends_every_session(cast: Cast, link: str) -> None:
    elsewhere = signed_in(cast.alice)
    post(Client(), link, CHOICE)
    assert not is_signed_in(elsewhere)


def test_f3_the_owner_is_told(cast: Cast, link: str) -> None:
    post(Client(), link, CHOICE)
    assert letters()[-1] == (cast.alice.email, "Votre mot de passe a changé")


def test_f3_one_s_own_browser_can_use_the_link_too(cast: Cast) -> None:
    client = signed_in(cast.alice)
    ask(client, cast.alice.email)
    post(client, link_in_last_mail(), CHOICE)
    assert not is_signed_in(client)


def test_f8_the_second_factor_stays(cast: Cast, link: str) -> None:
    TOTP.activate(cast.alice, generate_totp_secret())
    post(Client(), link, CHOICE)
    asked = sign_in(Client(), cast.alice, NEW)
    assert Authenticator.objects.filter(user=cast.alice).exists()
    assert asked["Location"] == reverse("mfa_authenticate")


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        ({"password1": "court", "password2": "court"}, "trop court"),
        ({"password1": "password1234", "password2": "password1234"}, "trop courant"),
        ({"password1": NEW, "password2": NEW + "!"}, "Les deux saisies diffèrent"),
        ({"password1": "alice@acier.test", "password2": "alice@acier.test"}, "trop semblable"),
    ],
)
def test_a_weak_password_is_refused_and_the_link_lives_on(
    cast: Cast, link: str, choice: dict[str, str], sentence: str
) -> None:
    page = post(Client(), link, choice).content.decode()
    assert sentence in page
    assert post(Client(), link, CHOICE).status_code == 302


def test_somebody_else_signed_in_cannot_use_it(cast: Cast, link: str) -> None:
    other = signed_in(cast.charlie)
    assert post(other, link, CHOICE).status_code == 409
    assert User.objects.get(pk=cast.alice.pk).check_password(PASSWORD)


def test_f4_the_link_follows_the_setting(cast: Cast, settings: Settings) -> None:
    settings.PORTAL_BASE_URL = "https://support.exemple.test/"
    ask(Client(), cast.alice.email)
    assert "https://support.exemple.test/mot-de-passe-perdu/choisir/" in str(mail.outbox[0].body)
