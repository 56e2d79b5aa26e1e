"""What a page may hold that acts: only what our own templates put there (K1, D1).

`faults_of` reads a page as a browser does and names every node that is not ours to have: inline
code, foreign addresses, elements that load or redirect, markup that came out of a text.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

# Payloads bring an element and an attribute of this name: found in the tree, they were not escaped.
MARK = "canari-noeud"

_NEVER = {
    "base", "iframe", "frame", "frameset", "object", "embed", "applet", "portal", "math", "style",
    "marquee", "animate", "set", "foreignobject", "audio", "video", "source", "track", "xml",
}  # fmt: skip
_METAS = {"charset", "viewport", "color-scheme", "robots", "description", "theme-color",
          "htmx-config"}  # fmt: skip
_ADDRESSES = {"href", "src", "action", "formaction", "xlink:href", "poster", "data", "ping",
              "srcset", "background", "cite", "manifest"}  # fmt: skip
# The second one is the admin's catalogue of its scripts' words.
_SCRIPTS = ("/static/", "/admin/jsi18n/")
_LINK_SCHEMES = {"", "http", "https", "mailto", "tel"}
_OF_A_MAIL = re.compile(r"> style$|^<style> may not|^<meta> .*supported-color-schemes")
_CONTROLS = re.compile(r"[\x00-\x20]")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self._script_at = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.faults += [f"<{tag}> {fault}" for fault in _faults(tag, given)]
        self._script_at = tag == "script"

    def handle_endtag(self, tag: str) -> None:
        self._script_at = False

    def handle_data(self, data: str) -> None:
        if self._script_at and data.strip():
            self.faults.append(f"<script> {data[:40]}")


def faults_of(html: str) -> list[str]:
    """Every active node that a page of ours never has."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.faults


def faults_at(url: str, html: str) -> list[str]:
    """The same of the page at an address. The preview of a mail carries the mail's own styles:
    its answer is sealed (test_headers_everywhere)."""
    found = faults_of(html)
    return [fault for fault in found if not _OF_A_MAIL.search(fault)] if is_mail(url) else found


def is_mail(url: str) -> bool:
    """A mail drawn as a mail program does."""
    return url.partition("?")[0].endswith("/envois/apercu/html/")


def _faults(tag: str, given: dict[str, str]) -> list[str]:
    found = [name for name in given if name.startswith("on") or name in {"style", "srcdoc"}]
    found += [name for name in given if name.startswith((MARK, "hx-on", "hx-vals", "x-", "@"))]
    if tag in _NEVER or tag.startswith(MARK):
        found.append("may not be here")
    if tag == "script" and not given.get("src", "").startswith(_SCRIPTS):
        found.append(f"src={given.get('src')}")
    if tag == "meta" and ("http-equiv" in given or not _is_known_meta(given)):
        found.append(str(given))
    return found + [
        f"{name}={given[name][:60]}"
        for name in given
        if name in _ADDRESSES and not _is_fine(tag, name, given[name])
    ]


def _is_known_meta(given: dict[str, str]) -> bool:
    return "charset" in given or given.get("name") in _METAS


def _is_fine(tag: str, name: str, address: str) -> bool:
    # A browser drops tabs and newlines inside a scheme.
    parts = urlsplit(_CONTROLS.sub("", address))
    if tag == "a" and name == "href":
        return parts.scheme.lower() in _LINK_SCHEMES and not address.startswith(("//", "\\", "/\\"))
    if tag == "img":
        # The QR code of the second factor is drawn by the server.
        return address.startswith(("/static/", "data:image/svg+xml;base64,"))
    if tag == "link":
        return address.startswith("/") and not address.startswith("//")
    return not parts.scheme and not parts.netloc
