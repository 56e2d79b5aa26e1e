"""The words of a thread's events for engineers: to whom, from what to what, awaiting what.

Events hold ids and codes, never a name or a text: they are looked up here, in two queries at
most, whatever the length of the thread.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from foundation.wording import instant
from sla.enums import CommitmentKind, Severity
from tickets.enums import Act
from tickets.models import Pause, Ticket
from tickets.queries.thread import Entry

_WAITS = {Act.WAIT_CUSTOMER, Act.WAIT_VENDOR}


@dataclass(frozen=True, slots=True)
class Said:
    """A line of the thread with its title and text in words."""

    entry: Entry
    title: str
    body: str

    @property
    def is_rung(self) -> bool:
        return self.entry.event is not None and self.entry.event.act == Act.RUNG


def said(ticket: Ticket, entries: Iterable[Entry]) -> list[Said]:
    """The entries of an incident's thread, worded."""
    entries = [entry for entry in entries if not _is_silent(entry)]
    names = _names(entries)
    reasons = _reasons(ticket, entries)
    return [
        Said(entry, _title(entry, names), entry.body or _awaited(entry, reasons))
        for entry in entries
    ]


def _is_silent(entry: Entry) -> bool:
    """The rung at 50 % is recorded and tells nobody (S10): the thread is spared it too."""
    event = entry.event
    return event is not None and event.act == Act.RUNG and event.facts["percent"] == 50


def _fact(entry: Entry, name: str) -> Any:
    return entry.event.facts.get(name) if entry.event is not None else None


def _awaited(entry: Entry, reasons: dict[int, str]) -> str:
    waits = entry.event is not None and entry.event.act in _WAITS
    return reasons.get(_fact(entry, "pause"), "") if waits else ""


def _reasons(ticket: Ticket, entries: list[Entry]) -> dict[int, str]:
    """What was awaited, by pause: shown where the waiting began."""
    if not any(entry.event and entry.event.act in _WAITS for entry in entries):
        return {}
    return dict(Pause.objects.filter(ticket=ticket).values_list("pk", "reason"))


def _names(entries: list[Entry]) -> dict[int, str]:
    ids = set()
    for entry in entries:
        assignee = _fact(entry, "assignee")
        ids.add(assignee[1] if isinstance(assignee, list) else None)
        ids.add(_fact(entry, "user"))
    ids.discard(None)
    people = User.objects.filter(pk__in=ids) if ids else ()
    return {person.pk: person.full_name for person in people}


def _title(entry: Entry, names: dict[int, str]) -> str:
    event = entry.event
    if event is None:
        return entry.title
    match Act(event.act):
        case Act.RUNG:
            return _rung(event.facts)
        case Act.REQUALIFY | Act.CORRECT:
            return _changed(event.facts)
        case Act.ASSIGN:
            name = names.get(event.facts["assignee"][1], "")
            return _("Affecté à %(name)s") % {"name": name}
        case Act.ADD_COPY | Act.REMOVE_COPY:
            return f"{entry.title} : {names.get(event.facts['user'], '')}"
        case _:
            return entry.title


def _changed(facts: dict[str, Any]) -> str:
    """Both values show: the two severities (S7), the two instants (S14)."""
    if "severity" in facts:
        before, after = (Severity(code).label for code in facts["severity"])
        return _("Criticité\u00a0: %(before)s → %(after)s") % {"before": before, "after": after}
    corrected = facts["acknowledged_at"]
    was, now = (instant(datetime.fromisoformat(value)) if value else "" for value in corrected)
    if not was:
        return _("Prise en charge fixée par correction\u00a0: %(now)s") % {"now": now}
    return _("Prise en charge corrigée\u00a0: %(was)s → %(now)s") % {"was": was, "now": now}


def _rung(facts: dict[str, Any]) -> str:
    """« 75 % du délai de prise en charge »; past the deadline it says so."""
    kind = CommitmentKind(facts["kind"]).label.lower()
    percent = facts["percent"]
    if percent < 100:
        return _("%(percent)d\u00a0%% du délai de %(kind)s") % {"percent": percent, "kind": kind}
    if percent == 100:
        return _("Délai de %(kind)s dépassé") % {"kind": kind}
    return _("Délai de %(kind)s dépassé de moitié") % {"kind": kind}
