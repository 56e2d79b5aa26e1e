"""N8: a dead address is told to its owner and to ours, and bars nothing but itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from freezegun import freeze_time
from pytest_django import Settings

from accounts.models import Membership
from accounts.operations import change_address
from notifications.enums import DeliveryState
from notifications.messages.apart import address_dead
from notifications.models import DeadAddress, Delivery
from notifications.operations import claim, derive_pending, resend
from notifications.queries import barred, is_dead
from notifications.sender import deliver_pending
from notifications.sender.letters import prepare
from tests.factories.cast import Cast
from tests.factories.tickets import TUESDAY_10, make_ticket
from tests.notifications.returns import (
    LATER,
    RETURNS,
    accepted,
    report,
    returned,
    sent_to_alice,
)
from tickets.models import Ticket
from tickets.operations import cancel

pytestmark = pytest.mark.django_db
DEAD = report("5.1.1", answer="550 5.1.1 unknown")
TOMORROW = LATER + timedelta(days=1)


@pytest.fixture(autouse=True)
def _returns(settings: Settings) -> None:
    settings.RETURN_ADDRESS = RETURNS


@pytest.fixture
def sent(cast: Cast) -> Delivery:
    return sent_to_alice(cast)


# --- which sending came back ----------------------------------------------------------------------


@pytest.fixture
def again(cast: Cast, sent: Delivery) -> Delivery:
    """The mail came back, the address was called good again, and the mail left once more."""
    returned(sent, DEAD)
    DeadAddress.objects.all().delete()
    resend(delivery_id=sent.pk, actor=cast.ines, seen=0, at=TOMORROW)
    Delivery.objects.exclude(pk=sent.pk).delete()
    return accepted(TOMORROW)


def test_n8_the_return_path_says_which_sending_it_is(cast: Cast, sent: Delivery) -> None:
    first = prepare(sent).sender
    returned(sent, report("5.2.2"))
    resend(delivery_id=sent.pk, actor=cast.ines, seen=0, at=TOMORROW)
    second = prepare(Delivery.objects.get(pk=sent.pk)).sender
    assert first != second


@pytest.mark.parametrize("status", ["5.1.1", "5.2.2"])
def test_n8_a_return_of_an_earlier_sending_marks_nothing_newer(
    again: Delivery, status: str
) -> None:
    returned(again, report(status), at=TOMORROW)
    again.refresh_from_db()
    assert (again.state, DeadAddress.objects.count()) == (DeliveryState.SENT, 0)


def test_n8_a_return_of_an_earlier_sending_marks_nothing_while_the_next_one_waits(
    cast: Cast, sent: Delivery
) -> None:
    returned(sent, report("5.2.2"))
    resend(delivery_id=sent.pk, actor=cast.ines, seen=0, at=TOMORROW)
    returned(sent, DEAD, at=TOMORROW)
    assert not DeadAddress.objects.exists()


def test_n8_a_return_of_the_last_sending_marks_it(again: Delivery) -> None:
    returned(again, DEAD, resends=1, at=TOMORROW)
    again.refresh_from_db()
    assert (again.state, DeadAddress.objects.get().since) == (DeliveryState.BOUNCED, TOMORROW)


def test_n8_a_return_presented_anew_does_not_close_an_address_again(sent: Delivery) -> None:
    """Ours said that it was good again: the same report says nothing new."""
    returned(sent, DEAD)
    DeadAddress.objects.all().delete()
    returned(sent, DEAD, at=TOMORROW)
    assert not DeadAddress.objects.exists()


# --- our people are told --------------------------------------------------------------------------


def told() -> list[Delivery]:
    return list(Delivery.objects.filter(event__isnull=True).order_by("address"))


def test_n8_managers_and_the_engineer_of_an_open_incident_are_told_once(
    cast: Cast, sent: Delivery
) -> None:
    Ticket.objects.update(assignee=cast.ines)
    returned(sent, DEAD)
    returned(sent, DEAD, at=TOMORROW)
    assert [row.recipient for row in told()] == [cast.ines, cast.marc]


def test_n8_the_engineer_of_an_ended_incident_is_not_told(cast: Cast, sent: Delivery) -> None:
    cancel(ticket_id=Ticket.objects.get().pk, actor=cast.ines, reason="Doublon.", at=LATER)
    Ticket.objects.update(assignee=cast.ines)
    returned(sent, DEAD)
    assert [row.recipient for row in told()] == [cast.marc]


def test_n8_a_second_mail_to_the_same_address_tells_nobody_again(
    cast: Cast, sent: Delivery
) -> None:
    make_ticket(company=cast.company, requester=cast.alice, at=TUESDAY_10)
    deliver_pending(at=TUESDAY_10)
    returned(sent, DEAD)
    before = len(told())
    for other in Delivery.objects.filter(recipient=cast.alice).exclude(pk=sent.pk):
        returned(other, DEAD)
    assert len(told()) == before == 1


def test_n8_a_dead_address_of_ours_is_told_to_the_others_only(cast: Cast, sent: Delivery) -> None:
    Delivery.objects.filter(pk=sent.pk).update(address=cast.marc.email, recipient=cast.marc)
    returned(sent, DEAD)
    assert told() == []


def test_n8_nobody_is_told_of_an_address_that_was_corrected_meanwhile(
    cast: Cast, sent: Delivery
) -> None:
    change_address(actor=cast.marc, at=LATER, user_id=cast.alice.pk, email="alice@neuve.test")
    returned(sent, DEAD)
    assert (DeadAddress.objects.get().address, told()) == ("alice@acier.test", [])


def test_n8_the_mail_says_whose_address_what_was_answered_and_what_to_do(
    cast: Cast, sent: Delivery, settings: Settings
) -> None:
    cast.alice.phone = "04 78 00 00 01"
    cast.alice.save()
    returned(sent, DEAD)
    mail = told()[0]
    said = (
        "smtp; 550 5.1.1 unknown", "alice@acier.test", "04 78 00 00 01",
        "corrigez-la dans sa fiche", Ticket.objects.get().reference,
        f"{settings.PORTAL_BASE_URL}{reverse('admin:notifications_deadaddress_changelist')}\n",
    )  # fmt: skip
    assert (
        mail.subject,
        [text for text in said if text not in mail.body_text],
        mail.body_html.count('class="button"'),
    ) == (f"Adresse e-mail en échec : {cast.alice} (Acier & Fils)", [], 1)


# --- its owner reads it ---------------------------------------------------------------------------

TITLE = "Nos e-mails ne vous parviennent plus"


@pytest.fixture
def dead(sent: Delivery) -> DeadAddress:
    returned(sent, DEAD)
    return DeadAddress.objects.get()


@pytest.mark.parametrize("place", ["home", "account", "mails", "incident"])
def test_n8_its_owner_reads_it_on_home_account_and_incidents(
    cast: Cast, dead: DeadAddress, place: str, client: Client
) -> None:
    page = {
        "home": "/",
        "account": reverse("account_settings"),
        "mails": reverse("account_mails"),
        "incident": Ticket.objects.get().get_absolute_url(),
    }[place]
    client.force_login(cast.alice)
    told_alice = client.get(page).content.decode()
    client.force_login(cast.rejane)
    assert (TITLE in told_alice, TITLE in client.get(page).content.decode()) == (True, False)


def test_n8_it_says_since_when_and_whom_to_call(
    cast: Cast, dead: DeadAddress, client: Client, settings: Settings
) -> None:
    client.force_login(cast.alice)
    page = client.get("/").content.decode().replace("\u00a0", " ")
    said = ("mar. 15 sept. 2026 à 11 h", dead.address, settings.SUPPORT_PHONE)
    assert [text for text in said if text not in page] == []


def test_n8_a_member_of_the_desk_reads_it_too(cast: Cast, client: Client) -> None:
    row = Delivery.objects.create(
        address=cast.ines.email, message_id="<x@y>", created_at=LATER, next_attempt_at=LATER
    )
    DeadAddress.objects.create(address=cast.ines.email, since=LATER, delivery=row)
    client.force_login(cast.ines)
    assert TITLE in client.get("/").content.decode()


def test_n8_no_mail_is_promised_to_a_dead_address(
    cast: Cast, dead: DeadAddress, client: Client
) -> None:
    with freeze_time(TUESDAY_10):
        client.force_login(cast.alice)
        address = Ticket.objects.get().get_absolute_url()
        page = client.get(address, {"recu": "1"}).content.decode()
        DeadAddress.objects.all().delete()
        other = client.get(address, {"recu": "1"}).content.decode()
    assert ["Un e-mail le confirme" in text for text in (page, other)] == [False, True]


def test_n8_the_engineer_sees_it_beside_the_requester(
    cast: Cast, dead: DeadAddress, client: Client
) -> None:
    client.force_login(cast.ines)
    pages = [
        reverse("desk:ticket", args=[Ticket.objects.get().reference]),
        f"{reverse('desk:call')}?appelant={cast.company.memberships.get(user=cast.alice).pk}",
    ]
    assert ["adresse en échec" in client.get(page).content.decode() for page in pages] == [True] * 2


# --- it bars nothing but itself -------------------------------------------------------------------


def test_n8_a_corrected_address_gets_the_mails_of_before_and_after(
    cast: Cast, dead: DeadAddress
) -> None:
    change_address(actor=cast.marc, at=LATER, user_id=cast.alice.pk, email="alice@neuve.test")
    resend(delivery_id=dead.delivery_id, actor=cast.ines, seen=0, at=LATER)
    make_ticket(company=cast.company, requester=cast.alice, at=LATER)
    derive_pending(at=LATER, limit=10)
    theirs = Delivery.objects.filter(state=DeliveryState.QUEUED, recipient=cast.alice)
    assert [prepare(row).recipient for row in theirs] == ["alice@neuve.test"] * 2


def test_n8_an_account_mail_written_to_the_dead_address_does_not_leave(
    cast: Cast, dead: DeadAddress
) -> None:
    """It goes where it was written to, whatever the account's address is by now."""
    row = Delivery.objects.create(
        recipient=cast.alice, address=cast.alice.email, message_id="<x@y>", created_at=LATER,
        next_attempt_at=LATER,
    )  # fmt: skip
    change_address(actor=cast.marc, at=LATER, user_id=cast.alice.pk, email="alice@neuve.test")
    assert barred(Delivery.objects.get(pk=row.pk)) != ""


def test_n8_a_return_that_comes_before_the_mail_is_stamped_stops_the_address(cast: Cast) -> None:
    make_ticket(company=cast.company, requester=cast.alice, at=TUESDAY_10)
    derive_pending(at=TUESDAY_10, limit=10)
    leaving = claim(at=TUESDAY_10)
    assert leaving is not None
    returned(leaving, report("5.1.1"))
    assert is_dead(cast.alice.email)


def test_a_customer_whose_access_is_closed_is_not_said_to_be_ours(cast: Cast) -> None:
    Membership.objects.filter(user=cast.alice).update(is_active=False)
    dead = DeadAddress(address=cast.alice.email, since=LATER, answer="550")
    mail = address_dead(dead, cast.alice, cast.marc)
    assert "du support" not in mail.text + mail.html
