"""STARTTLS when configured, and never in clear otherwise (N2)."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pytest_django import Settings

from notifications import sender
from notifications.enums import DeliveryState
from notifications.models import Delivery
from tests.factories.cast import Cast
from tests.factories.notifications import declared
from tests.factories.tickets import TUESDAY_10
from tests.notifications.smtp_stub import FaultyServer, running

pytestmark = pytest.mark.django_db


def write_certificate(folder: Path) -> Path:
    """A self-signed certificate of 127.0.0.1 with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "stub.test")])
    now = dt.datetime.now(dt.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return write_certificate(tmp_path)


@pytest.fixture
def encrypted(certificate: Path, settings: Settings) -> Iterator[FaultyServer]:
    """A server that offers STARTTLS and takes no mail without it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with running(FaultyServer(context)) as stub:
        settings.SMTP_HOST, settings.SMTP_PORT = "127.0.0.1", stub.port
        settings.SMTP_TIMEOUT, settings.SMTP_STARTTLS = 2, True
        yield stub


def outcome() -> tuple[str, int]:
    row = Delivery.objects.get()
    return row.state, row.attempts


def test_n2_a_trusted_server_gets_the_mail_encrypted(
    cast: Cast, encrypted: FaultyServer, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    declared(cast.alice)
    sender.deliver_pending(at=TUESDAY_10)
    assert (outcome(), len(encrypted.taken)) == ((DeliveryState.SENT, 1), 1)


def test_n2_an_untrusted_certificate_stops_the_sender_and_touches_no_row(
    cast: Cast, encrypted: FaultyServer
) -> None:
    declared(cast.alice)
    sender.deliver_pending(at=TUESDAY_10)
    assert (outcome(), encrypted.taken) == ((DeliveryState.QUEUED, 0), [])


def test_n2_a_server_without_starttls_gets_nothing_in_clear(
    cast: Cast, server: FaultyServer, settings: Settings
) -> None:
    settings.SMTP_STARTTLS = True
    declared(cast.alice)
    sender.deliver_pending(at=TUESDAY_10)
    assert (outcome(), server.taken) == ((DeliveryState.QUEUED, 0), [])


def test_n2_a_server_that_wants_encryption_we_were_not_told_of_is_away(
    cast: Cast, encrypted: FaultyServer, settings: Settings
) -> None:
    settings.SMTP_STARTTLS = False
    declared(cast.alice)
    sender.deliver_pending(at=TUESDAY_10)
    assert outcome() == (DeliveryState.QUEUED, 0)
