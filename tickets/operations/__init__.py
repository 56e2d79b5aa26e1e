"""Every act on an incident. Nothing else writes a status or an instant of one.

Arguments are keyword-only. `at` is the instant of the act, UTC, read once at the edge; `actor`
is who acts (None: the clock). Refusals are `foundation.refusals.Refusal`, with a French sentence.
"""

from tickets.operations.answers import answer
from tickets.operations.asking import (
    AlreadyAnswered,
    AlreadyAsked,
    answer_escalation,
    ask_severity,
    decline_severity,
    escalate,
)
from tickets.operations.calls import log_call
from tickets.operations.charge import AlreadyAcknowledged, acknowledge, assign
from tickets.operations.checklists import NoStep, tick_step
from tickets.operations.conversation import (
    TAKE_BACK,
    NotFollowable,
    TooLate,
    add_copy,
    add_note,
    follow,
    post_message,
    remove_copy,
    withdraw_message,
)
from tickets.operations.corrections import correct_acknowledgement, requalify
from tickets.operations.declare import AlreadyDeclared, Once, declare, other_product
from tickets.operations.drafts import (
    AlreadySent,
    DraftTooLong,
    forget_draft,
    purge_drafts,
    save_draft,
)
from tickets.operations.due import record_due, sweep_deadlines
from tickets.operations.ending import WindowClosed, accept, cancel, reopen, resolve
from tickets.operations.linking import LinkRefused, attach, detach, split
from tickets.operations.merging import merge, unmerge
from tickets.operations.seal import seal_history
from tickets.operations.seen import Overtaken, Unread, as_seen
from tickets.operations.subject import correct_product, correct_subject
from tickets.operations.terms import Applied, LeftAsItIs, apply_terms, apply_to_all
from tickets.operations.time_spent import note_time, remove_time
from tickets.operations.waiting import resume, wait_for_customer, wait_for_vendor

__all__ = [
    "TAKE_BACK",
    "AlreadyAcknowledged",
    "AlreadyAnswered",
    "AlreadyAsked",
    "AlreadyDeclared",
    "AlreadySent",
    "Applied",
    "DraftTooLong",
    "LeftAsItIs",
    "LinkRefused",
    "NoStep",
    "NotFollowable",
    "Once",
    "Overtaken",
    "TooLate",
    "Unread",
    "WindowClosed",
    "accept",
    "acknowledge",
    "add_copy",
    "add_note",
    "answer",
    "answer_escalation",
    "apply_terms",
    "apply_to_all",
    "as_seen",
    "ask_severity",
    "assign",
    "attach",
    "cancel",
    "correct_acknowledgement",
    "correct_product",
    "correct_subject",
    "declare",
    "decline_severity",
    "detach",
    "escalate",
    "follow",
    "forget_draft",
    "log_call",
    "merge",
    "note_time",
    "other_product",
    "post_message",
    "purge_drafts",
    "record_due",
    "remove_copy",
    "remove_time",
    "reopen",
    "requalify",
    "resolve",
    "resume",
    "save_draft",
    "seal_history",
    "split",
    "sweep_deadlines",
    "tick_step",
    "unmerge",
    "wait_for_customer",
    "wait_for_vendor",
    "withdraw_message",
]
