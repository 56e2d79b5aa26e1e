"""French public holidays, proposed to a calendar version by the `holidays` package.

A version stores the dates it was given: upgrading the package never moves a promise.
"""

from __future__ import annotations

import holidays

YEARS_BEFORE = 1
YEARS_AFTER = 10


def french_holidays(first_year: int, *, alsace_moselle: bool = False) -> dict[str, str]:
    """ISO date → French name, from the year before `first_year` to ten years after it."""
    found = holidays.country_holidays(
        "FR",
        subdiv="57" if alsace_moselle else None,
        years=range(first_year - YEARS_BEFORE, first_year + YEARS_AFTER + 1),
        language="fr",
    )
    return {day.isoformat(): name for day, name in sorted(found.items())}
