"""What a returned mail says (RFC 3464, RFC 3463): for good, for now, or merely late. Pure.

A return is anybody's text: only its codes are believed, and nothing of it but one line is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from enum import Enum, auto

# A return brings the mail that it returns; past this its end says nothing more.
SIZE_MAX = 1024 * 1024  # bytes
_PARTS_MAX = 20
_LINES_MAX = 400
_ANSWER_MAX = 300  # characters

_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_REPLY = re.compile(r"\b([45]\d\d)[ -]")
# The address is not, or no longer, one (RFC 3463, 3.2 and 3.3): unknown, moved, disabled, no such
# system. Anything else that is final today (a full box, a policy, a size) may not be tomorrow.
_DEAD = frozenset({"1.0", "1.1", "1.2", "1.3", "1.6", "1.10", "2.1", "4.4"})


class Kind(Enum):
    """What became of the mail."""

    DEAD = auto()  # the address is none
    REFUSED = auto()  # this mail never arrives, the address may be good
    DELAYED = auto()  # the server goes on trying
    UNKNOWN = auto()  # an answering machine, a human, nonsense


@dataclass(frozen=True, slots=True)
class Return:
    """`answer`: what the other server said, in one line."""

    kind: Kind
    answer: str = ""


def read(content: bytes) -> Return:
    """What a mail to a return path says. Never raises: what cannot be read is UNKNOWN."""
    try:
        message = message_from_bytes(content[:SIZE_MAX])
        fields = list(_fields(message))
        if fields:
            return _of_report(fields)
        if _is_machine(message):
            return _of_text(message)
    except (ValueError, LookupError, TypeError, RecursionError):
        pass
    return Return(Kind.UNKNOWN)


def _fields(message: Message) -> Iterator[Message]:
    """The groups of fields of a delivery report, one for each recipient."""
    for number, part in enumerate(message.walk()):
        if number > _PARTS_MAX:
            return
        if part.get_content_type() == "message/delivery-status":
            groups = part.get_payload()
            if isinstance(groups, list):
                yield from (group for group in groups if isinstance(group, Message))


def _of_report(groups: list[Message]) -> Return:
    for group in groups[:_PARTS_MAX]:
        action = str(group.get("Action", "")).strip().lower()
        answer = _one_line(str(group.get("Diagnostic-Code", "") or group.get("Status", "")))
        if action == "failed":
            return Return(_kind(str(group.get("Status", "")) or answer), answer)
        if action == "delayed":
            return Return(Kind.DELAYED, answer)
    return Return(Kind.UNKNOWN)


def _of_text(message: Message) -> Return:
    """An old server's return: judged by the first code that its text holds, if any."""
    for line in _lines(message):
        if _STATUS.search(line) or _REPLY.search(line):
            kind = _kind(line)
            if kind is not Kind.UNKNOWN:
                return Return(kind, _one_line(line))
    return Return(Kind.UNKNOWN)


def _lines(message: Message) -> Iterator[str]:
    for number, part in enumerate(message.walk()):
        if number > _PARTS_MAX:
            return
        # The mail that came back stands in it whole: its words are ours.
        if part.get_content_type() == "text/plain":
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes):
                yield from payload.decode("utf-8", errors="replace").splitlines()[:_LINES_MAX]
                return


def _is_machine(message: Message) -> bool:
    """From the mail system itself: who is away answers from nobody too, and writes numbers."""
    return "mailer-daemon" in str(message.get("From", "")).lower()


def _kind(text: str) -> Kind:
    found = _STATUS.search(text)
    if found is None:
        reply = _REPLY.search(text)
        if reply is None:
            return Kind.UNKNOWN
        return Kind.REFUSED if reply[1].startswith("5") else Kind.DELAYED
    if found[1] == "2":
        return Kind.UNKNOWN
    if found[1] == "4":
        return Kind.DELAYED
    return Kind.DEAD if f"{int(found[2])}.{int(found[3])}" in _DEAD else Kind.REFUSED


def _one_line(text: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[
        :_ANSWER_MAX
    ]
