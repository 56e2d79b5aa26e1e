"""Calendars, service levels and contracts, written by managers.

They are registered on this floor because a change of them may be applied to open incidents
(S12): `terms.py` asks before anything is saved, and applies.
"""

from tickets.admin_rules.calendars import CalendarVersionAdmin, calendar_version_is_locked
from tickets.admin_rules.contracts import SupportContractAdmin
from tickets.admin_rules.families import CalendarAdmin, ServiceLevelAdmin
from tickets.admin_rules.levels import ServiceLevelVersionAdmin

__all__ = [
    "CalendarAdmin",
    "CalendarVersionAdmin",
    "ServiceLevelAdmin",
    "ServiceLevelVersionAdmin",
    "SupportContractAdmin",
    "calendar_version_is_locked",
]
