"""Waking: a broker that hangs costs a page at most once, not once per wake-up (N1)."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import redis
from celery import current_app
from django.utils import timezone

from foundation import waking

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
    waking._broker().connection = current_app.connection_for_write()
    waking._broker().rests_until = time.monotonic()
    assert waking.wake(HARMLESS)


def test_n2_a_wake_up_that_nobody_took_in_a_minute_is_forgotten() -> None:
    waking.wake(HARMLESS)
    queue = redis.Redis.from_url(os.environ["REDIS_URL"])
    with contextlib.closing(queue):
        posted = [json.loads(message)["headers"] for message in queue.lrange("celery", 0, -1)]
    expires = [headers["expires"] for headers in posted if headers["task"] == HARMLESS]
    assert expires
    assert datetime.fromisoformat(expires[0]) <= timezone.now() + timedelta(seconds=60)
