"""Waking: a broker that hangs costs a page at most once, not once per wake-up (N1)."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
import redis
from celery import current_app
from django.utils import timezone

from foundation import waking
from portal.embedded.valkey import ValkeyServer

# A task that does no harm if a worker of another test finds it.
HARMLESS = "portal.beat_heartbeat"


@pytest.fixture
def hanging_broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        monkeypatch.setenv("CELERY_BROKER_WRITE_URL", f"redis://127.0.0.1:{port}/0")
        waking._broker.cache_clear()
        yield
    waking._broker.cache_clear()


def test_n1_many_wake_ups_of_one_page_cost_a_hanging_broker_once(hanging_broker: None) -> None:
    started = time.monotonic()
    woken = [waking.wake("notifications.deliver_event", event_id=number) for number in range(5)]
    assert (woken, time.monotonic() - started < 2) == ([False] * 5, True)


def test_n1_the_broker_is_tried_again_after_its_rest(
    hanging_broker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    waking.wake("notifications.deliver_event", event_id=1)
    monkeypatch.delenv("CELERY_BROKER_WRITE_URL")
    waking._broker().address = current_app.connection_for_write()
    waking._broker().rests_until = time.monotonic()
    assert waking.wake(HARMLESS)


@pytest.fixture
def own_broker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ValkeyServer]:
    """A broker of the test's own, with which `wake` already has a connection."""
    with ValkeyServer(tmp_path / "valkey") as valkey:
        monkeypatch.setenv("CELERY_BROKER_WRITE_URL", valkey.url(0))
        waking._broker.cache_clear()
        assert waking.wake(HARMLESS)
        yield valkey
    waking._broker.cache_clear()


def connections(valkey: ValkeyServer) -> int:
    """How many the server has taken so far, this question's own left out."""
    with redis.Redis.from_url(valkey.url(0)) as client:
        return int(client.info("stats")["total_connections_received"]) - 1


def test_n1_a_wake_up_opens_no_connection_when_there_is_one(own_broker: ValkeyServer) -> None:
    before = connections(own_broker)
    assert all(waking.wake(HARMLESS) for _number in range(5))
    assert connections(own_broker) - before == 1  # the question's own


def test_n1_a_broker_that_stops_answering_costs_a_second_once(own_broker: ValkeyServer) -> None:
    os.kill(own_broker.child.pid, signal.SIGSTOP)
    try:
        started = time.monotonic()
        woken = [waking.wake(HARMLESS) for _number in range(5)]
        taken = time.monotonic() - started
    finally:
        os.kill(own_broker.child.pid, signal.SIGCONT)
    assert (woken, taken < 2) == ([False] * 5, True)


def test_n1_after_a_broker_that_stopped_answering_the_next_wake_up_arrives(
    own_broker: ValkeyServer,
) -> None:
    os.kill(own_broker.child.pid, signal.SIGSTOP)
    waking.wake(HARMLESS)
    os.kill(own_broker.child.pid, signal.SIGCONT)
    waking._broker().rests_until = time.monotonic()
    assert waking.wake(HARMLESS)


def test_n1_a_broker_that_hung_up_meanwhile_is_called_again(own_broker: ValkeyServer) -> None:
    with redis.Redis.from_url(own_broker.url(0)) as client:
        client.client_kill_filter(_type="normal", skipme=True)
    assert waking.wake(HARMLESS)


def test_each_thread_has_its_own_connection(own_broker: ValkeyServer) -> None:
    before, woken = connections(own_broker), []
    thread = Thread(target=lambda: woken.append(waking.wake(HARMLESS)))
    thread.start()
    thread.join()
    assert (woken, connections(own_broker) - before > 1) == ([True], True)


def test_a_forked_process_leaves_its_parents_connection_alone(own_broker: ValkeyServer) -> None:
    child = os.fork()
    if child == 0:
        os._exit(0 if waking.wake(HARMLESS) else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert waking.wake(HARMLESS)


def test_n2_a_wake_up_that_nobody_took_in_a_minute_is_forgotten() -> None:
    waking.wake(HARMLESS)
    queue = redis.Redis.from_url(os.environ["REDIS_URL"])
    with contextlib.closing(queue):
        posted = [json.loads(message)["headers"] for message in queue.lrange("celery", 0, -1)]
    expires = [headers["expires"] for headers in posted if headers["task"] == HARMLESS]
    assert expires
    assert datetime.fromisoformat(expires[0]) <= timezone.now() + timedelta(seconds=60)
