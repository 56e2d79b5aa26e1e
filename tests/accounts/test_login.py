"""Signing in and out: one answer for all refusals, limits, sessions (F1, F2, F3)."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from tests.accounts.browser import is_signed_in, post, sign_in, signed_in, text_of
from tests.accounts.hashers import CountingHasher
from tests.factories.accounts import PASSWORD, make_company, make_membership, make_user
from tests.factories.cast import Cast


def _refused_people(cast: Cast) -> dict[str, User]:
    """One person for each reason to refuse, given PASSWORD."""
    closed = make_user(email="ferme@acier.test", is_active=False)
    make_membership(closed, cast.company)
    never_came = make_user(email="jamais@acier.test", password=None)
    make_membership(never_came, cast.company)
    left = make_user(email="parti@acier.test")
    make_membership(left, cast.company, is_active=False)
    former = make_user(email="ancien@acier.test")
    make_membership(former, make_company(is_active=False))
    return {"closed": closed, "never came": never_came, "left": left, "former": former}


def test_f1_every_refusal_reads_the_same_answer(cast: Cast) -> None:
    wrong = sign_in(Client(), cast.alice, "faux")
    expected = text_of(wrong).replace(cast.alice.email, "…")
    unknown = post(
        Client(), reverse("account_login"), {"login": "inconnu@acier.test", "password": PASSWORD}
    )
    answers = {"unknown": text_of(unknown).replace("inconnu@acier.test", "…")}
    for reason, person in _refused_people(cast).items():
        answers[reason] = text_of(sign_in(Client(), person)).replace(person.email, "…")
    assert answers == dict.fromkeys(answers, expected)


def test_f1_every_refusal_has_the_same_status(cast: Cast) -> None:
    people = _refused_people(cast).values()
    assert {sign_in(Client(), person).status_code for person in people} == {
        sign_in(Client(), cast.alice, "faux").status_code
    }


def test_f1_every_refusal_hashes_exactly_once(cast: Cast, settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["tests.accounts.hashers.CountingHasher"]
    people = _refused_people(cast)
    tries = {reason: (person.email, PASSWORD) for reason, person in people.items()}
    tries |= {"wrong": (cast.alice.email, "faux"), "unknown": ("inconnu@acier.test", PASSWORD)}
    runs = {}
    for reason, (email, password) in tries.items():
        CountingHasher.runs = 0
        post(Client(), reverse("account_login"), {"login": email, "password": password})
        runs[reason] = CountingHasher.runs
    assert runs == dict.fromkeys(tries, 1)


def test_f2_after_five_failures_the_right_password_is_refused_too(cast: Cast) -> None:
    for _attempt in range(5):
        sign_in(Client(), cast.alice, "faux")
    client = Client()
    response = sign_in(client, cast.alice)
    assert "Trop de tentatives" in response.content.decode()
    assert not is_signed_in(client)


def test_f2_failures_on_one_account_do_not_lock_another(cast: Cast) -> None:
    for _attempt in range(5):
        sign_in(Client(), cast.alice, "faux")
    assert sign_in(Client(), cast.bob).status_code == 302


def test_the_address_is_read_in_any_case(cast: Cast) -> None:
    client = Client()
    post(client, reverse("account_login"), {"login": "ALICE@Acier.TEST", "password": PASSWORD})
    assert is_signed_in(client)


def test_f3_signing_in_changes_the_session_id(cast: Cast) -> None:
    client = Client()
    session = client.session
    session["planted"] = True
    session.save()
    before = session.session_key
    sign_in(client, cast.alice)
    assert client.session.session_key != before


def test_f3_the_session_of_somebody_signed_out_is_dead_on_the_server(cast: Cast) -> None:
    client = signed_in(cast.alice)
    stolen = Client(cookies=client.cookies)
    post(client, reverse("account_logout"))
    assert not is_signed_in(stolen)


def test_opening_the_sign_out_page_signs_nobody_out(cast: Cast) -> None:
    client = signed_in(cast.alice)
    client.get(reverse("account_logout"))
    assert is_signed_in(client)


def test_f3_changing_the_password_ends_every_session(cast: Cast) -> None:
    here, elsewhere = signed_in(cast.alice), signed_in(cast.alice)
    new = "une-autre-phrase-de-passe"
    response = post(
        here,
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": new, "password2": new},
    )
    assert response["Location"] == reverse("account_login")
    assert (is_signed_in(here), is_signed_in(elsewhere)) == (False, False)


def test_f3_other_sessions_can_be_listed_and_ended(cast: Cast) -> None:
    here, elsewhere = signed_in(cast.alice), signed_in(cast.alice)
    assert here.get(reverse("usersessions_list")).content.decode().count("Ouverte ") == 2
    post(here, reverse("usersessions_list"))
    assert (is_signed_in(here), is_signed_in(elsewhere)) == (True, False)


def test_sign_up_is_closed(client: Client, db: None) -> None:
    url = reverse("account_signup")
    data = {"email": "moi@exemple.test", "password1": PASSWORD}
    for response in (client.get(url), client.post(url, data)):
        assert "sur invitation" in response.content.decode()
    assert not User.objects.exists()


def test_pages_ask_strangers_to_sign_in_and_bring_them_back(client: Client, cast: Cast) -> None:
    asked = client.get(reverse("account_settings"))
    response = sign_in(client, cast.alice, QUERY_STRING="next=/compte/")
    assert asked["Location"] == "/connexion/?next=/compte/"
    assert response["Location"] == "/compte/"


def test_demo_logins_show_only_where_a_demo_says_so(client: Client, db: None) -> None:
    assert "demo-portail" not in client.get(reverse("account_login")).content.decode()


@pytest.mark.parametrize("size", [1_000, 1_000_000])
def test_f2_a_huge_password_is_a_wrong_password(cast: Cast, size: int) -> None:
    response = sign_in(Client(), cast.alice, "x" * size)
    assert response.status_code == 200
