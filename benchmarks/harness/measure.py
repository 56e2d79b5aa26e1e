"""Asking for pages over and over, and what each request took."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from benchmarks.harness.client import Answer, Browser
from benchmarks.harness.cpu import cpu_seconds
from benchmarks.harness.scenario import FLOOR_PATHS, Floor, Page, fresh
from benchmarks.harness.services import HOST
from portal.embedded.processes import interruption

SESSION, CSRF = "__Host-session", "__Host-csrf"
POSTS_MAX = 60  # of one slice: the history must stay about as long as it was


@dataclass
class Sample:
    """What the requests of one cell took; `cpu` is that of server and database together."""

    seconds: list[float] = field(default_factory=list)
    cpu: float = 0.0
    size: int = 0

    @property
    def p50(self) -> float:
        """Milliseconds."""
        return statistics.median(self.seconds) * 1e3

    @property
    def p95(self) -> float:
        """Milliseconds."""
        return sorted(self.seconds)[int(0.95 * (len(self.seconds) - 1) + 0.5)] * 1e3

    @property
    def cpu_ms(self) -> float:
        """Milliseconds of CPU per request."""
        return self.cpu / len(self.seconds) * 1e3


@dataclass(frozen=True)
class Server:
    """A gunicorn on the data of one size, and the processes that work for it."""

    port: int
    pids: tuple[int, ...]
    facts: dict[str, Any]


Ask = Callable[[], Answer]


def take_page(server: Server, page: Page, sample: Sample, seconds: float) -> None:
    """Add the requests of some seconds to the sample of a page of the portal."""
    cookies = {SESSION: server.facts["sessions"][page.who]}
    path = page.path.format(**server.facts)
    with closing(Browser(server.port, HOST, cookies)) as browser:
        if page.is_post:
            token = csrf(browser, path)
            take(server, lambda: browser.post(path, _declaration(server, token)), sample, seconds)
            # The session keeps one notice per form until a page shows them.
            browser.get("/incidents/")
        else:
            take(server, lambda: browser.get(path), sample, seconds)


def take_floor(server: Server, kind: Floor, sample: Sample, seconds: float) -> None:
    """The same for a page of the floor."""
    facts = server.facts
    with closing(Browser(server.port, HOST, {SESSION: facts["floor_session"]})) as browser:
        path = FLOOR_PATHS[kind] + f"?company={facts['company']}&incident={facts['incident']}"
        if kind == "insert":
            fields = {"csrfmiddlewaretoken": csrf(browser, path), "title": "t", "body": "b"}
            take(server, lambda: browser.post(path, fields), sample, seconds)
        else:
            take(server, lambda: browser.get(path), sample, seconds)


def take(server: Server, ask: Ask, sample: Sample, seconds: float) -> None:
    """Ask over and over for some seconds, after a few requests that do not count."""
    _warm(ask)
    began_cpu, until = cpu_seconds(server.pids), time.monotonic() + seconds
    number = 0
    while not number or (time.monotonic() < until and not interruption.requested):
        answer = checked(ask())
        sample.seconds.append(answer.seconds)
        sample.size = max(sample.size, len(answer.body))
        number += 1
        if answer.status == 302 and number >= POSTS_MAX:
            break
    sample.cpu += cpu_seconds(server.pids) - began_cpu


def _warm(ask: Ask) -> None:
    """A few requests beforehand: each thread of each worker opens its own connection."""
    for _number in range(4):
        checked(ask())


def checked(answer: Answer) -> Answer:
    """The answer itself. Raises RuntimeError when it is no page, redirection or 204."""
    if answer.status not in {200, 204, 302} or "connexion" in answer.location:
        raise RuntimeError(f"status {answer.status} {answer.location}")
    if answer.status == 200 and b"<main" not in answer.body:
        raise RuntimeError("a page without content")
    return answer


def csrf(browser: Browser, path: str) -> str:
    """The token of the forms of this session, as the page's cookie holds it."""
    checked(browser.get(path))
    return browser.cookies[CSRF]


def _declaration(server: Server, token: str) -> dict[str, str]:
    return {
        **server.facts["declaration"],
        **fresh(),
        "csrfmiddlewaretoken": token,
    }


def spin() -> float:
    """Milliseconds of a fixed loop: how fast the machine is just now."""
    began = time.perf_counter()
    sum(number * number for number in range(200_000))
    return (time.perf_counter() - began) * 1e3


def in_turns(cells: Iterable[Callable[[float], None]], seconds: float, rounds: int) -> None:
    """Take the cells in turns, so that what disturbs the machine disturbs them all."""
    every = list(cells)
    for _round in range(rounds):
        for cell in every:
            cell(seconds / rounds)
