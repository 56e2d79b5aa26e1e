"""P5: each night, the frozen recipients of events against the mails that were made for them."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client

from notifications import operations, queries, sender, tasks
from notifications.models import Delivery, Reconciliation
from portal import health
from portal.celery import app
from tests.factories.cast import Cast
from tests.factories.notifications import declared
from tests.factories.tickets import TUESDAY_10, make_ticket
from tests.notifications.smtp_stub import FaultyServer
from tickets import operations as tickets
from tickets.models import EventToTell, TicketEvent

pytestmark = pytest.mark.django_db
SOON = TUESDAY_10 + timedelta(seconds=5)
NIGHT = TUESDAY_10 + timedelta(hours=17)
NEXT_NIGHT = NIGHT + timedelta(days=1)


def forget(cast: Cast) -> TicketEvent:
    """Somebody's mail that a fault of ours never made."""
    ticket = declared(cast.bob)
    Delivery.objects.filter(event__ticket=ticket).delete()
    return TicketEvent.objects.get(ticket=ticket)


def test_p5_everybody_who_was_to_be_told_has_a_mail(cast: Cast, server: FaultyServer) -> None:
    declared(cast.alice)
    declared(cast.bob)
    server.at_rcpt["bob@acier.test"] = ["550 5.1.1 inconnu"]
    sender.deliver_pending(at=SOON)
    found = operations.reconcile(at=NIGHT)
    assert (found.expected, found.sent, found.refused, found.missing, found.is_clean) == (
        2, 1, 1, 0, True,
    )  # fmt: skip


def test_p5_a_recipient_without_a_mail_is_missing_and_named(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    event = forget(cast)
    found = operations.reconcile(at=NIGHT)
    assert (found.missing, found.gaps, found.is_clean) == (1, [event.pk], False)
    assert "mails_missing" in caplog.messages


def test_p5_a_mail_to_somebody_who_was_not_to_be_told_is_unforeseen(cast: Cast) -> None:
    declared(cast.alice)
    Delivery.objects.update(recipient=cast.charlie)
    found = operations.reconcile(at=NIGHT)
    assert (found.unforeseen, found.is_clean) == (1, False)


def test_p5_what_was_unforeseen_is_said_by_the_night_that_found_it_alone(cast: Cast) -> None:
    declared(cast.alice)
    Delivery.objects.update(recipient=cast.charlie)
    Delivery.objects.create(
        event=TicketEvent.objects.get(), recipient=cast.alice, address=cast.alice.email,
        message_id="<une@autre>", created_at=TUESDAY_10, next_attempt_at=TUESDAY_10,
    )  # fmt: skip
    nights = [operations.reconcile(at=at) for at in (NIGHT, NEXT_NIGHT)]
    assert [(night.missing, night.unforeseen) for night in nights] == [(0, 1), (0, 0)]


def test_p5_an_event_is_counted_once_over_the_nights(cast: Cast) -> None:
    declared(cast.alice)
    counts = [operations.reconcile(at=at).expected for at in (NIGHT, NEXT_NIGHT)]
    assert counts == [1, 0]


def test_p5_what_was_missing_is_looked_at_again_until_it_is_made(cast: Cast) -> None:
    forget(cast)
    operations.reconcile(at=NIGHT)
    assert operations.reconcile(at=NEXT_NIGHT).missing == 1


def test_p5_what_is_missing_can_be_made_up(cast: Cast, server: FaultyServer) -> None:
    forget(cast)
    operations.reconcile(at=NIGHT)
    made = operations.make_up(at=NIGHT)
    again = operations.reconcile(at=NEXT_NIGHT)
    sender.deliver_pending(at=NEXT_NIGHT)
    assert (made, again.is_clean, server.recipients) == (1, True, ["bob@acier.test"])


def test_n3_making_up_tells_nobody_twice(cast: Cast, server: FaultyServer) -> None:
    ticket = declared(cast.alice)
    tickets.add_copy(ticket_id=ticket.pk, actor=cast.ines, user=cast.bob, at=TUESDAY_10)
    tickets.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=TUESDAY_10)
    sender.deliver_pending(at=SOON)
    Delivery.objects.filter(recipient=cast.bob, event__act="acknowledge").delete()
    server.recipients.clear()
    operations.reconcile(at=NIGHT)
    operations.make_up(at=NIGHT)
    sender.deliver_pending(at=NIGHT)
    assert server.recipients == ["bob@acier.test"]


