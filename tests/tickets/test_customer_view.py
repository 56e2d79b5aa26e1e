"""« Voir comme le client »: their page with their rights, unable to write, and kept in mind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from accounts.models import Membership, User
from licences.models import Product
from tests.factories.cast import Cast
from tests.factories.tickets import TUESDAY_10, make_ticket
from tests.tickets.pages import at, body, main_text, signed_in, text
from tickets import operations
from tickets.models import Ticket, TicketEvent

if TYPE_CHECKING:
    from tests.tickets.pages import Page

pytestmark = pytest.mark.django_db
NOW = TUESDAY_10 + timedelta(minutes=40)
SECRET = "Client pénible, voir avec Marc"


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with at(NOW):
        yield


@pytest.fixture
def ticket(cast: Cast, revit: Product) -> Ticket:
    """Alice's, with Bob in copy, an internal note and a message of ours."""
    made = make_ticket(
        company=cast.company, requester=cast.alice, product=revit, copies=[cast.bob],
        at=TUESDAY_10,
    )  # fmt: skip
    then = TUESDAY_10 + timedelta(minutes=10)
    operations.acknowledge(ticket_id=made.pk, actor=cast.ines, at=then)
    operations.add_note(
        ticket_id=made.pk, actor=cast.ines, body=SECRET, at=then, form_token=uuid4()
    )
    operations.post_message(
        ticket_id=made.pk, actor=cast.ines, body="Voici [un lien](https://exemple.test/).",
        at=then, form_token=uuid4(),
    )  # fmt: skip
    return made


def address(ticket: Ticket) -> str:
    return reverse("desk:customer-view", args=[ticket.reference])


def seen(ticket: Ticket, by: User, as_whom: User | None = None) -> Page:
    query = {"personne": as_whom.pk} if as_whom else {}
    return signed_in(by).get(address(ticket), query)


def words(page: Page) -> str:
    """The page's content, without the name that the view gives to its frame."""
    return main_text(page).replace("Page du client ", "")


@pytest.mark.parametrize("name", ["alice", "bob", "rejane"])
def test_e15_the_page_is_word_for_word_the_customers(cast: Cast, ticket: Ticket, name: str) -> None:
    reader = getattr(cast, name)
    theirs = signed_in(reader).get(ticket.get_absolute_url())
    assert words(seen(ticket, cast.ines, reader)) == words(theirs)


def test_the_requester_is_the_one_seen_as_by_default(cast: Cast, ticket: Ticket) -> None:
    assert words(seen(ticket, cast.ines)) == words(seen(ticket, cast.ines, cast.alice))


def test_b1_no_internal_note_is_on_it(cast: Cast, ticket: Ticket) -> None:
    page = body(seen(ticket, cast.ines))
    assert SECRET in body(signed_in(cast.ines).get(reverse("desk:ticket", args=[ticket.reference])))
    assert (SECRET in page, "Note interne" in page) == (False, False)


@pytest.mark.parametrize("name", ["charlie", "ines", "marc", "adele"])
def test_j1_nobody_but_its_readers_can_be_looked_as(cast: Cast, ticket: Ticket, name: str) -> None:
    assert seen(ticket, cast.ines, getattr(cast, name)).status_code == 404


def test_a4_nor_who_has_lost_access(cast: Cast, ticket: Ticket) -> None:
    Membership.objects.filter(user=cast.alice).update(is_active=False)
    assert seen(ticket, cast.ines, cast.alice).status_code == 404
    assert "tel que Bob" in text(seen(ticket, cast.ines))


def test_a_private_incident_is_not_seen_as_the_company_s_manager(
    cast: Cast, ticket: Ticket
) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(is_private=True)
    assert seen(ticket, cast.ines, cast.rejane).status_code == 404


def test_an_incident_that_nobody_sees_any_more_says_so(cast: Cast, ticket: Ticket) -> None:
    Membership.objects.filter(company=cast.company).update(is_active=False)
    assert "Personne chez le client ne voit cet incident." in text(seen(ticket, cast.ines))
    assert LogEntry.objects.count() == 0


@pytest.mark.parametrize("value", ["x", "-1", "٣", "9" * 30, "\x00"])
def test_a3_a_wrong_person_in_the_address_is_a_missing_page(
    cast: Cast, ticket: Ticket, value: str
) -> None:
    response = signed_in(cast.ines).get(address(ticket), {"personne": value})
    assert response.status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_can_be_sent_to_it(cast: Cast, ticket: Ticket, method: str) -> None:
    before = TicketEvent.objects.count()
    response = getattr(signed_in(cast.ines), method)(address(ticket), {"body": "Bonjour"})
    assert (response.status_code, TicketEvent.objects.count()) == (405, before)


@pytest.mark.parametrize("act", ["message", "accept", "refuse", "cancel", "copies", "escalate"])
def test_nor_through_the_customers_own_addresses(cast: Cast, ticket: Ticket, act: str) -> None:
    before = TicketEvent.objects.count()
    ines = signed_in(cast.ines)
    ines.get(address(ticket))
    response = ines.post(
        reverse(f"tickets:{act}", args=[ticket.reference]), {"body": "x", "form_token": uuid4()}
    )
    assert (response.status_code, TicketEvent.objects.count()) == (404, before)


def test_no_form_link_or_script_of_the_page_acts(cast: Cast, ticket: Ticket) -> None:
    page = body(seen(ticket, cast.ines))
    content = page.partition("<main")[2].partition("</main>")[0]
    acting = re.findall(r'<(?:a|form)\s[^>]*?(?:href="[^#]|action=|method=)|hx-[a-z]+=', content)
    assert ('<fieldset class="mirror" disabled>' in content, acting) == (True, [])
    assert ("<form" in content, "<script" in page) == (True, False)


def test_the_session_stays_the_engineers(cast: Cast, ticket: Ticket) -> None:
    ines = signed_in(cast.ines)
    ines.get(address(ticket))
    assert ines.get(reverse("desk:ticket", args=[ticket.reference])).status_code == 200
    assert ines.session["_auth_user_id"] == str(cast.ines.pk)


def test_who_looked_as_whom_is_kept(
    cast: Cast, ticket: Ticket, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO"):
        seen(ticket, cast.ines, cast.bob)
    entry = LogEntry.objects.get()
    kept = (entry.user_id, entry.object_id, f"n°\u00a0{cast.bob.pk}" in entry.change_message)
    assert kept == (cast.ines.pk, str(ticket.pk), True)
    (record,) = [line for line in caplog.records if line.message == "ticket_seen_as_customer"]
    facts = (record.user, record.ticket, record.person)  # type: ignore[attr-defined]
    assert facts == (cast.ines.pk, ticket.pk, cast.bob.pk)


def test_the_incident_s_history_in_the_admin_shows_it(cast: Cast, ticket: Ticket) -> None:
    seen(ticket, cast.ines)
    history = reverse("admin:tickets_ticket_history", args=[ticket.pk])
    assert f"telle que la voit la personne n° {cast.alice.pk}" in text(
        signed_in(cast.marc).get(history)
    )


def test_a_customer_reads_that_the_page_is_missing(cast: Cast, ticket: Ticket) -> None:
    assert seen(ticket, cast.alice).status_code == 404


def test_the_workspace_leads_to_it(cast: Cast, ticket: Ticket) -> None:
    page = body(signed_in(cast.ines).get(reverse("desk:ticket", args=[ticket.reference])))
    assert f'href="{address(ticket)}"' in page
