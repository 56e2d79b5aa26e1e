"""N2, N7, N8, E18: what became of each mail beside its step, and sending one again."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.template import Context, Template
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.models import Membership, User
from foundation.refusals import Conflict, Refusal
from notifications import operations, sender
from notifications.enums import DeliveryState
from notifications.models import Delivery, Resend
from tests.factories.cast import Cast
from tests.factories.notifications import declared
from tests.factories.tickets import TUESDAY_10, make_ticket
from tests.notifications.smtp_stub import FaultyServer
from tickets import operations as tickets
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
SOON = TUESDAY_10 + timedelta(seconds=5)
LATER = TUESDAY_10 + timedelta(minutes=10)
UNKNOWN = "550 5.1.1 inconnu"


def client_of(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def workspace(ticket: Ticket, person: User) -> str:
    return client_of(person).get(reverse("desk:ticket", args=[ticket.reference])).content.decode()


def step(ticket: Ticket, person: User, headers: dict[str, str] | None = None) -> str:
    address = reverse("mails:step", args=[ticket.reference, 1])
    return client_of(person).get(address, headers=headers).content.decode()


def post(ticket: Ticket, person: User, **data: object) -> str:
    """The page that one reads after « Renvoyer »."""
    address = reverse("mails:resend", args=[ticket.reference])
    return client_of(person).post(address, data, follow=True).content.decode()


def refused(cast: Cast, server: FaultyServer) -> tuple[Ticket, Delivery]:
    """Alice's receipt, which the server refused."""
    ticket = declared(cast.alice)
    server.at_rcpt["alice@acier.test"] = [UNKNOWN]
    sender.deliver_pending(at=SOON)
    return ticket, Delivery.objects.get(event__ticket=ticket)


def resend(delivery: Delivery, actor: User, *, seen: int = 0, at: datetime = LATER) -> Delivery:
    return operations.resend(delivery_id=delivery.pk, actor=actor, seen=seen, at=at)


def bounced(cast: Cast, server: FaultyServer) -> Delivery:
    declared(cast.alice)
    sender.deliver_pending(at=SOON)
    row = Delivery.objects.get()
    operations.mark_bounced(message_id=row.message_id, answer="5.1.1 inconnu", at=LATER)
    return Delivery.objects.get()


# --- the mark of a step ---------------------------------------------------------------------------


def test_e18_a_step_whose_mails_are_not_made_yet_is_waiting(cast: Cast) -> None:
    assert "E-mail en attente" in workspace(make_ticket(requester=cast.alice), cast.ines)


def test_e18_a_mail_that_the_server_took_is_sent(cast: Cast, server: FaultyServer) -> None:
    ticket = declared(cast.alice)
    sender.deliver_pending(at=SOON)
    assert "E-mail envoyé" in workspace(ticket, cast.ines)


def test_n2_a_refused_mail_shows_on_its_step(cast: Cast, server: FaultyServer) -> None:
    ticket, _delivery = refused(cast, server)
    assert "E-mail refusé" in workspace(ticket, cast.ines)


def test_n8_a_bounced_mail_shows_on_its_step(cast: Cast, server: FaultyServer) -> None:
    delivery = bounced(cast, server)
    assert delivery.event is not None
    assert "E-mail rebondi" in workspace(delivery.event.ticket, cast.ines)


def test_e18_a_step_told_to_several_says_how_many_in_which_state(
    cast: Cast, server: FaultyServer
) -> None:
    ticket = declared(cast.alice)
    tickets.add_copy(ticket_id=ticket.pk, actor=cast.ines, user=cast.bob, at=TUESDAY_10)
    tickets.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=TUESDAY_10)
    sender.deliver_pending(at=SOON)
    told = Delivery.objects.filter(event__act="acknowledge")
    assert told.count() > 1
    told.filter(recipient=cast.bob).update(state=DeliveryState.REFUSED, sent_at=None)
    assert "E-mails\u00a0: 1\u00a0refusé, 1\u00a0envoyé" in workspace(ticket, cast.ines)


