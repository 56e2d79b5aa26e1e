"""Drafts of declarations: nothing typed is lost, nobody else reads it, it goes when it is sent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template import Context, Template
from django.test import Client, RequestFactory

from files.operations import purge_uploads
from licences.models import Product
from tests.factories.cast import Cast
from tests.factories.files import PDF
from tests.factories.tickets import TUESDAY_10
from tests.tickets.pages import at, body, main_text, signed_in, text
from tickets.models import Draft, Ticket
from tickets.operations.drafts import CHARACTERS_MAX, DRAFTS_MAX, KEPT
from tickets.tasks import purge_drafts

if TYPE_CHECKING:
    from tests.tickets.pages import Page

pytestmark = pytest.mark.django_db
DECLARE = "/incidents/declarer/"
SAVE = f"{DECLARE}brouillon/"


@pytest.fixture(autouse=True)
def _now(revit: Product) -> Iterator[None]:
    """Revit is in the park of Alice's company."""
    with at(TUESDAY_10):
        yield


def typed(product: Product, **changes: Any) -> dict[str, Any]:
    return {
        "product": product.pk, "severity": "blocking", "title": "Revit se ferme",
        "body": "Depuis ce matin.", "form_token": str(uuid4()), **changes,
    }  # fmt: skip


def saved(client: Client, data: dict[str, Any], page: str = "a", seen: int = 0) -> Page:
    return client.post(SAVE, {**data, "draft_page": page, "draft_version": seen})


# --- kept while it is typed, opened again ----------------------------------------------------


def test_what_is_typed_is_kept_and_the_hour_is_said(alice: Client, revit: Product) -> None:
    answer = saved(alice, typed(revit))
    assert answer.json() == {"version": 1, "sentence": "Enregistré à 10\xa0h\xa000", "others": 0}
    assert Draft.objects.get().title == "Revit se ferme"


def test_a_draft_is_offered_and_opened_again_on_any_machine(
    cast: Cast, alice: Client, revit: Product
) -> None:
    data = typed(revit, copies=[cast.bob.pk, cast.rejane.pk], is_private="on")
    saved(alice, data)
    with at(TUESDAY_10 + timedelta(days=1)):
        elsewhere = signed_in(cast.alice)
        offer = elsewhere.get(DECLARE)
        assert "Vous avez un brouillon Revit se ferme enregistré hier à 10 h 00" in main_text(offer)
        page = elsewhere.get(f"{DECLARE}{Draft.objects.get().address}")
    form = page.context["form"]
    assert "Votre brouillon, enregistré hier à 10 h 00." in main_text(page)
    assert (form["title"].value(), form["body"].value()) == (data["title"], data["body"])
    assert [person.pk for person in form.people if person.checked] == [
        cast.bob.pk, cast.rejane.pk,
    ]  # fmt: skip
    assert form["is_private"].value() == "on"
    assert str(form["form_token"].value()) == data["form_token"]


def test_nothing_is_kept_before_something_is_typed(alice: Client, revit: Product) -> None:
    assert saved(alice, typed(revit, title="", body="")).status_code == 204
    assert not Draft.objects.exists()


def test_a_failed_submit_is_kept(alice: Client, revit: Product) -> None:
    alice.post(DECLARE, typed(revit, title=""))
    assert Draft.objects.get().values["body"] == ["Depuis ce matin."]


def test_two_tabs_are_two_drafts(alice: Client, revit: Product) -> None:
    saved(alice, typed(revit, title="Un"))
    saved(alice, typed(revit, title="Deux"))
    page = main_text(alice.get(DECLARE))
    assert "Vos brouillons" in page
    assert ("Un enregistré" in page, "Deux enregistré" in page) == (True, True)


