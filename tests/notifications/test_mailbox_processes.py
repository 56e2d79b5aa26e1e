"""The closed mailbox as it runs: `redirect_mailbox` in processes of their own, over LMTP.

Two of them on the same mail, one killed at the worst moments, and mails too large to be kept.
A normal run plays 6 mails; PORTAL_TORTURE=1 in the environment plays 40; -s shows the figures.
"""

from __future__ import annotations

import contextlib
import os
import random
import re
import smtplib
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier

import psycopg2
import pytest

from notifications.enums import Verdict
from notifications.mailbox.limits import SIZE_MAX
from notifications.mailbox.listener import Listener
from notifications.models import Delivery, ReceivedMail
from portal.embedded.ports import LOOPBACK, free_port
from portal.embedded.processes import Child, wait_ready
from tests.notifications.letters import AUTHORITY, letter

# Fewer than the fifty answers of an hour.
MAILS = 40 if os.environ.get("PORTAL_TORTURE") == "1" else 6
ROOT = Path(__file__).resolve().parents[2]
SUPPORT = "support@aplicit.example"
ALICE = "alice@client.example"


class Listening:
    """A listener's process, and how our mail server hands mails to it."""

    def __init__(self, child: Child, port: int) -> None:
        self.child = child
        self.port = port

    def hand_over(self, content: bytes, sender: str = ALICE) -> bool:
        """Whether it said 250; else the mail server keeps the mail and presents it anew."""
        try:
            with smtplib.LMTP(LOOPBACK, self.port, timeout=120) as lmtp:
                lmtp.sendmail(sender, [SUPPORT], content)
        except (smtplib.SMTPServerDisconnected, ConnectionError):
            return False
        return True

    def memory(self) -> int:
        """The most it ever held, in bytes."""
        said = Path(f"/proc/{self.child.pid}/status").read_text(encoding="ascii")
        return int(re.findall(r"VmHWM:\s+(\d+) kB", said)[0]) * 1024


@contextmanager
def listening(folder: Path, name: str = "mailbox", **environment: str) -> Iterator[Listening]:
    """`manage.py redirect_mailbox`, ready to take mails."""
    port = free_port()
    child = Child(
        name=name,
        argv=[sys.executable, "manage.py", "redirect_mailbox", "--port", str(port)],
        log=folder / f"{name}.log",
        env={
            **os.environ,
            "MAILBOX_AUTHSERV_ID": AUTHORITY,
            "PYTHONUNBUFFERED": "1",
            **environment,
        },
        cwd=ROOT,
    )
    child.start()
    try:
        wait_ready(child, lambda: "écoute sur" in child.tail(), seconds=90.0)
        yield Listening(child, port)
    finally:
        child.stop()


def eventually(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def verdicts() -> list[str]:
    return list(ReceivedMail.objects.order_by("pk").values_list("verdict", flat=True))


# --- Two listeners ----------------------------------------------------------------------------


def test_m4_two_listeners_on_the_same_mail_answer_once(committed_db: str, tmp_path: Path) -> None:
    barrier = Barrier(2, timeout=60)

    def hand_over(server: Listening, content: bytes, sender: str) -> bool:
        barrier.wait()
        return server.hand_over(content, sender)

    with (
        listening(tmp_path, "first") as first,
        listening(tmp_path, "second") as second,
        ThreadPoolExecutor(2) as pool,
    ):
        for number in range(MAILS):
            sender = f"p{number}@gens.example"
            content = letter(sender, name=f"n{number}")
            said = [pool.submit(hand_over, one, content, sender) for one in (first, second)]
            assert all(future.result() for future in said)
    for number in range(MAILS):
        rows = ReceivedMail.objects.filter(address=f"p{number}@gens.example")
        assert sorted(row.verdict for row in rows) == [Verdict.ANSWERED, Verdict.SEEN]
    assert Delivery.objects.count() == MAILS


# --- Killed -----------------------------------------------------------------------------------


@contextmanager
def rows_held(owner_url: str) -> Iterator[None]:
    """No row of a received mail can be written meanwhile; its answer, made before it, can."""
    holder = psycopg2.connect(owner_url)
    try:
        with holder.cursor() as cursor:
            cursor.execute("LOCK TABLE notifications_receivedmail IN EXCLUSIVE MODE")
        yield
    finally:
        holder.close()


def waits_for_the_row(owner_url: str) -> bool:
    with contextlib.closing(psycopg2.connect(owner_url)) as link, link.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted"
            " AND relation = 'notifications_receivedmail'::regclass"
        )
        return bool(cursor.fetchone()[0])


@contextmanager
def broker_that_holds() -> Iterator[str]:
    """A broker that answers a letter at a time, for ever: whoever wakes a task waits."""
    ended = threading.Event()

    def dribble(link: socket.socket) -> None:
        with contextlib.suppress(OSError), link:
            link.sendall(b"+")
            while not ended.wait(0.1):
                link.sendall(b"x")

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=dribble, args=[listener.accept()[0]], daemon=True).start()

    with socket.create_server((LOOPBACK, 0)) as listener:
        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield f"redis://{LOOPBACK}:{listener.getsockname()[1]}/0"
        ended.set()
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)


