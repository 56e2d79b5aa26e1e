"""Open incidents are asked about before a rule is saved, and given its conditions if wanted (S12).

A rule is saved inside a transaction; if the result touches open incidents and nobody has answered
yet, `MustAsk` gives the transaction up and the page of the question shows how each would move. The
answer comes with all the fields of the form, so that going back loses nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from django.http import HttpRequest

from accounts.models import Company
from tickets.admin_forms.rules import ReasonForm
from tickets.clocks import Rule
from tickets.queries.terms import Fate, Touched, preview_terms

# The names of the question's own fields; everything else that is sent is the rule's form.
ANSWER, REASON = "terms", "terms_reason"
_OWN = {ANSWER, REASON, "csrfmiddlewaretoken"}


class Answer(StrEnum):
    """What the manager pressed."""

    NONE = ""
    KEEP = "keep"
    APPLY = "apply"
    # Back to the form, with everything typed.
    BACK = "back"
    # The year drawn from what is typed; nothing is saved.
    LOOK = "look"

    @property
    def saves(self) -> bool:
        return self not in {Answer.BACK, Answer.LOOK}


class Subject(NamedTuple):
    """What would apply to open incidents: to those it concerns, or to those of one company."""

    rule: Rule
    company: Company | None = None


@dataclass
class Asking:
    """One request of a rule's page: its instant, what was answered, what is to be applied."""

    at: datetime
    answer: Answer = Answer.NONE
    reason: str = ""
    # What is missing for the answer to be carried out.
    error: str = ""
    to_apply: Subject | None = None

    @classmethod
    def read(cls, request: HttpRequest, at: datetime) -> Asking:
        sent = request.POST.get(ANSWER, "")
        answer = Answer(sent) if sent in set(Answer) else Answer.NONE
        form = ReasonForm(request.POST)
        if answer is not Answer.APPLY:
            return cls(at, answer)
        if form.is_valid():
            return cls(at, answer, form.cleaned_data[REASON])
        return cls(at, answer, error=" ".join(str(error) for error in form.errors[REASON]))

    def settle(
        self, subject: Subject | None, name: str, shown: Callable[[], dict[str, Any]]
    ) -> None:
        """Nothing when no open incident is touched or the manager has answered; else MustAsk."""
        if subject is None or self.answer is Answer.KEEP:
            return
        touched = preview_terms(subject.rule, self.at, subject.company)
        if not touched:
            return
        if self.answer is Answer.APPLY and not self.error:
            self.to_apply = subject
            return
        raise MustAsk(name, Listing.of(touched), shown())


@dataclass(frozen=True)
class Listing:
    """The incidents of the question, by what would become of them."""

    moves: list[Touched] = field(default_factory=list)
    same: list[Touched] = field(default_factory=list)
    consumed: list[Touched] = field(default_factory=list)

    @classmethod
    def of(cls, touched: list[Touched]) -> Listing:
        by = {fate: [line for line in touched if line.fate is fate] for fate in Fate}
        return cls(by[Fate.MOVES], by[Fate.SAME], by[Fate.CONSUMED])

    @property
    def applicable(self) -> int:
        """How many would follow the new conditions."""
        return len(self.moves) + len(self.same)

    @property
    def total(self) -> int:
        return self.applicable + len(self.consumed)


class MustAsk(Exception):
    """Open incidents are touched and nobody has said what becomes of them: nothing is saved."""

    def __init__(self, name: str, listing: Listing, shown: dict[str, Any]) -> None:
        super().__init__(name)
        self.name, self.listing, self.shown = name, listing, shown


def sent_fields(request: HttpRequest) -> list[tuple[str, str]]:
    """Everything that the rule's form sent, to be sent again with the answer."""
    return [
        (name, value)
        for name, values in request.POST.lists()
        if name not in _OWN
        for value in values
    ]
