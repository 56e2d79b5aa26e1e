"""The digest: what was said on a person's incidents since the last one, in one mail (0024)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from accounts.messages import portal_url
from foundation.wording import count, day, elided, instant
from notifications.messages.story import Story
from notifications.rendering import Mail, render
from tickets.enums import Status

# What one mail holds: the last messages of an incident, and the beginning of a long one. All of
# it is on the portal, and the mail says so.
_MESSAGES_SHOWN = 12
_LETTERS_SHOWN = 2_000


@dataclass
class _Thread:
    """One incident's part."""

    first: Story
    stories: list[Story] = field(default_factory=list)

    @property
    def entries(self) -> list[_Entry]:
        return [_Entry(story) for story in self.stories[-_MESSAGES_SHOWN:]]

    @property
    def status(self) -> str:
        """Where the incident stands as the digest leaves: what is awaited, the next deadline."""
        ticket = self.first.ticket
        if ticket.merged_into_id is not None:
            return _("Fusionné")
        told = self._awaited or str(ticket.state.label)
        if ticket.state.is_open and ticket.next_due_at is not None:
            told = _("%(status)s · échéance\u00a0: %(due)s") % {
                "status": told,
                "due": instant(ticket.next_due_at),
            }
        return told

    @property
    def _awaited(self) -> str:
        """What the customer is asked for; empty when nothing is."""
        status, story = self.first.ticket.state, self.first
        if status is Status.RESOLVED:
            return _("Résolu\u00a0: une solution est à accepter ou à refuser")
        if status is not Status.WAITING_CUSTOMER:
            return ""
        if story.is_onlooker:
            return _("En attente de la réponse %(of_requester)s") % {
                "of_requester": elided("de", story.requester)
            }
        return _("En attente de votre réponse")

    @property
    def left_out(self) -> int:
        return max(0, len(self.stories) - _MESSAGES_SHOWN)


@dataclass(frozen=True)
class _Entry:
    """One message or call."""

    story: Story

    @property
    def text(self) -> str:
        text = self.story.text
        return text if not self.is_cut else text[:_LETTERS_SHOWN].rsplit(" ", 1)[0]

    @property
    def is_cut(self) -> bool:
        return len(self.story.text) > _LETTERS_SHOWN


def digest(stories: Sequence[Story], on: date) -> Mail:
    """The mail of a day, from what it carries (at least one), all of one reader."""
    threads = _threads(stories)
    return render(
        "digest",
        {
            "day": day(on),
            "told": _("%(messages)s sur %(incidents)s")
            % {
                "messages": count(len(stories), "message"),
                "incidents": count(len(threads), "incident"),
            },
            "threads": threads,
            "button_url": portal_url("tickets:list"),
            "button_label": _("Voir mes incidents"),
            "choices_url": portal_url("account_mails"),
        },
    )


def _threads(stories: Iterable[Story]) -> list[_Thread]:
    """By incident, each in its order; the incident whose first message came first comes first."""
    found: dict[int, _Thread] = {}
    for story in sorted(stories, key=lambda one: (one.event.recorded_at, one.event.sequence)):
        thread = found.setdefault(story.event.ticket_id, _Thread(story))
        thread.stories.append(story)
    return list(found.values())
