"""Account mails are rows of their transaction; a dead broker costs nobody anything (N1)."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.mail import EmailMultiAlternatives, send_mail
from django.core.management import call_command
from django.db import transaction
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from foundation import waking
from notifications import sender, tasks
from notifications.enums import DeliveryState
from notifications.models import Delivery
from tests.conftest import Mailbox
from tests.factories.accounts import make_user
from tests.factories.cast import Cast
from tests.factories.tickets import make_ticket
from tests.notifications.smtp_stub import FaultyServer
from tickets.models import EventToTell, TicketEvent

pytestmark = pytest.mark.django_db


def write_to(address: str) -> None:
    mail = EmailMultiAlternatives("Votre\naccès", "https://portail/secret", to=[address])
    mail.attach_alternative("<p>https://portail/secret</p>", "text/html")
    mail.send()


def test_an_account_mail_is_a_row_of_the_callers_transaction() -> None:
    write_to("nouveau@acier.test")
    assert list(Delivery.objects.values_list("address", "subject", "state")) == [
        ("nouveau@acier.test", "Votre accès", DeliveryState.QUEUED)
    ]


def test_an_account_mail_is_lost_with_its_transaction() -> None:
    with transaction.atomic():
        write_to("nouveau@acier.test")
        transaction.set_rollback(True)
    assert not Delivery.objects.exists()


def test_one_row_per_recipient() -> None:
    send_mail("Objet", "Texte", None, ["a@acier.test", "Bob <b@acier.test>"])
    assert sorted(Delivery.objects.values_list("address", flat=True)) == [
        "a@acier.test",
        "b@acier.test",
    ]


def test_its_secret_is_wiped_once_it_has_left(server: FaultyServer) -> None:
    write_to("nouveau@acier.test")
    row = Delivery.objects.get()
    sender.deliver_pending(at=row.created_at)
    kept = Delivery.objects.values_list("state", "body_text", "body_html").get()
    assert (kept, "secret" in str(server.taken[0].get_body(("plain",)))) == (
        (DeliveryState.SENT, "", ""),
        True,
    )


def test_n7_an_account_mail_to_a_deactivated_person_is_dropped(server: FaultyServer) -> None:
    write_to(make_user(is_active=False, email="parti@acier.test").email)
    sender.deliver_pending(at=Delivery.objects.get().created_at)
    assert (Delivery.objects.get().state, server.taken) == (DeliveryState.DROPPED, [])


@pytest.fixture(params=["dead", "hanging"])
def broker(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A broker that refuses connections, or takes them and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        if request.param == "dead":
            listener.close()
        monkeypatch.setenv("CELERY_BROKER_WRITE_URL", f"redis://127.0.0.1:{port}/0")
        waking._broker.cache_clear()
        yield str(request.param)
    waking._broker.cache_clear()


def test_n1_an_act_succeeds_at_once_without_the_broker(
    broker: str,
    cast: Cast,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    caplog: pytest.LogCaptureFixture,
) -> None:
    started = time.monotonic()
    with django_capture_on_commit_callbacks(execute=True):
        make_ticket(requester=cast.alice)
    elapsed = time.monotonic() - started
    assert (EventToTell.objects.count(), "broker_away" in caplog.messages) == (1, True)
    assert elapsed < 2


def test_n1_an_account_mail_is_kept_without_the_broker(
    broker: str, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        write_to("nouveau@acier.test")
    assert Delivery.objects.get().state == DeliveryState.QUEUED


def test_n1_what_waited_leaves_by_hand_without_the_broker(cast: Cast, mailbox: Mailbox) -> None:
    make_ticket(requester=cast.alice)
    out = StringIO()
    call_command("deliver_pending", stdout=out)
    assert (out.getvalue().strip(), len(mailbox.messages())) == (
        "1\u00a0e-mail envoyé, 0 en attente.",
        1,
    )


def test_the_tasks_do_the_same(cast: Cast, mailbox: Mailbox) -> None:
    make_ticket(requester=cast.alice)
    tasks.deliver_event(event_id=TicketEvent.objects.get().pk, argument_of_a_later_version=1)
    make_ticket(requester=cast.bob)
    tasks.deliver_pending()
    assert [mail["To"].addresses[0].addr_spec for mail in mailbox.messages()] == [
        "alice@acier.test",
        "bob@acier.test",
    ]


def test_the_portals_mail_backend_is_the_outbox(settings: Settings) -> None:
    assert settings.EMAIL_BACKEND == "notifications.outbox.OutboxBackend"
