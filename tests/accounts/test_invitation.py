"""The link of a first sign-in (P2, F5, F7): 72 h, once, for this account alone."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import operations
from accounts.models import Membership, User
from foundation.refusals import Refusal
from tests.accounts.browser import (
    NOW,
    is_signed_in,
    letters,
    link_in_last_mail,
    post,
    signed_in,
)
from tests.factories.accounts import make_membership, make_user
from tests.factories.cast import Cast, make_cast

NEW = "une-premiere-phrase-de-passe"
CHOICE = {"password1": NEW, "password2": NEW}
DAVID = "david@acier.test"


def invite_david(cast: Cast, *, hours_ago: float = 0) -> Membership:
    return operations.invite(
        actor=cast.rejane,
        at=timezone.now() - timedelta(hours=hours_ago),
        company=cast.company,
        email=DAVID,
        first_name="David",
        last_name="Petit",
    )


@pytest.fixture
def link(cast: Cast) -> str:
    """The path that David finds in his mailbox."""
    invite_david(cast)
    return link_in_last_mail()


def test_p2_the_mail_says_what_it_is_and_how_long_the_link_lives(cast: Cast) -> None:
    invite_david(cast)
    message = mail.outbox[-1]
    assert message.to == [DAVID]
    assert message.subject == "Votre accès au portail support\u00a0: choisissez votre mot de passe"
    assert "valable 72\u00a0heures" in str(message.body)


def test_p2_the_mail_names_the_company_plainly(cast: Cast) -> None:
    invite_david(cast)
    assert "pour Acier & Fils." in str(mail.outbox[-1].body)


def test_p2_the_mail_has_an_html_version_with_the_same_link(cast: Cast) -> None:
    invite_david(cast)
    message = mail.outbox[-1]
    (html, kind), *others = getattr(message, "alternatives", [])
    assert (kind, others, link_in_last_mail() in html) == ("text/html", [], True)


def test_p2_choosing_a_password_opens_the_portal(cast: Cast, link: str) -> None:
    client = Client()
    assert post(client, link, CHOICE)["Location"] == reverse("home")
    assert is_signed_in(client)


def test_f5_looking_does_not_consume(cast: Cast, link: str) -> None:
    scanner = Client()
    for _visit in range(5):
        scanner.head(link)
        scanner.get(link)
    assert post(Client(), link, CHOICE).status_code == 302


def test_f5_the_page_sends_no_referer(link: str) -> None:
    assert Client().get(link)["Referrer-Policy"] == "strict-origin"


def test_f7_the_link_works_once(cast: Cast, link: str) -> None:
    post(Client(), link, CHOICE)
    second = Client()
    assert post(second, link, CHOICE).status_code == 410
    assert not is_signed_in(second)


@pytest.mark.parametrize(("hours", "status"), [(71.9, 200), (72.01, 410)])
def test_f7_the_link_lives_72_hours(cast: Cast, hours: float, status: int) -> None:
    invite_david(cast, hours_ago=hours)
    assert Client().get(link_in_last_mail()).status_code == status


def test_f7_somebody_else_signed_in_cannot_use_it(cast: Cast, link: str) -> None:
    other = signed_in(cast.charlie)
    assert (other.get(link).status_code, post(other, link, CHOICE).status_code) == (409, 409)
    assert not User.objects.get(email=DAVID).has_usable_password()


def test_f7_somebody_else_who_signs_out_can_hand_over(cast: Cast, link: str) -> None:
    client = signed_in(cast.charlie)
    signed_out = post(client, reverse("account_logout"), {"next": link})
    assert signed_out["Location"] == link
    post(client, link, CHOICE)
    page = client.get(reverse("account_settings")).content.decode()
    assert DAVID in page


def test_f7_another_address_kills_the_link(cast: Cast, link: str) -> None:
    david = User.objects.get(email=DAVID)
    operations.change_address(
        actor=cast.marc, at=timezone.now(), user_id=david.pk, email="d.petit@acier.test"
    )
    assert Client().get(link).status_code == 410


def test_f7_closing_the_account_kills_the_link(cast: Cast, link: str) -> None:
    david = User.objects.get(email=DAVID)
    operations.close_account(actor=cast.marc, at=timezone.now(), user_id=david.pk)
    operations.reopen_account(actor=cast.marc, at=timezone.now(), user_id=david.pk)
    assert Client().get(link).status_code == 410


def test_f7_an_access_closed_before_the_first_visit_stays_closed(cast: Cast, link: str) -> None:
    member = Membership.objects.get(user__email=DAVID)
    operations.deactivate(actor=cast.rejane, at=timezone.now(), membership_id=member.pk)
    client = Client()
    assert post(client, link, CHOICE)["Location"] == reverse("account_inactive")
    assert not is_signed_in(client)


def test_f7_a_reminder_kills_the_former_link(cast: Cast) -> None:
    member = invite_david(cast, hours_ago=1)
    former = link_in_last_mail()
    operations.reinvite(actor=cast.rejane, at=timezone.now(), membership_id=member.pk)
    statuses = [Client().get(path).status_code for path in (former, link_in_last_mail())]
    assert statuses == [410, 200]


def test_a_dead_link_gets_a_new_one_to_the_same_address(cast: Cast) -> None:
    invite_david(cast, hours_ago=100)
    dead = link_in_last_mail()
    renew = reverse("invitation_renew", kwargs={"token": dead.rstrip("/").rsplit("/", 1)[-1]})
    assert renew in Client().get(dead).content.decode()
    post(Client(), renew)
    assert [address for address, _subject in letters()] == [DAVID, DAVID]
    assert post(Client(), link_in_last_mail(), CHOICE).status_code == 302


def test_asking_for_a_new_link_says_nothing_of_the_old_one(cast: Cast) -> None:
    invite_david(cast, hours_ago=100)
    token = link_in_last_mail().rstrip("/").rsplit("/", 1)[-1]
    pages = [
        post(Client(), reverse("invitation_renew", kwargs={"token": asked})).content.decode()
        for asked in (token, "y" * 43)
    ]
    real, invented = (page.replace(token, "…").replace("y" * 43, "…") for page in pages)
    assert real == invented


def test_a_used_link_gets_no_new_one(cast: Cast, link: str) -> None:
    post(Client(), link, CHOICE)
    sent = len(mail.outbox)
    token = link.rstrip("/").rsplit("/", 1)[-1]
    post(Client(), reverse("invitation_renew", kwargs={"token": token}))
    assert len(mail.outbox) == sent


def test_new_links_are_limited_to_three_per_hour(cast: Cast) -> None:
    invite_david(cast, hours_ago=100)
    token = link_in_last_mail().rstrip("/").rsplit("/", 1)[-1]
    for minute in range(5):
        operations.renew_invitation(actor=None, at=NOW + timedelta(minutes=minute), token=token)
    assert len(mail.outbox) == 1 + 3


def test_the_desk_invites_somebody_without_a_password(cast: Cast) -> None:
    user = make_user(email="eva@acier.test", password=None)
    make_membership(user, cast.company)
    operations.invite_person(actor=cast.marc, at=NOW, user_id=user.pk)
    assert [address for address, _subject in letters()] == ["eva@acier.test"]


def test_the_desk_does_not_invite_somebody_who_has_a_password(cast: Cast) -> None:
    with pytest.raises(Refusal, match="a déjà choisi son mot de passe"):
        operations.invite_person(actor=cast.marc, at=NOW, user_id=cast.alice.pk)
    assert letters() == []


def test_f7_two_clicks_at_once_choose_one_password(
    committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = make_cast()
    invite_david(cast)
    token = link_in_last_mail().rstrip("/").rsplit("/", 1)[-1]
    barrier, outcomes = threading.Barrier(2, timeout=60), []

    def click(password: str) -> None:
        barrier.wait()
        try:
            operations.accept_invitation(
                actor=None, at=timezone.now(), token=token, password=password
            )
        except Refusal:
            outcomes.append("refused")
        else:
            outcomes.append(password)
        finally:
            connection.close()

    threads = [threading.Thread(target=click, args=(f"{NEW}-{side}",)) for side in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winner = next(outcome for outcome in outcomes if outcome != "refused")
    assert sorted(outcomes) == sorted([winner, "refused"])
    assert User.objects.get(email=DAVID).check_password(winner)
