"""deploy/nginx.conf.template, run by the real nginx before a web process of straw."""

from __future__ import annotations

import http.client
import os
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import pytest

from benchmarks.harness.proxy import configure, program
from portal.embedded.ports import free_port

HOST = "portail.example.org"
NGINX = program()

if NGINX is None and os.environ.get("CI"):
    pytest.fail("nginx is needed: apt-get install nginx-light", pytrace=False)
pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed here")


# What seals a stored file (files.views.serving and the middlewares).
SEALS = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "private, no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
}
# The pieces of the body that the uploads' service received.
RECEIVED: list[int] = []
MEGABYTE = 1024**2


class Straw(BaseHTTPRequestHandler):
    """Answers what it was told, and sends `/file` by the internal address as the portal does."""

    def do_GET(self) -> None:
        self.send_response(200)
        if self.path == "/file":
            self.send_header("X-Accel-Redirect", "/fichiers-internes/2026/11/abc")
            self.send_header("Content-Disposition", "attachment")
            for name, value in SEALS.items():
                self.send_header(name, value)
        body = f"{self.headers['X-Forwarded-For']} {self.headers['X-Forwarded-Proto']}".encode()
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_PATCH(self) -> None:
        """Note each piece as it arrives, as the portal writes it to its spool."""
        left = int(self.headers["Content-Length"])
        while left and (piece := self.rfile.read1(min(left, 65536))):
            RECEIVED.append(len(piece))
            left -= len(piece)
        self.send_response(204 if not left else 400)
        self.send_header("Upload-Offset", str(sum(RECEIVED)))
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Quiet."""


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


class Front:
    """The running nginx: its two ports and its folder."""

    def __init__(self, folder: Path, upstream: int, uploads: int) -> None:
        self.http, self.https = free_port(), free_port()
        self.config = configure(
            folder,
            host=HOST,
            ports=(self.http, self.https),
            web=upstream,
            uploads=uploads,
            stored=folder / "files",
        )

    @contextmanager
    def secured(self, host: str = HOST) -> Iterator[ssl.SSLSocket]:
        """A connection over TLS."""
        context = ssl.create_default_context(cafile=str(self.config.with_name("portal.crt")))
        with (
            socket.create_connection(("127.0.0.1", self.https), timeout=10) as raw,
            context.wrap_socket(raw, server_hostname=host) as link,
        ):
            yield link

    def get(self, path: str, *, host: str = HOST, **headers: str) -> Answer:
        """A GET over TLS, naming `host` in the handshake and in the request."""
        with self.secured(host) as secured:
            connection = http.client.HTTPConnection(host)
            connection.sock = secured
            connection.request("GET", path, headers=headers)
            with connection.getresponse() as answer:
                return Answer(answer.status, dict(answer.headers), answer.read())


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("nginx")
    stored = folder / "files" / "2026" / "11"
    stored.mkdir(parents=True)
    (stored / "abc").write_bytes(b"contenu")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Straw)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    uploads = ThreadingHTTPServer(("127.0.0.1", 0), Straw)
    threading.Thread(target=uploads.serve_forever, daemon=True).start()
    front = Front(folder, server.server_port, uploads.server_port)
    process = subprocess.Popen([str(NGINX), "-c", str(front.config), "-e", f"{folder}/error.log"])
    try:
        _wait_for(front.https)
        yield front
    finally:
        process.terminate()
        process.wait(10)
        for stopped in (server, uploads):
            stopped.shutdown()
            stopped.server_close()


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


def test_c2_what_seals_a_file_survives_the_internal_redirect(front: Front) -> None:
    """nginx keeps few headers of an answer whose content it sends itself."""
    answer = front.get("/file")
    assert {name: answer.headers.get(name) for name in SEALS} == SEALS


def test_c7_a_range_of_a_stored_file_is_sealed_too(front: Front) -> None:
    answer = front.get("/file", Range="bytes=1-3")
    assert (answer.status, answer.body) == (206, b"ont")
    assert answer.headers["Content-Security-Policy"] == SEALS["Content-Security-Policy"]


def test_c5_an_upload_is_handed_on_as_it_comes(front: Front) -> None:
    """Byte by byte, not once it is whole: what arrived before a cut is on the server's disk."""
    RECEIVED.clear()
    with front.secured() as link:
        link.sendall(_patch_head("/fichiers/envois/x/", 2 * MEGABYTE))
        link.sendall(bytes(MEGABYTE))
        _until(lambda: sum(RECEIVED) >= MEGABYTE)
        link.sendall(bytes(MEGABYTE))
        assert b" 204 " in link.recv(4096)


def test_c5_a_large_upload_passes_and_a_large_form_does_not(front: Front) -> None:
    """The portal judges the one, nginx's own page refuses the other before a byte is read."""
    five_gigabytes = 5 * 1024**3
    with front.secured() as link:
        RECEIVED.clear()
        link.sendall(_patch_head("/fichiers/envois/x/", five_gigabytes) + bytes(1000))
        _until(lambda: sum(RECEIVED) > 0)
    with front.secured() as link:
        link.sendall(_patch_head("/incidents/declarer/", five_gigabytes))
        assert b" 413 " in link.recv(4096)


@pytest.mark.parametrize(
    ("path", "headers", "status", "title"),
    [
        (f"/incidents/?q={'x' * 9_000}", {}, 414, "Adresse trop longue"),
        (f"/incidents/?q={'x' * 40_000}", {}, 414, "Adresse trop longue"),
        ("/", {"Cookie": "x" * 9_000}, 431, "Demande refusée"),
        ("/", {"Cookie": "x" * 40_000}, 431, "Demande refusée"),
    ],
    ids=["address", "address past the buffers", "headers", "headers past the buffers"],
)
def test_c5_what_is_too_long_for_nginx_is_refused_in_french(
    front: Front, path: str, headers: dict[str, str], status: int, title: str
) -> None:
    answer = front.get(path, **headers)
    assert (answer.status, answer.headers["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert f"<h1>{title}</h1>" in answer.body.decode()


def test_c5_an_address_that_the_portal_reads_passes(front: Front) -> None:
    assert front.get(f"/incidents/?q={'x' * 7_900}").status == 200


@pytest.mark.parametrize("path", ["/adresse-trop-longue", "/en-tetes-trop-longs"])
def test_c5_those_pages_have_no_address_of_their_own(front: Front, path: str) -> None:
    assert front.get(path).status == 404


def test_c5_one_address_may_not_hold_every_thread(front: Front) -> None:
    """24 lines at once; the next one is told to come back (503), pages are still served."""
    begun = _patch_head("/fichiers/envois/x/", MEGABYTE) + b"x"
    with ExitStack() as links:
        for _number in range(24):
            links.enter_context(front.secured()).sendall(begun)
        with front.secured() as one_more:
            one_more.sendall(begun)
            assert b" 503 " in one_more.recv(4096)
        assert front.get("/").status == 200


def _patch_head(path: str, length: int) -> bytes:
    return (
        f"PATCH {path} HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {length}\r\n"
        "Content-Type: application/offset+octet-stream\r\n\r\n"
    ).encode()


def _until(condition: Callable[[], bool]) -> None:
    for _attempt in range(200):
        if condition():
            return
        threading.Event().wait(0.05)
    pytest.fail("it did not happen")
