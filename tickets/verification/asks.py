"""Requests of customers beside the history: each was asked and answered as an event says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from tickets.enums import Act, AskKind
from tickets.history import EventRow
from tickets.models import Ask

_KINDS = {Act.ESCALATE: AskKind.ESCALATION, Act.ASK_SEVERITY: AskKind.SEVERITY}
_ANSWERS = {Act.ANSWER_ESCALATION, Act.DECLINE_SEVERITY, Act.REQUALIFY}


class Asked(NamedTuple):
    """A request as its row or its events tell it: severities are empty for an escalation."""

    kind: str
    present: str
    wanted: str
    by: int | None
    at: datetime
    reason: int
    answered_by: int | None = None
    answered_at: datetime | None = None
    answer: int | None = None
    retained: str = ""


def stored_asks(keys: list[int]) -> dict[int, dict[int, Asked]]:
    """The rows of these incidents, by incident and key. One query."""
    found: dict[int, dict[int, Asked]] = defaultdict(dict)
    rows = Ask.objects.filter(ticket__in=keys).values_list(
        "ticket_id", "pk", "kind", "present", "wanted", "asked_by_id", "asked_at", "reason_id",
        "answered_by_id", "answered_at", "answer_id", "retained",
    )  # fmt: skip
    for row in rows:
        found[row[0]][row[1]] = Asked._make(row[2:])
    return found


def ask_difference(rows: dict[int, Asked], events: Iterable[EventRow]) -> str | None:
    """The first request that the events do not give."""
    told = _told(events)
    for pk in sorted(rows.keys() | told.keys()):
        if pk not in told:
            return f"la demande (ligne {pk}) n’est pas dans l’historique"
        if pk not in rows:
            return f"il manque la demande (ligne {pk})"
        if rows[pk] != told[pk]:
            wrong = next(
                name for name in Asked._fields if getattr(rows[pk], name) != getattr(told[pk], name)
            )
            return f"la demande (ligne {pk}) diffère de l’historique : {wrong}"
    return None


def _told(events: Iterable[EventRow]) -> dict[int, Asked]:
    """What the events say was asked and answered."""
    told: dict[int, Asked] = {}
    for event in events:
        act, pk = Act(event.act), event.facts.get("ask")
        if pk is None:
            continue
        if act in _KINDS:
            present, wanted = event.facts.get("severity", ("", ""))
            told[pk] = Asked(
                _KINDS[act], present, wanted, event.actor_id, event.effective_at,
                event.facts["message"],
            )  # fmt: skip
        elif act in _ANSWERS and pk in told:
            told[pk] = told[pk]._replace(
                answered_by=event.actor_id,
                answered_at=event.effective_at,
                answer=event.facts["message"],
                retained=_retained(act, event, told[pk]),
            )
    return told


def _retained(act: Act, event: EventRow, asked: Asked) -> str:
    if act is Act.REQUALIFY:
        return str(event.facts["severity"][1])
    return asked.present if act is Act.DECLINE_SEVERITY else ""
