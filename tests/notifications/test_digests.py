"""Messages once a day (decision 0024): what is held, when it leaves, what becomes of it.

TUESDAY_10 is Tuesday 15 September 2026 at 10 in Paris; the charter's calendar opens at 9.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.models import Membership, User
from foundation.wording import instant
from notifications import operations
from notifications.enums import DeliveryState
from notifications.models import Delivery
from notifications.operations.digests import HELD_AT_MOST
from notifications.sender import deliver_pending
from tests.factories.cast import Cast
from tests.factories.tickets import TUESDAY_10, make_ticket
from tests.notifications.smtp_stub import FaultyServer
from tickets import operations as tickets
from tickets.enums import Act
from tickets.models import NEVER, Message, Ticket, TicketEvent

pytestmark = pytest.mark.django_db

NOON = TUESDAY_10 + timedelta(hours=2)
TONIGHT = TUESDAY_10 + timedelta(hours=12)
TOMORROW_8_59 = TUESDAY_10 + timedelta(hours=22, minutes=59)
TOMORROW_9 = TUESDAY_10 + timedelta(hours=23)
FRIDAY_17 = TUESDAY_10 + timedelta(days=3, hours=7)
SATURDAY_10 = TUESDAY_10 + timedelta(days=4)
MONDAY_9 = TUESDAY_10 + timedelta(days=5, hours=23)


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    """Alice's incident, whose receipt has left; she wants a digest."""
    User.objects.filter(pk=cast.alice.pk).update(wants_digest=True)
    made = make_ticket(requester=cast.alice, title="Licence expirée", copies=[cast.bob])
    derived_and_sent()
    return made


def derived_and_sent() -> None:
    """What there is to tell so far has left, without a server."""
    operations.derive_pending(at=TUESDAY_10, limit=50)
    Delivery.objects.update(
        state=DeliveryState.SENT, sent_at=TUESDAY_10, next_attempt_at=None, attempts=1
    )


def say(ticket: Ticket, actor: User, body: str, at: datetime = NOON) -> None:
    """A public message, told as soon as it may be."""
    tickets.post_message(
        ticket_id=ticket.pk, actor=actor, body=body, at=at, form_token=uuid4(), files=[]
    )
    operations.derive_pending(at=at, limit=50)


def mail_of(person: User, act: Act = Act.MESSAGE) -> Delivery:
    return Delivery.objects.get(recipient=person, event__act=act)


def texts_to(server: FaultyServer, address: str) -> list[str]:
    return [
        mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]  # every mail has a text
        for mail in server.taken
        if mail["To"] == address
    ]


# --- What is held --------------------------------------------------------------------------------


def test_a_message_waits_for_the_digest(cast: Cast, ticket: Ticket, server: FaultyServer) -> None:
    say(ticket, cast.ines, "Essayez ceci.")
    deliver_pending(at=TONIGHT)
    assert (mail_of(cast.alice).state, mail_of(cast.bob).state) == (
        DeliveryState.HELD,
        DeliveryState.SENT,
    )


def test_p1_a_change_of_status_leaves_at_once_and_passes_what_is_held(
    cast: Cast, ticket: Ticket, server: FaultyServer
) -> None:
    say(ticket, cast.ines, "Essayez ceci.")
    tickets.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=NOON)
    deliver_pending(at=NOON)
    assert mail_of(cast.alice, Act.ACKNOWLEDGE).state == DeliveryState.SENT
    assert mail_of(cast.alice).state == DeliveryState.HELD


def test_a_message_that_ends_a_wait_leaves_at_once(cast: Cast, ticket: Ticket) -> None:
    tickets.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=TUESDAY_10)
    tickets.wait_for_customer(
        ticket_id=ticket.pk, actor=cast.ines, reason="Le journal ?", until=None, at=TUESDAY_10
    )
    say(ticket, cast.bob, "Le voici.")
    assert mail_of(cast.alice).state == DeliveryState.QUEUED


