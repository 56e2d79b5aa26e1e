"""The canonical form of an event and its hash: what makes an altered row visible.

docs/decisions/0005-history.md describes the form; changing it would break every stored chain.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any, NamedTuple

from tickets.models import TicketEvent


class EventRow(NamedTuple):
    """The columns of an event, as read by the million: a model's constructor costs more."""

    pk: int
    ticket_id: int
    sequence: int
    act: str
    side: str
    actor_id: int | None
    origin: str
    recorded_at: datetime
    effective_at: datetime
    status_before: str
    status_after: str
    acknowledgement_due_at: datetime | None
    resolution_due_at: datetime | None
    facts: dict[str, Any]
    recipients: list[int]
    text_digest: str
    previous_hash: str
    hash: str


# Made once: `json.dumps` would build one per event.
_ENCODER = json.JSONEncoder(
    sort_keys=True, ensure_ascii=True, separators=(",", ":"), allow_nan=False
)


def _instant(value: datetime | None) -> str | None:
    return value.astimezone(UTC).isoformat(timespec="microseconds") if value else None


def canonical(event: TicketEvent | EventRow) -> bytes:
    """Every column of the event but its id and hash, in a form that never varies."""
    content: dict[str, Any] = {
        "ticket": event.ticket_id,
        "sequence": event.sequence,
        "act": str(event.act),
        "side": str(event.side),
        "actor": event.actor_id,
        "origin": str(event.origin),
        "recorded_at": _instant(event.recorded_at),
        "effective_at": _instant(event.effective_at),
        "status_before": str(event.status_before),
        "status_after": str(event.status_after),
        "acknowledgement_due_at": _instant(event.acknowledgement_due_at),
        "resolution_due_at": _instant(event.resolution_due_at),
        "facts": event.facts,
        "recipients": list(event.recipients),
        "text_digest": event.text_digest,
        "previous_hash": event.previous_hash,
    }
    return _ENCODER.encode(content).encode()


def chain_hash(event: TicketEvent | EventRow) -> str:
    """sha256 of the canonical form, which includes the previous event's hash."""
    return hashlib.sha256(canonical(event)).hexdigest()
