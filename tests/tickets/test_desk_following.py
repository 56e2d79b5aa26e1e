"""The workspace keeps itself up to date (0017), says who else is there, and costs little."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories.accounts import make_engineer
from tests.factories.cast import Cast
from tests.factories.licences import make_contract, make_licence
from tests.factories.tickets import TUESDAY_10, make_ticket
from tests.tickets.pages import at, body, signed_in
from tests.tickets.pages import text as text_of
from tickets import operations, presence
from tickets.models import Ticket

if TYPE_CHECKING:
    from tests.tickets.pages import Page

pytestmark = pytest.mark.django_db
LATER = TUESDAY_10 + timedelta(minutes=20)


@pytest.fixture(autouse=True)
def _nobody_is_there() -> None:
    cache.clear()


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    found = make_ticket(requester=cast.alice, copies=[cast.bob])
    return operations.acknowledge(ticket_id=found.pk, actor=cast.ines, at=LATER)


def address(ticket: Ticket, name: str = "ticket", *more: str) -> str:
    return reverse(f"desk:{name}", args=[ticket.reference, *more])


def poll(client: Client, page: Page, *, when: datetime = LATER, query: str = "") -> Page:
    """What the page's script asks, from what the page says."""
    found = re.search(r'data-from="([^"]+)" data-version="([^"]+)"', body(page))
    assert found is not None
    asked = found[1].replace("&amp;", "&") + found[2] + query
    with at(when):
        return client.get(asked, headers={"HX-Request": "true"})


def opened(client: Client, ticket: Ticket) -> Page:
    with at(LATER):
        return client.get(address(ticket))


def post(client: Client, ticket: Ticket, name: str, **data: object) -> Page:
    with at(LATER):
        return client.post(address(ticket, name), {"form_token": str(uuid4()), **data})


def message(ticket: Ticket, cast: Cast, text: str, who: str = "alice") -> None:
    operations.post_message(
        ticket_id=ticket.pk, actor=getattr(cast, who), body=text, at=LATER, form_token=uuid4()
    )


# --- what it costs ------------------------------------------------------------------------------


def test_q1_the_workspace_asks_at_most_15_queries_and_weighs_at_most_60_kb(
    cast: Cast, ticket: Ticket
) -> None:
    make_contract(cast.company, number="CS-2026-77")
    make_licence(cast.company, product=ticket.product, version="2027.3")
    for number in range(8):
        make_ticket(requester=cast.bob, title=f"L’imprimante plie les plans, suite {number}")
    for _number in range(60):
        message(ticket, cast, "Le plan ne s’ouvre plus depuis la mise à jour. " * 10)
    operations.wait_for_customer(
        ticket_id=ticket.pk, actor=cast.ines, reason="Le journal ?", until=None, at=LATER
    )
    client = signed_in(cast.ines)
    opened(client, ticket)
    with CaptureQueriesContext(connection) as captured:
        page = opened(client, ticket)
    assert (len(captured) <= 15, len(page.content) <= 60_000) == (True, True)


def test_0017_a_poll_that_finds_nothing_asks_three_queries(cast: Cast, ticket: Ticket) -> None:
    client = signed_in(cast.ines)
    page = opened(client, ticket)
    poll(client, page)
    with CaptureQueriesContext(connection) as captured:
        answer = poll(client, page)
    assert (answer.status_code, len(captured)) == (204, 3)


def test_0017_a_poll_that_brings_a_message_asks_nine_queries(cast: Cast, ticket: Ticket) -> None:
    """The company's other incidents are not among them: nothing that is sent shows them. The last
    one asks whether mails reach the requester, which the panel that is sent says (N8).
    """
    client = signed_in(cast.ines)
    page = opened(client, ticket)
    message(ticket, cast, "Voici le journal.")
    poll(client, page)
    with CaptureQueriesContext(connection) as captured:
        answer = poll(client, page)
    assert (answer.status_code, len(captured)) == (200, 9)


def test_0017_a_poll_writes_no_session_and_sets_no_cookie(cast: Cast, ticket: Ticket) -> None:
    client = signed_in(cast.ines)
    page = opened(client, ticket)
    with CaptureQueriesContext(connection) as captured:
        answer = poll(client, page)
    written = [query["sql"] for query in captured if not query["sql"].startswith("EXECUTE")]
    assert (written, list(answer.cookies)) == ([], [])


# --- what is new --------------------------------------------------------------------------------


