"""French typography for the story's texts, typed with ordinary spaces."""

from __future__ import annotations

import re

_BEFORE = re.compile(r" (?=[:;?!»%])")
_AFTER = re.compile(r"(?<=«) ")
_UNITS = re.compile(r"(?<=\d) (?=(?:h|min|Go|Mo|mm|jours)\b)")


def french(text: str) -> str:
    """Non-breaking spaces where a careful typographer puts them."""
    for pattern in (_BEFORE, _AFTER, _UNITS):
        text = pattern.sub("\u00a0", text)
    return text
