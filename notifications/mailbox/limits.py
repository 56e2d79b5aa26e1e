"""What a mail may be before anything parses it: looked at as bytes, in one pass (case M3)."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

SIZE_MAX = 25 * 1024**2  # bytes of the whole mail
HEAD_MAX = 64 * 1024  # bytes of its header
HEADERS_MAX = 300
# Each level of a mail is announced by a boundary or by a message of its own.
BOUNDARIES_MAX = 20
MESSAGES_MAX = 10
# Lines that may separate two parts.
SEPARATORS_MAX = 1_000

_HEAD_END = re.compile(rb"\r?\n\r?\n")
_BOUNDARY = re.compile(rb"boundary[*0-9]*\s*=", re.IGNORECASE)
_MESSAGE = re.compile(rb"message/", re.IGNORECASE)
_STATUS = re.compile(rb"message/\s*(?:global-)?delivery-status", re.IGNORECASE)
_DIGEST = re.compile(rb"multipart/\s*digest", re.IGNORECASE)


class TooMuch(Exception):
    """The mail is not parsed; the argument says why, in French, for the list."""


def head_of(content: bytes) -> bytes:
    """The header block with its empty line. Raises TooMuch."""
    if len(content) > SIZE_MAX:
        raise TooMuch(_("message trop volumineux"))
    end = _HEAD_END.search(content, 0, HEAD_MAX)
    if end is None:
        if len(content) >= HEAD_MAX:
            raise TooMuch(_("en-tête trop long"))
        return content
    head = content[: end.end()]
    if head.count(b"\n") > HEADERS_MAX:
        raise TooMuch(_("trop de lignes d’en-tête"))
    return head


def check_parts(content: bytes) -> None:
    """Raise TooMuch for more levels or parts than any person sends."""
    if len(_BOUNDARY.findall(content)) > BOUNDARIES_MAX:
        raise TooMuch(_("trop de niveaux"))
    if len(_MESSAGE.findall(content)) > MESSAGES_MAX or _DIGEST.search(content):
        raise TooMuch(_("trop de messages joints"))
    # Each of its blocks would become an object: only machines write it.
    if _STATUS.search(content):
        raise TooMuch(_("avis de remise joint"))
    if content.count(b"\n--") > SEPARATORS_MAX:
        raise TooMuch(_("trop de parties"))
