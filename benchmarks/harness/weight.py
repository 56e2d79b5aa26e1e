"""What a page weighs on the line: its HTML and every static file that it links, compressed."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from html.parser import HTMLParser

from benchmarks.harness.client import Browser
from benchmarks.harness.measure import SESSION, Server
from benchmarks.harness.scenario import Page
from benchmarks.harness.services import HOST

NGINX_LEVEL = 1  # of gzip: nginx's own, which deploy/nginx.conf.template leaves as it is
_FETCHED = {"link": "href", "script": "src", "img": "src"}


@dataclass(frozen=True)
class Weight:
    """Bytes: the HTML as written and as nginx sends it, and the files as they are served."""

    html: int
    html_sent: int
    files: dict[str, int]

    @property
    def sent(self) -> int:
        """All that a first visit fetches."""
        return self.html_sent + sum(self.files.values())


def weigh(server: Server, page: Page) -> Weight:
    """Fetch the page and what it links, once, as a browser that takes gzip."""
    cookies = {SESSION: server.facts["sessions"][page.who]}
    with closing(Browser(server.port, HOST, cookies)) as browser:
        html = browser.get(page.path.format(**server.facts)).body
        files = {path: len(browser.get(path, "gzip").body) for path in _linked(html.decode())}
    return Weight(len(html), len(_gzipped(html)), files)


def _gzipped(content: bytes) -> bytes:
    packer = zlib.compressobj(NGINX_LEVEL, wbits=31)
    return packer.compress(content) + packer.flush()


def _linked(html: str) -> Iterator[str]:
    """Addresses of the style sheets, scripts and images of a page, each once."""
    reader = _Links()
    reader.feed(html)
    yield from dict.fromkeys(reader.found)


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        address = dict(attrs).get(_FETCHED.get(tag, ""))
        if address and address.startswith("/static/"):
            self.found.append(address)
