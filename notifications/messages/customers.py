"""Mails to customers: one function per message, three templates each.

Each says what changed, why, what happens next, and how both promises stand.
"""

from __future__ import annotations

from django.conf import settings

from foundation.wording import instant
from notifications.messages.story import Story
from notifications.rendering import Mail, render
from tickets.enums import Act, Status


def received(story: Story) -> Mail:
    """The receipt of a declaration: number, instant, both deadlines."""
    return render(
        "received",
        {
            **story.context(),
            "received_at": story.ticket.received_at,
            "is_requester": story.reader.pk == story.ticket.requester_id,
            "requester": story.requester,
            "taken_on_call": story.taken_on_call,
            "by_us": story.by_us,
            "out_of_contract": story.ticket.is_out_of_contract,
            "renewal_contact": settings.RENEWAL_CONTACT,
        },
    )


def acknowledged(story: Story) -> Mail:
    """An engineer has taken charge: who, and until when a solution is promised."""
    return render("acknowledged", story.context())


def message(story: Story) -> Mail:
    """A message of the desk or of a colleague, whole."""
    return render("message", {**story.context(), "by_us": story.by_us})


def called(story: Story) -> Mail:
    """What somebody said by phone, as we noted it; if we waited for it, the clock runs again."""
    return render(
        "called",
        {
            **story.context(),
            "caller": story.caller,
            "is_caller": story.event.facts.get("caller") == story.reader.pk,
            "resumes": story.event.changed_status,
        },
    )


def merged(story: Story) -> Mail:
    """The incident goes on in another one, which the reader follows from now on; or no more."""
    return render(
        "merged",
        {
            **story.context(),
            "survivor": story.survivor,
            "survivor_url": story.url_of(story.survivor) if story.survivor else "",
            "is_undone": story.event.act == Act.UNMERGE,
        },
    )


def waiting_customer(story: Story) -> Mail:
    """« En attente client »: what is awaited, until when, and that the clock stands still."""
    reason = story.pause.reason if story.pause else ""
    return render(
        "waiting_customer", {**story.context(), "text": reason, "until": story.awaited_until}
    )


def waiting_vendor(story: Story) -> Mail:
    """« En attente éditeur »: what was asked of the vendor."""
    reason = story.pause.reason if story.pause else ""
    return render(
        "waiting_vendor",
        {
            **story.context(),
            "text": reason,
            "until": story.awaited_until,
            "clock_runs": story.event.resolution_due_at is not None,
        },
    )


def resumed(story: Story) -> Mail:
    """Work goes on, and the clock with it."""
    return render("resumed", {**story.context(), "was_awaiting_customer": story.pause_was_customer})


def resolved(story: Story) -> Mail:
    """The solution, and until when it may be accepted or refused."""
    return render("resolved", {**story.context(), "until": story.refusable_until})


def accepted(story: Story) -> Mail:
    """A colleague accepted the solution."""
    return render("accepted", story.context())


def closed(story: Story) -> Mail:
    """Nobody refused the solution in its window."""
    return render("closed", {**story.context(), "closed_at": instant(story.event.effective_at)})


def reminded(story: Story) -> Mail:
    """We still await an answer; the last reminder says when the incident closes without one."""
    reason = story.pause.reason if story.pause else ""
    return render(
        "reminded", {**story.context(), "text": reason, "closes_at": story.announced_closure}
    )


def closed_unanswered(story: Story) -> Mail:
    """Nobody answered until the announced instant; and until when it may be reopened."""
    reason = story.pause.reason if story.pause else ""
    return render(
        "closed_unanswered",
        {
            **story.context(),
            "text": reason,
            "closed_at": instant(story.event.effective_at),
            "until": story.refusable_until,
        },
    )


def reopened(story: Story) -> Mail:
    """The solution did not hold: both promises start again."""
    refused = story.event.status_before == Status.RESOLVED
    return render("reopened", {**story.context(), "by_us": story.by_us, "refused": refused})


def cancelled(story: Story) -> Mail:
    """Not an incident after all, and why."""
    return render("cancelled", {**story.context(), "by_us": story.by_us})


def requalified(story: Story) -> Mail:
    """Another severity is retained, why, and the deadlines that follow."""
    before, after = story.severities
    return render(
        "requalified",
        {**story.context(), "before": before, "after": after, "as_asked": story.as_asked},
    )


def severity_declined(story: Story) -> Mail:
    """The severity that a customer asked for is not retained, and why."""
    before, after = story.severities
    return render("severity_declined", {**story.context(), "before": before, "after": after})


def escalation_answered(story: Story) -> Mail:
    """What a manager of ours answers to the escalation."""
    return render("escalation_answered", story.context())


def restated(story: Story) -> Mail:
    """New conditions apply to an open incident: each deadline that moved, old and new, and why."""
    return render("restated", {**story.context(), "moves": story.moves})


def corrected(story: Story) -> Mail:
    """The recorded acknowledgement instant was wrong."""
    before, after = story.acknowledgements
    return render("corrected", {**story.context(), "before": before, "after": after})


def copied(story: Story) -> Mail:
    """You follow this incident from now on."""
    return render("copied", {**story.context(), "requester": story.requester})


def changed(story: Story) -> Mail:
    """Any other change of status: what it was, what it is."""
    return render(
        "changed", {**story.context(), "act": story.event.get_act_display(), "by_us": story.by_us}
    )
