"""Mails to our engineers and managers: one function per message, three templates each."""

from __future__ import annotations

from typing import Any

from foundation.wording import instant
from notifications.messages.story import Story
from notifications.rendering import Mail, render
from sla.enums import CommitmentKind


def _context(story: Story) -> dict[str, Any]:
    ticket = story.ticket
    return {
        **story.context(),
        "company": ticket.company.name,
        "requester": ticket.requester.full_name,
        "severity": ticket.get_severity_display(),
        "assignee": ticket.assignee.full_name if ticket.assignee else "",
        "is_mine": ticket.assignee_id == story.reader.pk,
    }


def assigned(story: Story) -> Mail:
    """The incident is yours. That a note came with it is said, never what it says (B1)."""
    return render("desk_assigned", {**_context(story), "has_note": "note" in story.event.facts})


def answered(story: Story) -> Mail:
    """The customer wrote; if we waited for it, the clock runs again."""
    return render("desk_answered", {**_context(story), "resumes": story.event.changed_status})


def reopened(story: Story) -> Mail:
    """The solution was refused: both promises start again."""
    return render("desk_reopened", _context(story))


def escalated(story: Story) -> Mail:
    """A customer asks for a manager's attention; managers read that the answer is theirs."""
    return render("desk_escalated", {**_context(story), "answers": story.reader.is_manager})


def severity_asked(story: Story) -> Mail:
    """A customer asks for another severity: one of ours decides."""
    before, after = story.severities
    return render("desk_severity_asked", {**_context(story), "before": before, "after": after})


def due_soon(story: Story) -> Mail:
    """75 % of a promise is used (S10)."""
    return render("desk_due_soon", _rung(story))


def breached(story: Story) -> Mail:
    """A promise was missed, at its due instant (S10)."""
    return render("desk_breached", _rung(story))


def long_breached(story: Story) -> Mail:
    """Half as much again has passed and nobody has acted (S10)."""
    return render("desk_long_breached", _rung(story))


def vendor_late(story: Story) -> Mail:
    """The vendor has not answered by the date that was given, or for days: to be asked again."""
    reason = story.pause.reason if story.pause else ""
    return render(
        "desk_vendor_late", {**_context(story), "text": reason, "until": story.awaited_until}
    )


def changed(story: Story) -> Mail:
    """Any other change on one of your incidents."""
    return render("desk_changed", {**_context(story), "act": story.event.get_act_display()})


def _rung(story: Story) -> dict[str, Any]:
    kind = CommitmentKind(story.event.facts["kind"])
    due = (
        story.event.acknowledgement_due_at
        if kind is CommitmentKind.ACKNOWLEDGEMENT
        else story.event.resolution_due_at
    )
    return {
        **_context(story),
        "promise": str(kind.label).lower(),
        "percent": story.event.facts["percent"],
        "reached": instant(story.event.effective_at),
        "due": instant(due) if due else "",
    }
