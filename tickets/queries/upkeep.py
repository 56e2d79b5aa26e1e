"""What ours keep beside an incident: its checklists, the time they spent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db.models import Q, QuerySet

from tickets.models import Checklist, ChecklistStep, StepDone, Ticket, TimeSpent


@dataclass(frozen=True, slots=True)
class Step:
    """A step, and by whom and when it was ticked on this incident."""

    pk: int
    text: str
    done_by: str
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class Listed:
    """A checklist as it stands on an incident."""

    name: str
    steps: list[Step]

    @property
    def done(self) -> int:
        return sum(step.done_at is not None for step in self.steps)


@dataclass(frozen=True, slots=True)
class Spent:
    """The time of everybody on an incident, in minutes."""

    entries: list[TimeSpent]
    minutes: int


def checklists_of(ticket: Ticket) -> list[Listed]:
    """The lists for this kind of incident, and those begun on it before it became another.

    Two queries.
    """
    done = {
        row.step_id: row for row in StepDone.objects.filter(ticket=ticket).select_related("done_by")
    }
    steps = _steps(ticket, done).select_related("checklist").order_by(
        "checklist__name", "checklist", "position", "pk"
    )  # fmt: skip
    return [
        Listed(checklist.name, [_step(step, done.get(step.pk)) for step in of_list])
        for checklist, of_list in groupby(steps, key=lambda step: step.checklist)
    ]


def undone_on(ticket: Ticket) -> int:
    """How many steps of its lists nobody has ticked: said before it is resolved (E10)."""
    done = StepDone.objects.filter(ticket=ticket).values("step")
    return _steps(ticket, ()).exclude(pk__in=done).count()


def time_on(ticket: Ticket) -> Spent:
    """Who noted how long, in the order of noting. One query."""
    entries = list(TimeSpent.objects.filter(ticket=ticket).select_related("person"))
    return Spent(entries, sum(entry.minutes for entry in entries))


def _steps(ticket: Ticket, begun: Iterable[int]) -> QuerySet[ChecklistStep]:
    fits = Checklist.objects.filter(
        Q(product=ticket.product_id) | Q(product=None),
        severity__in=("", ticket.severity),
        is_active=True,
    )
    of_begun = ChecklistStep.objects.filter(pk__in=list(begun)).values("checklist")
    return ChecklistStep.objects.filter(Q(checklist__in=fits) | Q(checklist__in=of_begun))


def _step(step: ChecklistStep, done: StepDone | None) -> Step:
    if done is None:
        return Step(step.pk, step.text, "", None)
    return Step(step.pk, step.text, done.done_by.full_name, done.done_at)