def test_g4_a_message_and_a_note_reach_the_open_page(cast: Cast, ticket: Ticket) -> None:
    client = signed_in(cast.ines)
    page = opened(client, ticket)
    message(ticket, cast, "Voici le journal.")
    operations.add_note(
        ticket_id=ticket.pk, actor=cast.marc, body="Je le connais.", at=LATER, form_token=uuid4()
    )
    answer = text_of(poll(client, page))
    said = ("Voici le journal.", "Je le connais.", f"Nouvelle note interne de {cast.marc}")
    assert [part for part in said if part not in answer] == []


def test_what_is_typed_is_never_part_of_an_answer(cast: Cast, ticket: Ticket) -> None:
    client = signed_in(cast.ines)
    page = opened(client, ticket)
    message(ticket, cast, "Voici le journal.")
    assert 'name="body"' not in body(poll(client, page))


def test_a_minute_later_only_the_clocks_change(cast: Cast, ticket: Ticket) -> None:
    client = signed_in(cast.ines)
    page = opened(client, ticket)
    answer = body(poll(client, page, when=LATER + timedelta(minutes=1)))
    assert ('id="horloge-resolution-1"' in answer, 'id="tete"' in answer) == (True, False)


def test_b1_a_customer_who_guesses_the_address_reads_a_404(cast: Cast, ticket: Ticket) -> None:
    client = signed_in(cast.alice)
    names = [("since",), ("earlier",), ("pane", "note"), ("mails",), ("park",)]
    answers = [client.get(address(ticket, *name)).status_code for name in names]
    assert answers == [404] * 5


def test_q1_a_long_thread_is_cut_and_the_rest_fetched(cast: Cast, ticket: Ticket) -> None:
    for number in range(50):
        message(ticket, cast, f"Message {number:02}.")
    client = signed_in(cast.ines)
    page = opened(client, ticket)
    found = re.search(r'hx-get="([^"]+precedents[^"]+)"', body(page))
    assert found is not None
    with at(LATER):
        before = client.get(found[1], headers={"HX-Request": "true"})
    assert ("Message 25." in body(page), "Message 25." in body(before)) == (False, True)


def test_without_javascript_the_whole_thread_is_a_page(cast: Cast, ticket: Ticket) -> None:
    for number in range(50):
        message(ticket, cast, f"Message {number:02}.")
    client = signed_in(cast.ines)
    answer = client.get(address(ticket, "earlier"), follow=True)
    assert "Message 02." in body(answer)


def test_without_javascript_an_act_is_a_page(cast: Cast, ticket: Ticket) -> None:
    page = signed_in(cast.ines).get(address(ticket, "pane", "resolve"))
    assert f'action="{address(ticket, "resolve")}"' in body(page)


def test_an_act_that_is_no_longer_possible_says_so(cast: Cast, ticket: Ticket) -> None:
    page = signed_in(cast.ines).get(address(ticket, "pane", "reopen"), follow=True)
    assert "Cet acte n’est pas possible sur l’incident tel qu’il est." in text_of(page)


def test_g4_a_fetched_form_is_judged_by_the_page_around_it(cast: Cast, ticket: Ticket) -> None:
    fetched = signed_in(cast.ines).get(
        address(ticket, "pane", "resolve"), {"vu": "1"}, headers={"HX-Request": "true"}
    )
    assert '<input type="hidden" name="seen" value="1">' in body(fetched)


# --- who else is there --------------------------------------------------------------------------


def test_e8_a_colleague_who_looks_or_writes_is_named(cast: Cast, ticket: Ticket) -> None:
    hugo = signed_in(make_engineer(first_name="Hugo", last_name="Blanc"))
    ines = signed_in(cast.ines)
    page = opened(ines, ticket)
    theirs = opened(hugo, ticket)
    assert "Hugo Blanc consulte aussi cet incident" in text_of(poll(ines, page))
    poll(hugo, theirs, query="&ecrit=1")
    assert "Hugo Blanc écrit en ce moment" in text_of(poll(ines, page))


def test_e8_one_is_not_named_to_oneself(cast: Cast, ticket: Ticket) -> None:
    ines = signed_in(cast.ines)
    page = opened(ines, ticket)
    assert poll(ines, page, query="&ecrit=1").status_code == 204


def test_e8_whoever_left_is_forgotten(cast: Cast, ticket: Ticket) -> None:
    opened(signed_in(cast.marc), ticket)
    later = LATER + timedelta(seconds=presence.STAYS_SECONDS + 1)
    assert presence.tell(ticket, cast.ines, later) == []


