"""What a rehearsal costs, measured inside Django."""

from __future__ import annotations

import resource
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from reports import queries
from reports.queries import retelling
from reports.rehearsal import Asked, Window
from sla.enums import CommitmentKind, Severity
from tickets.enums import Act
from tickets.models import Ticket

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
ONE: Asked = {
    (CommitmentKind.ACKNOWLEDGEMENT.value, Severity.IMPAIRING.value): timedelta(minutes=35)
}
ALL: Asked = {
    (kind.value, severity.value): timedelta(minutes=35)
    for kind in CommitmentKind
    for severity in Severity
}


def rehearse(_facts: dict[str, Any]) -> dict[str, Any]:
    """Each question once; seconds on the clock and of this process, promises read, memory."""
    at = timezone.now()
    year = Window(at - timedelta(days=365), at, at)
    ever = Window(LONG_AGO, at, at)
    runs = {
        "one target, twelve months": _run(ONE, year),
        "one target, the whole history": _run(ONE, ever),
        "all six targets, the whole history": _run(ALL, ever),
    }
    # What it would cost if a requalification had touched every single incident.
    retelling.TELLING_ACTS[:] = list(Act)
    runs["the same, every incident told again"] = _run(ALL, ever)
    return {"incidents": Ticket.objects.count(), "runs": runs}


def _run(asked: Asked, window: Window) -> dict[str, float]:
    began, began_cpu = time.perf_counter(), time.process_time()
    found = queries.rehearse(asked, window)
    return {
        "wall": time.perf_counter() - began,
        "cpu": time.process_time() - began_cpu,
        "read": found.read,
        "flips": sum(line.won + line.lost for line in found.lines if line.severity),
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
