"""The accounts of a company, run by its manager (A5): what they may do, and may not learn."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import operations
from accounts.enums import CompanyRole
from accounts.models import Membership, User
from accounts.queries import colleagues
from foundation.refusals import Refusal
from tests.accounts.browser import (
    NOW,
    is_signed_in,
    letters,
    link_in_last_mail,
    post,
    sign_in,
    signed_in,
    text_of,
)
from tests.factories.accounts import (
    make_company,
    make_membership,
    make_site,
    make_user,
)
from tests.factories.cast import Cast

DAVID = {
    "email": "david@acier.test",
    "first_name": "David",
    "last_name": "Petit",
    "role": "contact",
}
ACTS = ["team_close", "team_reopen", "team_remind", "team_role"]


def membership_of(user: User) -> Membership:
    return Membership.objects.get(user=user)


def act(client: Client, name: str, membership: Membership, **data: Any) -> Any:
    return post(client, reverse(name, kwargs={"membership_id": membership.pk}), data)


def snapshot() -> list[Any]:
    return [
        list(User.objects.order_by("pk").values()),
        list(Membership.objects.order_by("pk").values()),
    ]


def invited_page(cast: Cast, email: str) -> str:
    """What Réjane reads after inviting `email` under David's name, ids and address blanked."""
    client = signed_in(cast.rejane)
    client.post(reverse("team_invite"), {**DAVID, "email": email})
    page = text_of(client.get(reverse("team"))).replace(email, "…")
    return re.sub(r"\d+", "0", page)


# --- What a manager does -------------------------------------------------------------------


def test_inviting_an_unknown_address_opens_an_account_and_an_access(cast: Cast) -> None:
    response = post(signed_in(cast.rejane), reverse("team_invite"), DAVID)
    member = Membership.objects.get(user__email="david@acier.test")
    assert response["Location"] == reverse("team")
    assert (member.company, member.role, member.is_active) == (cast.company, "contact", True)
    assert not member.user.has_usable_password()


def test_inviting_sends_one_mail_to_the_person(cast: Cast) -> None:
    post(signed_in(cast.rejane), reverse("team_invite"), DAVID)
    assert [address for address, _subject in letters()] == ["david@acier.test"]


def test_the_team_page_names_everybody_and_their_role(cast: Cast) -> None:
    page = signed_in(cast.rejane).get(reverse("team")).content.decode()
    assert [name in page for name in ("Alice", "Bob", "Réjane", "Charlie")] == [True] * 3 + [False]


def test_closing_an_access_signs_the_person_out_at_once(cast: Cast) -> None:
    alice = signed_in(cast.alice)
    act(signed_in(cast.rejane), "team_close", membership_of(cast.alice))
    assert not is_signed_in(alice)


def test_somebody_whose_only_access_is_closed_cannot_sign_in(cast: Cast) -> None:
    act(signed_in(cast.rejane), "team_close", membership_of(cast.alice))
    assert sign_in(Client(), cast.alice).status_code == 200


def test_somebody_with_another_company_stays_signed_in(cast: Cast) -> None:
    make_membership(cast.alice, cast.other_company)
    alice = signed_in(cast.alice)
    here = Membership.objects.get(user=cast.alice, company=cast.company)
    act(signed_in(cast.rejane), "team_close", here)
    assert is_signed_in(alice)


def test_reopening_lets_the_person_in_again(cast: Cast) -> None:
    rejane, member = signed_in(cast.rejane), membership_of(cast.alice)
    act(rejane, "team_close", member)
    act(rejane, "team_reopen", member)
    assert sign_in(Client(), cast.alice).status_code == 302


def test_changing_a_role(cast: Cast) -> None:
    act(signed_in(cast.rejane), "team_role", membership_of(cast.alice), role="manager")
    assert membership_of(cast.alice).role == CompanyRole.MANAGER


def test_a_manager_who_becomes_a_contact_no_longer_receives_everything(cast: Cast) -> None:
    member = make_membership(make_user(), cast.company, role=CompanyRole.MANAGER, told_of_all=True)
    act(signed_in(cast.rejane), "team_role", member, role="contact")
    member.refresh_from_db()
    assert (member.role, member.told_of_all) == ("contact", False)


@pytest.mark.parametrize(("name", "data"), [("team_close", {}), ("team_role", {"role": "contact"})])
def test_nobody_takes_the_right_from_themselves(
    cast: Cast, name: str, data: dict[str, str]
) -> None:
    before = snapshot()
    act(signed_in(cast.rejane), name, membership_of(cast.rejane), **data)
    assert snapshot()[1] == before[1]


