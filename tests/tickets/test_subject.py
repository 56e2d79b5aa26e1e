"""C26: the requester corrects the title or the product while nobody has taken charge."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts import unsent
from accounts.models import User
from foundation.text import digest
from licences.models import Product
from tests.factories.cast import Cast
from tests.factories.licences import make_licence, make_product
from tests.factories.tickets import TUESDAY_10, make_ticket
from tests.tickets.pages import at, body, main_text, signed_in
from tickets import operations
from tickets.enums import Act
from tickets.models import Commitment, Ticket, TicketEvent
from tickets.verification import verify

pytestmark = pytest.mark.django_db

LATER = TUESDAY_10 + timedelta(minutes=10)


@pytest.fixture
def ticket(cast: Cast, revit: Product) -> Ticket:
    return make_ticket(
        company=cast.company, requester=cast.alice, product=revit, title="Ca plante",
        copies=[cast.bob],
    )  # fmt: skip


@pytest.fixture
def autocad(cast: Cast) -> Product:
    found = make_product(name="AutoCAD")
    make_licence(cast.company, product=found)
    return found


def address(ticket: Ticket) -> str:
    return reverse("tickets:correct_subject", args=[ticket.reference])


def send(user: User, ticket: Ticket, **data: Any) -> Any:
    with at(LATER):
        return signed_in(user).post(address(ticket), data)


def corrections(ticket: Ticket) -> list[TicketEvent]:
    return list(TicketEvent.objects.filter(ticket=ticket, act=Act.CORRECT_SUBJECT))


def test_c26_title_product_and_licence_follow_and_the_history_keeps_no_title(
    ticket: Ticket, autocad: Product, cast: Cast
) -> None:
    before = list(Commitment.objects.values())
    licence = ticket.licence_id
    answer = send(cast.alice, ticket, title="AutoCAD se ferme", product=autocad.pk)
    assert answer.status_code == 302
    ticket.refresh_from_db()
    assert (ticket.title, ticket.product) == ("AutoCAD se ferme", autocad)
    assert ticket.licence is not None
    assert ticket.licence.product == autocad
    (event,) = corrections(ticket)
    assert event.facts == {
        "product": [Product.objects.get(name="Revit").pk, autocad.pk],
        "licence": [licence, ticket.licence_id],
        "title": [digest("Ca plante"), digest("AutoCAD se ferme")],
    }
    assert list(Commitment.objects.values()) == before
    assert list(verify([ticket.reference])) == []


def test_c26_the_same_values_record_nothing(ticket: Ticket, revit: Product, cast: Cast) -> None:
    answer = send(cast.alice, ticket, title="Ca plante", product=revit.pk)
    assert (answer.status_code, corrections(ticket)) == (302, [])


def test_c26_once_taken_in_charge_the_correction_is_asked_for(
    ticket: Ticket, revit: Product, cast: Cast
) -> None:
    operations.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=TUESDAY_10)
    answer = send(cast.alice, ticket, title="Revit se ferme", product=revit.pk)
    assert answer.status_code == 409
    assert "par un message" in main_text(answer)
    assert 'value="Revit se ferme"' in body(answer)


@pytest.mark.parametrize("who", ["bob", "rejane"])
def test_c26_a_colleague_does_not_correct_it(
    ticket: Ticket, revit: Product, cast: Cast, who: str
) -> None:
    person = getattr(cast, who)
    assert send(person, ticket, title="Autre", product=revit.pk).status_code == 409
    assert signed_in(person).get(address(ticket)).status_code == 302


def test_a1_a_product_that_the_company_does_not_hold_is_refused(ticket: Ticket, cast: Cast) -> None:
    foreign = make_product(name="Vault")
    make_licence(cast.other_company, product=foreign)
    answer = send(cast.alice, ticket, title="Ca plante", product=foreign.pk)
    assert "Choisissez un logiciel de votre société." in main_text(answer)
    assert corrections(ticket) == []


def test_d4_a_title_stays_one_line(ticket: Ticket, revit: Product, cast: Cast) -> None:
    send(cast.alice, ticket, title="Revit\r\nBcc: x@evil.test", product=revit.pk)
    ticket.refresh_from_db()
    assert ticket.title == "Revit Bcc: x@evil.test"


def test_c26_the_page_of_a_declared_incident_leads_there(ticket: Ticket, cast: Cast) -> None:
    with at(LATER):
        page = body(signed_in(cast.alice).get(ticket.get_absolute_url()))
        theirs = body(signed_in(cast.bob).get(ticket.get_absolute_url()))
    assert (address(ticket) in page, address(ticket) in theirs) == (True, False)


def test_c26_the_thread_says_what_was_corrected(ticket: Ticket, revit: Product, cast: Cast) -> None:
    send(cast.alice, ticket, title="Revit se ferme", product=revit.pk)
    with at(LATER):
        text = main_text(signed_in(cast.bob).get(ticket.get_absolute_url()))
    assert "a corrigé le titre de l’incident" in text


def test_what_was_typed_after_the_session_ended_is_there_again(
    ticket: Ticket, revit: Product, cast: Cast
) -> None:
    client = Client()
    typed = {"title": "Revit se ferme", "product": revit.pk, unsent.MARK: unsent.mark(cast.alice)}
    client.post(address(ticket), typed)
    client.force_login(cast.alice)
    html = body(client.get(address(ticket)))
    assert 'value="Revit se ferme"' in html
    assert "Votre session avait expiré" in html
