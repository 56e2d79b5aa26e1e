"""The headers of tus 1.0.0 (https://tus.io/protocols/resumable-upload), read and written.

Nothing here knows a request or a row: texts in, facts out. What the portal speaks: the core
protocol, creation, creation-with-upload, expiration and termination.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.http import http_date

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,expiration,termination"
BODY_TYPE = "application/offset+octet-stream"

_METADATA_MAX = 8 * 1024
_NUMBER = re.compile(r"[0-9]{1,18}")
_FINGERPRINT = re.compile(r"[0-9a-f]{0,64}")


class Unreadable(Exception):
    """A header is missing or means nothing; the text names it, in English as the protocol is."""


@dataclass(frozen=True, slots=True)
class Creation:
    """What a client says of a file before it sends it. Only the length is ever relied on."""

    length: int
    name: str
    form_token: UUID
    fingerprint: str


def number(name: str, text: str | None) -> int:
    """A count of bytes in a header. Raises Unreadable."""
    if text is None or not _NUMBER.fullmatch(text):
        raise Unreadable(f"{name} is missing or is not a number")
    return int(text)


def creation(length: str | None, metadata: str | None) -> Creation:
    """Upload-Length and Upload-Metadata as facts. Raises Unreadable."""
    found = _metadata(metadata or "")
    try:
        token = UUID(found.get("formtoken", ""))
    except ValueError:
        raise Unreadable("Upload-Metadata needs a formtoken (uuid)") from None
    fingerprint = found.get("fingerprint", "").lower()
    if not _FINGERPRINT.fullmatch(fingerprint):
        raise Unreadable("fingerprint is not hexadecimal, 64 digits at most")
    return Creation(number("Upload-Length", length), found.get("filename", ""), token, fingerprint)


def _metadata(header: str) -> dict[str, str]:
    """« key base64,key base64 »: values are UTF-8; a byte that is none becomes « � »."""
    if len(header) > _METADATA_MAX:
        raise Unreadable("Upload-Metadata is too long")
    found = {}
    for pair in filter(None, (part.strip() for part in header.split(","))):
        key, _space, encoded = pair.partition(" ")
        try:
            value = base64.b64decode(encoded.strip(), validate=True)
        except (binascii.Error, ValueError):
            raise Unreadable("Upload-Metadata is not in base64") from None
        found[key] = value.decode(errors="replace")
    return found


def options(max_size: int) -> dict[str, str]:
    """What OPTIONS answers."""
    return {
        "Tus-Resumable": VERSION,
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Max-Size": str(max_size),
    }


def progress(*, offset: int | None, expires: datetime) -> dict[str, str]:
    """Where an upload stands (None: not said), and until when it waits for its next byte."""
    headers = {"Upload-Expires": http_date(expires.timestamp())}
    if offset is not None:
        headers["Upload-Offset"] = str(offset)
    return headers
