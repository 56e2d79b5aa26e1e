"""The nightly seal of the history."""

from __future__ import annotations

from datetime import datetime, timedelta

from tickets.models import HistorySeal
from tickets.sealing import last_settled_event, seal_content

# An act whose transaction is still open when the seal is made must not break it.
_SETTLED = timedelta(minutes=10)


def seal_history(*, at: datetime) -> HistorySeal:
    """Record how many incidents and events stood, and the hash of all heads.

    A cut tail or a deleted incident, which a chain alone does not show, then differs from it.
    """
    sealed_at = at - _SETTLED
    seal = HistorySeal(sealed_at=sealed_at, last_event_id=last_settled_event(sealed_at))
    seal.tickets, seal.events, seal.heads_hash = seal_content(seal.covers)
    seal.save(force_insert=True)
    return seal
