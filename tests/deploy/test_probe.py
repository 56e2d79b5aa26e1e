"""The web container's probe asks under the portal's own name: any other is refused (F4)."""

from __future__ import annotations

import runpy
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.test import override_settings

_PROBE = runpy.run_path(str(Path(__file__).resolve().parents[2] / "deploy" / "probe.py"))


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing on the terminal."""


class _Portal:
    """The portal; the server's thread keeps no connection to a database that will be dropped."""

    def __init__(self) -> None:
        self._portal = get_wsgi_application()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        try:
            return list(self._portal(environ, start_response))
        finally:
            connections.close_all()


@pytest.fixture
def address(committed_db: str) -> Iterator[str]:
    """The portal, on a port of this machine, under the name `portail.test` alone."""
    with override_settings(ALLOWED_HOSTS=["portail.test"]):
        server: WSGIServer = make_server("127.0.0.1", 0, _Portal(), handler_class=_Quiet)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/sante/"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def exit_code(address: str) -> object:
    with pytest.raises(SystemExit) as stopped:
        _PROBE["main"](address)
    return stopped.value.code


def test_the_probe_finds_a_portal_that_answers_healthy(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_ALLOWED_HOSTS", "portail.test,autre.test")
    assert exit_code(address) == 0


def test_the_probe_finds_a_portal_that_refuses_ill(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_ALLOWED_HOSTS", "inconnu.test")
    assert exit_code(address) != 0