def test_b1_a_customer_never_reads_who_looks(cast: Cast, ticket: Ticket) -> None:
    opened(signed_in(cast.marc), ticket)
    with at(LATER):
        page = signed_in(cast.alice).get(ticket.get_absolute_url())
    assert cast.marc.full_name not in body(page)


# --- two at once (G2, G4) ------------------------------------------------------------------------


def seen(page: Page) -> str:
    """The event that the answer's form goes by."""
    found = re.search(
        r'name="seen" value="([0-9]+)"', body(page).split('class="write write-reply')[1]
    )
    assert found is not None
    return found[1]


def test_g4_an_answer_waits_until_the_message_that_crossed_it_is_read(
    cast: Cast, ticket: Ticket
) -> None:
    client = signed_in(cast.ines)
    shown = seen(opened(client, ticket))
    message(ticket, cast, "C’est réglé, merci.")
    refused = post(client, ticket, "reply", body="Essayez ceci.", seen=shown)
    said = text_of(refused)
    assert (refused.status_code, ticket.messages.filter(body="Essayez ceci.").exists()) == (
        409,
        False,
    )
    parts = (
        "Un message est arrivé depuis l’ouverture de cette page, de Alice",
        "Arrivé depuis l’ouverture de votre page",
        "C’est réglé, merci.",
        "Essayez ceci.",
    )
    assert [part for part in parts if part not in said] == []


def test_g4_one_click_confirms_once_it_is_read(cast: Cast, ticket: Ticket) -> None:
    client = signed_in(cast.ines)
    shown = seen(opened(client, ticket))
    message(ticket, cast, "C’est réglé, merci.")
    refused = post(client, ticket, "reply", body="Essayez ceci.", seen=shown)
    post(client, ticket, "reply", body="Essayez ceci.", seen=seen(refused))
    assert ticket.messages.filter(body="Essayez ceci.").count() == 1


def test_g4_a_colleagues_note_holds_an_answer_too(cast: Cast, ticket: Ticket) -> None:
    client = signed_in(cast.ines)
    shown = seen(opened(client, ticket))
    operations.add_note(
        ticket_id=ticket.pk, actor=cast.marc, body="N’écris pas, je l’ai au téléphone.", at=LATER,
        form_token=uuid4(),
    )  # fmt: skip
    said = text_of(post(client, ticket, "resolve", solution="Fait.", seen=shown))
    assert "Une note interne est arrivée depuis l’ouverture de cette page" in said


def test_g4_a_note_of_ours_is_kept_whatever_came(cast: Cast, ticket: Ticket) -> None:
    client = signed_in(cast.ines)
    shown = seen(opened(client, ticket))
    message(ticket, cast, "C’est réglé, merci.")
    assert post(client, ticket, "note", body="À revoir.", seen=shown).status_code == 302


def test_g4_ones_own_words_hold_nothing(cast: Cast, ticket: Ticket) -> None:
    client = signed_in(cast.ines)
    shown = seen(opened(client, ticket))
    message(ticket, cast, "Une première réponse.", who="ines")
    assert post(client, ticket, "reply", body="Une seconde.", seen=shown).status_code == 302


def test_g2_what_a_colleague_has_just_closed_is_refused_and_the_text_kept(
    cast: Cast, ticket: Ticket
) -> None:
    client = signed_in(cast.ines)
    shown = seen(opened(client, ticket))
    operations.cancel(ticket_id=ticket.pk, actor=cast.marc, reason="Doublon.", at=LATER)
    refused = post(client, ticket, "resolve", solution="Videz le cache.", seen=shown)
    said = text_of(refused)
    parts = ("« Annulation » par Marc", "Videz le cache.", "Doublon.")
    assert (refused.status_code, [part for part in parts if part not in said]) == (409, [])


# --- a public answer and a note cannot be confused (E6) -------------------------------------------


def test_e6_the_answer_and_the_note_are_two_forms_with_their_own_words(
    cast: Cast, ticket: Ticket
) -> None:
    page = body(opened(signed_in(cast.ines), ticket))
    answer = page.split('class="write write-reply')[1].split("</form>")[0]
    note = page.split('class="write write-note')[1].split("</form>")[0]
    assert ("Envoyer au client" in answer, "Enregistrer la note" in answer) == (True, False)
    assert ("Envoyer au client" in note, "Enregistrer la note" in note) == (False, True)
    assert "personne d’autre que le support" in note
    assert [cast.alice.full_name in form for form in (answer, note)] == [True, False]
