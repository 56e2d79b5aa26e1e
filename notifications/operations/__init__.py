"""Writing deliveries: made from events, sent by one sender at a time, sent again, proven."""

from notifications.operations.again import mark_bounced, resend, why_not_resend
from notifications.operations.digests import HELD_AT_MOST, gather_digests
from notifications.operations.making import derive, derive_pending, thread_id
from notifications.operations.pausing import (
    PROBE_EVERY,
    is_resting,
    may_ask,
    pause,
    resume,
    suspect,
)
from notifications.operations.proof import make_up, reconcile
from notifications.operations.returned import take_return
from notifications.operations.sending import (
    LEASE,
    MAX_ATTEMPTS,
    claim,
    drop,
    mark_refused,
    mark_sent,
    postpone,
    release,
    wait_after,
)
from notifications.operations.slow import answered, claim_probe, stalled, untried

__all__ = [
    "HELD_AT_MOST",
    "LEASE",
    "MAX_ATTEMPTS",
    "PROBE_EVERY",
    "answered",
    "claim",
    "claim_probe",
    "derive",
    "derive_pending",
    "drop",
    "gather_digests",
    "is_resting",
    "make_up",
    "mark_bounced",
    "mark_refused",
    "mark_sent",
    "may_ask",
    "pause",
    "postpone",
    "reconcile",
    "release",
    "resend",
    "resume",
    "stalled",
    "suspect",
    "take_return",
    "thread_id",
    "untried",
    "wait_after",
    "why_not_resend",
]
