"""What is wrong with a French text as it is printed: apostrophes, spaces, quotes, English words."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

NBSP = "\u00a0"
# A space that does not break a line: the ordinary one, and the narrow one of figures.
_BOUND = f"[{NBSP}\u202f]"
_LETTER = "A-Za-zÀ-ÖØ-öø-ÿŒœ"

# What it is called, and where it is wrong.
RULES = {
    "straight apostrophe": re.compile(rf"(?<=[{_LETTER}])'(?=[{_LETTER}])"),
    "no space that holds before « : ; ! ? »": re.compile(
        # A clock, a ratio, an address or an emoji has no French space; nor has « ?! ».
        rf"(?<![{NBSP}\u202f!?:])(?<=[{_LETTER}0-9)»”’ \n])[!?;:](?=[\s»)]|$)"
    ),
    "no space that holds inside « »": re.compile(rf"«(?!{_BOUND})|(?<!{NBSP})(?<!\u202f)»"),
    "no space that holds after « n° »": re.compile(rf"\b[nN]°(?!{_BOUND})"),
    "three dots": re.compile(r"\.\.\."),
    "straight quotes": re.compile(rf'(?<=[\s(])"(?=[{_LETTER}])|(?<=[{_LETTER}])"(?=[\s.,)])'),
    "a unit that may leave its figure": re.compile(
        r"\d (?:h|min|s|Mo|Go|Ko|%|€|jours?|heures?|minutes?)\b"
    ),
    "an English word": re.compile(
        r"\b(?:the|and|your|you|please|password|username|submit|search|sign (?:in|out|up)|log ?in"
        r"|logout|error|required|invalid|choose|select|upload|download|delete|save|cancel|next"
        r"|previous|page not found|not found|this field|enter a|may not|must be)\b",
        re.IGNORECASE,
    ),
}


def faults_in(text: str) -> list[str]:
    """What is wrong in a text, with its neighbourhood."""
    found = []
    for name, rule in RULES.items():
        for match in rule.finditer(text):
            around = text[max(0, match.start() - 25) : match.end() + 15]
            found.append(f"{name}: {around!r}")
    return found


# Their text is code, or nobody's French: what people typed, names of browsers and of files.
_SILENT = {"script", "style", "code", "pre", "kbd", "samp", "svg"}
_SAID = ("aria-label", "placeholder", "title", "alt")
_BLOCKS = {"p", "li", "td", "th", "dd", "dt", "div", "h1", "h2", "h3", "h4", "label", "option",
           "legend", "summary", "button", "br", "title", "caption", "section", "form"}  # fmt: skip


class Read(HTMLParser):
    """The words of a page, block by block, as somebody reads them or hears them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = [""]
        self._silent: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent.append(tag)
        if tag in _BLOCKS:
            self.texts.append("")
        self.texts[:0] = [value for name, value in attrs if name in _SAID and value]

    def handle_endtag(self, tag: str) -> None:
        if self._silent and self._silent[-1] == tag:
            self._silent.pop()
        if tag in _BLOCKS:
            self.texts.append("")

    def handle_data(self, data: str) -> None:
        # A word that is not read still stands between its neighbours.
        self.texts[-1] += "…" if self._silent else data


def faults_on(html: str) -> list[str]:
    """What is wrong on a page, in the words that are read or heard."""
    return [fault for text in Read(html).texts for fault in faults_in(" ".join(_lines(text)))]


def _lines(text: str) -> list[str]:
    """Words of a block: ordinary white space is one space, the others stay."""
    return [word for word in re.split(r"[ \t\r\n]+", unescape(text)) if word]
