"""The wiring of the tests: roles, copies, mail server, network guard."""

from __future__ import annotations

import os
import smtplib
import socket
import subprocess
import sys
import threading
from email.message import EmailMessage

import psycopg2
import pytest
import redis
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import ProgrammingError, connection

from tests.conftest import Mailbox
from tests.plugins import network


def _role() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        return str(cursor.fetchone()[0])


@pytest.mark.usefixtures("db")
def test_tests_run_as_the_application() -> None:
    assert _role() == "portal_app"


@pytest.mark.usefixtures("db")
def test_the_application_may_not_truncate() -> None:
    with connection.cursor() as cursor, pytest.raises(ProgrammingError, match="permission denied"):
        cursor.execute("TRUNCATE django_content_type CASCADE")


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("turn", [1, 2])
def test_db_forgets_what_a_test_wrote(turn: int) -> None:
    ContentType.objects.create(app_label="wiring", model="trace")

    assert ContentType.objects.filter(app_label="wiring").count() == 1


@pytest.mark.usefixtures("committed_db")
@pytest.mark.parametrize("turn", [1, 2])
def test_committed_db_is_new_each_time(turn: int) -> None:
    ContentType.objects.create(app_label="wiring", model="trace")

    assert ContentType.objects.filter(app_label="wiring").count() == 1


@pytest.mark.usefixtures("committed_db")
def test_a_thread_sees_what_was_committed() -> None:
    ContentType.objects.create(app_label="wiring", model="trace")
    seen: list[int] = []

    def look() -> None:
        seen.append(ContentType.objects.filter(app_label="wiring").count())
        connection.close()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [1]


def test_another_process_sees_what_was_committed(committed_db: str) -> None:
    ContentType.objects.create(app_label="wiring", model="trace")
    count = "SELECT count(*) FROM django_content_type WHERE app_label = 'wiring'"
    program = (
        "import os, psycopg2; cursor = psycopg2.connect(os.environ['DATABASE_URL']).cursor();"
        f'cursor.execute("{count}"); print(cursor.fetchone()[0])'
    )

    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert answer.stdout == "1\n"
    assert os.environ["DATABASE_URL"] == committed_db


def test_a_session_left_open_does_not_keep_the_copy(committed_db: str) -> None:
    """The fixture drops the database under it; the run would fail at teardown otherwise."""
    link = psycopg2.connect(committed_db)

    assert link.closed == 0


def test_tests_keep_our_mail_backend() -> None:
    assert settings.EMAIL_BACKEND == "notifications.outbox.OutboxBackend"


def test_the_broker_answers() -> None:
    client = redis.Redis.from_url(os.environ["REDIS_URL"])

    assert client.ping()
    client.close()


def test_the_mail_server_keeps_a_mail_as_sent(mailbox: Mailbox) -> None:
    message = EmailMessage()
    message["From"], message["To"] = "portail@demo.example", "client@demo.example"
    message["Subject"] = "Incident déclaré"
    message.set_content("Bonjour,\n\nC’est noté.\n")

    with smtplib.SMTP(*mailbox.address, timeout=10) as client:
        client.send_message(message)

    (received,) = mailbox.messages()
    assert (received["Subject"], received.get_content().replace("\r\n", "\n")) == (
        "Incident déclaré",
        "Bonjour,\n\nC’est noté.\n",
    )


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "example.org"])
def test_no_other_machine_is_reached(host: str) -> None:
    with pytest.raises(network.NetworkForbiddenError):
        socket.create_connection((host, 80), timeout=0.1)
    assert network.attempts == [host]
    network.attempts.clear()


@pytest.mark.parametrize("method", ["connect", "connect_ex"])
def test_a_bare_socket_is_guarded(method: str) -> None:
    with socket.socket() as bare, pytest.raises(network.NetworkForbiddenError):
        getattr(bare, method)(("192.0.2.1", 80))
    network.attempts.clear()


def test_datagrams_are_guarded() -> None:
    with (
        socket.socket(type=socket.SOCK_DGRAM) as bare,
        pytest.raises(network.NetworkForbiddenError),
    ):
        bare.sendto(b"x", ("192.0.2.1", 53))
    network.attempts.clear()
