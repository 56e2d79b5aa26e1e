"""What each staff role may do in the admin, as one table built at start-up.

Each app says what it grants, in its `AppConfig.ready` (`grant(StaffRole.ENGINEER, "app.code")`):
no groups and no per-person permissions exist, so nobody can be given more than the role. The
administrator may do whatever a ModelAdmin allows at all; no ModelAdmin lets anybody edit history.
"""

from __future__ import annotations

from collections import defaultdict

from accounts.enums import StaffRole

_granted: dict[StaffRole, set[str]] = defaultdict(set)


def grant(role: StaffRole, *codes: str) -> None:
    """Let `role` do what these Django permission codes name (« tickets.view_ticket »)."""
    _granted[role].update(codes)


def grant_to_desk(*codes: str) -> None:
    """The same for engineers and managers."""
    grant(StaffRole.ENGINEER, *codes)
    grant(StaffRole.MANAGER, *codes)


def granted_to(role: str) -> frozenset[str]:
    """The codes of a role; none for a customer (empty role)."""
    return frozenset(_granted[StaffRole(role)]) if role else frozenset()