def test_our_people_are_told_at_once_whatever_their_account_says(
    cast: Cast, ticket: Ticket
) -> None:
    User.objects.filter(pk=cast.ines.pk).update(wants_digest=True)
    tickets.assign(ticket_id=ticket.pk, actor=cast.ines, assignee=cast.ines, at=TUESDAY_10)
    say(ticket, cast.alice, "Toujours pareil.")
    assert mail_of(cast.ines).state == DeliveryState.QUEUED


# --- When it leaves ------------------------------------------------------------------------------


@pytest.mark.parametrize(("at", "number"), [(TONIGHT, 0), (TOMORROW_8_59, 0), (TOMORROW_9, 1)])
def test_the_digest_leaves_at_the_opening_of_the_next_day(
    at: datetime, number: int, cast: Cast, ticket: Ticket
) -> None:
    say(ticket, cast.ines, "Essayez ceci.")
    assert operations.gather_digests(at=at) == number


def test_what_is_said_before_the_opening_is_of_that_day(cast: Cast, ticket: Ticket) -> None:
    say(ticket, cast.ines, "Essayez ceci.", TOMORROW_8_59)
    assert operations.gather_digests(at=TOMORROW_9) == 1


@pytest.mark.parametrize(("at", "number"), [(SATURDAY_10, 0), (MONDAY_9, 1)])
def test_what_is_said_on_friday_leaves_on_monday(
    at: datetime, number: int, cast: Cast, ticket: Ticket
) -> None:
    say(ticket, cast.ines, "Essayez ceci.", FRIDAY_17)
    assert operations.gather_digests(at=at) == number


def test_a_worker_that_was_away_at_nine_sends_it_later_that_day(cast: Cast, ticket: Ticket) -> None:
    say(ticket, cast.ines, "Essayez ceci.")
    assert operations.gather_digests(at=TOMORROW_9 + timedelta(hours=8)) == 1


def test_what_is_said_after_the_opening_is_for_the_next_day_even_when_nine_was_missed(
    cast: Cast, ticket: Ticket
) -> None:
    say(ticket, cast.ines, "Essayez ceci.")
    say(ticket, cast.ines, "Ou cela.", TOMORROW_9 + timedelta(hours=1))
    operations.gather_digests(at=TOMORROW_9 + timedelta(hours=2))
    assert Delivery.objects.get(is_digest=True).carried.count() == 1


def test_a_day_has_one_digest(cast: Cast, ticket: Ticket) -> None:
    say(ticket, cast.ines, "Essayez ceci.")
    say(ticket, cast.ines, "Ou cela.")
    made = [operations.gather_digests(at=TOMORROW_9) for _ in range(2)]
    assert (made, Delivery.objects.filter(is_digest=True).count()) == ([1, 0], 1)


def test_what_came_too_late_for_the_digest_of_the_day_is_in_the_next(
    cast: Cast, ticket: Ticket, server: FaultyServer
) -> None:
    say(ticket, cast.ines, "Essayez ceci.")
    deliver_pending(at=TOMORROW_9)
    say(ticket, cast.ines, "Ou cela.")  # made by a worker whose clock is behind
    assert operations.gather_digests(at=TOMORROW_9) == 0
    assert operations.gather_digests(at=TOMORROW_9 + timedelta(days=1)) == 1


def test_a_digest_waits_for_an_earlier_one_that_was_put_off(
    cast: Cast, ticket: Ticket, server: FaultyServer
) -> None:
    say(ticket, cast.ines, "Essayez ceci.")
    operations.gather_digests(at=TOMORROW_9)
    say(ticket, cast.ines, "Ou cela.", TOMORROW_9 + timedelta(hours=2))
    after = TOMORROW_9 + timedelta(days=1)
    assert operations.gather_digests(at=after) == 0
    deliver_pending(at=after)
    assert operations.gather_digests(at=after + timedelta(minutes=1)) == 1


