"""The page of an incident keeps itself up to date: what a poll costs, says and never says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from files.enums import FileState
from files.models import StoredFile
from tests.factories.cast import Cast
from tests.factories.files import make_stored_file
from tests.factories.tickets import TUESDAY_10, make_ticket
from tests.tickets.pages import at, body, signed_in, text
from tests.tickets.snapshot import rows_of_everything
from tickets import operations
from tickets.models import Ticket

if TYPE_CHECKING:
    from tests.tickets.pages import Page

pytestmark = pytest.mark.django_db
NOW = TUESDAY_10 + timedelta(minutes=20)
LATER = NOW + timedelta(seconds=15)
_WATCH = re.compile(r'data-from="(/incidents/[^"]+/depuis/\?v=)" data-version="([0-9-]+)"')
HTMX: dict[str, Any] = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with at(NOW):
        yield


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    ticket = make_ticket(company=cast.company, requester=cast.alice)
    return operations.acknowledge(
        ticket_id=ticket.pk, actor=cast.ines, at=TUESDAY_10 + timedelta(minutes=10)
    )


def watched(client: Client, ticket: Ticket) -> str:
    """What the page asks for while it is read."""
    return address_in(client.get(ticket.get_absolute_url()))


def address_in(response: Page) -> str:
    found = _WATCH.search(body(response))
    assert found is not None
    return found[1] + found[2]


def poll(client: Client, address: str, when: datetime = LATER) -> Page:
    with at(when):
        return client.get(address, **HTMX)


def says(ticket: Ticket, who: User, words: str, when: datetime = NOW) -> None:
    operations.post_message(ticket_id=ticket.pk, actor=who, body=words, at=when, form_token=uuid4())


# --- nothing new -------------------------------------------------------------------------------


def test_q1_a_quiet_page_costs_one_query_and_a_204(alice: Client, ticket: Ticket) -> None:
    address = watched(alice, ticket)
    with CaptureQueriesContext(connection) as captured:
        response = poll(alice, address)
    assert (response.status_code, response.content) == (204, b"")
    assert response["Cache-Control"] == "private, no-store"
    # The session, the person, their companies; then the one that compares.
    assert len(captured) == 4, "\n".join(query["sql"][:120] for query in captured)


def test_b1_a_note_moves_no_version(cast: Cast, alice: Client, ticket: Ticket) -> None:
    address = watched(alice, ticket)
    operations.add_note(
        ticket_id=ticket.pk, actor=cast.ines, body="CANARI", at=NOW, form_token=uuid4()
    )
    assert poll(alice, address).status_code == 204
    assert watched(alice, ticket) == address


def test_s11_a_rung_moves_no_version(cast: Cast, alice: Client) -> None:
    ticket = make_ticket(company=cast.company, requester=cast.alice)
    with at(TUESDAY_10 + timedelta(minutes=50)):
        address = watched(alice, ticket)
        operations.sweep_deadlines(at=TUESDAY_10 + timedelta(minutes=50))
        assert ticket.events.count() > 1
        assert alice.get(address).status_code == 204


def test_polling_never_prolongs_a_session(alice: Client, ticket: Ticket) -> None:
    address = watched(alice, ticket)
    before = Session.objects.values_list("session_key", "expire_date", "session_data").get()
    rows = rows_of_everything()
    for number in range(50):
        response = poll(alice, address, NOW + timedelta(minutes=number))
        assert "sessionid" not in response.cookies
    assert Session.objects.values_list("session_key", "expire_date", "session_data").get() == before
    assert rows_of_everything() == rows


def test_a_poll_leaves_the_notices_to_the_next_page(alice: Client, ticket: Ticket) -> None:
    alice.post(f"{ticket.get_absolute_url()}message/", {"body": "Un", "form_token": str(uuid4())})
    poll(alice, f"{ticket.get_absolute_url()}depuis/?v=1-0-0")
    assert "Message envoyé." in text(alice.get(ticket.get_absolute_url()))


# --- the minute passes -------------------------------------------------------------------------


def test_a_minute_later_only_the_clocks_are_sent(alice: Client, ticket: Ticket) -> None:
    address = watched(alice, ticket)
    response = poll(alice, address, NOW + timedelta(minutes=1))
    shown = body(response)
    assert response.status_code == 200
    assert 'id="horloge-resolution-1" hx-swap-oob="true"' in shown
    assert "dans 8 h 39 ouvrées" in text(response)
    for part in ("<form", 'id="tour"', 'id="fiche"', 'hx-swap-oob="beforeend', "<textarea"):
        assert part not in shown
    assert poll(alice, address_in(response), NOW + timedelta(minutes=1)).status_code == 204


def test_an_incident_that_is_over_stays_quiet_all_day(
    cast: Cast, alice: Client, ticket: Ticket
) -> None:
    operations.cancel(ticket_id=ticket.pk, actor=cast.ines, reason="Doublon", at=NOW)
    address = watched(alice, ticket)
    assert poll(alice, address, NOW + timedelta(hours=5)).status_code == 204
    with at(NOW + timedelta(days=1)):
        assert signed_in(cast.alice).get(address).status_code == 200


# --- something new -----------------------------------------------------------------------------


def test_a_new_message_is_appended_and_announced(cast: Cast, alice: Client, ticket: Ticket) -> None:
    address = watched(alice, ticket)
    says(ticket, cast.ines, "Essayez **sans** greffon.")
    response = poll(alice, address)
    shown = body(response)
    assert '<ol hx-swap-oob="beforeend:#fil">' in shown
    assert "<strong>sans</strong>" in shown
    assert shown.count('class="entry ') == 1
    assert f"Nouveau message d’{cast.ines.full_name}" in text(response)
    # What is being typed is no part of the answer.
    assert 'name="body"' not in shown
    assert "composer" not in shown
    assert poll(alice, address_in(response)).status_code == 204


def test_a_step_is_appended_once_however_often_one_asks(
    cast: Cast, alice: Client, ticket: Ticket
) -> None:
    address = watched(alice, ticket)
    says(ticket, cast.ines, "Un")
    after_one = address_in(poll(alice, address))
    says(ticket, cast.ines, "Deux")
    shown = body(poll(alice, after_one))
    assert ("<p>Deux</p>" in shown, "<p>Un</p>" in shown) == (True, False)


def test_ones_own_message_is_not_announced(cast: Cast, alice: Client, ticket: Ticket) -> None:
    address = watched(alice, ticket)
    says(ticket, cast.alice, "Écrit dans un autre onglet.")
    response = poll(alice, address)
    assert "Écrit dans un autre onglet." in text(response)
    assert 'id="annonce"' not in body(response)


def test_a_change_of_state_brings_what_can_be_done_now(
    cast: Cast, alice: Client, ticket: Ticket
) -> None:
    address = watched(alice, ticket)
    operations.resolve(ticket_id=ticket.pk, actor=cast.ines, solution="Videz le cache.", at=NOW)
    response = poll(alice, address)
    shown = text(response)
    assert f"{cast.ines} propose une solution" in shown
    assert "Accepter la solution" in shown
    assert '<textarea class="textarea form-control" name="reason"' in body(response)
    assert 'name="form_token"' in body(response)
    assert 'id="tour" data-guarded' in body(response)
    assert "Résolution tenu" in shown


def test_s9_a_new_cycle_brings_new_clocks(cast: Cast, alice: Client, ticket: Ticket) -> None:
    operations.resolve(ticket_id=ticket.pk, actor=cast.ines, solution="Fait.", at=NOW)
    address = watched(alice, ticket)
    operations.reopen(ticket_id=ticket.pk, actor=cast.rejane, reason="Non.", at=NOW)
    shown = body(poll(alice, address))
    assert 'id="engagements"' in shown
    assert 'id="horloge-resolution-2"' in shown


def test_c8_a_file_that_has_been_checked_gets_its_link(
    cast: Cast, alice: Client, ticket: Ticket
) -> None:
    file = make_stored_file(name="plan.pdf", actor=cast.alice)
    operations.post_message(
        ticket_id=ticket.pk, actor=cast.alice, body="Voici.", at=NOW, form_token=uuid4(),
        files=[file],
    )  # fmt: skip
    StoredFile.objects.filter(pk=file.pk).update(
        state=FileState.CHECKING, check_after=NOW, whole_at=NOW
    )
    address = watched(alice, ticket)
    assert f"/fichiers/{file.pk}/" not in body(alice.get(ticket.get_absolute_url()))
    StoredFile.objects.filter(pk=file.pk).update(state=FileState.AVAILABLE, check_after=None)
    shown = body(poll(alice, address))
    assert f"/fichiers/{file.pk}/" in shown
    assert 'hx-swap-oob="beforeend' not in shown


@pytest.mark.parametrize("version", ["", "x", "1-2", "-1-0-0", "1-0-0-0", "9" * 40, "1-0-\x00"])
def test_a3_a_version_that_nobody_wrote_brings_the_present_page(
    alice: Client, ticket: Ticket, version: str
) -> None:
    with at(LATER):
        response = alice.get(f"{ticket.get_absolute_url()}depuis/", {"v": version}, **HTMX)
    assert response.status_code == 200
    assert "csrfmiddlewaretoken" in body(response)
    assert 'hx-swap-oob="beforeend' not in body(response)


# --- the session ends --------------------------------------------------------------------------


def test_g5_an_ended_session_answers_so_that_the_page_can_say_it(
    alice: Client, ticket: Ticket
) -> None:
    shown = alice.get(ticket.get_absolute_url())
    assert "Votre session a expiré. Votre texte reste ici" in text(shown)
    Session.objects.all().delete()
    response = poll(alice, address_in(shown))
    assert (response.status_code, response.content) == (401, b"")


def test_a4_somebody_who_left_is_told_nothing_more(
    cast: Cast, alice: Client, ticket: Ticket
) -> None:
    address = watched(alice, ticket)
    cast.alice.memberships.update(is_active=False)
    says(ticket, cast.ines, "CANARI")
    response = poll(alice, address)
    assert response.status_code == 404
    assert "CANARI" not in body(response)


def test_c26_a_corrected_title_takes_the_place_of_the_old_one(cast: Cast) -> None:
    ticket = make_ticket(company=cast.company, requester=cast.alice, copies=[cast.bob])
    bob = signed_in(cast.bob)
    address = watched(bob, ticket)
    operations.correct_subject(
        ticket_id=ticket.pk, actor=cast.alice, title="Titre <corrigé>", product=ticket.product,
        licence=None, at=LATER,
    )  # fmt: skip
    with at(LATER):
        news = body(bob.get(address, **HTMX))
    assert '<span id="titre" hx-swap-oob="true">Titre &lt;corrigé&gt;</span>' in news
    assert '<h1><span id="titre">Titre' in body(bob.get(ticket.get_absolute_url()))
