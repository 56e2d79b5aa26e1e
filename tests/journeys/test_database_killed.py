"""PostgreSQL killed while people declare: what was acknowledged is there, and nothing by halves.

A normal run makes 60 posts and 1 kill; with PORTAL_TORTURE=1 in the environment 5,000 and 20.
POSTS and KILLS in the environment make other runs; -s shows the figures.

A kill -9 leaves the system's own cache: it proves what PostgreSQL writes before it says yes, and
its recovery, not that the disk keeps it through a power cut.
"""

from __future__ import annotations

import contextlib
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPException, HTTPMessage
from pathlib import Path
from typing import IO
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.management import call_command
from django.db import connection
from pytest_django import DjangoDbBlocker

from portal.embedded.errors import ServiceError
from portal.embedded.postgres import PostgresServer
from portal.embedded.processes import Child
from tests.factories.accounts import PASSWORD
from tests.factories.cast import make_cast
from tests.factories.licences import make_licence, make_product
from tests.journeys.scene import give_demo_passwords
from tests.journeys.stack import Stack, broker_url
from tests.journeys.test_worker import eventually
from tests.journeys.visitor import Visitor
from tests.plugins.databases import connected_to
from tickets.enums import Act
from tickets.models import Ticket

pytestmark = pytest.mark.worker

TORTURE = os.environ.get("PORTAL_TORTURE") == "1"
POSTS = int(os.environ.get("POSTS", "5000" if TORTURE else "60"))
KILLS = int(os.environ.get("KILLS", "20" if TORTURE else "1"))
PEOPLE = 4
# Seconds: no page may keep a person waiting longer, whatever the database does.
HANGS = 30.0
# Until the next kill, on a machine that other work has.
BETWEEN_KILLS = 900.0
# How long somebody sends the same form again.
PATIENCE = 120.0
# Without promises, to see that the test says so.
DURABLE = os.environ.get("DURABLE", "1") == "1"
RECOVERED = "automatic recovery in progress"
AWAY = "503 Le portail est momentanément indisponible"


@dataclass
class Post:
    """One declaration: the address that acknowledged it, and each answer that did not."""

    title: str
    address: str = ""
    refusals: list[str] = field(default_factory=list)
    slowest: float = 0.0


