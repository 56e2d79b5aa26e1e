"""Account mails go through the portal's outbox: kept or lost with their act (design §4)."""

from __future__ import annotations

import importlib

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts import operations
from accounts.models import User
from notifications.models import Delivery
from tests.accounts.browser import post, signed_in
from tests.factories.accounts import PASSWORD
from tests.factories.cast import Cast


@pytest.fixture(autouse=True)
def _outbox(settings: Settings, _mails_in_memory: None) -> None:
    settings.EMAIL_BACKEND = importlib.import_module("portal.settings.base").EMAIL_BACKEND


class Interrupted(Exception):
    """Something fails after the act."""


def invite(cast: Cast) -> None:
    operations.invite(
        actor=cast.rejane,
        at=timezone.now(),
        company=cast.company,
        email="david@acier.test",
        first_name="David",
        last_name="Petit",
    )


def test_an_invitation_is_a_delivery_to_that_person(cast: Cast) -> None:
    invite(cast)
    delivery = Delivery.objects.get()
    assert delivery.recipient == User.objects.get(email="david@acier.test")
    assert delivery.address == "david@acier.test"
    assert "https://portail.exemple.test/bienvenue/" in delivery.body_text
    assert "https://portail.exemple.test/bienvenue/" in delivery.body_html


@transaction.atomic
def invite_then_fail(cast: Cast) -> None:
    invite(cast)
    raise Interrupted


def test_an_invitation_that_fails_leaves_neither_account_nor_mail(cast: Cast) -> None:
    with pytest.raises(Interrupted):
        invite_then_fail(cast)
    assert not Delivery.objects.exists()
    assert not User.objects.filter(email="david@acier.test").exists()


def test_a_lost_password_is_a_delivery(cast: Cast) -> None:
    post(Client(), reverse("account_reset_password"), {"email": cast.alice.email})
    assert [row.recipient for row in Delivery.objects.all()] == [cast.alice]


def test_what_allauth_tells_is_a_delivery(cast: Cast) -> None:
    new = "une-autre-phrase-de-passe"
    post(
        signed_in(cast.alice),
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": new, "password2": new},
    )
    assert [(row.recipient, row.subject) for row in Delivery.objects.all()] == [
        (cast.alice, "Votre mot de passe a changé")
    ]


def test_the_page_of_a_refused_limit_is_french(cast: Cast) -> None:
    url = reverse("account_reset_password")
    for _try in range(3):
        post(Client(), url, {"email": cast.alice.email})
    page = post(Client(), url, {"email": cast.alice.email}).content.decode()
    assert "Trop de tentatives en peu de temps" in page
