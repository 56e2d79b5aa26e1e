"""What somebody reads who is not the requester: in copy, or a référent told of all (P5)."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership, User
from notifications.messages import compose
from notifications.rendering import Mail
from tests.factories.cast import Cast
from tests.factories.tickets import TUESDAY_10, make_ticket
from tickets import operations
from tickets.enums import Act
from tickets.models import Ticket, TicketEvent

pytestmark = pytest.mark.django_db
AT = TUESDAY_10 + timedelta(minutes=10)


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    """Alice's; Bob is in copy, Réjane is told of all the incidents of her company."""
    Membership.objects.filter(user=cast.rejane).update(told_of_all=True)
    made = make_ticket(requester=cast.alice, title="Revit se ferme", copies=[cast.bob])
    operations.acknowledge(ticket_id=made.pk, actor=cast.ines, at=AT)
    return made


@pytest.fixture
def waiting(ticket: Ticket, cast: Cast) -> Ticket:
    operations.wait_for_customer(
        ticket_id=ticket.pk, actor=cast.ines, reason="Le journal ?", until=None, at=AT
    )
    return ticket


def last_step(ticket: Ticket, act: Act) -> TicketEvent:
    return TicketEvent.objects.filter(ticket=ticket, act=act).latest("sequence")


def told(ticket: Ticket, act: Act, reader: User) -> Mail:
    reader.refresh_from_db()
    return compose(last_step(ticket, act), reader)


def write(ticket: Ticket, actor: User) -> None:
    operations.post_message(
        ticket_id=ticket.pk, actor=actor, body="Bonjour.", at=AT, form_token=uuid4()
    )


# --- a référent who is told of all ----------------------------------------------------------------


def test_p5_what_is_awaited_of_the_requester_is_not_awaited_of_an_onlooker(
    cast: Cast, waiting: Ticket
) -> None:
    mail = told(waiting, Act.WAIT_CUSTOMER, cast.rejane)
    alice = f"d’{cast.alice.full_name}"
    assert f"Une réponse est attendue {alice} : Revit se ferme" in mail.subject
    for text in (mail.text, mail.html):
        assert f"Une réponse est attendue {alice}" in text
        assert f"délai suspendu jusqu’à la réponse {alice}" in text
        assert "votre réponse" not in text


def test_p5_an_onlooker_may_answer_all_the_same_and_reads_it(cast: Cast, waiting: Ticket) -> None:
    assert "la donner vous-même" in told(waiting, Act.WAIT_CUSTOMER, cast.rejane).text


def test_the_end_of_a_wait_is_told_to_an_onlooker_of_the_requester(
    cast: Cast, waiting: Ticket
) -> None:
    operations.resume(ticket_id=waiting.pk, actor=cast.ines, at=AT)
    text = told(waiting, Act.RESUME, cast.rejane).text
    assert f"la réponse d’{cast.alice.full_name} n’est plus attendue" in text


def test_a_message_of_ours_is_not_written_to_an_onlooker(cast: Cast, ticket: Ticket) -> None:
    write(ticket, cast.ines)
    text = told(ticket, Act.MESSAGE, cast.rejane).text
    assert "du support, a écrit\u00a0:" in text


def test_an_onlooker_reads_why_they_are_told_and_where_to_choose(
    cast: Cast, ticket: Ticket
) -> None:
    mail = told(ticket, Act.ACKNOWLEDGE, cast.rejane)
    why = "Vous recevez les e-mails de tous les incidents d’Acier & Fils."
    assert why in mail.text
    assert why.replace("&", "&amp;") in mail.html
    assert "/compte/courriels/" in mail.text
    assert "/compte/courriels/" in mail.html


def test_an_onlooker_who_has_no_digest_reads_both_choices_in_one_sentence(
    cast: Cast, ticket: Ticket
) -> None:
    write(ticket, cast.ines)
    said = "tous les incidents d’Acier & Fils, leurs messages un par un, tout de suite."
    assert said in told(ticket, Act.MESSAGE, cast.rejane).text


@pytest.mark.parametrize("reader", ["alice", "bob", "ines"])
def test_nobody_else_reads_that_they_are_told_of_all(
    reader: str, cast: Cast, ticket: Ticket
) -> None:
    write(ticket, cast.ines)
    assert "tous les incidents" not in told(ticket, Act.MESSAGE, getattr(cast, reader)).text


def test_a_referent_in_copy_is_awaited_as_anybody_in_copy(cast: Cast, waiting: Ticket) -> None:
    waiting.copy_rows.create(user=cast.rejane, added_at=AT)
    mail = told(waiting, Act.WAIT_CUSTOMER, cast.rejane)
    assert "Une réponse est attendue de vous" in mail.subject
    assert "tous les incidents" not in mail.text


def spent(event: TicketEvent, reader: User) -> int:
    """How many queries their mail costs."""
    with CaptureQueriesContext(connection) as queries:
        compose(event, reader)
    return len(queries)


def test_whose_incident_it_is_costs_one_query_and_none_to_the_requester(
    cast: Cast, ticket: Ticket
) -> None:
    found = TicketEvent.objects.select_related("ticket__requester", "actor")
    event = found.get(pk=last_step(ticket, Act.ACKNOWLEDGE).pk)
    least = spent(event, cast.alice)
    assert (spent(event, cast.bob), spent(event, cast.rejane)) == (least + 1, least + 1)


# --- people in copy -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reader", "said"),
    [("alice", "Votre incident est pris"), ("bob", "L’incident d’Alice"), ("rejane", "d’Alice")],
)
def test_an_incident_is_yours_when_you_are_its_requester(
    reader: str, said: str, cast: Cast, ticket: Ticket
) -> None:
    mail = told(ticket, Act.ACKNOWLEDGE, getattr(cast, reader))
    assert said in mail.text
    assert ("votre incident" in mail.text.lower()) is (reader == "alice")


# --- what may be chosen ---------------------------------------------------------------------------

ONE_BY_ONE = "un par un, tout de suite"


def test_a_message_says_that_it_may_come_once_a_day(cast: Cast, ticket: Ticket) -> None:
    write(ticket, cast.ines)
    mail = told(ticket, Act.MESSAGE, cast.alice)
    assert ONE_BY_ONE in mail.text
    assert ONE_BY_ONE in mail.html


def test_a_message_sent_again_to_somebody_who_has_a_digest_does_not(
    cast: Cast, ticket: Ticket
) -> None:
    User.objects.filter(pk=cast.alice.pk).update(wants_digest=True)
    write(ticket, cast.ines)
    assert ONE_BY_ONE not in told(ticket, Act.MESSAGE, cast.alice).text


def test_a_message_that_ends_a_wait_leaves_at_once_for_all_and_does_not(
    cast: Cast, waiting: Ticket
) -> None:
    write(waiting, cast.bob)
    assert ONE_BY_ONE not in told(waiting, Act.MESSAGE, cast.alice).text


@pytest.mark.parametrize(("wants_digest", "is_said"), [(False, True), (True, False)])
def test_a_call_says_as_a_message_does(
    *, wants_digest: bool, is_said: bool, cast: Cast, ticket: Ticket
) -> None:
    User.objects.filter(pk=cast.alice.pk).update(wants_digest=wants_digest)
    operations.log_call(
        ticket_id=ticket.pk, actor=cast.ines, caller=cast.alice, body="Elle rappelle.",
        began_at=AT, at=AT, form_token=uuid4(),
    )  # fmt: skip
    assert (ONE_BY_ONE in told(ticket, Act.CALL, cast.alice).text) is is_said
