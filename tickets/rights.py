"""What staff may do with incidents and with the rules of promises, as permission codes.

Nobody adds, changes or deletes an incident, an event or a promise by a form of the admin: acts do
(tickets.operations). Nobody edits history at all (P10, J2).
"""

from __future__ import annotations

from accounts.enums import StaffRole
from accounts.permissions import grant, grant_to_desk

# Opens the workspace and the queue.
VIEW_TICKET = "tickets.view_ticket"
# Posts acts; which of them are possible is the lifecycle's business.
ACT_ON_TICKET = "tickets.act_on_ticket"

_RULES = ("sla.calendar", "sla.calendarversion", "sla.exceptionalday", "sla.servicelevel",
          "sla.servicelevelversion", "licences.supportcontract")  # fmt: skip


def grant_desk_rights() -> None:
    """Engineers and managers work on incidents and read the rules; managers write the rules."""
    grant_to_desk(
        VIEW_TICKET,
        ACT_ON_TICKET,
        "tickets.view_ticketevent",
        "tickets.view_commitment",
        "tickets.view_canned",
        "tickets.view_checklist",
        "tickets.view_checkliststep",
        *(_code("view", rule) for rule in _RULES),
    )
    grant(StaffRole.MANAGER, *(_code(verb, rule) for verb in ("add", "change") for rule in _RULES))
    grant(StaffRole.MANAGER, "tickets.add_canned", "tickets.change_canned")
    grant(
        StaffRole.MANAGER,
        "tickets.add_checklist",
        "tickets.change_checklist",
        *(f"tickets.{verb}_checkliststep" for verb in ("add", "change", "delete")),
    )
    # A day can be taken out of a calendar's version as long as nobody was promised by it.
    grant(StaffRole.MANAGER, "sla.delete_exceptionalday")


def _code(verb: str, rule: str) -> str:
    app, model = rule.split(".")
    return f"{app}.{verb}_{model}"