def test_an_unknown_role_is_refused(cast: Cast) -> None:
    act(signed_in(cast.rejane), "team_role", membership_of(cast.alice), role="administrator")
    assert membership_of(cast.alice).role == CompanyRole.CONTACT


def test_reminding_waits_five_minutes(cast: Cast) -> None:
    member = operations.invite(
        actor=cast.rejane,
        at=NOW,
        company=cast.company,
        email="david@acier.test",
        first_name="David",
        last_name="Petit",
    )
    with pytest.raises(Refusal, match="patientez cinq minutes"):
        operations.reinvite(
            actor=cast.rejane, at=NOW + timedelta(minutes=4), membership_id=member.pk
        )
    assert len(mail.outbox) == 1


def test_reminding_somebody_who_came_is_refused(cast: Cast) -> None:
    with pytest.raises(Refusal, match="utilise déjà le portail"):
        operations.reinvite(actor=cast.rejane, at=NOW, membership_id=membership_of(cast.alice).pk)


def test_inviting_a_member_again_keeps_what_was_typed(cast: Cast) -> None:
    page = post(
        signed_in(cast.rejane), reverse("team_invite"), {**DAVID, "email": cast.alice.email}
    ).content.decode()
    assert "fait déjà partie de l’équipe" in page
    assert 'value="Petit"' in page


# --- What a manager may not ------------------------------------------------------------------


@pytest.mark.parametrize("name", ACTS)
def test_a5_another_company_s_member_is_the_same_404_as_a_missing_one(
    cast: Cast, name: str
) -> None:
    rejane, before = signed_in(cast.rejane), snapshot()
    foreign = membership_of(cast.charlie)
    bodies = {
        text_of(post(rejane, reverse(name, kwargs={"membership_id": pk}), {"role": "manager"}))
        for pk in (foreign.pk, 999_999)
    }
    after = snapshot()
    assert len(bodies) == 1
    assert after[1] == before[1]


@pytest.mark.parametrize("name", ["team", "team_invite"])
@pytest.mark.parametrize("who", ["alice", "charlie", "ines", "marc", "adele"])
def test_a5_only_a_manager_of_a_company_opens_the_team(cast: Cast, who: str, name: str) -> None:
    assert signed_in(getattr(cast, who)).get(reverse(name)).status_code == 404


@pytest.mark.parametrize("name", ACTS)
@pytest.mark.parametrize("who", ["alice", "charlie", "ines"])
def test_a5_a_contact_cannot_act_on_a_colleague(cast: Cast, who: str, name: str) -> None:
    response = act(signed_in(getattr(cast, who)), name, membership_of(cast.bob), role="manager")
    assert response.status_code == 404
    assert membership_of(cast.bob).role == CompanyRole.CONTACT


@pytest.mark.parametrize(
    "extra",
    [
        {"company": "{other}"},
        {"company_id": "{other}"},
        {"user": "{charlie}"},
        {"is_staff": "on"},
        {"staff_role": "administrator"},
        {"told_of_all": "on"},
        {"is_active": ""},
        {"password": "pirate"},
    ],
)
def test_a5_extra_fields_are_ignored(cast: Cast, extra: dict[str, str]) -> None:
    filled = {
        name: value.format(other=cast.other_company.pk, charlie=cast.charlie.pk)
        for name, value in extra.items()
    }
    post(signed_in(cast.rejane), reverse("team_invite"), {**DAVID, **filled})
    made = Membership.objects.get(user__email="david@acier.test")
    assert (made.company, made.told_of_all, made.is_active) == (cast.company, False, True)
    assert (made.user.staff_role, made.user.has_usable_password()) == ("", False)


def test_a5_a_site_of_another_company_is_not_a_choice(cast: Cast) -> None:
    page = post(
        signed_in(cast.rejane), reverse("team_invite"), {**DAVID, "site": cast.other_site.pk}
    )
    assert page.status_code == 200
    assert not User.objects.filter(email="david@acier.test").exists()


@pytest.mark.parametrize("who", ["alice", "charlie", "ines"])
def test_a5_the_operation_refuses_them_too(cast: Cast, who: str) -> None:
    with pytest.raises(Refusal, match="Seul un référent"):
        operations.invite(
            actor=getattr(cast, who),
            at=NOW,
            company=cast.company,
            email="david@acier.test",
            first_name="David",
            last_name="Petit",
        )
    assert not User.objects.filter(email="david@acier.test").exists()


