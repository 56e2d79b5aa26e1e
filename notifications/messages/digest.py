"""The digest: what was said on a person's incidents since the last one, in one mail (0024)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from accounts.messages import portal_url
from foundation.wording import count, day
from notifications.messages.story import Story
from notifications.rendering import Mail, render

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