# --- What it says --------------------------------------------------------------------------------


def test_one_mail_tells_all_incidents_and_links_each(
    cast: Cast, ticket: Ticket, server: FaultyServer
) -> None:
    other = make_ticket(requester=cast.alice, title="Plan illisible")
    derived_and_sent()
    say(ticket, cast.ines, "Essayez ceci.")
    say(other, cast.ines, "Envoyez le plan.", NOON + timedelta(minutes=1))
    say(ticket, cast.bob, "J’ai essayé.", NOON + timedelta(minutes=2))
    deliver_pending(at=TOMORROW_9)
    (text,) = texts_to(server, "alice@acier.test")
    places = [
        text.index(part)
        for part in (
            ticket.reference, f"/incidents/{ticket.reference}/", "Essayez ceci.", "J’ai essayé.",
            other.reference, "Envoyez le plan.", "/compte/courriels/",
        )
    ]  # fmt: skip
    assert places == sorted(places)


def test_its_subject_counts_them(cast: Cast, ticket: Ticket, server: FaultyServer) -> None:
    say(ticket, cast.ines, "Essayez ceci.")
    say(ticket, cast.ines, "Ou cela.")
    deliver_pending(at=TOMORROW_9)
    subjects = [str(mail["Subject"]) for mail in server.taken if "Récap" in mail["Subject"]]
    assert [subject.replace("\u00a0", " ") for subject in subjects] == [
        "Récapitulatif du mer. 16 sept. 2026 : 2 messages sur 1 incident"
    ]


def test_it_says_where_each_incident_stands_and_until_when(
    cast: Cast, ticket: Ticket, server: FaultyServer
) -> None:
    say(ticket, cast.ines, "Essayez ceci.")
    deliver_pending(at=TOMORROW_9)
    (text,) = texts_to(server, "alice@acier.test")
    ticket.refresh_from_db()
    assert ticket.next_due_at is not None
    assert f"Déclaré · échéance\u00a0: {instant(ticket.next_due_at)}" in text


def test_s4_it_says_that_an_answer_is_awaited(
    cast: Cast, ticket: Ticket, server: FaultyServer
) -> None:
    say(ticket, cast.ines, "Essayez ceci.")
    tickets.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=NOON)
    tickets.wait_for_customer(
        ticket_id=ticket.pk, actor=cast.ines, reason="Le journal ?", until=None, at=NOON
    )
    deliver_pending(at=TOMORROW_9)
    *_waiting, text = texts_to(server, "alice@acier.test")
    assert "En attente de votre réponse" in text.splitlines()


def test_it_says_who_is_of_the_support(cast: Cast, ticket: Ticket, server: FaultyServer) -> None:
    say(ticket, cast.ines, "Essayez ceci.")
    say(ticket, cast.bob, "J’ai essayé.")
    deliver_pending(at=TOMORROW_9)
    (text,) = texts_to(server, "alice@acier.test")
    assert f"{cast.ines.full_name}, du support\u00a0:" in text
    assert f"{cast.bob.full_name}\u00a0:" in text


def test_its_foot_has_no_empty_line(cast: Cast, ticket: Ticket, server: FaultyServer) -> None:
    say(ticket, cast.ines, "Essayez ceci.")
    deliver_pending(at=TOMORROW_9)
    (text,) = texts_to(server, "alice@acier.test")
    lines = text.splitlines()
    assert "" not in lines[lines.index("-- ") :]


def test_a_long_message_is_cut_and_says_so(
    cast: Cast, ticket: Ticket, server: FaultyServer
) -> None:
    say(ticket, cast.ines, "mot " * 2_000)
    deliver_pending(at=TOMORROW_9)
    (text,) = texts_to(server, "alice@acier.test")
    assert "La suite est sur le portail." in text
    assert len(text) < 4_000


