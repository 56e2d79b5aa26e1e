"""An answer can be taken back for ten seconds: until then no customer sees it, in any way (B1)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from files.rights import may_read
from foundation.refusals import Refusal
from notifications.enums import DeliveryState
from notifications.models import Delivery
from notifications.operations import derive_pending, resend
from notifications.queries import barred
from sla.enums import Severity
from tests.factories.cast import Cast
from tests.factories.files import make_stored_file
from tests.factories.tickets import TUESDAY_10, make_ticket
from tests.tickets.pages import at, body, signed_in, text
from tickets import operations
from tickets.admin_forms.linking import SplitForm
from tickets.enums import Act, Sequel, Side, Status
from tickets.models import NEVER, EventToTell, Message, Ticket, TicketEvent
from tickets.operations import TAKE_BACK
from tickets.queries.bulk import last_words
from tickets.queries.queue_lines import lines_of

if TYPE_CHECKING:
    from tests.tickets.pages import Page

pytestmark = pytest.mark.django_db
SAID_AT = TUESDAY_10 + timedelta(minutes=20)
SOON = SAID_AT + timedelta(seconds=4)
AFTER = SAID_AT + TAKE_BACK
WORDS = "Essayez sans les greffons."


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    found = make_ticket(company=cast.company, requester=cast.alice, copies=[cast.bob])
    return operations.acknowledge(
        ticket_id=found.pk, actor=cast.ines, at=SAID_AT - timedelta(minutes=1)
    )


def answer(ticket: Ticket, cast: Cast, **rest: Any) -> Message:
    return operations.post_message(
        ticket_id=ticket.pk, actor=cast.ines, body=WORDS, at=SAID_AT, form_token=uuid4(),
        held_for=TAKE_BACK, **rest,
    )  # fmt: skip


def withdraw(ticket: Ticket, message: Message, cast: Cast, when: datetime = SOON) -> Message:
    return operations.withdraw_message(
        ticket_id=ticket.pk, actor=cast.ines, message_id=message.pk, at=when
    )


def read(client: Client, ticket: Ticket, when: datetime, name: str = "ticket") -> str:
    with at(when):
        return body(client.get(reverse(f"tickets:{name}", args=[ticket.reference])))


# --- what the customer sees ----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ticket", "print"])
def test_b1_a_customer_reads_the_answer_only_after_its_seconds(
    cast: Cast, ticket: Ticket, name: str
) -> None:
    answer(ticket, cast)
    client = signed_in(cast.alice)
    seen = [WORDS in read(client, ticket, when, name) for when in (SOON, AFTER)]
    assert seen == [False, True]


def test_b1_the_home_page_tells_of_it_only_after_its_seconds(cast: Cast, ticket: Ticket) -> None:
    answer(ticket, cast)
    client, seen = signed_in(cast.alice), []
    for when in (SOON, AFTER):
        with at(when):
            seen.append(f"{cast.ines.full_name} a répondu" in text(client.get("/")))
    assert seen == [False, True]


def test_b1_its_files_are_closed_to_customers_until_then(cast: Cast, ticket: Ticket) -> None:
    file = make_stored_file()
    message = answer(ticket, cast, files=[file])
    Message.objects.filter(pk=message.pk).update(visible_from=NEVER)
    assert [may_read(person, file) for person in (cast.alice, cast.ines)] == [False, True]


def polled(client: Client, page: str, when: datetime) -> Page:
    found = re.search(r'data-from="([^"]+)" data-version="([^"]+)"', page)
    assert found is not None
    with at(when):
        return client.get(found[1] + found[2], headers={"HX-Request": "true"})


def test_b1_an_open_page_shows_it_at_its_place_once_its_seconds_are_over(
    cast: Cast, ticket: Ticket
) -> None:
    client = signed_in(cast.alice)
    answer(ticket, cast)
    operations.post_message(
        ticket_id=ticket.pk, actor=cast.bob, body="J’ajoute ceci.", at=SOON, form_token=uuid4()
    )
    page = read(client, ticket, SOON)
    shown = body(polled(client, page, AFTER))
    assert (WORDS in page, "J’ajoute ceci." in page) == (False, True)
    assert 0 < shown.index(WORDS) < shown.index("J’ajoute ceci.")


def test_0017_a_page_that_shows_it_has_nothing_more_to_ask(cast: Cast, ticket: Ticket) -> None:
    answer(ticket, cast)
    client = signed_in(cast.alice)
    page = read(client, ticket, AFTER)
    assert polled(client, page, AFTER + timedelta(seconds=5)).status_code == 204


# --- mails ----------------------------------------------------------------------------------------


def test_p5_it_is_mailed_after_its_seconds(cast: Cast, ticket: Ticket) -> None:
    derive_pending(at=SAID_AT, limit=50)
    answer(ticket, cast)
    made = []
    for when in (SOON, AFTER):
        derive_pending(at=when, limit=50)
        made.append(Delivery.objects.filter(event__act=Act.MESSAGE).count())
    assert made == [0, 2]


def test_e7_no_later_mail_of_the_incident_overtakes_it(cast: Cast, ticket: Ticket) -> None:
    derive_pending(at=SAID_AT, limit=50)
    answer(ticket, cast)
    operations.wait_for_customer(
        ticket_id=ticket.pk, actor=cast.ines, reason="Le journal", until=None, at=SOON
    )
    made = []
    for when in (SOON, AFTER):
        derive_pending(at=when, limit=50)
        told = Delivery.objects.filter(event__act__in=[Act.MESSAGE, Act.WAIT_CUSTOMER])
        made.append(list(told.order_by("pk").values_list("event__act", flat=True).distinct()))
    assert made == [[], [Act.MESSAGE, Act.MESSAGE, Act.WAIT_CUSTOMER, Act.WAIT_CUSTOMER]]


def test_e7_the_other_incidents_mails_do_not_wait_for_it(cast: Cast, ticket: Ticket) -> None:
    derive_pending(at=SAID_AT, limit=50)
    answer(ticket, cast)
    make_ticket(company=cast.company, requester=cast.alice, at=SAID_AT)
    derive_pending(at=SOON, limit=50)
    assert Delivery.objects.filter(event__act=Act.DECLARE).exclude(event__ticket=ticket).exists()


def with_sequel(ticket: Ticket, cast: Cast, **rest: Any) -> Message:
    """What a macro sends: an answer, then a wait."""
    operations.answer(
        ticket_id=ticket.pk, actor=cast.ines, body=WORDS, at=SAID_AT, form_token=uuid4(),
        sequel=Sequel.WAIT_CUSTOMER, **rest,
    )  # fmt: skip
    return Message.objects.filter(ticket=ticket, body=WORDS).latest("pk")


def test_e7_status_and_clocks_move_at_once_and_the_text_can_be_taken_back(
    cast: Cast, ticket: Ticket
) -> None:
    message = with_sequel(ticket, cast, reason="Le journal")
    ticket.refresh_from_db()
    assert (ticket.state, ticket.pauses.count()) == (Status.WAITING_CUSTOMER, 1)
    alice = signed_in(cast.alice)
    assert [word in read(alice, ticket, SOON) for word in (WORDS, "Le journal")] == [False, True]
    withdraw(ticket, message, cast)
    assert WORDS not in read(alice, ticket, AFTER)
    derive_pending(at=AFTER, limit=50)
    states = dict(Delivery.objects.filter(recipient=cast.alice).values_list("event__act", "state"))
    assert (states[Act.MESSAGE], states[Act.WAIT_CUSTOMER]) == (
        DeliveryState.DROPPED, DeliveryState.QUEUED,
    )  # fmt: skip
    call_command("verify_history")


def test_e7_a_text_that_is_what_is_awaited_leaves_at_once(cast: Cast, ticket: Ticket) -> None:
    message = with_sequel(ticket, cast)
    with pytest.raises(Refusal):
        withdraw(ticket, message, cast)
    assert WORDS in read(signed_in(cast.alice), ticket, SOON)


def test_b1_what_was_taken_back_is_never_mailed(cast: Cast, ticket: Ticket) -> None:
    withdraw(ticket, answer(ticket, cast), cast)
    derive_pending(at=AFTER + timedelta(days=1), limit=50)
    told = Delivery.objects.filter(event__act__in=[Act.MESSAGE, Act.WITHDRAW])
    assert {(row.state, row.server_answer) for row in told} == {
        (DeliveryState.DROPPED, "la réponse a été reprise avant l’envoi")
    }


def test_b1_what_was_taken_back_cannot_be_sent_again(cast: Cast, ticket: Ticket) -> None:
    withdraw(ticket, answer(ticket, cast), cast)
    derive_pending(at=AFTER, limit=50)
    row = Delivery.objects.filter(event__act=Act.MESSAGE).first()
    assert row is not None
    with pytest.raises(Refusal, match="reprise"):
        resend(delivery_id=row.pk, actor=cast.ines, seen=0, at=AFTER)


def test_b1_a_mail_of_it_that_came_to_the_queue_is_dropped_by_the_sender(
    cast: Cast, ticket: Ticket
) -> None:
    message = answer(ticket, cast)
    derive_pending(at=AFTER, limit=50)
    row = Delivery.objects.filter(event__act=Act.MESSAGE).first()
    assert row is not None
    assert barred(row) == ""
    Message.objects.filter(pk=message.pk).update(visible_from=NEVER)
    assert barred(row) == "la réponse a été reprise avant l’envoi"


def test_b1_its_words_are_proposed_to_nobody_else(cast: Cast, ticket: Ticket) -> None:
    operations.post_message(
        ticket_id=ticket.pk, actor=cast.ines, body="Redémarrez.", at=SAID_AT, form_token=uuid4()
    )
    withdraw(ticket, answer(ticket, cast), cast)
    assert last_words(cast.ines, ticket.reference) == "Redémarrez."


def test_b1_its_files_cannot_be_given_to_a_second_subject(cast: Cast, ticket: Ticket) -> None:
    file = make_stored_file()
    withdraw(ticket, answer(ticket, cast, files=[file]), cast)
    assert list(SplitForm(ticket=ticket).fields["kept"].queryset) == []  # type: ignore[attr-defined]
    with pytest.raises(Refusal, match="fichiers"):
        operations.split(
            ticket_id=ticket.pk, actor=cast.ines, title="Autre", body="Autre", at=AFTER,
            product=ticket.product, severity=Severity.BLOCKING, form_token=uuid4(), files=[file],
        )  # fmt: skip


def test_the_queues_last_word_is_not_what_was_taken_back(cast: Cast, ticket: Ticket) -> None:
    withdraw(ticket, answer(ticket, cast), cast)
    (line,) = lines_of(("SELECT %s::bigint", [ticket.pk]), AFTER)
    assert line.last_word is not None
    assert line.last_word.side is Side.CUSTOMER


# --- taking it back -------------------------------------------------------------------------------


def test_b1_what_was_taken_back_no_customer_ever_reads(cast: Cast, ticket: Ticket) -> None:
    withdraw(ticket, answer(ticket, cast), cast)
    client, much_later = signed_in(cast.alice), AFTER + timedelta(days=30)
    pages = [read(client, ticket, much_later, name) for name in ("ticket", "print")]
    assert [(WORDS in page, "Réponse reprise" in page) for page in pages] == [(False, False)] * 2


def test_e7_taking_back_is_an_event_of_its_own_and_the_chain_holds(
    cast: Cast, ticket: Ticket
) -> None:
    message = answer(ticket, cast)
    withdraw(ticket, message, cast)
    acts = TicketEvent.objects.filter(ticket=ticket, facts__message=message.pk)
    assert list(acts.order_by("sequence").values_list("act", flat=True)) == ["message", "withdraw"]
    call_command("verify_history")


def test_e7_taken_back_twice_is_once(cast: Cast, ticket: Ticket) -> None:
    message = answer(ticket, cast)
    for _time in range(2):
        withdraw(ticket, message, cast)
    assert TicketEvent.objects.filter(ticket=ticket, act=Act.WITHDRAW).count() == 1


def test_e7_too_late_is_a_sentence_and_nothing_changes(cast: Cast, ticket: Ticket) -> None:
    message = answer(ticket, cast)
    with pytest.raises(operations.TooLate, match="le client voit déjà cette réponse"):
        withdraw(ticket, message, cast, AFTER)
    message.refresh_from_db()
    assert (message.visible_from, EventToTell.objects.filter(event__act=Act.MESSAGE).count()) == (
        AFTER, 1,
    )  # fmt: skip


def test_a_worker_whose_clock_is_ahead_has_told_it_already(cast: Cast, ticket: Ticket) -> None:
    message = answer(ticket, cast)
    derive_pending(at=AFTER, limit=50)
    with pytest.raises(operations.TooLate, match="l’e-mail de cette réponse est déjà parti"):
        withdraw(ticket, message, cast)


def test_e7_only_its_author_takes_it_back(cast: Cast, ticket: Ticket) -> None:
    message = answer(ticket, cast)
    with pytest.raises(Refusal, match="Seule la personne qui a écrit"):
        operations.withdraw_message(
            ticket_id=ticket.pk, actor=cast.marc, message_id=message.pk, at=SOON
        )
    message.refresh_from_db()
    assert message.visible_from == AFTER


# --- at the desk ----------------------------------------------------------------------------------


def test_e7_an_answer_of_the_desk_is_held_and_offered_back(cast: Cast, ticket: Ticket) -> None:
    client = signed_in(cast.ines)
    with at(SAID_AT):
        data = {"body": WORDS, "form_token": str(uuid4())}
        client.post(reverse("desk:reply", args=[ticket.reference]), data)
    message = Message.objects.get(body=WORDS)
    with at(SOON):
        page = body(client.get(reverse("desk:ticket", args=[ticket.reference])))
    assert (message.visible_from, "Reprendre ma réponse" in page) == (AFTER, True)


def test_its_text_is_in_the_form_again(cast: Cast, ticket: Ticket) -> None:
    message = answer(ticket, cast)
    with at(SOON):
        page = signed_in(cast.ines).post(
            reverse("desk:withdraw", args=[ticket.reference]), {"message": message.pk}
        )
    form = body(page).split('class="write write-reply')[1].split("</form>")[0]
    assert (WORDS in form, "jamais montrée au client" in body(page)) == (True, True)


def test_nobody_else_is_offered_to_take_it_back(cast: Cast, ticket: Ticket) -> None:
    answer(ticket, cast)
    with at(SOON):
        page = body(signed_in(cast.marc).get(reverse("desk:ticket", args=[ticket.reference])))
    assert ("Reprendre ma réponse" in page, WORDS in page) == (False, True)
