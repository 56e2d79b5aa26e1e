"""Ready-made answers and macros (E9): text, status and reason in one act, with variables."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.urls import reverse

from tests.factories.cast import Cast
from tests.factories.tickets import TUESDAY_10, make_ticket
from tests.tickets.pages import at, body, signed_in, text
from tickets import operations
from tickets.enums import Act, Sequel, Status
from tickets.models import Canned, Message, Ticket, TicketEvent

if TYPE_CHECKING:
    from tests.tickets.pages import Page

pytestmark = pytest.mark.django_db
NOW = TUESDAY_10 + timedelta(minutes=20)


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with at(NOW):
        yield


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    found = make_ticket(company=cast.company, requester=cast.alice, title="Revit se ferme")
    return operations.acknowledge(
        ticket_id=found.pk, actor=cast.ines, at=NOW - timedelta(minutes=1)
    )


@pytest.fixture
def journal() -> Canned:
    """A macro that asks for the log."""
    return Canned.objects.create(
        name="Demander le journal",
        body="Bonjour {contact}, au sujet de {reference}\u00a0: envoyez le journal. {ingenieur}",
        sequel=Sequel.WAIT_CUSTOMER,
        reason="Le journal de {produit}",
    )


def post(cast: Cast, ticket: Ticket, name: str, *, who: str = "ines", **data: Any) -> Page:
    return signed_in(getattr(cast, who)).post(
        reverse(f"desk:{name}", args=[ticket.reference]), {"form_token": str(uuid4()), **data}
    )


def chosen(cast: Cast, ticket: Ticket, canned: Canned, **data: Any) -> str:
    """The form once the answer was put in it."""
    page = body(post(cast, ticket, "use-canned", choisie=canned.pk, **data))
    return page.split('class="write write-reply')[1].split("</form>")[0]


# --- put in the form ------------------------------------------------------------------------------


def test_e9_the_variables_are_filled_in(cast: Cast, ticket: Ticket, journal: Canned) -> None:
    form = chosen(cast, ticket, journal)
    said = (
        f"Bonjour {cast.alice}, au sujet de {ticket.reference}",
        str(cast.ines),
        f"Le journal de {ticket.product}",
        'name="sequel" value="wait_customer"',
    )
    assert [part for part in said if part not in form] == []


def test_e9_what_was_typed_stays_before_it(cast: Cast, ticket: Ticket, journal: Canned) -> None:
    form = chosen(cast, ticket, journal, body="Je reprends.")
    assert form.index("Je reprends.") < form.index("Bonjour ")


def test_e9_nothing_is_sent_by_choosing(cast: Cast, ticket: Ticket, journal: Canned) -> None:
    before = TicketEvent.objects.count()
    chosen(cast, ticket, journal)
    assert TicketEvent.objects.count() == before


@pytest.mark.parametrize(
    ("sequel", "sentence"),
    [
        (Sequel.RESOLVE, "La solution part aussitôt et ne se reprend pas"),
        (Sequel.WAIT_CUSTOMER, "peut être reprise pendant 10\u00a0secondes"),
    ],
)
def test_e7_what_cannot_be_taken_back_is_said_before_it_is_sent(
    cast: Cast, ticket: Ticket, sequel: Sequel, sentence: str
) -> None:
    canned = Canned.objects.create(name="Suite", body="Voici.", sequel=sequel)
    assert sentence in chosen(cast, ticket, canned)


def test_e9_the_sequel_can_be_dropped_and_the_text_kept(
    cast: Cast, ticket: Ticket, journal: Canned
) -> None:
    page = post(cast, ticket, "use-canned", choisie="", body="Mon texte", sequel="resolve")
    assert ("Mon texte" in body(page), "Avec cet envoi" in text(page)) == (True, False)


def test_e9_a_sequel_that_is_not_possible_is_said_and_the_text_kept(cast: Cast) -> None:
    declared = make_ticket(company=cast.company, requester=cast.alice)
    canned = Canned.objects.create(name="Résolu", body="C’est fait.", sequel=Sequel.RESOLVE)
    page = post(cast, declared, "use-canned", choisie=canned.pk)
    assert "C’est fait." in body(page)
    assert "l’incident est « Déclaré »" in text(page)
    assert 'name="sequel" value="resolve"' not in body(page)


def test_e9_an_unknown_variable_is_a_sentence_and_nothing_half_done(
    cast: Cast, ticket: Ticket
) -> None:
    canned = Canned.objects.create(name="Fautive", body="Bonjour {contcat}, {titre}")
    page = post(cast, ticket, "use-canned", choisie=canned.pk, body="Mon texte")
    assert "Variable inconnue : {contcat}. Celles qui existent : {contact}," in text(page)
    assert ("Mon texte" in body(page), "Bonjour" in text(page)) == (True, False)


@pytest.mark.parametrize("choice", ["0", "999999", "x", "9" * 30, "²", "-1"])
def test_one_that_is_not_offered_is_a_sentence(cast: Cast, ticket: Ticket, choice: str) -> None:
    page = post(cast, ticket, "use-canned", choisie=choice)
    assert "Cette réponse type n’est plus proposée." in text(page)


@pytest.mark.parametrize("fault", ["choice", "variable"])
def test_e9_a_choice_that_fails_keeps_the_sequel_and_its_reason(
    cast: Cast, ticket: Ticket, fault: str
) -> None:
    faulty = Canned.objects.create(name="Fautive", body="Bonjour {contcat}")
    page = post(
        cast, ticket, "use-canned", choisie=faulty.pk if fault == "variable" else "999999",
        body="Mon texte", sequel="wait_customer", reason="Le journal de ce matin",
    )  # fmt: skip
    assert page.status_code == 400
    kept = ("Mon texte", 'name="sequel" value="wait_customer"', "Le journal de ce matin")
    assert [part for part in kept if part not in body(page)] == []


def test_other_braces_are_text(cast: Cast, ticket: Ticket) -> None:
    canned = Canned.objects.create(name="Code", body='Écrivez { "a": 1 } puis {titre}')
    assert "{ &quot;a&quot;: 1 } puis Revit se ferme" in chosen(cast, ticket, canned)


def test_htmx_is_given_the_text_alone(cast: Cast, ticket: Ticket, journal: Canned) -> None:
    answer = signed_in(cast.ines).post(
        reverse("desk:use-canned", args=[ticket.reference]),
        {"choisie": journal.pk, "form_token": str(uuid4())},
        headers={"HX-Request": "true"},
    )
    assert body(answer).lstrip().startswith('<div id="reponse-texte">')
    assert 'id="reply-body"' in body(answer)


def test_the_list_offers_the_most_sent_first_and_none_out_of_use(
    cast: Cast, ticket: Ticket, journal: Canned
) -> None:
    Canned.objects.create(name="Souvent", body="x", uses=9)
    Canned.objects.create(name="Retirée", body="x", is_active=False)
    page = text(signed_in(cast.ines).get(reverse("desk:canned", args=[ticket.reference])))
    assert ("Retirée" in page, page.index("Souvent") < page.index(journal.name)) == (False, True)


# --- sent -----------------------------------------------------------------------------------------


def acts(ticket: Ticket) -> list[str]:
    found = TicketEvent.objects.filter(ticket=ticket).order_by("sequence")
    return list(found.values_list("act", flat=True))[2:]


def test_e9_text_status_and_reason_are_one_act(cast: Cast, ticket: Ticket, journal: Canned) -> None:
    post(cast, ticket, "reply", body="Bonjour.", sequel="wait_customer", reason="Le journal",
         canned_id=journal.pk)  # fmt: skip
    ticket.refresh_from_db()
    assert acts(ticket) == [Act.MESSAGE, Act.WAIT_CUSTOMER]
    assert (ticket.state, ticket.waiting_reason) == (Status.WAITING_CUSTOMER, "Le journal")


def test_e9_without_a_reason_the_text_is_what_is_awaited(cast: Cast, ticket: Ticket) -> None:
    post(cast, ticket, "reply", body="Envoyez le journal.", sequel="wait_vendor")
    ticket.refresh_from_db()
    assert (acts(ticket), ticket.waiting_reason) == ([Act.WAIT_VENDOR], "Envoyez le journal.")


def test_e9_a_solution_is_the_text(cast: Cast, ticket: Ticket) -> None:
    post(cast, ticket, "reply", body="Videz le cache.", sequel="resolve")
    ticket.refresh_from_db()
    assert (acts(ticket), ticket.state) == ([Act.RESOLVE], Status.RESOLVED)


def test_e9_a_refused_sequel_sends_nothing(cast: Cast) -> None:
    declared = make_ticket(company=cast.company, requester=cast.alice)
    page = post(cast, declared, "reply", body="Bonjour.", sequel="wait_customer", reason="Ceci")
    assert (page.status_code, "Bonjour." in body(page)) == (409, True)
    assert Message.objects.filter(ticket=declared, body="Bonjour.").count() == 0


def test_e9_each_sending_is_counted_once(cast: Cast, ticket: Ticket, journal: Canned) -> None:
    token = str(uuid4())
    for _time in range(2):
        post(cast, ticket, "reply", body="Bonjour.", canned_id=journal.pk, form_token=token)
    journal.refresh_from_db()
    assert journal.uses == 1


def test_an_unknown_sequel_is_refused(cast: Cast, ticket: Ticket) -> None:
    assert post(cast, ticket, "reply", body="Bonjour.", sequel="close").status_code == 400


# --- written by managers --------------------------------------------------------------------------


def saved(cast: Cast, who: str, **data: str) -> Page:
    fields = {"name": "Accueil", "body": "Bonjour {contact}", "is_active": "on", **data}
    return signed_in(getattr(cast, who)).post(reverse("admin:tickets_canned_add"), fields)


def test_e9_a_manager_writes_one(cast: Cast) -> None:
    assert saved(cast, "marc").status_code == 302
    assert Canned.objects.get().name == "Accueil"


def test_e9_an_unknown_variable_is_named_when_it_is_written(cast: Cast) -> None:
    page = saved(cast, "marc", body="Bonjour {client} et {machin}")
    assert "Variables inconnues : {client}, {machin}." in text(page)
    assert Canned.objects.count() == 0


def test_j1_an_engineer_writes_none(cast: Cast) -> None:
    assert saved(cast, "ines").status_code == 403