def test_of_many_messages_the_last_are_shown_and_the_others_counted(
    cast: Cast, ticket: Ticket, server: FaultyServer
) -> None:
    for number in range(15):
        say(ticket, cast.ines, f"Message {number}.", NOON + timedelta(minutes=number))
    deliver_pending(at=TOMORROW_9)
    (text,) = texts_to(server, "alice@acier.test")
    shown = [number for number in range(15) if f"Message {number}." in text]
    assert shown == list(range(3, 15))
    assert "3 messages plus anciens sont sur le portail." in text.replace("\u00a0", " ")


def test_a_call_says_who_called_and_who_noted_it(
    cast: Cast, ticket: Ticket, server: FaultyServer
) -> None:
    tickets.log_call(
        ticket_id=ticket.pk, actor=cast.ines, caller=cast.bob, began_at=NOON, body="Bob a essayé.",
        at=NOON, form_token=uuid4(),
    )  # fmt: skip
    operations.derive_pending(at=NOON, limit=50)
    deliver_pending(at=TOMORROW_9)
    (text,) = texts_to(server, "alice@acier.test")
    assert f"appel de {cast.bob.full_name}, noté par {cast.ines.full_name}" in text


def test_q1_a_digest_of_thirty_asks_no_more_rights_than_one_of_three(
    cast: Cast, ticket: Ticket, server: FaultyServer
) -> None:
    ticket.copy_rows.all().delete()
    asked = []
    for day, number in enumerate((3, 30)):
        at = NOON + timedelta(days=day)
        for minute in range(number):
            say(ticket, cast.ines, "Essayez.", at + timedelta(minutes=minute))
        with CaptureQueriesContext(connection) as queries:
            deliver_pending(at=TOMORROW_9 + timedelta(days=day))
        rights = [query for query in queries if "notifications_deadaddress" in query["sql"]]
        asked.append(len(rights))
    assert asked[1] <= asked[0]


def test_d4_what_people_wrote_is_text_in_it(
    cast: Cast, ticket: Ticket, server: FaultyServer
) -> None:
    say(ticket, cast.ines, "<img src=x onerror=alert(1)>")
    deliver_pending(at=TOMORROW_9)
    mail = next(mail for mail in server.taken if mail["To"] == "alice@acier.test")
    body = mail.get_body(("html",))
    assert body is not None
    assert "<img" not in body.get_content()


# --- What becomes of what it carries -------------------------------------------------------------


def test_p5_what_it_carried_is_sent_with_the_answer_of_the_server(
    cast: Cast, ticket: Ticket, server: FaultyServer
) -> None:
    say(ticket, cast.ines, "Essayez ceci.")
    deliver_pending(at=TOMORROW_9)
    row = mail_of(cast.alice)
    assert (row.state, row.server_answer, row.attempts) == (
        DeliveryState.SENT, "250 2.0.0 pris", 1,
    )  # fmt: skip
    assert row.sent_at is not None


def test_n7_what_the_person_may_no_longer_read_is_left_out(
    cast: Cast, ticket: Ticket, server: FaultyServer
) -> None:
    bobs = make_ticket(requester=cast.bob, copies=[cast.alice])
    derived_and_sent()
    say(bobs, cast.ines, "Secret de Bob.")
    say(ticket, cast.ines, "Essayez ceci.")
    bobs.copy_rows.filter(user=cast.alice).delete()
    deliver_pending(at=TOMORROW_9)
    (text,) = texts_to(server, "alice@acier.test")
    assert "Secret" not in text
    left = Delivery.objects.get(recipient=cast.alice, event__ticket=bobs, event__act=Act.MESSAGE)
    assert (left.state, left.server_answer) == (
        DeliveryState.DROPPED, "la personne n’a plus accès à l’incident",
    )  # fmt: skip