def test_e18_a_note_has_no_mark(cast: Cast) -> None:
    ticket = declared(cast.alice)
    before = workspace(ticket, cast.ines).count("mail-state")
    tickets.add_note(ticket_id=ticket.pk, actor=cast.ines, body="Vu.", at=LATER, form_token=uuid4())
    assert workspace(ticket, cast.ines).count("mail-state") == before == 1


def test_e18_the_marks_of_a_thread_take_one_query(cast: Cast) -> None:
    ticket = declared(cast.alice)
    tickets.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=SOON)
    tag = Template(
        "{% load deliveries %}{% mail_states ticket as mails %}{{ mails.1 }}{{ mails.2 }}"
    )
    with CaptureQueriesContext(connection) as captured:
        drawn = tag.render(Context({"ticket": ticket}))
    assert (len(captured), drawn.count("E-mail en attente")) == (1, 2)


def test_b1_a_customers_page_shows_nothing_of_deliveries(cast: Cast, server: FaultyServer) -> None:
    ticket, _delivery = refused(cast, server)
    page = client_of(cast.alice).get(ticket.get_absolute_url()).content.decode()
    assert [
        word
        for word in ("mail-state", "/envois/renvoyer", "E-mail refusé", UNKNOWN)
        if word in page
    ] == []


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_e18_a_step_opens_on_each_recipient_and_the_servers_answer(
    headers: dict[str, str], cast: Cast, server: FaultyServer
) -> None:
    ticket, _delivery = refused(cast, server)
    page = step(ticket, cast.ines, headers)
    told = (cast.alice.full_name, "alice@acier.test", "Refusé", UNKNOWN, "Renvoyer")
    assert [word for word in told if word not in page] == []


def test_e18_the_part_of_a_step_is_no_whole_page(cast: Cast) -> None:
    ticket = declared(cast.alice)
    assert "<html" not in step(ticket, cast.ines, {"HX-Request": "true"})


def test_e18_a_sent_mail_offers_no_resend(cast: Cast, server: FaultyServer) -> None:
    ticket = declared(cast.alice)
    sender.deliver_pending(at=SOON)
    assert "Renvoyer" not in step(ticket, cast.ines)


def test_a1_a_step_that_told_nobody_is_a_404(cast: Cast) -> None:
    ticket = declared(cast.alice)
    address = reverse("mails:step", args=[ticket.reference, 99])
    assert client_of(cast.ines).get(address).status_code == 404


def test_n7_a_lost_right_is_said_in_place_of_the_button(cast: Cast, server: FaultyServer) -> None:
    ticket, _delivery = refused(cast, server)
    Membership.objects.filter(user=cast.alice).update(is_active=False)
    page = step(ticket, cast.ines)
    assert ("Renvoyer" in page, "n’a plus accès à l’incident" in page) == (False, True)


# --- sending again --------------------------------------------------------------------------------


def test_e18_a_refused_mail_sent_again_keeps_its_message_id(
    cast: Cast, server: FaultyServer
) -> None:
    _ticket, delivery = refused(cast, server)
    resend(delivery, cast.ines)
    sender.deliver_pending(at=LATER)
    assert [mail["Message-ID"] for mail in server.taken] == [delivery.message_id]


def test_n8_a_bounced_mail_may_be_sent_again(cast: Cast, server: FaultyServer) -> None:
    delivery = bounced(cast, server)
    resend(delivery, cast.ines, at=LATER)
    sender.deliver_pending(at=LATER)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.bounced_at) == (DeliveryState.SENT, None)


def test_p5_who_sent_it_again_and_how_it_stood_stay_on_record(
    cast: Cast, server: FaultyServer
) -> None:
    _ticket, delivery = refused(cast, server)
    resend(delivery, cast.ines)
    kept = Resend.objects.values_list("asked_by", "asked_at", "state_before", "answer_before")
    assert list(kept) == [(cast.ines.pk, LATER, "refused", UNKNOWN)]


