"""A person over plain HTTP: keeps cookies, fills the forms that pages hold.

Standard library only, so that .ci/drive.py uses it in a checkout where nothing is installed.
"""

from __future__ import annotations

import html
import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Form:
    """A form of a page: where it goes, what it asks, what is filled in already."""

    action: str
    names: set[str] = field(default_factory=set)
    fields: dict[str, str] = field(default_factory=dict)
    # By name: the values of a select, by the text shown.
    options: dict[str, dict[str, str]] = field(default_factory=dict)


class _Forms(HTMLParser):
    """Collects the forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._select = ""
        self._option: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(facts.get("action", ""))
            self.forms.append(self._open)
        elif self._open is not None:
            self._take(self._open, tag, facts)

    def _take(self, form: Form, tag: str, facts: dict[str, str]) -> None:
        name = facts.get("name", "")
        if tag in {"select", "textarea", "input"}:
            form.names.add(name)
        if tag == "select":
            self._select = name
            form.options[name] = {}
        elif tag == "option":
            self._option = facts.get("value", "")
        elif tag == "textarea" or (tag == "input" and _is_sent(facts)):
            form.fields[name] = facts.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._open is not None and self._option is not None and data.strip():
            self._open.options[self._select][data.strip()] = self._option

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "option":
            self._option = None


def _is_sent(facts: dict[str, str]) -> bool:
    kind = facts.get("type", "text")
    if kind in {"checkbox", "radio"}:
        return "checked" in facts
    return bool(facts.get("name")) and kind not in {"submit", "file", "button"}


class Visitor:
    """Somebody with cookies of their own. `page` is the last one read, `address` where it is."""

    def __init__(self, site: str, *handlers: urllib.request.BaseHandler) -> None:
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(jar, *handlers)
        self.address = site.rstrip("/") + "/"
        self.page = ""
        self.status = 0

    def get(self, path: str) -> str:
        """Read a page."""
        return self._open(urllib.request.Request(self._url(path)))  # noqa: S310  (the site's own)

    def submit(self, action: str = "", **typed: str) -> str:
        """Send the form of the page that asks for what is typed and goes to `…action`."""
        form = self.form(action, *typed)
        fields = form.fields | typed
        data = urllib.parse.urlencode(fields).encode()
        return self._open(urllib.request.Request(self._url(form.action), data=data))  # noqa: S310

    def form(self, action: str, *names: str) -> Form:
        """The first form of the page with an action that ends so and fields of these names."""
        parser = _Forms()
        parser.feed(self.page)
        for form in parser.forms:
            if form.action.endswith(action) and form.names.issuperset(names):
                return form
        raise LookupError(f"no form to …{action} with {names} on {self.address}")

    def sign_in(self, email: str, password: str) -> None:
        """Through the login page."""
        self.get("/connexion/")
        self.submit(login=email, password=password)
        if "/connexion/" in self.address:
            raise LookupError(f"{email} could not sign in")

    @property
    def words(self) -> str:
        """The text of the page, its spaces made ordinary."""
        without = re.sub(r"<(script|style)\b.*?</\1>|<[^>]*>", " ", self.page, flags=re.DOTALL)
        return " ".join(html.unescape(without).split())

    def _url(self, path: str) -> str:
        return urllib.parse.urljoin(self.address, path)

    def _open(self, request: urllib.request.Request) -> str:
        try:
            answer = self._opener.open(request, timeout=60)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            self.page = answer.read().decode("utf-8", "replace")
            self.address, self.status = answer.geturl(), answer.status
        return self.page