def test_n7_a_digest_of_nothing_is_not_sent(
    cast: Cast, ticket: Ticket, server: FaultyServer
) -> None:
    say(ticket, cast.ines, "Essayez ceci.")
    Membership.objects.filter(user=cast.alice).update(is_active=False)
    deliver_pending(at=TOMORROW_9)
    assert texts_to(server, "alice@acier.test") == []
    assert Delivery.objects.get(is_digest=True).state == DeliveryState.DROPPED


def test_b1_an_answer_that_was_taken_back_is_not_in_it(
    cast: Cast, ticket: Ticket, server: FaultyServer
) -> None:
    say(ticket, cast.ines, "Essayez ceci.")
    Message.objects.filter(ticket=ticket).update(visible_from=NEVER)
    deliver_pending(at=TOMORROW_9)
    assert texts_to(server, "alice@acier.test") == []


def test_n2_a_digest_that_is_put_off_keeps_what_it_carries(
    cast: Cast, ticket: Ticket, server: FaultyServer
) -> None:
    say(ticket, cast.ines, "Essayez ceci.")
    server.at_rcpt["alice@acier.test"] = ["451 4.7.1 plus tard"]
    deliver_pending(at=TOMORROW_9)
    assert mail_of(cast.alice).state == DeliveryState.HELD
    deliver_pending(at=TOMORROW_9 + timedelta(minutes=2))
    assert mail_of(cast.alice).state == DeliveryState.SENT


def test_e18_what_a_refused_digest_carried_is_sent_again_by_itself(
    cast: Cast, ticket: Ticket, server: FaultyServer
) -> None:
    say(ticket, cast.ines, "Essayez ceci.")
    server.at_rcpt["alice@acier.test"] = ["550 5.1.1 inconnu"]
    deliver_pending(at=TOMORROW_9)
    row = mail_of(cast.alice)
    assert row.state == DeliveryState.REFUSED
    operations.resend(delivery_id=row.pk, actor=cast.ines, seen=0, at=TOMORROW_9)
    deliver_pending(at=TOMORROW_9)
    (text,) = texts_to(server, "alice@acier.test")
    assert "Essayez ceci." in text
    assert mail_of(cast.alice).state == DeliveryState.SENT


def test_what_was_sent_again_by_itself_is_no_more_of_its_digest(
    cast: Cast, ticket: Ticket, server: FaultyServer
) -> None:
    say(ticket, cast.ines, "Essayez ceci.")
    deliver_pending(at=TOMORROW_9)
    digest = Delivery.objects.get(is_digest=True)
    operations.mark_bounced(message_id=digest.message_id, answer="5.2.2", at=TOMORROW_9)
    row = mail_of(cast.alice)
    operations.resend(delivery_id=row.pk, actor=cast.ines, seen=0, at=TOMORROW_9)
    deliver_pending(at=TOMORROW_9)
    operations.mark_bounced(message_id=digest.message_id, answer="5.2.2", at=TOMORROW_9)
    assert mail_of(cast.alice).state == DeliveryState.SENT


@pytest.mark.parametrize(
    ("is_digest", "sentence"),
    [(False, "avec le prochain récapitulatif"), (True, "se renvoient un par un")],
)
def test_e18_why_neither_a_held_message_nor_a_digest_is_sent_again(
    is_digest: bool, sentence: str, cast: Cast, ticket: Ticket
) -> None:
    say(ticket, cast.ines, "Essayez ceci.")
    row = mail_of(cast.alice)
    if is_digest:
        operations.gather_digests(at=TOMORROW_9)
        row = Delivery.objects.get(is_digest=True)
        operations.mark_refused(delivery=row, address=row.address, answer="550")
        row.refresh_from_db()
    assert sentence in operations.why_not_resend(row)


def test_n8_what_a_returned_digest_carried_came_back_too(
    cast: Cast, ticket: Ticket, server: FaultyServer
) -> None:
    say(ticket, cast.ines, "Essayez ceci.")
    deliver_pending(at=TOMORROW_9)
    digest = Delivery.objects.get(is_digest=True)
    operations.mark_bounced(message_id=digest.message_id, answer="550", at=TOMORROW_9)
    assert mail_of(cast.alice).state == DeliveryState.BOUNCED


