"""A form sent again, reopened or opened for something: from « back », a sign-in, a licence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from files.models import Upload
from licences.models import Product
from tests.factories.cast import Cast
from tests.factories.files import PDF
from tests.factories.licences import make_licence, make_product
from tests.factories.tickets import TUESDAY_10, make_ticket
from tests.tickets.pages import at, body, main_text, signed_in, text
from tests.tickets.snapshot import rows_of_everything
from tickets import operations
from tickets.models import Attachment, Ticket

if TYPE_CHECKING:
    from tests.tickets.pages import Page

pytestmark = pytest.mark.django_db
DECLARE = "/incidents/declarer/"


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


def address_of(response: Page) -> str:
    """Where the form of the page is sent."""
    return f"{DECLARE}{response.context['address']}"


# --- the same words again ------------------------------------------------------------------------


def test_back_then_send_makes_no_second_incident(alice: Client, revit: Product) -> None:
    alice.post(DECLARE, typed(revit))
    before = rows_of_everything()
    response = alice.post(DECLARE, typed(revit))
    first = Ticket.objects.get()
    assert (
        f"Vous venez de déclarer cet incident, aujourd’hui à 10 h 00 : {first.reference}"
        in text(response)
    )
    assert "Depuis ce matin." in body(response)
    assert rows_of_everything() == before


def test_the_same_words_are_declared_anyway_when_asked(alice: Client, revit: Product) -> None:
    alice.post(DECLARE, typed(revit))
    page = alice.post(DECLARE, typed(revit))
    # The Enter key presses the first button of a form: it is not this one.
    buttons = body(page).partition('class="acts declare-acts"')[2]
    assert buttons.index("Envoyer l’incident") < buttons.index('name="encore"')
    alice.post(DECLARE, typed(revit, encore="1"))
    assert Ticket.objects.count() == 2


def test_other_words_from_a_second_tab_of_a_sent_form_are_not_lost(
    alice: Client, revit: Product
) -> None:
    data = typed(revit)
    alice.post(DECLARE, data)
    page = alice.post(DECLARE, {**data, "body": "Un texte plus long, de l’autre onglet."})
    first = Ticket.objects.get()
    assert f"Vous avez déjà envoyé ce formulaire : c’est l’incident {first.reference}" in text(page)
    assert "Un texte plus long, de l’autre onglet." in body(page)
    token = page.context["form"]["form_token"].value()
    assert token != data["form_token"]
    alice.post(DECLARE, {**data, "body": "Un texte plus long.", "form_token": token})
    assert Ticket.objects.count() == 2


@pytest.mark.parametrize("changes", [{"title": "Autre"}, {"body": "Autre."}], ids=["title", "text"])
def test_other_words_are_another_incident(
    alice: Client, revit: Product, changes: dict[str, str]
) -> None:
    alice.post(DECLARE, typed(revit))
    alice.post(DECLARE, typed(revit, **changes))
    assert Ticket.objects.count() == 2


def test_the_same_words_on_another_product_are_another_incident(
    cast: Cast, alice: Client, revit: Product
) -> None:
    other = make_licence(cast.company, product=make_product(name="Tekla")).product
    alice.post(DECLARE, typed(revit))
    alice.post(DECLARE, typed(other))
    assert Ticket.objects.count() == 2


def test_the_same_words_an_hour_later_are_another_incident(alice: Client, revit: Product) -> None:
    alice.post(DECLARE, typed(revit))
    with at(TUESDAY_10 + timedelta(hours=1)):
        alice.post(DECLARE, typed(revit))
    assert Ticket.objects.count() == 2


def test_a2_the_same_words_of_a_colleague_are_another_incident(
    cast: Cast, alice: Client, revit: Product
) -> None:
    alice.post(DECLARE, typed(revit))
    signed_in(cast.bob).post(DECLARE, typed(revit))
    assert Ticket.objects.count() == 2


def test_a_cancelled_incident_can_be_declared_again(
    cast: Cast, alice: Client, revit: Product
) -> None:
    alice.post(DECLARE, typed(revit))
    ticket = Ticket.objects.get()
    operations.cancel(ticket_id=ticket.pk, actor=cast.alice, reason="Erreur.", at=TUESDAY_10)
    alice.post(DECLARE, typed(revit))
    assert Ticket.objects.count() == 2


def test_the_address_of_a_form_that_was_sent_says_so(alice: Client, revit: Product) -> None:
    page = alice.get(DECLARE)
    token = page.context["form"]["form_token"].value()
    alice.post(address_of(page), typed(revit, form_token=token))
    back = alice.get(address_of(page))
    ticket = Ticket.objects.get()
    assert f"Vous avez déjà envoyé ce formulaire : c’est l’incident {ticket.reference}" in text(
        back
    )
    assert str(token) not in body(back).partition('name="form_token"')[2][:200]


# --- files through a sign-in ---------------------------------------------------------------------


def test_files_are_offered_again_after_the_session_ended(
    cast: Cast, alice: Client, revit: Product
) -> None:
    token = str(uuid4())
    uploads = [SimpleUploadedFile("plan.pdf", PDF)]
    page = alice.post(DECLARE, typed(revit, title="", form_token=token, uploads=uploads))
    alice.logout()
    ended = alice.post(address_of(page), typed(revit, form_token=token))
    (after_sign_in,) = parse_qs(urlsplit(ended["Location"]).query)["next"]
    alice.force_login(cast.alice)
    again = alice.get(after_sign_in)
    assert "Déjà reçus, ils seront joints plan.pdf" in text(again)
    alice.post(address_of(again), typed(revit, form_token=token))
    assert Attachment.objects.get().file.name == "plan.pdf"


def test_the_files_of_an_answer_are_offered_again_too(cast: Cast, alice: Client) -> None:
    ticket = make_ticket(company=cast.company, requester=cast.alice)
    token = str(uuid4())
    address = f"{ticket.get_absolute_url()}message/?brouillon={token}"
    uploads = [SimpleUploadedFile("plan.pdf", PDF), SimpleUploadedFile("non.exe", b"MZ" + b"0" * 9)]
    assert address in body(
        alice.post(address, {"body": "Voici.", "form_token": token, "uploads": uploads})
    )
    again = alice.get(address, follow=True)
    assert again.redirect_chain[-1][0].endswith("#repondre")
    assert "Déjà reçus, ils seront joints plan.pdf" in text(again)


def test_a_sent_answer_is_not_opened_again(cast: Cast, alice: Client) -> None:
    ticket = make_ticket(company=cast.company, requester=cast.alice)
    token = str(uuid4())
    address = f"{ticket.get_absolute_url()}message/?brouillon={token}"
    alice.post(address, {"body": "Voici.", "form_token": token})
    assert token not in body(alice.get(f"{ticket.get_absolute_url()}?brouillon={token}"))


def test_a1_another_persons_draft_shows_none_of_their_files(
    cast: Cast, alice: Client, revit: Product
) -> None:
    token = str(uuid4())
    uploads = [SimpleUploadedFile("plan.pdf", PDF)]
    alice.post(DECLARE, typed(revit, title="", form_token=token, uploads=uploads))
    assert Upload.objects.filter(person=cast.alice).exists()
    page = signed_in(cast.bob).get(f"{DECLARE}?brouillon={token}")
    assert "plan.pdf" not in body(page)


@pytest.mark.parametrize("name", ["brouillon", "licence"])
@pytest.mark.parametrize("value", ["", "x", "%00", "{}", "1" * 40, "-1", "²"])
def test_a3_a_broken_parameter_is_a_new_form(alice: Client, name: str, value: str) -> None:
    assert alice.get(f"{DECLARE}?{name}={value}").status_code == 200


# --- for a licence -------------------------------------------------------------------------------


def test_the_form_is_filled_for_the_licence_it_was_opened_from(
    cast: Cast, alice: Client, revit: Product
) -> None:
    make_licence(cast.company, product=make_product(name="Tekla"))
    second = make_licence(cast.company, product=revit, version="2027")
    link = f"{DECLARE}?societe={cast.company.pk}&licence={second.pk}"
    assert link.replace("&", "&amp;") in body(alice.get(second.get_absolute_url()))
    page = alice.get(link)
    assert "Sur la licence Revit 2027" in main_text(page)
    assert page.context["form"]["product"].value() == revit.pk
    alice.post(address_of(page), typed(revit))
    assert Ticket.objects.get().licence == second


def test_another_product_chosen_then_leaves_the_licence(
    cast: Cast, alice: Client, revit: Product
) -> None:
    licence = make_licence(cast.company, product=make_product(name="Tekla"))
    alice.post(f"{DECLARE}?licence={licence.pk}", typed(revit))
    assert Ticket.objects.get().licence == cast.company.licences.get(product=revit)


def test_a1_a_foreign_licence_is_the_404_of_a_missing_one(cast: Cast, alice: Client) -> None:
    foreign = make_licence(cast.other_company)
    answers = {
        alice.get(f"{DECLARE}?licence={number}").status_code for number in (foreign.pk, 999999)
    }
    assert answers == {404}