def test_m4_killed_before_the_commit_nothing_is_listed_and_the_mail_comes_again(
    committed_db: str, tmp_path: Path
) -> None:
    content, owner = letter(name="once"), os.environ["DATABASE_OWNER_URL"]
    with listening(tmp_path) as server, ThreadPoolExecutor(1) as pool:
        with rows_held(owner):
            said = pool.submit(server.hand_over, content)
            eventually(lambda: waits_for_the_row(owner), "the mail was not judged")
            server.child.kill()
            assert not said.result(60)
        eventually(lambda: not waits_for_the_row(owner), "its session did not end")
    assert (verdicts(), Delivery.objects.count()) == ([], 0)
    with listening(tmp_path) as server:
        assert server.hand_over(content)
    assert (verdicts(), Delivery.objects.count()) == ([Verdict.ANSWERED], 1)


def test_m4_killed_between_the_commit_and_the_reply_the_mail_is_answered_once(
    committed_db: str, tmp_path: Path
) -> None:
    content = letter(name="once")
    with (
        broker_that_holds() as broker,
        listening(tmp_path, REDIS_URL=broker) as server,
        ThreadPoolExecutor(1) as pool,
    ):
        said = pool.submit(server.hand_over, content)
        eventually(lambda: bool(verdicts()), "the mail was not listed")
        server.child.kill()
        assert not said.result(60)
    assert (verdicts(), Delivery.objects.count()) == ([Verdict.ANSWERED], 1)
    with listening(tmp_path) as server:
        assert server.hand_over(content)
    assert (verdicts(), Delivery.objects.count()) == ([Verdict.ANSWERED, Verdict.SEEN], 1)


def test_m4_killed_at_any_moment_each_mail_is_answered_once(
    committed_db: str, tmp_path: Path
) -> None:
    """The mail server presents each mail until it is taken; the listener dies at random."""
    presented: Counter[str] = Counter()
    waiting = [f"p{number}@gens.example" for number in range(MAILS)]
    kills = 0
    with ThreadPoolExecutor(1) as pool:
        while waiting:
            with listening(tmp_path) as server:
                said = pool.submit(_present, server, waiting, presented)
                if kills < max(1, MAILS // 4):
                    time.sleep(random.random() * 0.15)
                    server.child.kill()
                    kills += 1
                said.result(120)
    answered = Counter(
        ReceivedMail.objects.filter(verdict=Verdict.ANSWERED).values_list("address", flat=True)
    )
    sys.stdout.write(
        f"\nclosed mailbox: {MAILS} mails, {kills} kill -9: {presented.total()} presentations, "
        f"{len(verdicts())} listed, {answered.total()} answered, {Delivery.objects.count()} mails\n"
    )
    assert answered == {f"p{number}@gens.example": 1 for number in range(MAILS)}
    assert Delivery.objects.count() == MAILS
    assert set(verdicts()) <= {Verdict.ANSWERED, Verdict.SEEN}


def _present(server: Listening, waiting: list[str], presented: Counter[str]) -> None:
    while waiting:
        sender = waiting[0]
        presented[sender] += 1
        if not server.hand_over(letter(sender, name=sender.partition("@")[0]), sender):
            return
        waiting.pop(0)


# --- Too large --------------------------------------------------------------------------------

LINE = "x" * 998 + "\r\n"


def test_m3_a_mail_over_25_mb_is_taken_and_listed_and_its_bytes_are_not_held(
    committed_db: str, tmp_path: Path
) -> None:
    content = letter(body=LINE * 80_000)
    with listening(tmp_path) as server:
        assert server.hand_over(letter())
        before = server.memory()
        assert server.hand_over(content)
        grown = server.memory() - before
        assert server.hand_over(letter("bob@client.example"), "bob@client.example")
    sys.stdout.write(
        f"\nclosed mailbox: a mail of {len(content) / 1024**2:.0f} MB: "
        f"{grown / 1024**2:.0f} MB more in the listener\n"
    )
    assert verdicts() == [Verdict.ANSWERED, Verdict.UNREADABLE, Verdict.ANSWERED]
    listed = ReceivedMail.objects.get(verdict=Verdict.UNREADABLE)
    assert (listed.sender, listed.detail) == (ALICE, "message trop volumineux")
    assert grown < 2 * SIZE_MAX


@pytest.fixture
def said_hello() -> Iterator[smtplib.LMTP]:
    """A session with a listener in a thread of ours: it is not given any mail."""
    server = Listener(host=LOOPBACK, port=free_port())
    server.start()
    try:
        with smtplib.LMTP(LOOPBACK, server.port, timeout=60) as lmtp:
            lmtp.ehlo()  # LHLO, as it speaks LMTP
            yield lmtp
    finally:
        server.stop()


def test_m3_a_declared_size_refuses_nothing(said_hello: smtplib.LMTP) -> None:
    """Our mail server would bounce what we refuse, to an address that anybody may have forged."""
    assert said_hello.mail(ALICE, [f"SIZE={10 * SIZE_MAX}"])[0] == 250


def test_m3_no_largest_size_is_announced(said_hello: smtplib.LMTP) -> None:
    """Our mail server would compare it with the mail, and bounce that without asking us."""
    assert not said_hello.has_extn("size")
