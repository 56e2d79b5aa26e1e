"""Where a licence or a contract stands on a day: pure, from its two dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from foundation import wording
from licences.enums import LicenceState

# Renewal alerts begin then (P9): both bounds of a term are days on which it holds.
EXPIRING_DAYS = 90


@dataclass(frozen=True, slots=True)
class Standing:
    """A state, with the days left when there is an end ahead (0 on the last day)."""

    state: LicenceState
    days_left: int | None = None

    @property
    def label(self) -> str:
        """« active », « expire dans 20 jours », « expirée »."""
        if self.state is not LicenceState.EXPIRING:
            return str(self.state.label)
        if not self.days_left:
            return "expire aujourd’hui"
        return f"expire dans {wording.count(self.days_left, 'jour')}"


def standing(starts_on: date, ends_on: date | None, day: date) -> Standing:
    """How a term stands on a day of Europe/Paris (P9)."""
    if ends_on is not None and ends_on < day:
        return Standing(LicenceState.EXPIRED)
    if starts_on > day:
        return Standing(LicenceState.UPCOMING)
    if ends_on is None:
        return Standing(LicenceState.ACTIVE)
    left = (ends_on - day).days
    state = LicenceState.EXPIRING if left <= EXPIRING_DAYS else LicenceState.ACTIVE
    return Standing(state, left)
