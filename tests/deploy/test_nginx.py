"""deploy/nginx.conf.template, run by the real nginx before a web process of straw."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "deploy" / "nginx.conf.template"
HOST = "portail.example.org"
NGINX = shutil.which("nginx") or next(iter(map(str, Path("/usr/sbin").glob("nginx"))), None)

if NGINX is None and os.environ.get("CI"):
    pytest.fail("nginx is needed: apt-get install nginx-light", pytrace=False)
pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed here")


class Straw(BaseHTTPRequestHandler):
    """Answers what it was told, and sends `/file` by the internal address as the portal does."""

    def do_GET(self) -> None:
        self.send_response(200)
        if self.path == "/file":
            self.send_header("X-Accel-Redirect", "/fichiers-internes/2026/11/abc")
            self.send_header("Content-Disposition", "attachment")
        body = f"{self.headers['X-Forwarded-For']} {self.headers['X-Forwarded-Proto']}".encode()
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Quiet."""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "portal.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "portal.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


class Front:
    """The running nginx: its two ports and its folder."""

    def __init__(self, folder: Path, upstream: int) -> None:
        self.http, self.https = _free_port(), _free_port()
        text = TEMPLATE.read_text().replace("${PORTAL_HOST}", HOST)
        for old, new in {
            "listen 8080": f"listen 127.0.0.1:{self.http}",
            "listen 8443": f"listen 127.0.0.1:{self.https}",
            "http://web:8000": f"http://127.0.0.1:{upstream}",
            "/etc/nginx/tls": str(folder),
            "/data/files/": f"{folder}/files/",
        }.items():
            text = text.replace(old, new)
        self.config = folder / "nginx.conf"
        temporary = " ".join(
            f"{kind}_temp_path {folder}/{kind};"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        self.config.write_text(
            f"daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; "
            f"{'user root;' if os.geteuid() == 0 else ''}"
            f"events {{}} http {{ access_log off; {temporary}\n{text}\n}}"
        )

    def get(self, path: str, *, host: str = HOST, **headers: str) -> Answer:
        """A GET over TLS, naming `host` in the handshake and in the request."""
        context = ssl.create_default_context(cafile=str(self.config.with_name("portal.crt")))
        with (
            socket.create_connection(("127.0.0.1", self.https), timeout=10) as raw,
            context.wrap_socket(raw, server_hostname=host) as secured,
        ):
            connection = http.client.HTTPConnection(host)
            connection.sock = secured
            connection.request("GET", path, headers=headers)
            with connection.getresponse() as answer:
                return Answer(answer.status, dict(answer.headers), answer.read())


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("nginx")
    _certificate(folder)
    stored = folder / "files" / "2026" / "11"
    stored.mkdir(parents=True)
    (stored / "abc").write_bytes(b"contenu")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Straw)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    front = Front(folder, server.server_port)
    process = subprocess.Popen([str(NGINX), "-c", str(front.config), "-e", f"{folder}/error.log"])
    try:
        _wait_for(front.https)
        yield front
    finally:
        process.terminate()
        process.wait(10)
        server.shutdown()
        server.server_close()


def _wait_for(port: int) -> None:
    for _attempt in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        threading.Event().wait(0.05)
    pytest.fail("nginx did not start")


def test_nginx_accepts_the_configuration(front: Front) -> None:
    result = subprocess.run(
        [str(NGINX), "-t", "-c", str(front.config)], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr


def test_plain_http_is_sent_to_https(front: Front) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", front.http, timeout=10)
    connection.request("GET", "/connexion/", headers={"Host": HOST})
    answer = connection.getresponse()
    connection.close()
    assert (answer.status, answer.headers["Location"]) == (301, f"https://{HOST}/connexion/")


def test_f4_a_forged_forwarded_address_is_replaced(front: Front) -> None:
    answer = front.get("/", **{"X-Forwarded-For": "6.6.6.6", "X-Forwarded-Proto": "gopher"})
    assert answer.body == b"127.0.0.1 https"


def test_f4_another_host_name_gets_nothing(front: Front) -> None:
    with pytest.raises(ssl.SSLError):
        front.get("/", host="pirate.example.org")


def test_c7_stored_files_are_not_reachable_directly(front: Front) -> None:
    assert front.get("/fichiers-internes/2026/11/abc").status == 404


def test_c7_the_portal_may_send_a_stored_file(front: Front) -> None:
    answer = front.get("/file")
    assert (answer.body, answer.headers["Content-Disposition"]) == (b"contenu", "attachment")
