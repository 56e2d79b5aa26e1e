"""E21 handing over with a note, and G4: an act decided on a page that others made untrue."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from django.urls import reverse

from accounts.models import User
from foundation.refusals import Refusal
from notifications.messages import compose
from sla.enums import Severity
from tests.factories.cast import Cast
from tests.factories.tickets import TUESDAY_10, make_ticket
from tests.tickets.pages import at, body, signed_in, text
from tickets import operations
from tickets.enums import Act, Status
from tickets.models import Commitment, Message, Note, Ticket, TicketEvent
from tickets.verification import verify

if TYPE_CHECKING:
    from tests.tickets.pages import Page

pytestmark = pytest.mark.django_db
LATER = TUESDAY_10 + timedelta(minutes=20)
NOTE = "CANARI : rappeler Alice demain."


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    """Alice's, taken by Inès."""
    ticket = make_ticket(company=cast.company, requester=cast.alice)
    return operations.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=TUESDAY_10)


def again(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def post(act: str, person: User, ticket: Ticket, **data: object) -> Page:
    with at(LATER):
        return signed_in(person).post(reverse(f"desk:{act}", args=[ticket.reference]), data)


def hand_over(cast: Cast, ticket: Ticket, note: str = NOTE, **rest: object) -> Ticket:
    return operations.assign(
        ticket_id=ticket.pk, actor=cast.ines, assignee=cast.marc, note=note, at=LATER,
        **rest,  # type: ignore[arg-type]  # the operation's own keywords
    )  # fmt: skip


def assigned(ticket: Ticket) -> TicketEvent:
    return TicketEvent.objects.get(ticket=ticket, act=Act.ASSIGN)


# --- handing over ---------------------------------------------------------------------------------


def test_e21_handing_over_to_somebody_else_asks_a_note(cast: Cast, ticket: Ticket) -> None:
    with pytest.raises(Refusal, match="Laissez une note à Marc"):
        hand_over(cast, ticket, note=" ")
    assert (again(ticket).assignee, Note.objects.count()) == (cast.ines, 0)


def test_e21_taking_an_incident_over_asks_none(cast: Cast, ticket: Ticket) -> None:
    operations.assign(ticket_id=ticket.pk, actor=cast.marc, assignee=cast.marc, at=LATER)
    assert again(ticket).assignee == cast.marc


def test_e21_the_note_stands_in_the_history_and_on_the_desks_page(
    cast: Cast, ticket: Ticket
) -> None:
    hand_over(cast, ticket)
    note = Note.objects.get(ticket=ticket)
    assert (note.body, note.author, assigned(ticket).facts["note"]) == (NOTE, cast.ines, note.pk)
    with at(LATER):
        page = text(signed_in(cast.marc).get(reverse("desk:ticket", args=[ticket.reference])))
    assert (NOTE in page, f"Affecté à {cast.marc.full_name}" in page) == (True, True)
    assert list(verify()) == []


def test_b1_no_customer_reads_the_note_of_a_hand_over(cast: Cast, ticket: Ticket) -> None:
    hand_over(cast, ticket)
    with at(LATER):
        page = body(signed_in(cast.alice).get(ticket.get_absolute_url()))
    mail = compose(assigned(ticket), cast.marc)
    assert ("CANARI" in page, f"confié à {cast.marc.full_name}" in page) == (False, True)
    assert ["CANARI" in part for part in mail] == [False] * len(mail)


def test_e21_the_new_owner_alone_is_told_and_that_a_note_waits(cast: Cast, ticket: Ticket) -> None:
    hand_over(cast, ticket)
    event = assigned(ticket)
    assert event.recipients == [cast.marc.pk]
    assert "Une note interne vous dit où il en est" in compose(event, cast.marc).text


def test_s8_handing_over_changes_no_clock(cast: Cast, ticket: Ticket) -> None:
    before = list(Commitment.objects.filter(ticket=ticket).order_by("pk").values())
    hand_over(cast, ticket)
    assert list(Commitment.objects.filter(ticket=ticket).order_by("pk").values()) == before


def test_a_hand_over_sent_twice_is_one(cast: Cast, ticket: Ticket) -> None:
    token = uuid4()
    for _ in range(2):
        post("assign", cast.ines, ticket, assignee=cast.marc.pk, note=NOTE, form_token=token)
    assert (Note.objects.count(), TicketEvent.objects.filter(act=Act.ASSIGN).count()) == (1, 1)


def test_a_hand_over_without_note_keeps_what_was_chosen(cast: Cast, ticket: Ticket) -> None:
    response = post("assign", cast.ines, ticket, assignee=cast.marc.pk, form_token=uuid4())
    page = body(response)
    assert (response.status_code, f'value="{cast.marc.pk}" selected' in page) == (409, True)
    assert "Laissez une note" in page


# --- an act on a page that others made untrue ----------------------------------------------------

MOVED = [
    ("wait-customer", {"reason": "PRÉCIEUX"}),
    ("wait-vendor", {"reason": "PRÉCIEUX"}),
    ("resolve", {"solution": "PRÉCIEUX"}),
    ("cancel", {"reason": "PRÉCIEUX"}),
    ("requalify", {"reason": "PRÉCIEUX", "severity": "blocking"}),
    ("reply", {"body": "PRÉCIEUX"}),
]


@pytest.mark.parametrize(("act", "data"), MOVED, ids=[act for act, _ in MOVED])
def test_g4_an_act_on_a_page_that_is_no_longer_true_is_told_what_changed(
    cast: Cast, ticket: Ticket, act: str, data: dict[str, str]
) -> None:
    seen = again(ticket).last_sequence
    operations.assign(ticket_id=ticket.pk, actor=cast.marc, assignee=cast.marc, at=LATER)
    moved = again(ticket)
    response = post(act, cast.ines, ticket, seen=seen, form_token=uuid4(), **data)
    page = text(response)
    assert response.status_code == 409
    assert f"« Affectation » par {cast.marc.full_name}, aujourd’hui à 10 h 20" in page
    assert "PRÉCIEUX" in page
    found = again(ticket)
    assert (found.last_sequence, found.status) == (moved.last_sequence, moved.status)
    assert not Message.objects.filter(body="PRÉCIEUX").exists()


def test_g4_the_same_act_goes_through_once_the_change_was_read(cast: Cast, ticket: Ticket) -> None:
    seen = again(ticket).last_sequence
    operations.assign(ticket_id=ticket.pk, actor=cast.marc, assignee=cast.marc, at=LATER)
    told = body(post("resolve", cast.ines, ticket, seen=seen, solution="Ainsi."))
    assert f'name="seen" value="{seen + 1}"' in told
    post("resolve", cast.ines, ticket, seen=seen + 1, solution="Ainsi.")
    assert again(ticket).state is Status.RESOLVED


def test_g4_ones_own_acts_are_no_surprise(cast: Cast, ticket: Ticket) -> None:
    seen = again(ticket).last_sequence
    operations.requalify(
        ticket_id=ticket.pk, actor=cast.ines, severity=Severity.BLOCKING, reason="Arrêt.", at=LATER
    )
    post("resolve", cast.ines, ticket, seen=seen, solution="Ainsi.")
    assert again(ticket).state is Status.RESOLVED


@pytest.mark.parametrize("seen", ["", "x", "-1", "９", "9" * 30])
def test_a_page_that_does_not_say_what_it_showed_asks_nothing(
    cast: Cast, ticket: Ticket, seen: str
) -> None:
    post("resolve", cast.ines, ticket, seen=seen, solution="Ainsi.")
    assert again(ticket).state is Status.RESOLVED


def test_g4_a_note_is_kept_however_the_incident_moved(cast: Cast, ticket: Ticket) -> None:
    with at(LATER):
        page = body(signed_in(cast.ines).get(reverse("desk:ticket", args=[ticket.reference])))
    note = page.partition('action="' + reverse("desk:note", args=[ticket.reference]))[2]
    assert 'name="seen"' not in note.partition("</form>")[0]


def test_g4_merging_what_a_colleague_has_just_closed_does_nothing(
    cast: Cast, ticket: Ticket
) -> None:
    other = make_ticket(company=cast.company, requester=cast.bob)
    seen = again(ticket).last_sequence
    operations.cancel(ticket_id=ticket.pk, actor=cast.marc, reason="Doublon.", at=LATER)
    response = post("merge", cast.ines, ticket, dans=other.reference, reason="Même.", seen=seen)
    assert response.status_code == 409
    assert f"« Annulation » par {cast.marc.full_name}" in text(response)
    assert again(ticket).merged_into is None
