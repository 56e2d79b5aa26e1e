"""A promise's clock in words and as a bar: one wording for pages, mails and the admin.

It knows no rule. Whoever holds the facts (tickets) computes them; this says them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from django.utils.translation import gettext as _

from foundation.wording import duration, near_instant, working

CLOSE_PERCENT = 75  # from here on the bar and the word change: the rung that warns (S10)


class Clock(Protocol):
    """What must be known of a promise to say it."""

    @property
    def label(self) -> str: ...

    @property
    def outcome(self) -> str:
        """running, paused, met, breached or void."""

    @property
    def due_at(self) -> datetime | None: ...

    @property
    def used(self) -> timedelta:
        """Working time used so far."""

    @property
    def target(self) -> timedelta:
        """Working time promised."""

    @property
    def met_at(self) -> datetime | None:
        """When the promised act happened, in time or late."""

    @property
    def paused_reason(self) -> str:
        """Why the clock stands still, empty when it does not."""


@dataclass(frozen=True, slots=True)
class Face:
    """The clock as shown: its state, the deadline, what is left, how full the bar is."""

    css: str
    icon: str
    state: str
    deadline: str
    left: str
    percent: int

    @property
    def bar_label(self) -> str:
        """The bar in words, for who does not see it."""
        return bar_label(self.percent)


def face(clock: Clock, now: datetime) -> Face:
    """How the clock reads at `now`."""
    percent = percent_used(clock.used, clock.target)
    outcome = str(clock.outcome)
    if outcome == "running":
        return _running(clock, now, percent)
    if outcome == "paused":
        return _paused(clock, percent)
    if outcome == "met":
        return _met(clock, now, percent)
    if outcome == "breached":
        return _breached(clock, now)
    return Face("void", "void", _("sans objet"), "—", "", percent)


def bar_label(percent: int) -> str:
    """« 60 % du délai utilisé »."""
    return _("%s\u00a0%% du délai utilisé") % percent


def percent_used(used: timedelta, target: timedelta) -> int:
    """Whole percents, cut, from 0 to 100: a bar is full only when the time is used up."""
    if target <= timedelta(0):
        return 100
    return max(0, min(100, int(used * 100 / target)))


def _running(clock: Clock, now: datetime, percent: int) -> Face:
    due = near_instant(clock.due_at, now) if clock.due_at else "—"
    if percent >= 100:
        # The deadline passed and the sweep has not recorded it yet.
        return Face("breached", "missed", _("échéance passée"), due, "", 100)
    left = _("dans %s") % working(clock.target - clock.used)
    if percent >= CLOSE_PERCENT:
        return Face("running clock-close", "alert", _("bientôt"), due, left, percent)
    return Face("running", "clock", _("en cours"), due, left, percent)


def _paused(clock: Clock, percent: int) -> Face:
    remaining = max(clock.target - clock.used, timedelta(0))
    deadline = _("Il reste %s") % working(remaining)
    left = _("le délai ne court pas")
    return Face("paused", "pause", _("suspendu"), deadline, left, percent)


def _met(clock: Clock, now: datetime, percent: int) -> Face:
    when = near_instant(clock.met_at, now) if clock.met_at else "—"
    target = duration(clock.target)
    if clock.used < timedelta(minutes=1):
        left = _("en moins d’une minute sur %s") % target
    else:
        left = _("en %(used)s sur %(target)s") % {"used": working(clock.used), "target": target}
    return Face("met", "met", _("tenu"), when, left, percent)


def _breached(clock: Clock, now: datetime) -> Face:
    due = near_instant(clock.due_at, now) if clock.due_at else "—"
    late = max(clock.used - clock.target, timedelta(0))
    if clock.met_at:
        left = _("fait %(when)s, %(late)s trop tard") % {
            "when": near_instant(clock.met_at, now),
            "late": working(late),
        }
    else:
        left = _("dépassé de %s") % working(late)
    return Face("breached", "missed", _("dépassé"), due, left, 100)
