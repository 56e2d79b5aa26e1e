"""Known solutions while an answer is written: at any customer's, for the desk alone (E23)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from tests.factories.cast import Cast
from tests.factories.tickets import TUESDAY_10, make_ticket
from tests.tickets.pages import body, signed_in, text
from tickets import operations
from tickets.models import Ticket
from tickets.queries.solutions import first_words

pytestmark = pytest.mark.django_db
LATER = TUESDAY_10 + timedelta(minutes=20)


def solved(cast: Cast, title: str, solution: str, who: str = "charlie") -> Ticket:
    """At another customer's."""
    ticket = make_ticket(requester=getattr(cast, who), company=cast.other_company, title=title)
    operations.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=LATER)
    operations.resolve(ticket_id=ticket.pk, actor=cast.ines, solution=solution, at=LATER)
    return ticket


def found(cast: Cast, ticket: Ticket, **query: str) -> str:
    address = reverse("desk:solutions", args=[ticket.reference])
    return text(signed_in(cast.ines).get(address, query))


def test_e23_what_solved_it_elsewhere_is_found_by_the_title(cast: Cast) -> None:
    solved(cast, "Twinmotion se fige au démarrage", "Réinstallez le pilote graphique.")
    ticket = make_ticket(requester=cast.alice, title="Twinmotion : écran noir au démarrage")
    assert "Réinstallez le pilote graphique." in found(cast, ticket)


def test_e23_other_words_are_looked_for(cast: Cast) -> None:
    solved(cast, "L’imprimante plie les plans", "Changez le rouleau.")
    ticket = make_ticket(requester=cast.alice)
    assert "Changez le rouleau." in found(cast, ticket, q="imprimante")


def test_e23_one_that_goes_on_is_no_solution(cast: Cast) -> None:
    make_ticket(requester=cast.bob, title="L’imprimante plie encore")
    ticket = make_ticket(requester=cast.alice)
    assert "plie encore" not in found(cast, ticket, q="imprimante")


@pytest.mark.parametrize("words", ["", " ", "\x00", "%", "x" * 5_000])
def test_words_that_find_nothing_are_no_fault(cast: Cast, words: str) -> None:
    ticket = make_ticket(requester=cast.alice)
    assert "Aucun incident résolu" in found(cast, ticket, q=words)


def test_a2_a_customer_reads_the_404_of_a_missing_page(cast: Cast) -> None:
    ticket = make_ticket(requester=cast.alice)
    address = reverse("desk:solutions", args=[ticket.reference])
    assert signed_in(cast.alice).get(address).status_code == 404


def test_texts_of_other_customers_are_inert(cast: Cast) -> None:
    solved(cast, "Imprimante <script>alert(1)</script>", "<script>alert(2)</script>")
    ticket = make_ticket(requester=cast.alice)
    address = reverse("desk:solutions", args=[ticket.reference])
    assert "<script>alert" not in body(signed_in(cast.ines).get(address, {"q": "imprimante"}))


def test_the_longest_words_of_the_title_are_looked_for_first() -> None:
    ticket = Ticket(title="Revit se ferme à l’ouverture du plan")
    assert first_words(ticket) == "Revit l’ouverture"
