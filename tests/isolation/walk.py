"""The walk of the whole package: sign in as each role, crawl, send the mails, keep the logs."""

from __future__ import annotations

import io
import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
)
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from freezegun import freeze_time

from accounts.models import User
from notifications.models import Delivery
from notifications.sender import deliver_pending
from portal.logs import JsonFormatter
from tests.conftest import Mailbox
from tests.factories.accounts import PASSWORD
from tests.factories.tickets import TUESDAY_10
from tests.isolation.canaries import ROLES
from tests.isolation.crawl import Visit, crawl, seeds
from tests.isolation.fingerprint import changed, fingerprint
from tests.isolation.world import World
from tickets import operations

# Deadlines have passed and were recorded; the desk is open.
WALKED_AT = TUESDAY_10 + timedelta(hours=2)
_SECRET = generate_totp_secret()
_LINK = re.compile(r"/(?:bienvenue|choisir)/([A-Za-z0-9_-]{20,})/")


@dataclass
class Walk:
    """Answers by role, what each role's GETs changed, the mails, the log, the secrets."""

    visits: dict[str, list[Visit]] = field(default_factory=dict)
    changed: dict[str, set[str]] = field(default_factory=dict)
    mails: list[EmailMessage] = field(default_factory=list)
    undelivered: list[str] = field(default_factory=list)
    log: str = ""
    # Tokens of links that leave by mail; session keys; codes and secret of a second factor.
    links: set[str] = field(default_factory=set)
    sessions: set[str] = field(default_factory=set)
    codes: set[str] = field(default_factory=set)

    @property
    def all_visits(self) -> list[Visit]:
        """Of every role."""
        return [visit for visits in self.visits.values() for visit in visits]


def walk_as_everybody(world: World) -> Walk:
    """Run inside a transaction that is rolled back."""
    found = Walk()
    with freeze_time(WALKED_AT), _logged() as log:
        operations.sweep_deadlines(at=WALKED_AT)
        found.links = _links_in_mails()
        _knock_with(found.links)
        _send_mails(found)
        for role in ROLES:
            if role == "engineer":
                found.codes = _second_factor(world.cast.ines)
            client = signed_in(world, role)
            before = fingerprint()
            # A manager's pages of rows are an engineer's.
            rows = 1 if role == "manager" else 12
            found.visits[role] = crawl(client, role, seeds(world, role), rows=rows)
            found.changed[role] = changed(before, fingerprint())
        found.sessions = set(Session.objects.values_list("session_key", flat=True))
    found.log = log.getvalue()
    return found


def browser_name(role: str) -> str:
    """What the browser of a role calls itself: a canary in the list of one's own sessions."""
    return f"canari-navigateur-{ROLES.index(role)}"


def signed_in(world: World, role: str) -> Client:
    """A browser that came in through the sign-in page; a message waits for its next page."""
    client = Client(headers={"user-agent": browser_name(role)})
    person = world.people[role]
    if person is not None:
        typed = {"login": person.email, "password": PASSWORD}
        answer = client.post(reverse("account_login"), typed)
        if answer["Location"] == reverse("mfa_authenticate"):
            code = format_hotp_value(hotp_value(_SECRET, int(WALKED_AT.timestamp()) // 30))
            client.post(answer["Location"], {"code": code})
            # Pages that show the codes ask who is there once more.
            client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        same = {name: getattr(person, name) for name in ("first_name", "last_name", "phone")}
        assert client.post(reverse("account_settings"), same).status_code == 302
    return client


def _second_factor(person: User) -> set[str]:
    """Switch it on; its secret and its codes."""
    TOTP.activate(person, _SECRET)
    return {_SECRET, *RecoveryCodes.activate(person).get_unused_codes()}


def _knock_with(tokens: set[str]) -> None:
    """Refused requests that name a live link: a blocked cookie, a scanner. All are logged."""
    client = Client(enforce_csrf_checks=True)
    for token in tokens:
        for name in ("invitation", "account_reset_password_from_key"):
            address = reverse(name, args=[token])
            client.put(address)
            client.post(address, {"password1": "x"})
            client.get(f"{address}nulle-part/")


@contextmanager
def _logged() -> Iterator[io.StringIO]:
    """What an operator's log would hold, in the portal's own format."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield stream
    finally:
        root.removeHandler(handler)


def _links_in_mails() -> set[str]:
    """Tokens of the links that are about to leave: whoever reads one can take the account."""
    bodies = Delivery.objects.values_list("body_text", "body_html")
    return {token for texts in bodies for text in texts for token in _LINK.findall(text)}


def _send_mails(found: Walk) -> None:
    mailbox = Mailbox(Path(os.environ["PORTAL_MAILBOX_DIR"]))
    mailbox.clear()
    while deliver_pending(at=WALKED_AT, limit=500):
        pass
    found.mails = mailbox.messages()
    mailbox.clear()
    found.undelivered = [
        f"{delivery.address}: {delivery.server_answer}"
        for delivery in Delivery.objects.exclude(state="sent")
    ]


def texts_of(mail: EmailMessage) -> bytes:
    """All that a mail says: its headers and its parts, decoded (base64, quoted-printable)."""
    parts = [f"{name}: {value}".encode() for name, value in mail.items()]
    for part in mail.walk():
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            parts.append(payload)
    return b"\n".join(parts)