def test_s10_what_still_waits_to_be_told_is_for_a_later_night(cast: Cast) -> None:
    declared(cast.alice)
    waiting = TicketEvent.objects.get(ticket=make_ticket(requester=cast.bob))
    first = operations.reconcile(at=NIGHT)
    operations.derive_pending(at=NIGHT, limit=10)
    second = operations.reconcile(at=NEXT_NIGHT)
    assert (first.through_event < waiting.pk, first.expected, second.expected) == (True, 1, 1)


def test_p5_an_act_that_may_still_be_committing_is_for_the_next_night(cast: Cast) -> None:
    declared(cast.alice, at=NIGHT - timedelta(minutes=5))
    assert operations.reconcile(at=NIGHT).expected == 0


def test_p5_the_task_and_the_command_do_it(cast: Cast) -> None:
    declared(cast.alice)
    tasks.reconcile()
    out = StringIO()
    call_command("reconcile_mails", stdout=out)
    assert Reconciliation.objects.count() == 2
    assert "0\u00a0e-mail attendu" in out.getvalue()


def test_p5_beat_runs_it_each_night() -> None:
    entries = app.conf.beat_schedule.values()
    assert [entry["task"] for entry in entries].count("notifications.reconcile") == 1


def test_p5_the_command_fails_when_somebody_is_missing_and_names_the_event(cast: Cast) -> None:
    event, err = forget(cast), StringIO()
    with pytest.raises(SystemExit) as exit_:
        call_command("reconcile_mails", stdout=StringIO(), stderr=err)
    assert (exit_.value.code, str(event.pk) in err.getvalue()) == (1, True)


def test_p5_the_command_makes_up_when_asked(cast: Cast) -> None:
    forget(cast)
    call_command("reconcile_mails", "--rattraper", stdout=StringIO())
    assert Delivery.objects.count() == 1


# --- who reads it ---------------------------------------------------------------------------------


def test_p5_health_is_red_while_somebody_is_missing(cast: Cast) -> None:
    forget(cast)
    operations.reconcile(at=NIGHT)
    found = health.reconciliation(NIGHT)
    assert (found.ok, found.figures["missing"]) == (False, 1)


def test_n6_health_is_red_when_a_night_did_not_come(cast: Cast) -> None:
    declared(cast.alice)
    states = [health.reconciliation(TUESDAY_10 + timedelta(hours=h)).ok for h in (20, 27)]
    operations.reconcile(at=TUESDAY_10 + timedelta(hours=28))
    assert (states, health.reconciliation(TUESDAY_10 + timedelta(days=9)).ok) == (
        [True, False],
        True,
    )


def test_s10_a_rung_held_over_a_long_weekend_is_no_missed_night(cast: Cast) -> None:
    waiting = TicketEvent.objects.get(ticket=make_ticket(requester=cast.bob))
    declared_at = TUESDAY_10 + timedelta(minutes=1)
    EventToTell.objects.filter(event=waiting).update(not_before=NIGHT + timedelta(days=4))
    declared(cast.alice, at=declared_at)
    for day in range(3):
        operations.reconcile(at=NIGHT + timedelta(days=day))
    assert queries.unproven_age(NIGHT + timedelta(days=2, hours=1)) == timedelta(hours=1)


def dashboard(cast: Cast) -> str:
    client = Client()
    client.force_login(cast.marc)
    return client.get("/pilotage/").content.decode()


def test_p5_managers_read_that_nobody_was_forgotten(cast: Cast) -> None:
    declared(cast.alice)
    operations.reconcile(at=NIGHT)
    assert "personne n’a été oublié" in dashboard(cast)


def test_p5_managers_read_whose_mail_is_missing(cast: Cast) -> None:
    event = forget(cast)
    operations.reconcile(at=NIGHT)
    page = dashboard(cast)
    assert ("1\u00a0e-mail manque" in page, event.ticket.reference in page) == (True, True)


def test_p5_managers_read_that_no_night_has_come_yet(cast: Cast) -> None:
    assert "Aucun rapprochement n’a encore été fait" in dashboard(cast)
