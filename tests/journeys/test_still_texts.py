"""D1, D3: what people write loads nothing and runs nothing in a real browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from uuid import uuid4

import pytest
from django.utils import timezone
from playwright.sync_api import Dialog

from sla.enums import Severity
from tests.factories.tickets import make_ticket
from tests.isolation.payloads import MARKUP
from tests.journeys.browsing import Windows
from tests.journeys.scene import Scene
from tickets import operations


@pytest.fixture
def asked() -> Iterator[list[str]]:
    """Addresses that somebody asked a server of ours for: its address first."""
    met: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            met.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (its own name)
            pass

    server = HTTPServer(("127.0.0.1", 0), Listener)
    met.append(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield met
    server.shutdown()
    server.server_close()


_LOADS = (
    "![image]({0}/markdown.png)", "![image][1]\n\n[1]: {0}/reference.png", "<img src={0}/img.png>",
    '<link rel="stylesheet" href="{0}/s.css">', "<style>p{background:url({0}/css.png)}</style>",
    '<iframe src="{0}/frame"></iframe>', '<object data="{0}/object"></object>',
    '<video src="{0}/v.mp4" autoplay poster="{0}/p.png"></video>', '<embed src="{0}/embed">',
    '<svg><image href="{0}/svg.png"/></svg>', '<p style="background:url({0}/style.png)">x</p>',
    "![x](file:///etc/passwd)", "![x](http://169.254.169.254/latest/meta-data/)",
    '<meta http-equiv="refresh" content="0;url={0}/meta">', '<script src="{0}/s.js"></script>',
    '<link rel="prefetch" href="{0}/prefetch">', '<base href="{0}/base/">',
    '<form action="{0}/form"><button autofocus>x</button></form>', '<audio src="{0}/a" autoplay>',
)  # fmt: skip


def test_d3_a_message_loads_nothing_in_a_browser(
    windows: Windows, scene: Scene, asked: list[str]
) -> None:
    """No request leaves, to a listener of ours or to anybody else (the window would tell)."""
    texts = "\n\n".join((*_LOADS, *MARKUP)).replace("{0}", asked[0])
    ticket = make_ticket(
        requester=scene.cast.alice, product=scene.revit, severity=Severity.INFORMATIONAL,
        title="Des textes qui appellent", body=texts, at=timezone.now(),
    )  # fmt: skip
    operations.post_message(
        ticket_id=ticket.pk, actor=scene.cast.ines, body=texts, at=timezone.now(),
        form_token=uuid4(),
    )  # fmt: skip
    page = windows.of(scene.cast.alice).open(ticket.get_absolute_url())
    dialogs: list[str] = []

    def close(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", close)
    page.reload()
    page.wait_for_load_state("networkidle")
    assert page.locator(".entry").count() >= 2
    assert (asked[1:], dialogs) == ([], [])
    # No text moved the page elsewhere, nor where its links lead.
    assert page.url.endswith(ticket.get_absolute_url())
    assert page.evaluate("document.baseURI") == page.url


def test_d3_the_listener_hears(windows: Windows, asked: list[str]) -> None:
    """It would know."""
    windows.new().context.request.get(f"{asked[0]}/heard")
    assert asked[1:] == ["/heard"]
