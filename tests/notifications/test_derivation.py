"""From an event to one delivery per frozen recipient, once (N1, P5)."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from pytest_django import Settings

from notifications import operations
from notifications.models import Delivery
from tests.factories.cast import Cast
from tests.factories.tickets import TUESDAY_10, make_ticket
from tickets import operations as tickets
from tickets.enums import Act
from tickets.models import EventToTell, Ticket, TicketEvent

pytestmark = pytest.mark.django_db
LATER = TUESDAY_10 + timedelta(minutes=10)


def event_of(ticket: Ticket, act: Act) -> TicketEvent:
    return TicketEvent.objects.get(ticket=ticket, act=act)


def test_p5_one_delivery_per_frozen_recipient(cast: Cast) -> None:
    ticket = make_ticket(requester=cast.alice, copies=[cast.bob])
    operations.derive(event_id=event_of(ticket, Act.DECLARE).pk, at=TUESDAY_10)
    rows = Delivery.objects.values_list("recipient", "address", "attempts")
    assert sorted(rows) == [
        (cast.alice.pk, "alice@acier.test", 0),
        (cast.bob.pk, "bob@acier.test", 0),
    ]


def test_the_outbox_row_goes_with_the_deliveries(cast: Cast) -> None:
    ticket = make_ticket(requester=cast.alice)
    operations.derive(event_id=event_of(ticket, Act.DECLARE).pk, at=TUESDAY_10)
    assert not EventToTell.objects.exists()


def test_deriving_twice_makes_nothing_twice(cast: Cast) -> None:
    ticket = make_ticket(requester=cast.alice)
    event = event_of(ticket, Act.DECLARE)
    operations.derive(event_id=event.pk, at=TUESDAY_10)
    EventToTell.objects.create(event=event, not_before=TUESDAY_10)
    operations.derive(event_id=event.pk, at=LATER)
    assert Delivery.objects.count() == 1


def test_n3_nobody_is_told_twice_after_our_address_moved_to_another_domain(
    cast: Cast, settings: Settings
) -> None:
    """The Message-ID, which is unique too, is another one then: event and person must suffice."""
    ticket = make_ticket(requester=cast.alice)
    event = event_of(ticket, Act.DECLARE)
    operations.derive(event_id=event.pk, at=TUESDAY_10)
    settings.PORTAL_FROM_EMAIL = "portail@ailleurs.example"
    EventToTell.objects.create(event=event, not_before=TUESDAY_10)
    operations.derive(event_id=event.pk, at=LATER)
    assert Delivery.objects.count() == 1


def test_n3_the_message_id_depends_on_event_and_person_alone(cast: Cast) -> None:
    ticket = make_ticket(requester=cast.alice)
    event = event_of(ticket, Act.DECLARE)
    operations.derive(event_id=event.pk, at=TUESDAY_10)
    first = Delivery.objects.get().message_id
    Delivery.objects.all().delete()
    EventToTell.objects.create(event=event, not_before=TUESDAY_10)
    operations.derive(event_id=event.pk, at=LATER)
    assert Delivery.objects.get().message_id == first


def test_s10_an_event_is_not_told_before_its_hour(cast: Cast) -> None:
    ticket = make_ticket(requester=cast.alice)
    EventToTell.objects.update(not_before=LATER)
    operations.derive(event_id=event_of(ticket, Act.DECLARE).pk, at=TUESDAY_10)
    assert not Delivery.objects.exists()


def test_earlier_events_of_the_incident_are_told_first(cast: Cast) -> None:
    ticket = make_ticket(requester=cast.alice)
    tickets.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=LATER)
    operations.derive(event_id=event_of(ticket, Act.ACKNOWLEDGE).pk, at=LATER)
    acts = Delivery.objects.order_by("pk").values_list("event__act", flat=True)
    assert list(acts) == [Act.DECLARE, Act.ACKNOWLEDGE]


def test_a_note_is_told_to_nobody(cast: Cast) -> None:
    ticket = make_ticket(requester=cast.alice)
    tickets.add_note(
        ticket_id=ticket.pk, actor=cast.ines, body="Secret.", at=LATER, form_token=uuid4()
    )
    operations.derive_pending(at=LATER, limit=10)
    assert set(Delivery.objects.values_list("event__act", flat=True)) == {Act.DECLARE}


def test_n1_the_sweep_derives_what_no_task_did(cast: Cast) -> None:
    make_ticket(requester=cast.alice)
    assert operations.derive_pending(at=TUESDAY_10, limit=10) == 1


def test_an_unknown_event_is_nothing_to_tell() -> None:
    assert operations.derive(event_id=987654321, at=TUESDAY_10) == 0
