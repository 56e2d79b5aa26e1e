"""The nightly seal: what a chain alone does not show, a cut tail or a deleted incident."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.db.models import OuterRef, Q, Subquery

from tickets.events import SILENT_ORIGINS
from tickets.models import HistorySeal, Ticket, TicketEvent


def last_settled_event(at: datetime) -> int:
    """The newest event that a seal may cover: the portal's own, recorded at or before `at`.

    Imports bring events whose instants are past; only the portal's tell when a number was given.
    Those imported before that event are covered with it.
    """
    own = TicketEvent.objects.filter(recorded_at__lte=at).exclude(origin__in=SILENT_ORIGINS)
    return own.order_by("-pk").values_list("pk", flat=True).first() or 0


def seal_content(upto: Q) -> tuple[int, int, str]:
    """Number of incidents and events that a seal covers, and the hash of all heads there."""
    covered = TicketEvent.objects.filter(upto)
    head = covered.filter(ticket=OuterRef("pk")).order_by("-sequence").values("hash")[:1]
    hashed = hashlib.sha256()
    tickets = 0
    heads = Ticket.objects.annotate(head=Subquery(head)).filter(head__isnull=False)
    for pk, last in heads.order_by("pk").values_list("pk", "head").iterator(chunk_size=5000):
        hashed.update(f"{pk}:{last}\n".encode())
        tickets += 1
    return tickets, covered.count(), hashed.hexdigest()


def broken_seal() -> HistorySeal | None:
    """The newest seal, if what it sealed no longer stands as it did; else None."""
    seal = HistorySeal.objects.order_by("-sealed_at").first()
    if seal is None:
        return None
    stands = (seal.tickets, seal.events, seal.heads_hash) == seal_content(seal.covers)
    return None if stands else seal
