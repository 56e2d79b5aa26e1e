"""The matrix [M]: for each route, who reaches Alice's object through it, and how it is asked.

A route without a line here fails the suite. « Reached » is any answer but the 404 of the refused
and the way to the sign-in page; what the page then shows is the business of its own tests.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.isolation.world import MISSING_UUID, World

Parameters = dict[str, Any]

EVERYBODY = frozenset(
    {"anonymous", "author", "colleague", "référente", "stranger", "engineer", "manager",
     "administrator"}
)  # fmt: skip
SIGNED_IN = EVERYBODY - {"anonymous"}
STAFF = frozenset({"engineer", "manager", "administrator"})
CUSTOMERS = SIGNED_IN - STAFF
OWNERS = frozenset({"author", "référente"})
COMPANY = frozenset({"author", "colleague", "référente"})


@dataclass(frozen=True)
class Line:
    """Who reaches it; the parameters that name Alice's object, and a missing one."""

    reach: frozenset[str]
    method: str = "get"
    theirs: Callable[[World], Parameters] = field(default=lambda _world: {})
    missing: Parameters | None = None
    # No sign-in is asked for: a stranger reads the 404 of the refused.
    public: bool = False
    # A stranger reads 401 instead of the sign-in page: programs come here.
    programs: bool = False
    data: dict[str, str] = field(default_factory=dict)


def _ticket(reach: frozenset[str], method: str = "post") -> Line:
    return Line(
        reach, method, lambda world: {"reference": world.ticket.reference},
        {"reference": "INC-2026-999999"},
    )  # fmt: skip


def _membership(reach: frozenset[str]) -> Line:
    return Line(
        reach, "post", lambda world: {"membership_id": world.membership.pk},
        {"membership_id": 999999},
    )  # fmt: skip


def _view() -> Line:
    return Line(
        frozenset({"engineer"}), "post", lambda world: {"view_id": world.view.pk},
        {"view_id": 999999},
    )  # fmt: skip


