"""« Mes e-mails »: what a customer is told at once, once a day, or not (decision 0024)."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Membership, User
from tests.accounts.browser import post, signed_in
from tests.factories.cast import Cast


def choose(person: User, **typed: Any) -> Any:
    """Post the page's form; what is not ticked is not sent."""
    response = post(signed_in(person), reverse("account_mails"), typed)
    person.refresh_from_db()
    return response


def membership_of(person: User) -> Membership:
    return Membership.objects.get(user=person)


def test_a_person_chooses_a_digest(cast: Cast) -> None:
    choose(cast.alice, wants_digest="on", hears_copies="on")
    assert (cast.alice.wants_digest, cast.alice.mutes_copies) == (True, False)


def test_a_person_silences_what_they_are_in_copy_of(cast: Cast) -> None:
    choose(cast.alice, wants_digest="")
    assert (cast.alice.wants_digest, cast.alice.mutes_copies) == (False, True)


def test_the_page_shows_what_was_chosen(cast: Cast) -> None:
    choose(cast.alice, wants_digest="on")
    page = signed_in(cast.alice).get(reverse("account_mails"))
    assert page.context["form"]["wants_digest"].value() == "on"
    assert page.context["form"]["hears_copies"].value() is False


def test_an_unknown_choice_is_the_form_again_and_writes_nothing(cast: Cast) -> None:
    response = choose(cast.alice, wants_digest="hebdo")
    assert 'aria-invalid="true"' in response.content.decode()
    assert not cast.alice.mutes_copies


def test_a_manager_is_told_of_everything(cast: Cast) -> None:
    mine = membership_of(cast.rejane)
    choose(cast.rejane, hears_copies="on", told_of_all=[mine.pk])
    mine.refresh_from_db()
    assert mine.told_of_all


def test_a_manager_is_told_of_everything_no_more(cast: Cast) -> None:
    Membership.objects.filter(user=cast.rejane).update(told_of_all=True)
    choose(cast.rejane, hears_copies="on")
    assert not membership_of(cast.rejane).told_of_all


def test_a_contact_is_not_asked_about_the_whole_company(cast: Cast) -> None:
    page = signed_in(cast.alice).get(reverse("account_mails"))
    assert "told_of_all" not in page.context["form"].fields


@pytest.mark.parametrize("whose", ["charlie", "alice"])
def test_a1_nobody_else_s_membership_can_be_chosen(cast: Cast, whose: str) -> None:
    other = membership_of(getattr(cast, whose))
    choose(cast.rejane, hears_copies="on", told_of_all=[other.pk])
    other.refresh_from_db()
    assert not other.told_of_all


def test_a_contact_who_sends_the_box_all_the_same_changes_nothing(cast: Cast) -> None:
    choose(cast.alice, hears_copies="on", told_of_all=[membership_of(cast.alice).pk])
    assert not membership_of(cast.alice).told_of_all


def test_our_people_have_no_such_page(cast: Cast) -> None:
    assert signed_in(cast.ines).get(reverse("account_mails")).status_code == 404


def test_who_wants_no_digest_any_more_reads_that_what_was_held_leaves(cast: Cast) -> None:
    choose(cast.alice, wants_digest="on", hears_copies="on")
    page = post(signed_in(cast.alice), reverse("account_mails"), {"wants_digest": ""}, follow=True)
    assert "partent dans la minute" in page.content.decode()


def test_who_changes_nothing_about_the_digest_reads_nothing_of_it(cast: Cast) -> None:
    page = post(signed_in(cast.alice), reverse("account_mails"), {"wants_digest": ""}, follow=True)
    assert "partent dans la minute" not in page.content.decode()
