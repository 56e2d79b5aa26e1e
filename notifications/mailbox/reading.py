"""From bytes to what is claimed, and to the text and files of a person.

The old policy of the email package, on purpose: it keeps values as they came, where the new one
parses each header by a grammar that hostile ones make slow or wrong (case M3).
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses

import nh3

from accounts.models import normalise_email
from foundation.text import tidy_line, tidy_text

TEXT_MAX = 20_000  # characters: what a declaration may hold stays far above
FILES_MAX = 10
_HTML_MAX = 400_000
_ID = re.compile(r"<[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\-]{1,120}@[A-Za-z0-9.\-\[\]:]{1,120}>")
_ADDRESS = re.compile(r"[^\s@<>\"(),:;\\\[\]]{1,64}@[^\s@<>\"(),:;\\\[\]]{1,255}")
_IDS_MAX = 50
_BREAKS = frozenset({"br", "p", "div", "li", "tr", "blockquote", "h1", "h2", "h3", "h4"})
_BREAK = re.compile(r"<(?:br|/p|/div|/li|/tr|/blockquote|/h[1-4])\b[^>]*>")
_TAG = re.compile(r"<[^>]*>")
_BLANKS = re.compile(r"\n\s*\n\s*\n+")


@dataclass(frozen=True, slots=True)
class Attached:
    """A file as it was sent: its name as claimed, its bytes."""

    name: str
    content: bytes


def headers_of(head: bytes) -> dict[str, list[str]]:
    """Values by lower-case name, topmost first."""
    found: dict[str, list[str]] = {}
    for name, value in message_from_bytes(head).raw_items():
        found.setdefault(name.strip().casefold(), []).append(storable(" ".join(value.split())))
    return found


def authors(headers: dict[str, list[str]]) -> list[str]:
    """The addresses of From, in the form of accounts; one that is none spoils them all."""
    values = headers.get("from", [])
    found = [normalise_email(address) for _name, address in getaddresses(values)]
    # An encoded word may hide a second address or another one.
    if len(values) != 1 or not all(_ADDRESS.fullmatch(address) for address in found):
        return []
    return found


def message_ids(value: str) -> list[str]:
    """The well-formed identifiers of a header, nothing else of it."""
    return _ID.findall(value)[:_IDS_MAX]


def own_id(headers: dict[str, list[str]]) -> str:
    """The Message-ID if it is one and the only one, else nothing."""
    values = headers.get("message-id", [])
    return values[0] if len(values) == 1 and _ID.fullmatch(values[0]) else ""


def digest(content: bytes) -> str:
    """What names a mail without an identifier."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def subject_of(headers: dict[str, list[str]]) -> str:
    """For our list; what cannot be decoded is shown as it came."""
    return tidy_line(decoded(headers.get("subject", [""])[0]))[:250]


def decoded(value: str) -> str:
    """Encoded words in clear; as it is when they are broken or of no known character set."""
    try:
        pieces = decode_header(value[:2_000])
        return storable(
            "".join(
                piece.decode(charset or "ascii", "replace") if isinstance(piece, bytes) else piece
                for piece, charset in pieces
            )
        )
    except (LookupError, ValueError):
        return storable(value)


def storable(value: str) -> str:
    """Without what PostgreSQL or UTF-8 cannot hold (D5)."""
    return value.encode("utf-8", "replace").decode("utf-8").replace("\x00", "")


def body_of(content: bytes) -> tuple[str, list[Attached]]:
    """Text and files of a mail that passed the limits. The plain text first, else the HTML."""
    plain: list[str] = []
    rich: list[str] = []
    files: list[Attached] = []
    for part in _leaves(message_from_bytes(content)):
        name = decoded(part.get_filename() or "")
        kind = part.get_content_type()
        is_text = kind in {"text/plain", "text/html"} and not name
        if is_text and part.get_content_disposition() != "attachment":
            (plain if kind == "text/plain" else rich).append(_text(part))
        elif len(files) < FILES_MAX:
            data = part.get_payload(decode=True)
            files.append(Attached(name[:300] or "piece-jointe", bytes(data or b"")))
    text = "\n\n".join(filter(None, plain)) or plain_of("\n".join(rich))
    return tidy_text(_BLANKS.sub("\n\n", text))[:TEXT_MAX], files


def plain_of(source: str) -> str:
    """The words of an HTML text, its lines kept: no script, style, image or link of it."""
    kept = nh3.clean(source[:_HTML_MAX], tags=set(_BREAKS), attributes={})
    return html.unescape(_TAG.sub("", _BREAK.sub("\n", kept)))


def _leaves(message: Message) -> Iterator[Message]:
    """The parts that hold something; what is in an attached message is not of this one."""
    if message.get_content_maintype() == "message":
        return
    if not message.is_multipart():
        yield message
        return
    for part in message.get_payload():
        if isinstance(part, Message):
            yield from _leaves(part)


def _text(part: Message) -> str:
    data = part.get_payload(decode=True)
    raw = bytes(data)[: _HTML_MAX * 2] if isinstance(data, bytes) else b""
    try:
        return storable(raw.decode(part.get_content_charset("utf-8"), "replace"))
    except (LookupError, ValueError):
        return storable(raw.decode("utf-8", "replace"))