def test_the_same_draft_in_two_tabs_keeps_both_texts(alice: Client, revit: Product) -> None:
    data = typed(revit)
    saved(alice, data, page="a")
    saved(alice, {**data, "body": "De l’autre page."}, page="b", seen=0)
    answer = saved(alice, {**data, "body": "Suite de la première."}, page="a", seen=1)
    draft = Draft.objects.get()
    assert answer.json()["others"] == 1
    assert draft.values["body"] == ["Suite de la première."]
    assert [other["body"] for other in draft.other_texts] == ["De l’autre page."]
    page = alice.get(f"{DECLARE}{draft.address}")
    assert "Un autre texte avait été tapé" in main_text(page)
    assert "De l’autre page." in body(page)


def test_a_page_that_saw_the_last_text_replaces_it(alice: Client, revit: Product) -> None:
    data = typed(revit)
    saved(alice, data, page="a")
    saved(alice, {**data, "body": "Relu, corrigé."}, page="b", seen=1)
    assert Draft.objects.get().others == []


def test_a_page_whose_answer_was_lost_replaces_its_own_text(alice: Client, revit: Product) -> None:
    data = typed(revit)
    saved(alice, data, page="a")
    saved(alice, {**data, "body": "Plus loin."}, page="a", seen=0)
    assert Draft.objects.get().others == []


def test_any_page_can_offer_ones_drafts(cast: Cast, alice: Client, revit: Product) -> None:
    saved(alice, typed(revit))
    shown = {}
    for person in (cast.alice, cast.bob):
        request = RequestFactory().get("/")
        request.user, request.companies = person, [cast.company]  # type: ignore[attr-defined]  # as the middleware does
        page = Template("{% load drafts %}{% own_drafts %}")
        shown[person.first_name] = page.render(Context({"request": request, "now": TUESDAY_10}))
    assert "Revit se ferme" in shown["Alice"]
    assert shown["Bob"] == ""


# --- bounds and bad input --------------------------------------------------------------------


def test_a_text_longer_than_a_draft_stays_in_its_page(alice: Client, revit: Product) -> None:
    answer = saved(alice, typed(revit, body="x" * (CHARACTERS_MAX + 1)))
    assert (answer.status_code, Draft.objects.count()) == (409, 0)
    assert "il reste dans cette page" in answer.json()["sentence"]


def test_d5_what_postgresql_cannot_hold_is_left_out(alice: Client, revit: Product) -> None:
    saved(alice, typed(revit, body="a\x00b"))
    assert Draft.objects.get().values["body"] == ["ab"]


def test_only_fields_of_the_form_are_kept(alice: Client, revit: Product) -> None:
    saved(alice, typed(revit, status="closed", requester="1", csrfmiddlewaretoken="x"))
    assert set(Draft.objects.get().values) == {"product", "severity", "title", "body"}


def test_the_oldest_of_too_many_drafts_gives_way(cast: Cast, alice: Client, revit: Product) -> None:
    for number in range(DRAFTS_MAX + 1):
        with at(TUESDAY_10 + timedelta(minutes=number)):
            saved(alice, typed(revit, title=f"Brouillon {number}"))
    titles = {draft.title for draft in Draft.objects.filter(person=cast.alice)}
    assert len(titles) == DRAFTS_MAX
    assert "Brouillon 0" not in titles


@pytest.mark.parametrize("token", ["", "x", "%00"])
def test_a_form_without_its_token_is_no_draft(alice: Client, revit: Product, token: str) -> None:
    assert saved(alice, typed(revit, form_token=token)).status_code == 404


@pytest.mark.parametrize("seen", ["", "x", "-1", "²", "9" * 30])
def test_a_broken_version_counts_as_none(alice: Client, revit: Product, seen: str) -> None:
    answer = alice.post(SAVE, {**typed(revit), "draft_version": seen})
    assert answer.json()["version"] == 1


# --- whose it is -----------------------------------------------------------------------------


def test_a1_nobody_reads_or_deletes_anothers_draft(
    cast: Cast, alice: Client, revit: Product
) -> None:
    data = typed(revit, title="Secret de brouillon")
    saved(alice, data)
    bob = signed_in(cast.bob)
    assert "Secret de brouillon" not in body(bob.get(DECLARE))
    assert "Secret de brouillon" not in body(bob.get(f"{DECLARE}{Draft.objects.get().address}"))
    bob.post(f"{SAVE}supprimer/", {"form_token": data["form_token"]})
    saved(bob, {**data, "title": "De Bob"})
    assert Draft.objects.get(person=cast.alice).title == "Secret de brouillon"


