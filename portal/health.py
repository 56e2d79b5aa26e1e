"""Whether the parts of the portal work: a list of named checks, none of which may raise.

A stranger learns only up or down, from the checks without which no promise can be kept. The
operator's probe and staff see each one, with its figures.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import redis
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from files.queries import unchecked
from notifications.queries import (
    MAX_UNPROVEN_AGE,
    last_reconciliation,
    number_of_dead_addresses,
    number_of_slow_domains,
    oldest_unsent_age,
    sender_pause,
    unproven_age,
)
from sla.queries import holidays_end
from tickets.queries.due import oldest_due_age, worst_catch_up

logger = logging.getLogger(__name__)

MAX_SKEW = timedelta(seconds=2)
MAX_HEARTBEAT_AGE = timedelta(seconds=120)  # beat posts every 30 s
MAX_MAIL_AGE = timedelta(minutes=5)  # N5: the sender sweeps twice a minute
MAX_UNCHECKED_AGE = timedelta(minutes=15)  # an antivirus that is away holds every file
MIN_HOLIDAYS = timedelta(days=365)
MAX_DUE_AGE = timedelta(minutes=2)  # beat sweeps every 30 s
# A sweep that was down overnight must still be seen by whoever comes in the morning.
LATE_SWEEP_SHOWN = timedelta(hours=12)
HEARTBEAT_KEY = "portal.beat_heartbeat"
_REDIS_SECONDS = 0.5

Figure = str | int | float | None


@dataclass(frozen=True, slots=True)
class Result:
    """One check: fine or not, and the figures that say why."""

    ok: bool
    figures: dict[str, Figure] = field(default_factory=dict)


Check = Callable[[datetime], Result]


@dataclass(frozen=True, slots=True)
class _Registered:
    function: Check
    essential: bool


_checks: dict[str, _Registered] = {}


def register_check(name: str, function: Check, *, essential: bool = False) -> None:
    """Add a check. `essential`: the portal is down without it; the others make it degraded."""
    _checks[name] = _Registered(function, essential)


def essentials(at: datetime) -> bool:
    """Whether the portal is up, as a stranger may know it."""
    return all(_run(name, check, at).ok for name, check in _checks.items() if check.essential)


def report(at: datetime) -> tuple[str, dict[str, Result]]:
    """« up », « degraded » or « down », and every check by name."""
    results = {name: _run(name, check, at) for name, check in _checks.items()}
    failed = {name for name, result in results.items() if not result.ok}
    if any(_checks[name].essential for name in failed):
        return "down", results
    return ("degraded" if failed else "up"), results


def _run(name: str, check: _Registered, at: datetime) -> Result:
    try:
        return check.function(at)
    except Exception as error:
        # Whatever breaks in a check is what the check is there to tell.
        logger.warning("health_check_failed", extra={"check": name, "error": type(error).__name__})
        return Result(ok=False, figures={"error": type(error).__name__})


# --- the checks ---------------------------------------------------------------------------------


def database(at: datetime) -> Result:
    """PostgreSQL answers."""
    started = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return Result(ok=True, figures={"milliseconds": _milliseconds(started)})


def clock(at: datetime) -> Result:
    """The web server's clock against PostgreSQL's: past 2 s, deadlines would lie."""
    before = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        theirs: datetime = cursor.fetchone()[0]
    # The answer was made somewhere between the two readings.
    ours = before + (timezone.now() - before) / 2
    skew = abs(theirs - ours)
    return Result(ok=skew <= MAX_SKEW, figures={"skew_seconds": round(skew.total_seconds(), 3)})


def cache_server(at: datetime) -> Result:
    """The cache answers, asked directly: the portal's own cache would forgive its absence."""
    started = time.perf_counter()
    with _redis(settings.REDIS_URL) as client:
        client.ping()
    return Result(ok=True, figures={"milliseconds": _milliseconds(started)})


def broker(at: datetime) -> Result:
    """The broker answers; how many tasks wait in it."""
    with _redis(settings.CELERY_BROKER_URL) as client:
        return Result(ok=True, figures={"waiting_tasks": client.llen("celery")})


def beat(at: datetime) -> Result:
    """Beat posts and a worker runs what it posts: the age of the last heartbeat."""
    seen = parse_datetime(cache.get(HEARTBEAT_KEY) or "")
    if seen is None:
        return Result(ok=False, figures={"heartbeat_age_seconds": None})
    age = at - seen
    return Result(
        ok=age <= MAX_HEARTBEAT_AGE, figures={"heartbeat_age_seconds": int(age.total_seconds())}
    )


def sweep(at: datetime) -> Result:
    """Rungs and closures are recorded in time, and were during the last hours (S10).

    What an act records before the sweep, or a call brings with it, is no fault of the sweep.
    """
    waiting, late = oldest_due_age(at), worst_catch_up(at - LATE_SWEEP_SHOWN)
    return Result(
        ok=late is None and (waiting is None or waiting <= MAX_DUE_AGE),
        figures={"oldest_due_seconds": _seconds(waiting), "late_sweep_seconds": _seconds(late)},
    )


def mail(at: datetime) -> Result:
    """The oldest mail that should have left and has not, made or still to be made."""
    age, pause = oldest_unsent_age(at), sender_pause()
    return Result(
        ok=age is None or age <= MAX_MAIL_AGE,
        figures={
            "oldest_unsent_seconds": _seconds(age),
            # The mail server is away since then, and what it said last.
            "server_away_since": pause.since.isoformat() if pause else None,
            "server_answer": pause.answer if pause else None,
            "dead_addresses": number_of_dead_addresses(),
            "slow_domains": number_of_slow_domains(),
        },
    )


def reconciliation(at: datetime) -> Result:
    """Last night's proof that everybody who was to be told has a mail (P5)."""
    last, age = last_reconciliation(), unproven_age(at)
    clean = last is None or last.is_clean
    return Result(
        ok=clean and (age is None or age <= MAX_UNPROVEN_AGE),
        figures={
            "checked_at": last.checked_at.isoformat() if last else None,
            "missing": last.missing if last else None,
            "unforeseen": last.unforeseen if last else None,
            "oldest_unproven_seconds": _seconds(age),
        },
    )


def files(at: datetime) -> Result:
    """How many files wait for the worker's check (sum, antivirus, storage), and since when."""
    number, age = unchecked(at)
    return Result(
        ok=age is None or age <= MAX_UNCHECKED_AGE,
        figures={"waiting_for_check": number, "oldest_waiting_seconds": _seconds(age)},
    )


def holidays(at: datetime) -> Result:
    """A year before a calendar runs out of public holidays: a promise must never be counted on
    one that was forgotten. A new version of the calendar is the remedy.
    """
    end = holidays_end()
    known = end is None or end - at.date() >= MIN_HOLIDAYS
    return Result(ok=known, figures={"holidays_until": end.isoformat() if end else None})


def _redis(url: str) -> redis.Redis:
    return redis.Redis.from_url(
        url, socket_connect_timeout=_REDIS_SECONDS, socket_timeout=_REDIS_SECONDS
    )


def _seconds(age: timedelta | None) -> int | None:
    return None if age is None else int(age.total_seconds())


def _milliseconds(started: float) -> int:
    return round((time.perf_counter() - started) * 1000)


register_check("database", database, essential=True)
register_check("clock", clock, essential=True)
register_check("cache", cache_server)
register_check("broker", broker)
register_check("beat", beat)
register_check("sweep", sweep)
register_check("mail", mail)
register_check("reconciliation", reconciliation)
register_check("files", files)
register_check("holidays", holidays)
