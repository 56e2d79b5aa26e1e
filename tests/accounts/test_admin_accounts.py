"""The desk's pages for people and companies: who may, and what they never show (J1, A3)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.enums import StaffRole
from accounts.models import Absence, Company, Membership, Training, User
from foundation.admin import COUNTED, UncountedPaginator
from tests.accounts.browser import is_signed_in, letters, post, signed_in
from tests.factories.accounts import make_membership, make_training, make_user
from tests.factories.cast import Cast

DAVID = {
    "email": "David@Acier.test",
    "first_name": "David",
    "last_name": "Petit",
    "phone": "",
    "role": "contact",
}
LISTS = ["agency", "company", "site", "user", "membership", "absence", "training"]


def page(name: str, *args: object) -> str:
    return reverse(f"admin:accounts_{name}", args=args)


def run_action(client: Client, name: str, rows: list[Any], list_name: str = "user") -> Any:
    data = {"action": name, "_selected_action": [row.pk for row in rows]}
    return post(client, page(f"{list_name}_changelist"), data)


def change_data(user: User, **changes: object) -> dict[str, object]:
    data = {name: getattr(user, name) for name in ("email", "first_name", "last_name", "phone")}
    data |= {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}
    return {**data, "staff_role": user.staff_role, "agency": user.agency_id or "", **changes}


# --- Entering -----------------------------------------------------------------------------


def test_the_admin_is_entered_through_the_portal_s_sign_in(client: Client, db: None) -> None:
    first = client.get("/admin/")
    second = client.get(first["Location"])
    assert second["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("who", ["alice", "rejane"])
def test_customers_are_refused(cast: Cast, who: str) -> None:
    client = signed_in(getattr(cast, who))
    assert client.get("/admin/", follow=True).status_code == 403


def test_groups_addresses_factors_and_sessions_have_no_page() -> None:
    names = {model._meta.label for model in admin.site._registry}
    assert names.isdisjoint(
        {"auth.Group", "account.EmailAddress", "mfa.Authenticator", "usersessions.UserSession"}
    )
    assert not admin.site.is_registered(Group)


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("who", ["ines", "marc", "adele"])
def test_staff_open_every_list(cast: Cast, who: str, name: str) -> None:
    assert signed_in(getattr(cast, who)).get(page(f"{name}_changelist")).status_code == 200


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("ines", dict.fromkeys(LISTS, 403)),
        ("marc", {**dict.fromkeys(LISTS, 200), "agency": 403}),
        ("adele", dict.fromkeys(LISTS, 200)),
    ],
)
def test_j1_who_opens_which_form_to_add(cast: Cast, who: str, expected: dict[str, int]) -> None:
    client = signed_in(getattr(cast, who))
    assert {name: client.get(page(f"{name}_add")).status_code for name in LISTS} == expected


@pytest.mark.parametrize("name", ["company", "site", "user", "membership"])
@pytest.mark.parametrize("who", ["ines", "marc", "adele"])
def test_j1_nobody_deletes_what_incidents_stand_on(cast: Cast, who: str, name: str) -> None:
    rows = {
        "company": cast.company,
        "site": cast.site,
        "user": cast.alice,
        "membership": Membership.objects.get(user=cast.alice),
    }
    client = signed_in(getattr(cast, who))
    assert post(client, page(f"{name}_delete", rows[name].pk), {"post": "yes"}).status_code == 403


# --- Passwords ------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["ines", "marc", "adele"])
def test_j1_no_page_shows_a_hash(cast: Cast, who: str) -> None:
    client = signed_in(getattr(cast, who))
    for url in (page("user_changelist"), page("user_change", cast.alice.pk)):
        content = client.get(url).content.decode()
        assert cast.alice.password not in content
        assert "md5$" not in content


@pytest.mark.parametrize(
    "query",
    [
        "password__startswith=md5",
        "password__contains=md5",
        "password=md5",
        "password__regex=.",
        "invitations__token_digest__startswith=a",
        "authenticator__data__contains=a",
        "memberships__user__password__startswith=md5",
    ],
)
def test_a3_the_address_bar_asks_nothing_of_the_hash(cast: Cast, query: str) -> None:
    response = signed_in(cast.marc).get(f"{page('user_changelist')}?{query}")
    assert response.status_code in {302, 400}


# --- Creating somebody ------------------------------------------------------------------------


def test_creating_a_customer_sends_the_invitation(cast: Cast) -> None:
    data = {**DAVID, "company": cast.company.code, "send_invitation": "on"}
    post(signed_in(cast.marc), page("user_add"), data)
    david = User.objects.get(email="david@acier.test")
    assert (david.has_usable_password(), david.staff_role) == (False, "")
    assert Membership.objects.get(user=david).company == cast.company
    assert [address for address, _subject in letters()] == ["david@acier.test"]


def test_the_invitation_names_the_company(cast: Cast) -> None:
    data = {**DAVID, "company": cast.company.code, "send_invitation": "on"}
    post(signed_in(cast.marc), page("user_add"), data)
    assert "pour Acier & Fils" in str(mail.outbox[-1].body)


def test_creating_without_inviting_sends_nothing(cast: Cast) -> None:
    post(signed_in(cast.marc), page("user_add"), {**DAVID, "company": cast.company.code})
    assert User.objects.filter(email="david@acier.test").exists()
    assert letters() == []


def test_a_customer_needs_a_company(cast: Cast) -> None:
    response = post(signed_in(cast.marc), page("user_add"), {**DAVID, "company": ""})
    assert "Indiquez la société" in response.content.decode()
    assert not User.objects.filter(email="david@acier.test").exists()


def test_an_address_has_one_account(cast: Cast) -> None:
    data = {**DAVID, "email": "ALICE@acier.test", "company": cast.company.code}
    response = post(signed_in(cast.marc), page("user_add"), data)
    page_text = response.content.decode()
    assert page_text.count("Cette adresse est celle d’un autre compte.") == 1
    assert "user_email_once" not in page_text
    assert "existe déjà" not in page_text
    assert User.objects.filter(email="alice@acier.test").count() == 1


def test_an_administrator_creates_an_engineer(cast: Cast) -> None:
    data = {**DAVID, "staff_role": "engineer", "agency": cast.agency.pk, "send_invitation": "on"}
    post(signed_in(cast.adele), page("user_add"), data)
    david = User.objects.get(email="david@acier.test")
    assert (david.staff_role, david.agency) == ("engineer", cast.agency)
    assert len(mail.outbox) == 1


def test_j1_a_manager_cannot_create_staff(cast: Cast) -> None:
    data = {**DAVID, "company": cast.company.code, "staff_role": "administrator", "is_staff": "on"}
    post(signed_in(cast.marc), page("user_add"), data)
    assert User.objects.get(email="david@acier.test").staff_role == ""


# --- Changing somebody ------------------------------------------------------------------------


def test_a_manager_corrects_a_customer(cast: Cast) -> None:
    data = change_data(cast.alice, first_name="Alicia", email="Alicia@Acier.test")
    post(signed_in(cast.marc), page("user_change", cast.alice.pk), data)
    cast.alice.refresh_from_db()
    assert (cast.alice.first_name, cast.alice.email) == ("Alicia", "alicia@acier.test")


def test_j1_a_manager_does_not_touch_staff(cast: Cast) -> None:
    data = change_data(cast.ines, first_name="Autre")
    response = post(signed_in(cast.marc), page("user_change", cast.ines.pk), data)
    cast.ines.refresh_from_db()
    assert (response.status_code, cast.ines.first_name) == (403, "Inès")


@pytest.mark.parametrize("target", ["alice", "ines", "marc"])
def test_j1_an_engineer_changes_nobody(cast: Cast, target: str) -> None:
    user = getattr(cast, target)
    data = change_data(user, first_name="Autre")
    assert post(signed_in(cast.ines), page("user_change", user.pk), data).status_code == 403


def test_j1_a_manager_gives_no_role(cast: Cast) -> None:
    data = change_data(cast.alice, staff_role="administrator", is_active="", password="x")
    post(signed_in(cast.marc), page("user_change", cast.alice.pk), data)
    cast.alice.refresh_from_db()
    assert (cast.alice.staff_role, cast.alice.is_active) == ("", True)


def test_an_administrator_gives_a_role_to_somebody_without_company(cast: Cast) -> None:
    someone = make_user()
    post(
        signed_in(cast.adele),
        page("user_change", someone.pk),
        change_data(someone, staff_role="engineer", agency=cast.agency.pk),
    )
    someone.refresh_from_db()
    assert someone.staff_role == StaffRole.ENGINEER


def test_a_customer_with_an_access_does_not_become_staff(cast: Cast) -> None:
    response = signed_in(cast.adele).post(
        page("user_change", cast.alice.pk),
        change_data(cast.alice, staff_role="engineer"),
        follow=True,
    )
    cast.alice.refresh_from_db()
    assert cast.alice.staff_role == ""
    assert "fermez cet accès" in response.content.decode()


# --- Acting on somebody -----------------------------------------------------------------------


def test_closing_an_account_from_the_list_signs_the_person_out(cast: Cast) -> None:
    alice = signed_in(cast.alice)
    run_action(signed_in(cast.marc), "close", [cast.alice])
    assert not is_signed_in(alice)


def test_j1_a_manager_cannot_close_staff_from_the_list(cast: Cast) -> None:
    run_action(signed_in(cast.marc), "close", [cast.alice, cast.ines])
    active = {user.pk: user.is_active for user in User.objects.all()}
    assert (active[cast.alice.pk], active[cast.ines.pk]) == (False, True)


@pytest.mark.parametrize("action", ["invite", "close", "reopen", "end_sessions"])
def test_j1_an_engineer_has_no_action(cast: Cast, action: str) -> None:
    alice = signed_in(cast.alice)
    run_action(signed_in(cast.ines), action, [cast.alice])
    assert is_signed_in(alice)
    assert letters() == []


def test_inviting_from_the_list(cast: Cast) -> None:
    someone = make_user(email="eva@acier.test", password=None)
    make_membership(someone, cast.company)
    run_action(signed_in(cast.marc), "invite", [someone])
    assert [address for address, _subject in letters()] == ["eva@acier.test"]


def test_acts_are_kept_in_the_log(cast: Cast) -> None:
    client = signed_in(cast.marc)
    run_action(client, "close", [cast.alice])
    history = client.get(page("user_history", cast.alice.pk)).content.decode()
    assert "compte fermé" in history


# --- Memberships --------------------------------------------------------------------------------


def test_a_manager_adds_a_person_to_one_more_company(cast: Cast) -> None:
    data = {"user": cast.alice.pk, "company": cast.other_company.pk, "role": "manager"}
    post(signed_in(cast.marc), page("membership_add"), {**data, "told_of_all": "on"})
    made = Membership.objects.get(user=cast.alice, company=cast.other_company)
    assert (made.role, made.told_of_all, made.awaiting_since) == ("manager", True, None)
    assert letters() == [(cast.alice.email, "Vous avez maintenant accès à Béton Durand")]


def test_staff_are_members_of_nothing(cast: Cast) -> None:
    data = {"user": cast.ines.pk, "company": cast.company.pk, "role": "contact"}
    response = post(signed_in(cast.adele), page("membership_add"), data)
    assert "Un membre du support" in response.content.decode()
    assert not Membership.objects.filter(user=cast.ines).exists()


def test_a_site_of_another_company_is_refused(cast: Cast) -> None:
    member = Membership.objects.get(user=cast.alice)
    data = {"role": "contact", "site": cast.other_site.pk}
    response = post(signed_in(cast.marc), page("membership_change", member.pk), data)
    member.refresh_from_db()
    assert ("autre société" in response.content.decode(), member.site) == (True, None)


def test_closing_an_access_from_the_list(cast: Cast) -> None:
    alice = signed_in(cast.alice)
    member = Membership.objects.get(user=cast.alice)
    run_action(signed_in(cast.marc), "close", [member], "membership")
    assert not is_signed_in(alice)


# --- Companies, absences, trainings --------------------------------------------------------------


def test_a_manager_creates_a_company_with_a_site(cast: Cast) -> None:
    data = {
        "name": "Charpentes Morel",
        "code": "MOREL",
        "agency": cast.agency.pk,
        "is_active": "on",
        "sites-TOTAL_FORMS": "1",
        "sites-INITIAL_FORMS": "0",
        "sites-0-name": "Atelier",
        "memberships-TOTAL_FORMS": "0",
        "memberships-INITIAL_FORMS": "0",
    }
    post(signed_in(cast.marc), page("company_add"), data)
    assert [site.name for site in Company.objects.get(code="MOREL").sites.all()] == ["Atelier"]


@pytest.mark.parametrize("field", ["engineer", "substitute"])
def test_an_absence_is_an_engineer_s_and_so_is_the_substitute(cast: Cast, field: str) -> None:
    data = {"engineer": cast.ines.pk, "starts_on": "23/11/2026", "ends_on": "24/11/2026"}
    response = post(signed_in(cast.marc), page("absence_add"), {**data, field: cast.alice.pk})
    assert (response.status_code, Absence.objects.count()) == (200, 0)


def test_a_manager_records_an_absence(cast: Cast) -> None:
    data = {
        "engineer": cast.ines.pk,
        "substitute": cast.marc.pk,
        "starts_on": "23/11/2026",
        "ends_on": "24/11/2026",
    }
    post(signed_in(cast.marc), page("absence_add"), data)
    assert Absence.objects.get().substitute == cast.marc


def test_p10_the_register_says_who_has_a_gap(cast: Cast) -> None:
    today = date.today()  # noqa: DTZ011  (the page reads the same clock)
    make_training(cast.ines, done_on=today)
    content = signed_in(cast.marc).get(page("training_changelist")).content.decode()
    gaps = content.split("Sans formation éditeur")[1].split("</ul>")[0]
    assert (cast.marc.full_name in gaps, cast.ines.full_name in gaps) == (True, False)


def test_e24_the_register_says_what_ends(cast: Cast) -> None:
    today = date.today()  # noqa: DTZ011  (the page reads the same clock)
    made = make_training(cast.ines, done_on=today, expires_on=today + timedelta(days=30))
    content = signed_in(cast.marc).get(page("training_changelist")).content.decode()
    assert made.title in content.split("Certifications qui se terminent")[1].split("</ul>")[0]


def test_p10_a_manager_records_a_training(cast: Cast) -> None:
    data = {
        "engineer": cast.ines.pk,
        "vendor": "Autodesk",
        "title": "Inventor 2027",
        "done_on": "02/03/2026",
    }
    post(signed_in(cast.marc), page("training_add"), data)
    assert Training.objects.get().engineer == cast.ines


# --- Long lists --------------------------------------------------------------------------------


def test_q1_a_list_stops_counting(db: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1) as queries:
        assert UncountedPaginator(User.objects.order_by("pk"), 50).count == 0
    assert f"LIMIT {COUNTED}" in queries.captured_queries[0]["sql"]


def test_q1_the_list_of_people_costs_the_same_with_more(cast: Cast) -> None:
    client, costs = signed_in(cast.marc), []
    for _round in range(2):
        with CaptureQueriesContext(connection) as queries:
            client.get(page("user_changelist"))
        costs.append(len(queries))
        for _number in range(5):
            make_membership(make_user(), cast.company)
    assert costs[0] == costs[1]