LINES: dict[str, Line] = {
    # The roof.
    "home": Line(EVERYBODY),
    "home_seen": Line(CUSTOMERS, "post"),
    "health": Line(EVERYBODY),
    "charter": Line(EVERYBODY),
    "search": Line(SIGNED_IN),
    # Signing in and one's own account: no object of anybody else is named.
    "account_login": Line(EVERYBODY),
    "account_logout": Line(EVERYBODY, "post"),
    "account_signup": Line(EVERYBODY),
    "account_inactive": Line(EVERYBODY),
    "account_reset_password": Line(EVERYBODY),
    "account_reset_password_done": Line(EVERYBODY),
    "account_reset_password_from_key_done": Line(EVERYBODY),
    "account_reset_password_from_key": Line(EVERYBODY, theirs=lambda _world: {"token": "inconnu"}),
    "invitation": Line(EVERYBODY, theirs=lambda _world: {"token": "inconnu"}),
    "invitation_renew": Line(EVERYBODY, "post", lambda _world: {"token": "inconnu"}),
    "mfa_authenticate": Line(EVERYBODY),
    "account_settings": Line(SIGNED_IN),
    "account_email": Line(SIGNED_IN),
    "account_change_password": Line(SIGNED_IN),
    "account_set_password": Line(SIGNED_IN),
    "account_reauthenticate": Line(SIGNED_IN),
    "mfa_index": Line(SIGNED_IN),
    "mfa_activate_totp": Line(SIGNED_IN),
    # Nobody in this world has a second factor: there is nothing to switch off or to show.
    "mfa_deactivate_totp": Line(frozenset()),
    "mfa_reauthenticate": Line(SIGNED_IN),
    "mfa_view_recovery_codes": Line(frozenset()),
    "mfa_generate_recovery_codes": Line(SIGNED_IN),
    "mfa_download_recovery_codes": Line(frozenset()),
    "usersessions_list": Line(SIGNED_IN),
    "switch_company": Line(
        COMPANY, "post", data={"company": "theirs"},
    ),
    "account_mails": Line(CUSTOMERS),
    # A company's accounts: its référent only.
    "team": Line(frozenset({"référente"})),
    "team_invite": Line(frozenset({"référente"}), "post"),
    "team_close": _membership(frozenset({"référente"})),
    "team_reopen": _membership(frozenset({"référente"})),
    "team_remind": _membership(frozenset({"référente"})),
    "team_role": _membership(frozenset({"référente"})),
    # Incidents, on the customers' side; staff are sent to their own pages of them.
    "tickets:list": Line(SIGNED_IN),
    "tickets:export_csv": Line(SIGNED_IN),
    "tickets:export_xlsx": Line(SIGNED_IN),
    "tickets:declare": Line(CUSTOMERS),
    "tickets:deadlines": Line(CUSTOMERS),
    "tickets:suggestions": Line(CUSTOMERS),
    "tickets:draft": Line(CUSTOMERS, "post", data={"form_token": str(MISSING_UUID)}),
    # Nobody's draft but one's own: whoever asks for another's reads that there is none.
    "tickets:drop_draft": Line(CUSTOMERS, "post"),
    "tickets:helped": Line(
        COMPANY, "post", lambda world: {"slug": world.article_slug}, {"slug": "absent"},
        data={"form_token": str(MISSING_UUID)},
    ),
    # Whoever belongs to the company may put themselves in copy (decision 0015).
    "tickets:follow": _ticket(COMPANY),
    "tickets:ticket": _ticket(OWNERS | STAFF, "get"),
    "tickets:since": _ticket(OWNERS | STAFF, "get"),
    "tickets:earlier": _ticket(OWNERS | STAFF, "get"),
    "tickets:commitments": _ticket(OWNERS | STAFF, "get"),
    "tickets:colleagues": _ticket(OWNERS, "get"),
    "tickets:print": _ticket(OWNERS | STAFF, "get"),
    "tickets:message": _ticket(OWNERS),
    "tickets:accept": _ticket(OWNERS),
    "tickets:refuse": _ticket(OWNERS),
    "tickets:reopen": _ticket(OWNERS),
    "tickets:cancel": _ticket(OWNERS),
    "tickets:copies": _ticket(OWNERS),
    "tickets:escalate": _ticket(OWNERS),
    "tickets:ask_severity": _ticket(OWNERS),
    "tickets:correct_subject": _ticket(OWNERS),
    # Files: rights at each click.
    "files:download": Line(
        OWNERS | STAFF, "get", lambda world: {"uuid": world.file.pk}, {"uuid": MISSING_UUID}
    ),
    "files:preview": Line(
        OWNERS | STAFF, "get", lambda world: {"uuid": world.file.pk}, {"uuid": MISSING_UUID}
    ),
    "files:waiting": Line(SIGNED_IN, "get", lambda _world: {"form_token": MISSING_UUID}),
    "files:uploads": Line(SIGNED_IN, "post", programs=True),
    "files:upload": Line(
        frozenset({"author"}), "head", lambda world: {"uuid": world.waiting.pk},
        {"uuid": MISSING_UUID}, programs=True,
    ),
    # The park.
    "licences:park": Line(SIGNED_IN),
    "licences:licence": Line(
        COMPANY | STAFF, "get", lambda world: {"licence_id": world.licence.pk},
        {"licence_id": 999999},
    ),
    "licences:downloads": Line(SIGNED_IN),
    # The blog: this article is for Alice's company.
    "blog:list": Line(EVERYBODY),
    "blog:feed": Line(EVERYBODY),
    "blog:article": Line(
        COMPANY | STAFF, "get", lambda world: {"slug": world.article_slug}, {"slug": "absent"},
        public=True,
    ),
    # A link of nobody's and one of somebody else's lead to the home page alike (M2).
    "mailbox:letter": Line(SIGNED_IN, theirs=lambda _world: {"token": MISSING_UUID}),
    "mailbox:take": Line(SIGNED_IN, "post", lambda _world: {"token": MISSING_UUID}),
    # Ours.
    "reports:dashboard": Line(frozenset({"manager", "administrator"})),
    "reports:changes": Line(frozenset({"manager", "administrator"})),
    "reports:rehearsal": Line(frozenset({"manager", "administrator"})),
    "mails:step": Line(
        STAFF, "get", lambda world: {"reference": world.ticket.reference, "sequence": 1},
        {"reference": "INC-2026-999999", "sequence": 1},
    ),
    "mails:resend": _ticket(STAFF),
    "mails:previews": _ticket(frozenset({"manager", "administrator"}), "get"),
    "mails:preview-html": _ticket(frozenset({"manager", "administrator"}), "get"),
    "desk:call": Line(STAFF),
    "desk:bulk": Line(STAFF),
    "desk:calculator": Line(STAFF),
    "desk:queue": Line(STAFF),
    "desk:views": Line(STAFF),
    # The view is another engineer's, for nobody but him.
    "desk:view": _view(),
    "desk:view-delete": _view(),
    "desk:company": Line(
        STAFF, "get", lambda world: {"company_id": world.ticket.company_id}, {"company_id": 999999},
    ),
    "desk:ticket": _ticket(STAFF, "get"),
    "desk:merge": _ticket(STAFF, "get"),
    "desk:since": _ticket(STAFF, "get"),
    "desk:earlier": _ticket(STAFF, "get"),
    "desk:pane": Line(
        STAFF, "get", lambda world: {"reference": world.ticket.reference, "name": "note"},
        {"reference": "INC-2026-999999", "name": "note"},
    ),
    "desk:mails": _ticket(STAFF, "get"),
    "desk:park": _ticket(STAFF, "get"),
    "desk:solutions": _ticket(STAFF, "get"),
    "desk:canned": _ticket(STAFF, "get"),
    "desk:checklists": _ticket(STAFF, "get"),
    "desk:time": _ticket(STAFF, "get"),
    "desk:split": _ticket(STAFF, "get"),
    "desk:customer-view": _ticket(STAFF, "get"),
    **{
        f"desk:{act}": _ticket(STAFF)
        for act in (
            "acknowledge", "assign", "reply", "log-call", "note", "wait-customer", "wait-vendor",
            "resume", "resolve", "reopen", "cancel", "requalify", "add-copy", "remove-copy",
            "correct", "unmerge", "withdraw", "use-canned", "attach", "detach",
            "answer-escalation", "decline-severity", "tick", "note-time", "remove-time",
            "correct-product",
        )
    },
}  # fmt: skip
