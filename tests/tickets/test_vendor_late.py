"""E3: the day for which the vendor's answer was expected is over, and our engineer is told once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from notifications.enums import DeliveryState
from notifications.messages import NoMessage, compose
from notifications.models import Delivery
from notifications.operations import derive_pending
from tests.factories.cast import Cast
from tests.factories.tickets import TUESDAY_10, make_ticket
from tests.tickets.pages import at, body, main_text, signed_in
from tickets import operations
from tickets.enums import Act, Status
from tickets.models import Ticket, TicketEvent
from tickets.verification import verify

pytestmark = pytest.mark.django_db
# Expected for Friday: the desk opens on Monday at nine, in Paris.
FRIDAY = date(2026, 9, 18)
MONDAY = datetime(2026, 9, 21, 7, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def waiting(cast: Cast, until: date | None = FRIDAY) -> Ticket:
    ticket = make_ticket(requester=cast.alice, copies=[cast.bob])
    operations.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=TUESDAY_10)
    return operations.wait_for_vendor(
        ticket_id=ticket.pk, actor=cast.ines, reason="Dossier 42.", until=until, at=TUESDAY_10
    )


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    return waiting(cast)


def told(ticket: Ticket) -> list[TicketEvent]:
    found = TicketEvent.objects.filter(ticket=ticket, act=Act.VENDOR_LATE)
    return list(found.order_by("sequence"))


def sweep(*instants: datetime) -> None:
    for instant in instants:
        operations.sweep_deadlines(at=instant)


def test_e3_the_engineer_is_told_once_when_the_desk_opens_after_the_day(
    cast: Cast, ticket: Ticket
) -> None:
    sweep(MONDAY - MINUTE)
    assert told(ticket) == []
    sweep(MONDAY, MONDAY + MINUTE, MONDAY + timedelta(days=3))
    (event,) = told(ticket)
    assert (event.effective_at, event.recipients) == (MONDAY, [cast.ines.pk])
    assert Ticket.objects.get(pk=ticket.pk).state is Status.WAITING_VENDOR
    assert list(verify([ticket.reference])) == []


def test_e3_without_a_date_nobody_is_told(cast: Cast) -> None:
    ticket = waiting(cast, until=None)
    sweep(MONDAY, MONDAY + timedelta(days=9))
    assert told(ticket) == []


def test_e3_a_waiting_that_has_ended_is_late_no_more(cast: Cast, ticket: Ticket) -> None:
    operations.resume(ticket_id=ticket.pk, actor=cast.ines, at=MONDAY - MINUTE)
    sweep(MONDAY)
    assert told(ticket) == []


def test_e3_the_mail_is_for_ours_and_names_the_day(cast: Cast, ticket: Ticket) -> None:
    sweep(MONDAY)
    (event,) = told(ticket)
    mail = compose(event, cast.ines)
    assert "attendue pour le" in mail.text
    assert "18" in mail.text
    with pytest.raises(NoMessage):
        compose(event, cast.alice)


def test_e3_the_mail_does_not_leave_once_the_waiting_has_ended(cast: Cast, ticket: Ticket) -> None:
    sweep(MONDAY)
    operations.resume(ticket_id=ticket.pk, actor=cast.marc, at=MONDAY)
    derive_pending(at=MONDAY + MINUTE, limit=50)
    (row,) = Delivery.objects.filter(event__act=Act.VENDOR_LATE)
    assert row.state == DeliveryState.DROPPED


def test_b1_no_customer_reads_that_the_vendor_is_late(cast: Cast, ticket: Ticket) -> None:
    sweep(MONDAY)
    with at(MONDAY + MINUTE):
        theirs = body(signed_in(cast.alice).get(ticket.get_absolute_url()))
    assert "dépassée" not in theirs


def test_e3_the_queue_and_the_workspace_say_that_the_day_is_over(
    cast: Cast, ticket: Ticket
) -> None:
    with at(datetime(2026, 9, 18, 8, 0, tzinfo=UTC)):
        assert "date de l’éditeur dépassée" not in body(signed_in(cast.ines).get("/admin/"))
    sweep(MONDAY)
    with at(MONDAY + MINUTE):
        client = signed_in(cast.ines)
        assert "date de l’éditeur dépassée" in body(client.get("/admin/"))
        shown = main_text(client.get(f"/admin/incidents/{ticket.reference}/"))
    assert "Date attendue de l’éditeur dépassée" in shown
    assert "Cette date est passée" in shown
