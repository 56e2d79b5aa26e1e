"""Who may not be told any more: one mail, or many at once with the same answers (N7, E17)."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Membership, User
from notifications.enums import DeliveryState
from notifications.models import DeadAddress, Delivery
from notifications.queries import barred, barred_among
from tests.factories.cast import Cast
from tests.factories.notifications import declared
from tests.factories.tickets import TUESDAY_10
from tickets.enums import Act, Origin, PauseKind, Side
from tickets.models import NEVER, Copy, Message, Pause, Ticket, TicketEvent

pytestmark = pytest.mark.django_db


def mail(person: User | None, ticket: Ticket | None, act: Act = Act.RESOLVE, **facts: int) -> None:
    """A mail that was refused, of one more event of the incident."""
    event, address = None, "parti@acier.test" if ticket else "compte@acier.test"
    if ticket is not None:
        event = TicketEvent.objects.create(
            ticket=ticket, sequence=ticket.events.count() + 1, act=act, side=Side.ENGINEER,
            origin=Origin.PORTAL, recorded_at=TUESDAY_10, effective_at=TUESDAY_10,
            status_after=ticket.status, hash="0" * 64, facts=facts,
        )  # fmt: skip
    Delivery.objects.create(
        event=event, recipient=person, address=person.email if person else address,
        message_id=f"<{uuid4()}@x>", created_at=TUESDAY_10, state=DeliveryState.REFUSED,
    )  # fmt: skip


def answer(ticket: Ticket, author: User, *, taken_back: bool) -> int:
    message = Message.objects.create(
        ticket=ticket, author=author, side=Side.ENGINEER, body="Bonjour", written_at=TUESDAY_10,
        form_token=uuid4(), visible_from=NEVER if taken_back else TUESDAY_10,
    )  # fmt: skip
    return message.pk


def wait(ticket: Ticket, *, ended: bool) -> int:
    pause = Pause.objects.create(
        ticket=ticket, kind=PauseKind.CUSTOMER, began_at=TUESDAY_10,
        ended_at=TUESDAY_10 + timedelta(hours=1) if ended else None, reason="Journal ?",
    )  # fmt: skip
    return pause.pk


def all_kinds(cast: Cast) -> list[Delivery]:
    """Mails that nothing forbids, and one for each reason."""
    ours, private, other = declared(cast.alice), declared(cast.alice), declared(cast.charlie)
    Ticket.objects.filter(pk=private.pk).update(is_private=True)
    Copy.objects.create(ticket=ours, user=cast.bob, added_at=TUESDAY_10)
    Membership.objects.filter(user=cast.charlie).update(is_active=False)
    cast.adele.is_active = False
    cast.adele.save(update_fields=["is_active"])
    back = Delivery.objects.all()[0]
    DeadAddress.objects.create(address="marc@portail.test", since=TUESDAY_10, delivery=back)
    DeadAddress.objects.create(address="compte@acier.test", since=TUESDAY_10, delivery=back)
    Delivery.objects.all().update(state=DeliveryState.REFUSED, next_attempt_at=None)
    for ticket in (ours, private, other):
        for person in (cast.alice, cast.bob, cast.rejane, cast.charlie, cast.ines, cast.marc):
            mail(person, ticket)
    mail(cast.adele, ours)
    mail(None, ours)
    mail(None, None)
    for is_over in (False, True):
        said = answer(ours, cast.ines, taken_back=is_over)
        mail(cast.alice, ours, Act.MESSAGE, message=said)
        mail(cast.alice, other, Act.MESSAGE, message=said)
    for ticket, is_over in ((ours, False), (private, True)):
        mail(cast.alice, ticket, Act.REMIND, pause=wait(ticket, ended=is_over))
    # Answers and reminders first.
    return list(Delivery.objects.select_related("event__ticket", "recipient").order_by("-pk"))


def test_n7_many_at_once_are_barred_as_one_by_one(cast: Cast) -> None:
    rows = all_kinds(cast)
    one_by_one = {row.pk: barred(row) for row in rows}
    assert barred_among(rows) == one_by_one
    # Each of the reasons is among them, and none.
    assert len(set(one_by_one.values())) == 7


def test_n7_none_are_barred_among_none() -> None:
    assert barred_among([]) == {}


def test_e17_the_preview_asks_as_many_queries_for_six_mails_as_for_thirty(cast: Cast) -> None:
    rows = all_kinds(cast)
    client = Client()
    client.force_login(cast.ines)

    def statements(number: int) -> int:
        chosen = {"action": "resend", "_selected_action": [row.pk for row in rows[:number]]}
        with CaptureQueriesContext(connection) as captured:
            page = client.post(reverse("admin:notifications_delivery_changelist"), chosen)
        assert page.status_code == 200
        return len(captured)

    statements(6)
    assert (len(rows) > 25, statements(len(rows))) == (True, statements(6))