def test_p5_the_nightly_proof_counts_what_is_held(cast: Cast, ticket: Ticket) -> None:
    say(ticket, cast.ines, "Essayez ceci.")
    found = operations.reconcile(at=TUESDAY_10 + timedelta(hours=17))
    assert (found.held, found.missing, found.is_clean) == (1, 0, True)


# --- Changing one's mind -------------------------------------------------------------------------


def test_who_wants_no_digest_any_more_is_sent_what_was_held(
    cast: Cast, ticket: Ticket, server: FaultyServer
) -> None:
    say(ticket, cast.ines, "Essayez ceci.")
    User.objects.filter(pk=cast.alice.pk).update(wants_digest=False)
    deliver_pending(at=NOON + timedelta(minutes=1))
    assert mail_of(cast.alice).state == DeliveryState.SENT


def test_what_no_digest_came_for_leaves_by_itself(
    cast: Cast, ticket: Ticket, server: FaultyServer, settings: Settings
) -> None:
    say(ticket, cast.ines, "Essayez ceci.")
    settings.DEFAULT_SERVICE_LEVEL = "absent"
    deliver_pending(at=TOMORROW_9)
    assert mail_of(cast.alice).state == DeliveryState.HELD
    deliver_pending(at=NOON + HELD_AT_MOST + timedelta(minutes=1))
    assert mail_of(cast.alice).state == DeliveryState.SENT


# --- Copies --------------------------------------------------------------------------------------


def told_of(ticket: Ticket, act: Act) -> set[int]:
    event = TicketEvent.objects.filter(ticket=ticket, act=act).latest("sequence")
    return set(event.recipients)


def test_who_silenced_copies_is_told_no_message(cast: Cast, ticket: Ticket) -> None:
    User.objects.filter(pk=cast.bob.pk).update(mutes_copies=True)
    say(ticket, cast.ines, "Essayez ceci.")
    assert told_of(ticket, Act.MESSAGE) == {cast.alice.pk}


def test_p5_who_silenced_copies_is_told_each_change_of_status(cast: Cast, ticket: Ticket) -> None:
    User.objects.filter(pk=cast.bob.pk).update(mutes_copies=True)
    tickets.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=TUESDAY_10)
    assert told_of(ticket, Act.ACKNOWLEDGE) == {cast.alice.pk, cast.bob.pk}


def test_silencing_copies_silences_nothing_of_one_s_own_incidents(
    cast: Cast, ticket: Ticket
) -> None:
    User.objects.filter(pk=cast.alice.pk).update(mutes_copies=True)
    say(ticket, cast.ines, "Essayez ceci.")
    assert cast.alice.pk in told_of(ticket, Act.MESSAGE)


def test_a_manager_who_is_told_of_all_is_told_whatever_copies_say(
    cast: Cast, ticket: Ticket
) -> None:
    User.objects.filter(pk=cast.rejane.pk).update(mutes_copies=True)
    Membership.objects.filter(user=cast.rejane).update(told_of_all=True)
    ticket.copy_rows.create(user=cast.rejane, added_at=TUESDAY_10)
    say(ticket, cast.ines, "Essayez ceci.")
    assert cast.rejane.pk in told_of(ticket, Act.MESSAGE)


def test_p5_two_roles_on_an_incident_are_one_mail(cast: Cast, ticket: Ticket) -> None:
    Membership.objects.filter(user=cast.rejane).update(told_of_all=True)
    ticket.copy_rows.create(user=cast.rejane, added_at=TUESDAY_10)
    say(ticket, cast.ines, "Essayez ceci.")
    assert Delivery.objects.filter(recipient=cast.rejane).count() == 1
