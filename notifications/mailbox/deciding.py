"""Whether a mail is answered: rules alone, without database or clock (RFC 3834; case M1)."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from notifications.enums import Verdict
from notifications.mailbox.authentication import has_passed

# By lower-case name, in the order of the mail.
Headers = Mapping[str, Sequence[str]]

NULL_SENDERS = frozenset({"", "<>"})
_MACHINES = re.compile(
    r"(?:mailer-?daemon|postmaster|(?:no|do-?not|ne-?pas)[-_.]?(?:reply|repondre|répondre)"
    r"|bounces?|listserv|majordomo|(?:owner-.*)|(?:.*-(?:request|owner|bounces?)))"
    r"(?:[+=].*)?",
    re.IGNORECASE,
)
_BULK = frozenset({"bulk", "list", "junk", "auto_reply"})
# What other programs write instead of Auto-Submitted.
_AUTOMATIC = (
    "x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply", "x-failed-recipients",
    "feedback-id", "x-loop",
)  # fmt: skip
_REPORTS = ("multipart/report", "message/delivery-status", "message/disposition-notification")


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the mail claims of itself. `authors`: the addresses of From, lower case."""

    sender: str
    authors: Sequence[str]
    headers: Headers

    def of(self, name: str) -> str:
        """All values of a header, on one lower-case line."""
        return " ".join(self.headers.get(name, ())).casefold().strip()


def refusal(mail: Envelope, *, authserv_id: str, own: Collection[str]) -> Verdict | None:
    """Why it is not answered; None when nothing of the mail itself forbids it.

    `own`: our addresses, lower case. Machines are told from people before anything else, so that
    the list says what a mail was.
    """
    if mail.sender.strip() in NULL_SENDERS:
        return Verdict.NULL_SENDER
    return _machine(mail) or _correspondent(mail, own) or _unproven(mail, authserv_id)


def _correspondent(mail: Envelope, own: Collection[str]) -> Verdict | None:
    """Nobody to answer, or nobody who would read it."""
    if len(mail.authors) != 1:
        return Verdict.NO_AUTHOR
    both = (mail.authors[0], mail.sender.casefold())
    if any(address in own for address in both):
        return Verdict.OWN
    return Verdict.MACHINE if any(map(_is_machine, both)) else None


def _unproven(mail: Envelope, authserv_id: str) -> Verdict | None:
    """A forged author would make us write to a stranger."""
    if not authserv_id.strip():
        return Verdict.NO_AUTHORITY
    proofs = mail.headers.get("authentication-results", ())
    domain = mail.authors[0].rpartition("@")[2]
    passed = has_passed(proofs, authserv_id=authserv_id, domain=domain)
    return None if passed else Verdict.UNPROVEN


def _machine(mail: Envelope) -> Verdict | None:
    if mail.of("content-type").startswith(_REPORTS):
        return Verdict.REPORT
    # « no » may be followed by parameters or a comment.
    submitted = re.split(r"[\s;(]", mail.of("auto-submitted"), maxsplit=1)[0]
    if ("auto-submitted" in mail.headers and submitted != "no") or any(
        name in mail.headers for name in _AUTOMATIC
    ):
        return Verdict.AUTOMATIC
    if any(name.startswith("list-") for name in mail.headers) or "mailing-list" in mail.headers:
        return Verdict.MAILING_LIST
    if _BULK.intersection(re.split(r"[\s,;]+", mail.of("precedence"))):
        return Verdict.BULK
    if "x-auto-response-suppress" in mail.headers:
        return Verdict.SUPPRESSED
    return None


def _is_machine(address: str) -> bool:
    return _MACHINES.fullmatch(address.rpartition("@")[0]) is not None
