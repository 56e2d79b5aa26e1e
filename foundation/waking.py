"""Waking a background task from a page, without ever letting the broker hold the page.

The work itself is described by rows and found by a sweep; a wake-up that is lost costs at most
a minute (design: outbox, case N1).
"""

from __future__ import annotations

import logging
import os
import threading
import time
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from celery import current_app
from kombu import Connection, Producer
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

# Seconds. A broker that hangs may cost a page this much, once: it is then left alone for a while,
# since one act may wake several times and a page may hold several acts.
_CONNECT_TIMEOUT = 0.5
_SOCKET_TIMEOUT = 1.0
_REST = 5.0
# A wake-up that no worker took by then is of no use: the sweep has done its work. Without this a
# mail server that stalls would heap them up before the tasks of beat.
_EXPIRES = 60


@dataclass
class _Broker:
    """This process's way to the broker, and until when it is left alone (seconds, monotonic)."""

    address: Connection
    rests_until: float = 0.0
    threads: threading.local = field(default_factory=threading.local)

    def producer(self) -> Producer:
        """This thread's own, kept: to open one costs eight times what a wake-up does.

        The client below it looks whether the broker hung up meanwhile, and connects again.
        """
        kept = vars(self.threads)
        if "producer" not in kept:
            kept["producer"] = Producer(self.address.clone(), auto_declare=False)
        producer: Producer = kept["producer"]
        return producer

    def rest(self) -> None:
        """Leave the broker alone for a while, then begin with a new connection."""
        self.rests_until = time.monotonic() + _REST
        producer = vars(self.threads).pop("producer", None)
        if producer is not None:
            producer.connection.collect()


@lru_cache(maxsize=1)
def _broker() -> _Broker:
    """A way of our own: the worker's one waits longer, a page must not."""
    options = {
        **current_app.conf.broker_transport_options,
        "socket_connect_timeout": _CONNECT_TIMEOUT,
        "socket_timeout": _SOCKET_TIMEOUT,
        "max_retries": 0,
    }
    return _Broker(
        current_app.connection_for_write(
            connect_timeout=_CONNECT_TIMEOUT, transport_options=options
        )
    )


# A child that shared its parent's socket would read the parent's answers.
os.register_at_fork(after_in_child=_broker.cache_clear)


def wake(task: str, *, seconds: float = 0, **kwargs: Any) -> bool:
    """Post `task` by its name, to run in so many `seconds` (less than a minute: a sweep does more).

    False when the broker is away (a log line says so) or just was.
    """
    broker = _broker()
    if time.monotonic() < broker.rests_until:
        return False
    try:
        current_app.send_task(
            task, kwargs=kwargs, producer=broker.producer(), retry=False, expires=_EXPIRES,
            countdown=seconds or None,
        )  # fmt: skip
    except (OperationalError, RedisError, OSError) as error:
        broker.rest()
        logger.warning("broker_away", extra={"task": task, "error": type(error).__name__})
        return False
    return True
