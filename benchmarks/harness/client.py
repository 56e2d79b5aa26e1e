"""A browser of one session and one kept-alive connection, on the loopback only."""

from __future__ import annotations

import http.client
import time
from collections.abc import Mapping
from http.cookies import SimpleCookie
from typing import NamedTuple
from urllib.parse import urlencode

from portal.embedded.ports import LOOPBACK

TIMEOUT = 30.0  # seconds for one answer


class Answer(NamedTuple):
    """What came back, and the seconds from the first byte sent to the last one read."""

    status: int
    body: bytes
    location: str
    seconds: float


class Browser:
    """Speaks to a server of this machine as the proxy would for a person who is signed in."""

    def __init__(self, port: int, host: str, cookies: Mapping[str, str]) -> None:
        self._link = http.client.HTTPConnection(LOOPBACK, port, timeout=TIMEOUT)
        self._host = host
        self.cookies = dict(cookies)

    def get(self, path: str, encoding: str = "identity") -> Answer:
        """One page or file, as it comes: compressed where `encoding` allows it."""
        return self._ask("GET", path, None, encoding)

    def post(self, path: str, fields: Mapping[str, str]) -> Answer:
        """One form; the answer's redirection is not followed."""
        return self._ask("POST", path, urlencode(fields).encode())

    def close(self) -> None:
        """End the connection."""
        self._link.close()

    def _ask(
        self, method: str, path: str, body: bytes | None, encoding: str = "identity"
    ) -> Answer:
        headers = {
            "Host": self._host,
            "X-Forwarded-Proto": "https",
            "X-Forwarded-For": LOOPBACK,
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Accept": "text/html",
            "Accept-Encoding": encoding,
        }
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["Origin"] = f"https://{self._host}"
        began = time.perf_counter()
        self._link.request(method, path, body, headers)
        response = self._link.getresponse()
        content = response.read()
        seconds = time.perf_counter() - began
        for line in response.headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return Answer(response.status, content, response.headers.get("Location", ""), seconds)
