"""What leaves, in which order, and what each answer of a server means (N2, N3, N7)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.models import Membership, User
from notifications import operations, queries, sender
from notifications.enums import DeliveryState
from notifications.models import Delivery, SenderPause
from tests.factories.cast import Cast
from tests.factories.notifications import declared
from tests.factories.tickets import TUESDAY_10, make_ticket
from tests.notifications.smtp_stub import CUT, FaultyServer
from tickets import operations as tickets
from tickets.enums import Act, Origin, Side
from tickets.models import EventToTell, TicketEvent

pytestmark = pytest.mark.django_db
SOON = TUESDAY_10 + timedelta(seconds=5)
MINUTE = timedelta(minutes=1)


def states() -> list[tuple[str, str, int]]:
    return sorted(Delivery.objects.values_list("address", "state", "attempts"))


def subjects(server: FaultyServer) -> list[str]:
    return [str(mail["Subject"]).split("]")[1].split(" :")[0].strip() for mail in server.taken]


def test_p5_a_sent_mail_is_stamped_with_the_servers_answer(
    cast: Cast, server: FaultyServer
) -> None:
    declared(cast.alice)
    sent = sender.deliver_pending(at=SOON)
    row = Delivery.objects.get()
    assert (sent, row.state, row.attempts, row.server, row.server_answer) == (
        1,
        DeliveryState.SENT,
        1,
        "127.0.0.1",
        "250 2.0.0 pris",
    )


def test_a_sent_mail_never_leaves_again(cast: Cast, server: FaultyServer) -> None:
    declared(cast.alice)
    sender.deliver_pending(at=SOON)
    sender.deliver_pending(at=SOON + timedelta(hours=1))
    assert len(server.taken) == 1


def test_one_connection_serves_a_whole_batch(cast: Cast, server: FaultyServer) -> None:
    for person in (cast.alice, cast.bob, cast.charlie):
        declared(person)
    sender.deliver_pending(at=SOON)
    assert (len(server.taken), server.connections) == (3, 1)


def test_n2_a_temporary_answer_puts_that_mail_off_and_no_other(
    cast: Cast, server: FaultyServer
) -> None:
    declared(cast.alice)
    declared(cast.bob)
    server.at_rcpt["alice@acier.test"] = ["451 4.7.1 plus tard"]
    sender.deliver_pending(at=SOON)
    assert states() == [
        ("alice@acier.test", DeliveryState.QUEUED, 1),
        ("bob@acier.test", DeliveryState.SENT, 1),
    ]


def test_n2_it_leaves_at_its_next_attempt(cast: Cast, server: FaultyServer) -> None:
    declared(cast.alice)
    server.at_rcpt["alice@acier.test"] = ["451 4.7.1 plus tard"]
    counts = [sender.deliver_pending(at=SOON + MINUTE * n) for n in (0, 0.5, 2)]
    assert counts == [0, 0, 1]


def test_n2_a_refused_recipient_is_visible_alerted_and_blocks_nobody(
    cast: Cast, server: FaultyServer, caplog: pytest.LogCaptureFixture
) -> None:
    declared(cast.alice)
    declared(cast.bob)
    server.at_rcpt["alice@acier.test"] = ["550 5.1.1 inconnu"]
    sender.deliver_pending(at=SOON)
    assert states() == [
        ("alice@acier.test", DeliveryState.REFUSED, 1),
        ("bob@acier.test", DeliveryState.SENT, 1),
    ]
    assert [record.levelname for record in caplog.records if record.msg == "mail_refused"] == [
        "ERROR"
    ]


@pytest.mark.parametrize(
    ("answer", "state"),
    [("554 5.7.1 contenu", DeliveryState.REFUSED), ("452 4.3.1 place", DeliveryState.QUEUED)],
)
def test_n2_an_answer_after_the_content_concerns_that_mail(
    answer: str, state: str, cast: Cast, server: FaultyServer
) -> None:
    declared(cast.alice)
    server.at_data = [answer]
    sender.deliver_pending(at=SOON)
    assert states() == [("alice@acier.test", state, 1)]


def test_n2_a_server_that_is_away_touches_no_row(
    cast: Cast, server: FaultyServer, settings: Settings
) -> None:
    declared(cast.alice)
    before = list(Delivery.objects.values())
    settings.SMTP_PORT = 1
    sender.deliver_pending(at=SOON)
    assert list(Delivery.objects.values()) == before


@pytest.mark.parametrize("answer", ["421 4.3.2 fermeture", "451 4.3.0 panne", "550 5.7.1 vous"])
def test_n2_a_refused_sender_is_the_servers_failure(
    answer: str, cast: Cast, server: FaultyServer
) -> None:
    declared(cast.alice)
    server.at_mail = [answer]
    sender.deliver_pending(at=SOON)
    assert states() == [("alice@acier.test", DeliveryState.QUEUED, 0)]


def test_n2_421_about_a_recipient_is_the_servers_failure(cast: Cast, server: FaultyServer) -> None:
    declared(cast.alice)
    server.at_rcpt["alice@acier.test"] = ["421 4.7.0 trop de connexions"]
    sender.deliver_pending(at=SOON)
    assert states() == [("alice@acier.test", DeliveryState.QUEUED, 0)]


def test_n2_a_stall_ends_and_the_mails_wait(
    cast: Cast, server: FaultyServer, settings: Settings
) -> None:
    declared(cast.alice)
    settings.SMTP_TIMEOUT, server.stall = 0.2, 1.0
    sender.deliver_pending(at=SOON)
    server.stall, settings.SMTP_TIMEOUT = 0.0, 2
    sender.deliver_pending(at=SOON + 4 * MINUTE)
    assert states() == [("alice@acier.test", DeliveryState.SENT, 2)]


def test_n2_n3_a_cut_after_the_content_gives_the_same_message_id_again(
    cast: Cast, server: FaultyServer
) -> None:
    declared(cast.alice)
    server.at_data = [CUT]
    sender.deliver_pending(at=SOON)
    sender.deliver_pending(at=SOON + 2 * MINUTE)
    assert [mail["Message-ID"] for mail in server.taken] == [Delivery.objects.get().message_id] * 2


def test_n2_one_cut_does_not_stop_the_batch(cast: Cast, server: FaultyServer) -> None:
    declared(cast.alice)
    declared(cast.bob)
    server.at_data = [CUT]
    assert sender.deliver_pending(at=SOON) == 1


def test_n2_two_cuts_in_a_row_stop_it(cast: Cast, server: FaultyServer) -> None:
    for person in (cast.alice, cast.bob, cast.charlie):
        declared(person)
    server.at_data = [CUT, CUT]
    sender.deliver_pending(at=SOON)
    assert [attempts for _address, _state, attempts in states()] == [1, 1, 0]


def test_n2_the_mails_that_left_before_do_not_end_the_pause(
    cast: Cast, server: FaultyServer
) -> None:
    for person in (cast.alice, cast.bob, cast.charlie, cast.rejane):
        declared(person)
    server.at_data = ["250 pris", "250 pris", CUT, CUT]
    sender.deliver_pending(at=SOON)
    assert (len(server.taken), SenderPause.objects.exists()) == (4, True)


def test_n2_a_pause_that_another_sender_began_ends_within_ten_answers(
    cast: Cast, server: FaultyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(12):
        declared(cast.alice, title=f"Incident {number}")
    mark_sent = operations.mark_sent

    def mark_and_pause(**values: Any) -> None:
        mark_sent(**values)
        if len(server.taken) == 2:
            operations.pause(delivery=values["delivery"], answer="421", at=SOON)

    monkeypatch.setattr(operations, "mark_sent", mark_and_pause)
    sender.deliver_pending(at=SOON)
    assert (len(server.taken), SenderPause.objects.exists()) == (12, False)


def test_n2_a_stalled_domain_holds_the_others_up_once(
    cast: Cast, server: FaultyServer, settings: Settings
) -> None:
    for person in (cast.alice, cast.bob, cast.charlie):
        declared(person)
    settings.SMTP_TIMEOUT = 0.2
    server.stalls = {"acier.test": 1.0}
    sender.deliver_pending(at=SOON)
    assert states() == [
        ("alice@acier.test", DeliveryState.QUEUED, 1),
        ("bob@acier.test", DeliveryState.QUEUED, 0),
        (cast.charlie.email, DeliveryState.SENT, 1),
    ]


# --- the server is away: the sender pauses --------------------------------------------------------


def away(cast: Cast, settings: Settings) -> None:
    """A mail waits, and nobody listens."""
    declared(cast.alice)
    settings.SMTP_PORT = 1
    sender.deliver_pending(at=SOON)


@pytest.mark.parametrize(("seconds", "connections"), [(1, 0), (59, 0), (61, 1)])
def test_n2_a_server_that_is_away_is_asked_again_after_a_minute(
    seconds: int, connections: int, cast: Cast, server: FaultyServer, settings: Settings
) -> None:
    away(cast, settings)
    settings.SMTP_PORT = server.port
    sender.deliver_pending(at=SOON + timedelta(seconds=seconds))
    assert server.connections == connections


def test_n2_no_row_is_touched_until_then(cast: Cast, settings: Settings) -> None:
    away(cast, settings)
    with CaptureQueriesContext(connection) as captured:
        sender.deliver_pending(at=SOON + timedelta(seconds=30))
    assert [query["sql"] for query in captured if "UPDATE" in query["sql"]] == []


def test_n2_one_sender_of_all_asks_each_minute(cast: Cast, settings: Settings) -> None:
    away(cast, settings)
    assert [operations.may_ask(at=SOON + MINUTE * 2) for _sender in range(3)] == [
        True,
        False,
        False,
    ]


def test_n2_the_first_answer_ends_the_pause(
    cast: Cast, server: FaultyServer, settings: Settings
) -> None:
    away(cast, settings)
    settings.SMTP_PORT = server.port
    declared(cast.bob)
    sender.deliver_pending(at=SOON + 2 * MINUTE)
    assert (len(server.taken), SenderPause.objects.exists()) == (2, False)


def test_n2_an_answer_about_one_recipient_ends_the_pause_too(
    cast: Cast, server: FaultyServer, settings: Settings
) -> None:
    away(cast, settings)
    settings.SMTP_PORT = server.port
    server.at_rcpt["alice@acier.test"] = ["451 4.7.1 plus tard"]
    sender.deliver_pending(at=SOON + 2 * MINUTE)
    assert not SenderPause.objects.exists()


def test_n2_the_pause_lasts_as_long_as_the_server_is_away(cast: Cast, settings: Settings) -> None:
    away(cast, settings)
    sender.deliver_pending(at=SOON + 2 * MINUTE)
    found = SenderPause.objects.get()
    assert found.probe_at >= SOON + 3 * MINUTE
    assert found.since < SOON + MINUTE


def test_n2_a_mail_that_the_server_goes_away_on_holds_the_others_a_minute(
    cast: Cast, server: FaultyServer
) -> None:
    for person in (cast.alice, cast.bob, cast.charlie):
        declared(person)
    server.at_rcpt["alice@acier.test"] = ["421 4.7.0 au revoir"] * 9
    sent = [sender.deliver_pending(at=SOON + MINUTE * n) for n in (0, 2)]
    assert (sent, server.recipients) == ([0, 2], ["bob@acier.test", cast.charlie.email])


def test_n2_four_hours_away_lose_nothing_and_touch_no_row(
    cast: Cast, server: FaultyServer, settings: Settings
) -> None:
    ticket = declared(cast.alice)
    tickets.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=SOON)
    settings.SMTP_PORT = 1
    for minute in range(0, 240, 10):
        sender.deliver_pending(at=SOON + MINUTE * minute)
    untouched = {attempts for _address, _state, attempts in states()}
    settings.SMTP_PORT = server.port
    sender.deliver_pending(at=SOON + MINUTE * 241)
    assert (untouched, subjects(server)) == ({0}, ["Bien reçu", "Pris en charge"])


# --- waits ----------------------------------------------------------------------------------------


def test_n2_waits_grow_and_add_up_to_72_hours() -> None:
    waits = [operations.wait_after(n, "<a@b>") for n in range(1, operations.MAX_ATTEMPTS)]
    total = sum(waits, timedelta())
    assert waits[0] < timedelta(minutes=1.2)
    assert waits[-1] >= timedelta(hours=4)
    assert timedelta(hours=72) <= total <= timedelta(hours=72 * 1.21)


def test_n2_mails_put_off_together_do_not_come_back_together() -> None:
    assert len({operations.wait_after(3, f"<{n}@b>") for n in range(20)}) == 20


def test_n2_after_72_hours_it_is_refused(cast: Cast, server: FaultyServer) -> None:
    declared(cast.alice)
    Delivery.objects.update(attempts=operations.MAX_ATTEMPTS - 1)
    server.at_rcpt["alice@acier.test"] = ["451 4.7.1 toujours pas"]
    sender.deliver_pending(at=SOON)
    assert states() == [("alice@acier.test", DeliveryState.REFUSED, operations.MAX_ATTEMPTS)]


def test_a_later_mail_of_the_incident_waits_for_an_earlier_one(
    cast: Cast, server: FaultyServer
) -> None:
    ticket = declared(cast.alice)
    tickets.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=SOON)
    server.at_rcpt["alice@acier.test"] = ["451 4.7.1 plus tard"]
    sender.deliver_pending(at=SOON)
    first = subjects(server)
    sender.deliver_pending(at=SOON + 2 * MINUTE)
    assert (first, subjects(server)) == ([], ["Bien reçu", "Pris en charge"])


def test_another_incident_of_the_same_person_does_not_wait(
    cast: Cast, server: FaultyServer
) -> None:
    declared(cast.alice)
    server.at_rcpt["alice@acier.test"] = ["451 4.7.1 plus tard"]
    declared(cast.alice)
    assert sender.deliver_pending(at=SOON) == 1


def test_n3_a_row_that_another_sender_holds_is_left_alone(cast: Cast, server: FaultyServer) -> None:
    declared(cast.alice)
    operations.claim(at=SOON)
    assert sender.deliver_pending(at=SOON + MINUTE) == 0


def test_n3_a_dead_senders_row_leaves_after_its_lease_with_the_same_message_id(
    cast: Cast, server: FaultyServer
) -> None:
    declared(cast.alice)
    held = operations.claim(at=SOON)
    sender.deliver_pending(at=SOON + operations.LEASE)
    assert held is not None
    assert [mail["Message-ID"] for mail in server.taken] == [held.message_id]


def test_n4_who_comes_back_after_its_lease_stamps_nothing_twice(
    cast: Cast, server: FaultyServer
) -> None:
    declared(cast.alice)
    held = operations.claim(at=SOON)
    sender.deliver_pending(at=SOON + operations.LEASE)
    assert held is not None
    operations.postpone(delivery=held, address=held.address, answer="451", at=SOON)
    assert states() == [("alice@acier.test", DeliveryState.SENT, 1)]


def test_n7_a_deactivated_person_is_told_nothing(
    cast: Cast, server: FaultyServer, caplog: pytest.LogCaptureFixture
) -> None:
    declared(cast.alice)
    cast.alice.is_active = False
    cast.alice.save(update_fields=["is_active"])
    sender.deliver_pending(at=SOON)
    assert (states()[0][1], server.taken, "mail_dropped" in caplog.messages) == (
        DeliveryState.DROPPED,
        [],
        True,
    )


def test_n7_a_person_who_left_the_company_is_told_nothing(cast: Cast, server: FaultyServer) -> None:
    declared(cast.alice)
    Membership.objects.filter(user=cast.alice).update(is_active=False)
    sender.deliver_pending(at=SOON)
    assert (states()[0][1], server.taken) == (DeliveryState.DROPPED, [])


def test_n7_a_demoted_engineer_gets_no_rung(cast: Cast, server: FaultyServer) -> None:
    ticket = declared(cast.alice)
    tickets.sweep_deadlines(at=TUESDAY_10 + timedelta(minutes=50))
    cast.ines.staff_role = ""
    cast.ines.save(update_fields=["staff_role"])
    sender.deliver_pending(at=TUESDAY_10 + timedelta(minutes=51))
    row = Delivery.objects.get(event__ticket=ticket, recipient=cast.ines)
    assert row.state == DeliveryState.DROPPED


def test_n7_the_current_address_is_used(cast: Cast, server: FaultyServer) -> None:
    declared(cast.alice)
    cast.alice.email = "alice.martin@acier.test"
    cast.alice.save(update_fields=["email"])
    sender.deliver_pending(at=SOON)
    assert (server.recipients, states()[0][0]) == (
        ["alice.martin@acier.test"],
        "alice.martin@acier.test",
    )


def test_a_mail_that_cannot_be_made_stops_no_other(
    cast: Cast, server: FaultyServer, caplog: pytest.LogCaptureFixture
) -> None:
    ticket = declared(cast.alice)
    Delivery.objects.all().delete()
    # An event whose facts lack what its mail tells.
    event = TicketEvent.objects.create(
        ticket=ticket, sequence=2, act=Act.REQUALIFY, side=Side.ENGINEER, origin=Origin.PORTAL,
        recorded_at=SOON, effective_at=SOON, status_after=ticket.status, hash="0" * 64,
        recipients=[cast.alice.pk],
    )  # fmt: skip
    EventToTell.objects.create(event=event, not_before=SOON)
    declared(cast.bob, at=SOON)
    sender.deliver_pending(at=SOON)
    assert (states(), "mail_not_made" in caplog.messages) == (
        [
            ("alice@acier.test", DeliveryState.QUEUED, 1),
            ("bob@acier.test", DeliveryState.SENT, 1),
        ],
        True,
    )
    # No server was asked: none is named beside the reason (P5).
    assert Delivery.objects.get(recipient=cast.alice).server == ""


def test_p5_no_server_is_named_for_what_the_portal_dropped(
    cast: Cast, server: FaultyServer
) -> None:
    declared(cast.alice)
    User.objects.filter(pk=cast.alice.pk).update(is_active=False)
    sender.deliver_pending(at=SOON)
    assert Delivery.objects.get().full_answer == "le compte n’est plus actif"


def test_n8_the_words_of_another_server_do_not_bear_ours(cast: Cast, server: FaultyServer) -> None:
    declared(cast.alice)
    sender.deliver_pending(at=SOON)
    row = Delivery.objects.get()
    operations.mark_bounced(message_id=row.message_id, answer="550 5.1.1", at=SOON)
    row.refresh_from_db()
    assert (row.full_answer, row.server) == ("550 5.1.1", "127.0.0.1")


def test_the_age_of_the_oldest_unsent_mail(cast: Cast) -> None:
    declared(cast.alice)
    assert queries.oldest_unsent_age(TUESDAY_10 + 7 * MINUTE) == 7 * MINUTE


def test_an_event_that_nobody_derived_counts_as_unsent(cast: Cast) -> None:
    make_ticket(requester=cast.alice)
    assert queries.oldest_unsent_age(TUESDAY_10 + 7 * MINUTE) == 7 * MINUTE


def test_nothing_waits_nothing_is_late() -> None:
    assert queries.oldest_unsent_age(SOON) is None


def test_a_mail_that_a_server_put_off_is_not_late(cast: Cast, server: FaultyServer) -> None:
    declared(cast.alice)
    server.at_rcpt["alice@acier.test"] = ["451 4.7.1 plus tard"]
    sender.deliver_pending(at=SOON)
    assert queries.oldest_unsent_age(SOON) is None