class Acknowledged(urllib.request.HTTPRedirectHandler):
    """Notes where each declaration was answered by a redirection, whatever comes after it."""

    def __init__(self) -> None:
        self.address_of: dict[str, str] = {}

    def redirect_request(  # noqa: PLR0917  (the library's signature)
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        if isinstance(req.data, bytes) and "/incidents/INC-" in newurl:
            for title in parse_qs(req.data.decode()).get("title", []):
                self.address_of[title] = urlsplit(newurl).path
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class Person:
    """Somebody who sends the same form again until it is acknowledged."""

    def __init__(self, site: str, email: str) -> None:
        self._acknowledged = Acknowledged()
        self._visitor = Visitor(site, self._acknowledged)
        self._visitor.sign_in(email, PASSWORD)

    def declare(self, title: str) -> Post:
        """Until it is acknowledged, or patience ends; the answers are judged later."""
        post = Post(title)
        form: tuple[str, str] | None = None
        deadline = time.monotonic() + PATIENCE
        while not post.address and time.monotonic() < deadline:
            began = time.monotonic()
            refused = self._send(form, title) if form else self._ask()
            post.slowest = max(post.slowest, time.monotonic() - began)
            post.address = self._acknowledged.address_of.get(title, "")
            if refused:
                post.refusals.append(refused)
                time.sleep(0.1)
            elif form is None:
                form = self._visitor.page, self._visitor.address
            elif not post.address:
                post.refusals.append(f"200 {self._visitor.address}")
        return post

    def _ask(self) -> str:
        return self._refusal(lambda: self._visitor.get("/incidents/declarer/"))

    def _send(self, form: tuple[str, str], title: str) -> str:
        visitor = self._visitor
        visitor.page, visitor.address = form
        product = visitor.form("", "title").options["product"]["Revit"]
        return self._refusal(
            lambda: visitor.submit(
                product=product, severity="blocking", title=title, body="Plus rien."
            )
        )

    def _refusal(self, act: Callable[[], str]) -> str:
        """What was answered instead of a page: its number and its heading."""
        try:
            act()
        except (HTTPException, OSError) as error:
            return f"{type(error).__name__}: {error}"
        if self._visitor.status == 200:
            return ""
        found = re.search(r"<h1[^>]*>(.*?)</h1>", self._visitor.page, re.DOTALL)
        return f"{self._visitor.status} {found[1].strip() if found else ''}"


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[PostgresServer]:
    """A server of the test's own, that keeps what it promised when it dies."""
    server = PostgresServer(tmp_path / "postgres", durable=DURABLE)
    try:
        server.start()
        server.create_database("portal")
        yield server
    finally:
        server.destroy()


@contextmanager
def portal_on(postgres: PostgresServer) -> Iterator[str]:
    """The application's address of a database with its tables."""
    owner, app = postgres.owner_url("portal"), postgres.app_url("portal")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", app)
        patch.setenv("DATABASE_OWNER_URL", owner)
        with connected_to(owner):
            call_command("migrate", verbosity=0, interactive=False)
            call_command("grant_rights", verbosity=0)
        with connected_to(app):
            yield app


def test_p1_what_was_acknowledged_survives_the_death_of_postgresql(
    postgres: PostgresServer, tmp_path: Path, django_db_blocker: DjangoDbBlocker
) -> None:
    with django_db_blocker.unblock(), portal_on(postgres) as url:
        cast = make_cast()
        make_licence(cast.company, product=make_product(name="Revit"))
        give_demo_passwords()
        promised = {name: _setting(name) for name in ("fsync", "synchronous_commit")}
        stack = Stack(tmp_path, database_url=url, redis_url=broker_url())
        try:
            stack.start_web()
            emails = (cast.alice.email, cast.bob.email, cast.rejane.email)
            people = [Person(stack.address, emails[n % 3]) for n in range(PEOPLE)]
            posts, recoveries = _declare_and_kill(people, postgres.child)
        finally:
            stack.stop()
        connection.close()  # it died with the first server
        _judge(posts, recoveries)
        assert promised == {"fsync": "on", "synchronous_commit": "on"}


def _setting(name: str) -> str:
    """As the application's own role has it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW {name}")
        return str(cursor.fetchone()[0])


def _declare_and_kill(people: list[Person], server: Child) -> tuple[list[Post], int]:
    """All posts, and how often PostgreSQL recovered from its log. Everybody posts at once."""
    done: list[Post] = []
    numbers = iter(range(POSTS))
    ended = threading.Event()

    def keep_declaring(person: Person) -> None:
        while not ended.is_set() and (number := next(numbers, None)) is not None:
            done.append(person.declare(f"Panne {number}"))

    # The last kill comes while there is still much to post.
    share = POSTS * 4 // 5 // KILLS
    recoveries = 0
    with ThreadPoolExecutor(len(people)) as pool:
        futures = [pool.submit(keep_declaring, person) for person in people]
        try:
            for kill in range(KILLS):
                fatal = kill * share + random.randrange(share)
                eventually(partial(_has_come_to, fatal, done, futures), "no post", BETWEEN_KILLS)
                # Anywhere in a page, a form or a commit.
                time.sleep(random.random() * 0.1)
                _kill(server, alone=bool(kill % 2))
                eventually(partial(_starts, server), "PostgreSQL did not come back")
                recoveries += RECOVERED in server.log.read_text(encoding="utf-8")
        except BaseException:
            ended.set()
            raise
        for future in futures:
            future.result()
    return done, recoveries


def _has_come_to(number: int, done: list[Post], futures: list[Future[None]]) -> bool:
    for future in futures:
        if future.done():
            future.result()
    return len(done) >= number


def _kill(server: Child, *, alone: bool) -> None:
    """With everything it started, in the middle of their work; or `alone`, and they find out.

    Each of its processes leads a group of its own: killing the server's reaches none of them.
    """
    listed = subprocess.run(
        ["/bin/ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
    )
    rows = [tuple(map(int, line.split())) for line in listed.stdout.splitlines()]
    server.kill()
    for pid, parent in rows:
        if parent == server.pid and not alone:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _starts(server: Child) -> bool:
    """At the same port; refused while a process of the dead server still holds its memory."""
    try:
        if server.exit_code() is not None:
            server.start()
    except ServiceError:
        return False
    return "ready to accept connections" in server.tail(50)


def _judge(posts: list[Post], recoveries: int) -> None:
    promised = {(post.title, post.address) for post in posts if post.address}
    tickets = list(Ticket.objects.all())
    stored = {(ticket.title, ticket.get_absolute_url()) for ticket in tickets}
    halves = _halves()
    answers = Counter(refusal for post in posts for refusal in post.refusals)
    slowest = max(post.slowest for post in posts)
    sys.stdout.write(
        f"\nPostgreSQL: {len(posts)} posts, {KILLS} kill -9, {recoveries} recoveries: "
        f"{len(promised)} acknowledged, {len(promised - stored)} of them lost, "
        f"{len(tickets)} stored, {len(tickets) - len(posts)} too many, {len(halves)} by halves; "
        f"slowest answer {slowest:.1f} s\n  other answers: {dict(answers)}\n"
    )
    assert recoveries == KILLS
    assert promised <= stored
    # Each form was sent again until it was acknowledged, and declared one incident.
    assert len(promised) == len(posts) == len(tickets) == POSTS
    assert halves == []
    assert set(answers) <= {AWAY}
    assert sum(answers.values()) >= KILLS
    assert slowest < HANGS
    call_command("verify_history", verbosity=0)


def _halves() -> list[str]:
    """Incidents without their one message, one event, that is to be told, or both promises."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT reference FROM tickets_ticket AS ticket WHERE
                (SELECT count(*) FROM tickets_message WHERE ticket_id = ticket.id) <> 1
                OR (SELECT count(*) FROM tickets_commitment WHERE ticket_id = ticket.id) <> 2
                OR (SELECT count(*) FROM tickets_ticketevent AS event
                    JOIN tickets_eventtotell ON event_id = event.id
                    WHERE ticket_id = ticket.id AND act = %s) <> 1
            """,
            [Act.DECLARE],
        )
        return [reference for (reference,) in cursor.fetchall()]
