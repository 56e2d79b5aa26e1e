"""Two acts of one instant around an answer of ours, on real commits (cases §3.7).

A normal run plays 3 rounds of each; with PORTAL_TORTURE=1 in the environment 200.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from notifications.enums import DeliveryState
from notifications.models import Delivery
from notifications.operations import derive_pending
from tests.factories.cast import Cast, make_cast
from tests.factories.tickets import make_ticket
from tests.tickets.pages import signed_in
from tests.tickets.racing import at_once
from tickets import operations
from tickets.enums import Act, Status
from tickets.models import NEVER, Ticket, TicketEvent

ROUNDS = 200 if os.environ.get("PORTAL_TORTURE") == "1" else 3
pytestmark = pytest.mark.usefixtures("committed_db")


def in_progress(cast: Cast) -> Ticket:
    now = timezone.now()
    ticket = make_ticket(company=cast.company, requester=cast.alice, at=now)
    return operations.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=now)


def posts(cast: Cast, who: str, ticket: Ticket, name: str, **data: object) -> Callable[[], int]:
    """A form of the desk sent from the page as it stands, by a browser that is signed in."""
    client = signed_in(getattr(cast, who))
    address = reverse(f"desk:{name}", args=[ticket.reference])
    sent = {"form_token": str(uuid4()), "seen": ticket.last_sequence, **data}
    return lambda: client.post(address, sent).status_code


def test_g1_an_answer_is_taken_back_or_told_never_both() -> None:
    cast = make_cast()
    for _round in range(ROUNDS):
        ticket = in_progress(cast)
        now = timezone.now()
        message = operations.post_message(
            ticket_id=ticket.pk, actor=cast.ines, body="Essayez ceci.", at=now, form_token=uuid4(),
            held_for=operations.TAKE_BACK,
        )  # fmt: skip

        def takes(ticket_id: int = ticket.pk, pk: int = message.pk) -> str:
            try:
                operations.withdraw_message(
                    ticket_id=ticket_id, actor=cast.ines, message_id=pk, at=timezone.now()
                )
            except operations.TooLate:
                return "refused"
            return "taken back"

        later = now + operations.TAKE_BACK + timedelta(seconds=1)
        outcome, _made = at_once(takes, partial(derive_pending, at=later, limit=1_000))
        mails = Delivery.objects.filter(event__ticket=ticket, event__act=Act.MESSAGE)
        told = mails.exclude(state=DeliveryState.DROPPED).exists()
        message.refresh_from_db()
        assert (told, message.visible_from == NEVER, outcome) in {
            (True, False, "refused"), (False, True, "taken back"),
        }  # fmt: skip


def test_g2_one_cancels_while_another_resolves() -> None:
    cast = make_cast()
    for _round in range(ROUNDS):
        ticket = in_progress(cast)
        ticket.refresh_from_db()
        answers = at_once(
            posts(cast, "ines", ticket, "resolve", solution="Videz le cache."),
            posts(cast, "marc", ticket, "cancel", reason="Doublon."),
        )
        ticket.refresh_from_db()
        assert sorted(answers, key=str) == [302, 409]
        assert ticket.state in {Status.RESOLVED, Status.CANCELLED}
        ends = TicketEvent.objects.filter(ticket=ticket, act__in=[Act.RESOLVE, Act.CANCEL])
        assert ends.count() == 1


def test_g4_two_answers_of_one_page_the_second_reads_the_first() -> None:
    cast = make_cast()
    for _round in range(ROUNDS):
        ticket = in_progress(cast)
        ticket.refresh_from_db()
        answers = at_once(
            posts(cast, "ines", ticket, "reply", body="Essayez ceci."),
            posts(cast, "marc", ticket, "reply", body="Essayez cela."),
        )
        assert sorted(answers, key=str) == [302, 409]
        assert TicketEvent.objects.filter(ticket=ticket, act=Act.MESSAGE).count() == 1


def test_g4_an_answer_and_the_customers_message_both_stand_or_the_answer_waits() -> None:
    cast = make_cast()
    for _round in range(ROUNDS):
        ticket = in_progress(cast)
        ticket.refresh_from_db()

        def says(ticket_id: int = ticket.pk) -> None:
            operations.post_message(
                ticket_id=ticket_id, actor=cast.alice, body="C’est réglé.", at=timezone.now(),
                form_token=uuid4(),
            )  # fmt: skip

        answer, _said = at_once(posts(cast, "ines", ticket, "reply", body="Essayez ceci."), says)
        messages = TicketEvent.objects.filter(ticket=ticket, act=Act.MESSAGE).order_by("sequence")
        authors = list(messages.values_list("actor", flat=True))
        expected = {302: [cast.ines.pk, cast.alice.pk], 409: [cast.alice.pk]}
        assert authors == expected[answer]  # type: ignore[index]