def test_n2_a_mail_sent_again_has_its_72_hours_anew(cast: Cast, server: FaultyServer) -> None:
    _ticket, delivery = refused(cast, server)
    Delivery.objects.update(attempts=operations.MAX_ATTEMPTS)
    assert resend(delivery, cast.ines).attempts == 0


@pytest.mark.parametrize("state", ["queued", "sent"])
def test_e18_a_mail_that_waits_or_arrived_is_not_sent_again(
    state: str, cast: Cast, server: FaultyServer
) -> None:
    declared(cast.alice)
    if state == "sent":
        sender.deliver_pending(at=SOON)
    with pytest.raises(Refusal):
        resend(Delivery.objects.get(), cast.ines)


def test_g3_the_second_of_two_who_send_again_reads_that_it_was_done(
    cast: Cast, server: FaultyServer
) -> None:
    _ticket, delivery = refused(cast, server)
    resend(delivery, cast.ines)
    server.at_rcpt["alice@acier.test"] = [UNKNOWN]
    sender.deliver_pending(at=LATER)
    with pytest.raises(Conflict):
        resend(delivery, cast.marc, seen=0)


def test_n7_a_person_who_lost_the_right_is_sent_nothing_again(
    cast: Cast, server: FaultyServer
) -> None:
    _ticket, delivery = refused(cast, server)
    Membership.objects.filter(user=cast.alice).update(is_active=False)
    with pytest.raises(Refusal, match="n’a plus accès à l’incident"):
        resend(delivery, cast.ines)


def test_e18_the_page_says_that_the_mail_leaves_again(cast: Cast, server: FaultyServer) -> None:
    ticket, delivery = refused(cast, server)
    page = post(ticket, cast.ines, delivery=delivery.pk, seen=0)
    assert (f"L’e-mail repart pour {cast.alice.full_name}." in page, "en attente" in page) == (
        True,
        True,
    )


@pytest.mark.parametrize("data", [{}, {"delivery": "x", "seen": "0"}, {"delivery": 9**20}])
def test_e18_a_mail_that_is_not_of_the_incident_is_told_so(
    data: dict[str, object], cast: Cast
) -> None:
    assert "Cet e-mail n’est pas de cet incident" in post(declared(cast.alice), cast.ines, **data)


def test_a1_another_incidents_mail_is_not_sent_again(cast: Cast, server: FaultyServer) -> None:
    _ticket, delivery = refused(cast, server)
    other = declared(cast.bob)
    post(other, cast.ines, delivery=delivery.pk, seen=0)
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.REFUSED


def test_n1_sending_again_wakes_the_sender(
    cast: Cast,
    server: FaultyServer,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    _ticket, delivery = refused(cast, server)
    with django_capture_on_commit_callbacks() as callbacks:
        resend(delivery, cast.ines)
    assert len(callbacks) == 1


# --- returned mails -------------------------------------------------------------------------------


def test_n8_a_bounce_marks_the_mail_that_was_accepted(
    cast: Cast, server: FaultyServer, caplog: pytest.LogCaptureFixture
) -> None:
    row = bounced(cast, server)
    assert (row.state, row.bounced_at, row.server_answer, row.sent_at is not None) == (
        DeliveryState.BOUNCED,
        LATER,
        "5.1.1 inconnu",
        True,
    )
    assert "mail_bounced" in caplog.messages


def test_n8_a_bounce_of_an_unknown_or_unsent_mail_marks_nothing(cast: Cast) -> None:
    declared(cast.alice)
    row = Delivery.objects.get()
    marked = [
        operations.mark_bounced(message_id=name, answer="5.1.1", at=LATER)
        for name in ("<personne@nulle.part>", row.message_id)
    ]
    row.refresh_from_db()
    assert (marked, row.state) == ([False, False], DeliveryState.QUEUED)
