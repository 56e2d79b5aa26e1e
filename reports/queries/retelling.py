"""The deadlines of an incident whose story changed them: told again, event by event.

A requalification moves a deadline by what remained at that instant (S7), which no single addition
gives. Such incidents are rare: their events are folded by the code that proves the history.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from reports.rehearsal import Asked
from sla.enums import CommitmentKind
from tickets import promises
from tickets.enums import Act
from tickets.history import EventRow
from tickets.verification import Fold

# After none of these does a promise have another deadline than its start, its target and the
# pauses give. Any other act, those to come included, has its incident told again.
PLAIN_ACTS = frozenset({
    Act.DECLARE, Act.ACKNOWLEDGE, Act.ASSIGN, Act.MESSAGE, Act.NOTE, Act.WAIT_CUSTOMER,
    Act.WAIT_VENDOR, Act.RESUME, Act.RESOLVE, Act.ACCEPT, Act.CLOSE, Act.REOPEN, Act.CANCEL,
    Act.CORRECT, Act.ADD_COPY, Act.REMOVE_COPY, Act.RUNG, Act.CALL, Act.ABSORB, Act.RELEASE,
    Act.ESCALATE, Act.ANSWER_ESCALATION, Act.ASK_SEVERITY, Act.DECLINE_SEVERITY,
    Act.CORRECT_SUBJECT, Act.REMIND, Act.CLOSE_UNANSWERED, Act.ATTACH, Act.DETACH, Act.SPLIT,
    Act.WITHDRAW, Act.CHASE,
})  # fmt: skip
TELLING_ACTS = [act for act in Act if act not in PLAIN_ACTS]
# What the real deadline brought about, or what re-decides a promise whose deadline stands.
_LEFT_OUT = {Act.RUNG, Act.CORRECT}


class Retold(Fold):
    """The fold of a history in which other targets had been promised."""

    def __init__(self, asked: Asked) -> None:
        super().__init__()
        self._asked = asked

    def apply(self, event: EventRow) -> None:
        """One event; before it, the breaches of the deadlines that these targets give (S17)."""
        if event.act in _LEFT_OUT:
            return
        for key, promise in self.promises.items():
            if promise.due_at is not None and promise.due_at < event.effective_at:
                self.promises[key] = promises.breach(promise)
        super().apply(event._replace(facts=self._with_targets(event.facts)))

    def _with_targets(self, facts: dict[str, Any]) -> dict[str, Any]:
        if "targets" not in facts:
            return facts
        if "severity" not in facts:
            return {**facts, "targets": self._restated(facts["targets"])}
        severity = facts["severity"]
        # A requalification says both, the one that holds from then on last.
        severity = severity[-1] if isinstance(severity, list) else severity
        targets = {
            kind: self._minutes(kind, severity, minutes)
            for kind, minutes in facts["targets"].items()
        }
        return {**facts, "targets": targets}

    def _restated(self, targets: dict[str, list[int]]) -> dict[str, list[int]]:
        """New conditions say before and after (S12); the severity is the promise's own."""
        return {
            code: [before, self._minutes(code, self._severity(code), after)]
            for code, (before, after) in targets.items()
        }

    def _severity(self, code: str) -> str:
        return self.promises[CommitmentKind(code), self.cycle].severity.value

    def _minutes(self, kind: str, severity: str, minutes: int) -> int:
        asked = self._asked.get((kind, severity))
        return minutes if asked is None else int(asked.total_seconds() // 60)


def deadlines(events: Iterable[EventRow], asked: Asked) -> dict[tuple[str, int], datetime | None]:
    """The deadline of each promise of an incident, by kind and cycle."""
    told = Retold(asked)
    for event in events:
        told.apply(event)
    return {(kind.value, cycle): row.due_at for (kind, cycle), row in told.promises.items()}
