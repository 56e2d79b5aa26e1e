"""Whether our own mail server says that DMARC passed (RFC 8601, RFC 7489).

Anybody may write such a header into a mail: only the topmost one that bears our server's name
counts, and our server must take away those that others wrote under it (docs/exploitation.md).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_RESULT = re.compile(r"dmarc\s*(?:/\s*\d+\s*)?=\s*(\w+)(.*)", re.IGNORECASE | re.DOTALL)
_DOMAIN = re.compile(r"(?:^|\s)header\.from\s*=\s*\"?([^\s\";@]+)", re.IGNORECASE)


def has_passed(headers: Sequence[str], *, authserv_id: str, domain: str) -> bool:
    """`headers`: the values of Authentication-Results, topmost first. `domain`: the author's.

    False in doubt: no such server, no or several results of DMARC, another domain.
    """
    wanted = authserv_id.strip().casefold()
    if not wanted:
        return False
    for value in headers:
        parts = _parts(value)
        server = parts[0].split() if parts else []
        if server and server[0].strip('"').casefold() == wanted:
            return _says_pass(parts[1:], domain)
    return False


def _says_pass(results: Sequence[str], domain: str) -> bool:
    found = [match for part in results if (match := _RESULT.fullmatch(part.strip()))]
    if len(found) != 1 or found[0][1].casefold() != "pass":
        return False
    named = _DOMAIN.search(found[0][2])
    return named is not None and named[1].casefold() == domain.casefold()


def _parts(value: str) -> list[str]:
    """The value cut at its semicolons, without comments; what is quoted stays whole."""
    parts, depth, quoted, escaped = [""], 0, False, False
    for character in value:
        kept = depth == 0
        if escaped:
            escaped = False
        elif character == "\\" and (quoted or depth):
            escaped = True
        elif character == '"' and not depth:
            quoted = not quoted
        elif not quoted and character == "(":
            depth, kept = depth + 1, False
        elif not quoted and character == ")" and depth:
            depth, kept = depth - 1, False
        elif not quoted and not depth and character == ";":
            parts.append("")
            continue
        if kept:
            parts[-1] += character
    return parts