def test_a5_get_changes_nothing(cast: Cast) -> None:
    rejane, before = signed_in(cast.rejane), snapshot()
    for name in ACTS:
        url = reverse(name, kwargs={"membership_id": membership_of(cast.alice).pk})
        assert rejane.get(url).status_code == 405
    assert snapshot()[1] == before[1]


# --- What a manager may not learn ------------------------------------------------------------


def test_a5_the_answer_is_the_same_for_somebody_who_has_an_account(cast: Cast) -> None:
    known = invited_page(cast, "charlie@beton.test")
    Membership.objects.filter(user__email="charlie@beton.test", company=cast.company).delete()
    assert invited_page(cast, "inconnu@beton.test") == known


@pytest.mark.parametrize("password", [None, "une-phrase-de-passe"])
@pytest.mark.parametrize("is_active", [True, False])
def test_a5_whatever_state_that_account_is_in(
    cast: Cast, password: str | None, is_active: bool
) -> None:
    someone = make_user(email="x@ailleurs.test", password=password, is_active=is_active)
    make_membership(someone, make_company())
    known = invited_page(cast, "x@ailleurs.test")
    Membership.objects.filter(user=someone, company=cast.company).delete()
    assert invited_page(cast, "y@ailleurs.test") == known


def test_a5_one_mail_leaves_either_way(cast: Cast) -> None:
    for email in ("charlie@beton.test", "inconnu@beton.test"):
        invited_page(cast, email)
    assert [address for address, _subject in letters()] == [
        "charlie@beton.test",
        "inconnu@beton.test",
    ]


def test_a5_somebody_who_has_an_account_keeps_name_and_password(cast: Cast) -> None:
    invited_page(cast, "charlie@beton.test")
    charlie = User.objects.get(pk=cast.charlie.pk)
    assert (charlie.first_name, charlie.password) == ("Charlie", cast.charlie.password)


def test_a5_their_mail_leads_to_the_sign_in_page(cast: Cast) -> None:
    invited_page(cast, "charlie@beton.test")
    assert mail.outbox[-1].subject == "Vous avez maintenant accès à Acier & Fils"
    assert link_in_last_mail() == reverse("account_login")


def test_a5_the_company_reads_their_name_once_they_come(cast: Cast) -> None:
    invited_page(cast, "charlie@beton.test")
    sign_in(Client(), cast.charlie)
    page = signed_in(cast.rejane).get(reverse("team")).content.decode()
    assert ("Charlie" in page, "David Petit" in page) == (True, False)


def test_a5_nobody_is_named_on_an_incident_before_they_come(cast: Cast) -> None:
    invited_page(cast, "charlie@beton.test")
    before = list(colleagues(cast.company))
    sign_in(Client(), cast.charlie)
    assert cast.charlie not in before
    assert cast.charlie in colleagues(cast.company)


def test_our_own_people_cannot_be_invited(cast: Cast) -> None:
    page = post(signed_in(cast.rejane), reverse("team_invite"), {**DAVID, "email": cast.ines.email})
    assert "celle du support" in page.content.decode()
    assert not Membership.objects.filter(user=cast.ines).exists()


def test_a_closed_account_receives_no_mail_and_stays_closed(cast: Cast) -> None:
    someone = make_user(email="x@ailleurs.test", is_active=False)
    invited_page(cast, "x@ailleurs.test")
    someone.refresh_from_db()
    assert (letters(), someone.is_active) == ([], False)


def test_the_number_of_queries_does_not_grow_with_the_team(cast: Cast) -> None:
    client = signed_in(cast.rejane)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("team"))
        return len(queries)

    small = cost()
    for _number in range(10):
        make_membership(make_user(), cast.company, site=make_site(cast.company))
    assert cost() == small


def test_bad_text_is_the_form_again(cast: Cast) -> None:
    for value in ("", "x" * 300, "a\x00b"):
        page = post(signed_in(cast.rejane), reverse("team_invite"), {**DAVID, "first_name": value})
        assert page.status_code == 200
    assert not User.objects.filter(email="david@acier.test").exists()


def test_two_managers_inviting_one_person_do_not_collide(cast: Cast) -> None:
    for actor, company in ((cast.rejane, cast.company), (cast.marc, cast.other_company)):
        operations.invite(
            actor=actor,
            at=timezone.now(),
            company=company,
            email="david@acier.test",
            first_name="David",
            last_name="Petit",
        )
    assert User.objects.filter(email="david@acier.test").count() == 1
