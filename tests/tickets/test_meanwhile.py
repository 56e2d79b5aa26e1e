"""What came while somebody was writing is told after sending, and holds nothing back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from django.test import Client

from tests.factories.cast import Cast
from tests.factories.tickets import TUESDAY_10, make_ticket
from tests.tickets.pages import at, body, main_text
from tickets import operations
from tickets.models import Message, Ticket
from tickets.queries.meanwhile import written_meanwhile

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
LATER = TUESDAY_10 + 40 * MINUTE
MEANWHILE = "Pendant que vous l’écriviez"


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with at(LATER):
        yield


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    found = make_ticket(company=cast.company, requester=cast.alice, copies=[cast.bob])
    return operations.acknowledge(ticket_id=found.pk, actor=cast.ines, at=TUESDAY_10 + MINUTE)


def seen_on(client: Client, ticket: Ticket) -> str:
    """What the form takes along of the page that it stands on."""
    page = body(client.get(ticket.get_absolute_url()))
    found = re.search(r'<input type="hidden" form="reponse" name="seen" value="(\d+)">', page)
    assert found
    assert '<form class="panel-body" id="reponse"' in page
    return found[1]


def send(client: Client, ticket: Ticket, seen: str) -> str:
    data = {"form_token": str(uuid4()), "body": "Voici le journal.", "seen": seen}
    sent = client.post(f"{ticket.get_absolute_url()}message/", data, follow=True)
    assert Message.objects.filter(ticket=ticket, body="Voici le journal.").count() == 1
    return body(sent)


def say(ticket: Ticket, cast: Cast, who: str) -> None:
    operations.post_message(
        ticket_id=ticket.pk, actor=getattr(cast, who), body="Redémarrez le poste.",
        form_token=uuid4(), at=TUESDAY_10 + 20 * MINUTE,
    )  # fmt: skip


@pytest.mark.parametrize("who", ["ines", "bob"])
def test_g4_who_wrote_meanwhile_is_told_after_sending_with_the_way_there(
    cast: Cast, ticket: Ticket, alice: Client, who: str
) -> None:
    seen = seen_on(alice, ticket)
    say(ticket, cast, who)
    page = send(alice, ticket, seen)
    name = getattr(cast, who).full_name
    words = " ".join(page.replace("\u00a0", " ").split())
    found = re.search(
        rf'Message envoyé\. {MEANWHILE}, {name} a écrit aussi : <a href="#(e-\d+)">', words
    )
    assert found
    assert f'id="{found[1]}"' in page


def test_g4_a_solution_that_came_meanwhile_is_told_too(
    cast: Cast, ticket: Ticket, alice: Client
) -> None:
    seen = seen_on(alice, ticket)
    operations.resolve(
        ticket_id=ticket.pk, actor=cast.ines, solution="Le pilote.", at=TUESDAY_10 + 20 * MINUTE
    )
    assert MEANWHILE in send(alice, ticket, seen)


def test_g4_what_the_page_showed_is_not_told_again(
    cast: Cast, ticket: Ticket, alice: Client
) -> None:
    say(ticket, cast, "ines")
    assert MEANWHILE not in send(alice, ticket, seen_on(alice, ticket))


def test_g4_what_a_poll_brought_is_not_told_again(
    cast: Cast, ticket: Ticket, alice: Client
) -> None:
    seen = seen_on(alice, ticket)
    say(ticket, cast, "ines")
    news = body(alice.get(f"{ticket.get_absolute_url()}depuis/?v={seen}-0-0"))
    polled = re.search(r'name="seen" value="(\d+)"', news)
    assert polled
    assert MEANWHILE not in send(alice, ticket, polled[1])


def test_ones_own_message_from_another_tab_is_no_news(
    cast: Cast, ticket: Ticket, alice: Client
) -> None:
    seen = seen_on(alice, ticket)
    say(ticket, cast, "alice")
    assert MEANWHILE not in send(alice, ticket, seen)


def test_b1_a_note_written_meanwhile_is_not_told(cast: Cast, ticket: Ticket, alice: Client) -> None:
    seen = seen_on(alice, ticket)
    operations.add_note(
        ticket_id=ticket.pk, actor=cast.ines, body="note-interne", form_token=uuid4(),
        at=TUESDAY_10 + 20 * MINUTE,
    )  # fmt: skip
    assert MEANWHILE not in send(alice, ticket, seen)


@pytest.mark.parametrize("seen", ["", "x", "-1", "²", "9" * 30, "999999999"])
def test_a3_a_mark_that_no_page_wrote_is_no_fault(
    cast: Cast, ticket: Ticket, alice: Client, seen: str
) -> None:
    say(ticket, cast, "ines")
    assert MEANWHILE not in send(alice, ticket, seen)


def test_a_quiet_incident_costs_no_query(
    cast: Cast, ticket: Ticket, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ticket.refresh_from_db()
    with django_assert_num_queries(0):
        assert written_meanwhile(ticket, LATER, ticket.last_sequence, cast.alice.pk) is None


def test_c29_an_escalated_incident_that_nobody_has_taken_says_so_in_its_first_panel(
    cast: Cast, alice: Client
) -> None:
    ticket = make_ticket(company=cast.company, requester=cast.alice)
    operations.escalate(
        ticket_id=ticket.pk, actor=cast.alice, reason="Le chantier est arrêté.",
        form_token=uuid4(), at=TUESDAY_10 + 20 * MINUTE,
    )  # fmt: skip
    told = "Escaladé aujourd’hui à 10 h 20 aux responsables du support : réponse attendue"
    address = ticket.get_absolute_url()
    assert told in main_text(alice.get(address))
    operations.answer_escalation(
        ticket_id=ticket.pk, actor=cast.marc, answer="Un renfort arrive.",
        at=TUESDAY_10 + 30 * MINUTE,
    )  # fmt: skip
    assert told not in main_text(alice.get(address))