def test_a4_a_draft_for_a_company_that_one_left_is_not_shown(
    cast: Cast, alice: Client, revit: Product
) -> None:
    saved(alice, typed(revit))
    cast.alice.memberships.update(company=cast.other_company)
    assert "Revit se ferme" not in body(alice.get(DECLARE))


def test_its_author_deletes_it(alice: Client, revit: Product) -> None:
    data = typed(revit)
    saved(alice, data)
    answer = alice.post(f"{SAVE}supprimer/", {"form_token": data["form_token"]}, follow=True)
    assert "Le brouillon est supprimé." in text(answer)
    assert not Draft.objects.exists()


# --- when it goes ----------------------------------------------------------------------------


def test_it_goes_with_the_declaration(alice: Client, revit: Product) -> None:
    data = typed(revit)
    saved(alice, data)
    alice.post(DECLARE, data)
    assert (Ticket.objects.count(), Draft.objects.count()) == (1, 0)


def test_it_stays_when_the_declaration_is_undone(
    alice: Client, revit: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = typed(revit)
    saved(alice, data)
    # The package's name leads to the function.
    monkeypatch.setattr(import_module("tickets.operations.declare"), "open_cycle", _fails)
    with pytest.raises(OSError, match="power"):
        alice.post(DECLARE, data)
    assert (Ticket.objects.count(), Draft.objects.count()) == (0, 1)


def _fails(*_facts: object) -> bool:
    raise OSError("power cut")


def test_a_save_that_comes_after_the_declaration_makes_no_draft(
    alice: Client, revit: Product
) -> None:
    data = typed(revit)
    alice.post(DECLARE, data)
    answer = saved(alice, data)
    assert (answer.status_code, Draft.objects.count()) == (409, 0)
    assert "déjà été envoyée" in answer.json()["sentence"]


def test_it_goes_thirty_days_after_it_was_last_saved(alice: Client, revit: Product) -> None:
    saved(alice, typed(revit))
    with at(TUESDAY_10 + KEPT):
        purge_drafts()
        assert Draft.objects.count() == 1
    with at(TUESDAY_10 + KEPT + timedelta(seconds=1)):
        purge_drafts()
    assert Draft.objects.count() == 0


def test_c6_files_that_have_gone_are_asked_for_again(alice: Client, revit: Product) -> None:
    data = typed(revit, title="")
    alice.post(DECLARE, {**data, "uploads": [SimpleUploadedFile("plan.pdf", PDF)]})
    address = f"{DECLARE}{Draft.objects.get().address}"
    assert "plan.pdf" in text(alice.get(address))
    assert "24 heures. Joignez" not in text(alice.get(address))
    purge_uploads(at=TUESDAY_10 + timedelta(hours=25))
    assert "24 heures. Joignez-les de nouveau." in text(alice.get(address))


# --- two pages, without JavaScript -----------------------------------------------------------


def test_the_first_page_is_kept_and_the_second_comes_filled_in(
    alice: Client, revit: Product
) -> None:
    data = typed(revit, body="", etape="2")
    answer = alice.post(DECLARE, data)
    assert answer.status_code == 302
    page = alice.get(answer["Location"])
    form = page.context["form"]
    assert (form["title"].value(), form["severity"].value()) == ("Revit se ferme", "blocking")
    assert "declare-first.css" not in body(page)
    assert Ticket.objects.count() == 0


def test_faults_of_the_first_page_are_said_there_and_only_those(
    alice: Client, revit: Product
) -> None:
    page = alice.post(DECLARE, typed(revit, title="", body="", etape="2"))
    assert "Donnez un titre à l’incident." in text(page)
    assert "Décrivez ce qui se passe." not in text(page)
    assert "declare-first.css" in body(page)
