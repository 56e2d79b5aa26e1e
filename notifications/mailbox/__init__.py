"""The closed mailbox: what arrives is listed, answered at most once, and makes no incident (P4)."""

from notifications.mailbox.drafting import NothingKept, addressee, bring_files, proposed, take_over
from notifications.mailbox.limits import SIZE_MAX
from notifications.mailbox.receiving import KEPT, note_oversized, purge, receive
from notifications.mailbox.routing import hand_over

__all__ = [
    "KEPT",
    "SIZE_MAX",
    "NothingKept",
    "addressee",
    "bring_files",
    "hand_over",
    "note_oversized",
    "proposed",
    "purge",
    "receive",
    "take_over",
]
