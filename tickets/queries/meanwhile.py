"""What others wrote on an incident while somebody was writing their own message."""

from __future__ import annotations

from datetime import datetime

from tickets.models import Ticket
from tickets.queries import told
from tickets.queries.told import Entry

# Of the steps that came meanwhile, as many as a page shows.
READ = 40


def written_meanwhile(ticket: Ticket, at: datetime, seen: int, reader: int) -> Entry | None:
    """The last words that others addressed to customers after the step `seen` (B1: never a note).

    None, without a query, when nothing at all was recorded since.
    """
    if seen >= ticket.last_sequence:
        return None
    entries = told.since(ticket.pk, at, seen, READ).last
    theirs = [
        entry for entry in entries
        if entry.sequence > seen and entry.body and entry.author and entry.author.pk != reader
    ]  # fmt: skip
    return theirs[-1] if theirs else None
