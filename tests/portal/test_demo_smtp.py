"""The demo's mail server: every mail kept once, whole, in order of arrival."""

from __future__ import annotations

import os
import smtplib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from portal.embedded.ports import LOOPBACK, listen_from
from portal.embedded.processes import Child, wait_ready

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def _server(folder: Path) -> Iterator[smtplib.SMTP]:
    """A server that keeps mails in `folder`, and a client connected to it."""
    listener = listen_from(0)
    port = listener.getsockname()[1]
    child = Child(
        name="SMTP",
        argv=[sys.executable, "-m", "portal.demo.smtp", "--fd", str(listener.fileno())],
        log=folder.with_name("smtp.log"),
        env=os.environ | {"PORTAL_MAILBOX_DIR": str(folder)},
        cwd=ROOT,
        pass_fds=(listener.fileno(),),
    )
    child.start()
    listener.close()
    try:
        wait_ready(child, folder.is_dir, seconds=20)
        with smtplib.SMTP(LOOPBACK, port, timeout=10) as client:
            yield client
    finally:
        child.stop()
    assert child.exit_code() == 0


@pytest.fixture
def mails(tmp_path: Path) -> Path:
    return tmp_path / "courrier"


def test_mails_are_numbered_in_order_across_starts(mails: Path) -> None:
    for word in ("un", "deux"):
        with _server(mails) as client:
            client.sendmail("a@demo.example", ["b@demo.example"], f"Subject: {word}\r\n\r\n")

    subjects = {
        path.name: message_from_bytes(path.read_bytes())["Subject"]
        for path in sorted(mails.iterdir())
    }
    assert subjects == {"1.eml": "un", "2.eml": "deux"}


def test_a_blind_copy_is_shown(mails: Path) -> None:
    with _server(mails) as client:
        client.sendmail("a@demo.example", ["b@demo.example", "c@demo.example"], "Subject: x\r\n")

    mail = message_from_bytes((mails / "1.eml").read_bytes())
    assert mail["X-Envelope-To"] == "b@demo.example, c@demo.example"


def test_a_null_sender_is_accepted(mails: Path) -> None:
    """RFC 5321 4.5.5: automatic answers carry one."""
    with _server(mails) as client:
        client.sendmail("", ["b@demo.example"], "Subject: x\r\n")

    assert message_from_bytes((mails / "1.eml").read_bytes())["X-Envelope-From"] == "<>"


def test_accents_survive(mails: Path) -> None:
    body = "Subject: =?utf-8?q?=C3=89t=C3=A9?=\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    with _server(mails) as client:
        client.sendmail(
            "a@demo.example", ["b@demo.example"], (body + "Déjà l’été\r\n").encode("utf-8")
        )

    mail = message_from_bytes((mails / "1.eml").read_bytes(), policy=policy.default)
    assert (mail["Subject"], mail.get_content()) == ("Été", "Déjà l’été\r\n")


def test_a_header_line_in_an_address_writes_no_header(mails: Path) -> None:
    with _server(mails) as client:
        client.ehlo()
        client.docmd("MAIL FROM:<a@demo.example>")
        client.send(b'RCPT TO:<"b\rX-Evil: 1"@demo.example>\r\n')
        client.getreply()
        client.docmd("RCPT TO:<b@demo.example>")
        client.data(b"Subject: x\r\n\r\n")

    assert message_from_bytes((mails / "1.eml").read_bytes())["X-Evil"] is None
