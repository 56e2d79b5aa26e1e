"""One browser for all journeys, one signed-in window per person."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    Request,
    StorageState,
    WebError,
    expect,
)

from accounts.models import User
from tests.factories.accounts import PASSWORD

Scheme = Literal["light", "dark"]

_SYSTEM = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
_ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_AXE_OPTIONS = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": _TAGS}}
# What Chromium says of any answer above 399, refusals that a journey provokes included.
_ANSWERED = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")
# What htmx says of a request that was under way when its page was left: nobody waits for it.
_CUT_BY_LEAVING = re.compile(r"htmx:(afterRequest|sendAbort), ")
# Colours fade from one scheme to the other: half-way they have neither's contrast. Reading the
# animations starts those that a change calls for; ending some may start others.
_SETTLE = """() => {
  const passing = () => document.getAnimations().filter((animation) =>
    animation.playState === "running" &&
    animation.effect.getComputedTiming().endTime !== Infinity);
  for (let found = passing(); found.length; found = passing()) {
    for (const animation of found) animation.finish();
  }
}"""
_SIGN_IN = "/connexion/"
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
MILLISECONDS = 20_000

# For what a script or the server does, and no width changes: a phone is enough. How each page
# looks at both widths is the affair of test_pages.
on_a_phone = pytest.mark.parametrize("width", [360])


def chromium_path(playwright: Playwright) -> str:
    """The program to drive: the system's, else Playwright's own; empty when there is none."""
    candidates = [*_SYSTEM, playwright.chromium.executable_path]
    return next((path for path in candidates if Path(path).exists()), "")


def launch(playwright: Playwright) -> Browser:
    """Chromium. Without one the journeys are skipped, and failed under CI."""
    path = chromium_path(playwright)
    if not path:
        reason = (
            "no Chromium: install Debian's chromium package, or run « playwright install chromium »"
        )
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    expect.set_options(timeout=MILLISECONDS)
    return playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)


class Window:
    """A browser window: its cookies, and all that went wrong in it."""

    def __init__(
        self,
        browser: Browser,
        address: str,
        *,
        javascript: bool = True,
        width: int = 1280,
        storage_state: StorageState | None = None,
    ) -> None:
        self.context: BrowserContext = browser.new_context(
            base_url=address,
            viewport={"width": width, "height": 900},
            locale="fr-FR",
            timezone_id="Europe/Paris",
            java_script_enabled=javascript,
            storage_state=storage_state,
        )
        self.context.set_default_timeout(MILLISECONDS)
        self._address = address
        self._faults: list[str] = []
        self.context.on("console", self._hear)
        self.context.on("weberror", self._record)
        self.context.on("request", self._watch)

    def open(self, path: str = "/", *, width: int = 1280) -> Page:
        """A new page on `path`."""
        page = self.context.new_page()
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(path)
        return page

    def sign_in(self, email: str, password: str = PASSWORD) -> None:
        """Through the page that everybody uses."""
        page = self.open(_SIGN_IN)
        page.get_by_label("Adresse e-mail").fill(email)
        page.get_by_label("Mot de passe").fill(password)
        page.get_by_role("button", name="Se connecter").click()
        expect(page).not_to_have_url(re.compile(_SIGN_IN))
        page.close()

    def come_in(self, email: str) -> None:
        """Signed in as the form would, no page drawn: for what begins behind the sign-in."""
        ask = self.context.request
        token = _TOKEN.search(ask.get(_SIGN_IN).text())
        assert token is not None
        typed = {"csrfmiddlewaretoken": token[1], "login": email, "password": PASSWORD}
        assert _SIGN_IN not in ask.post(_SIGN_IN, form=typed).url

    def faults(self) -> list[str]:
        """What the browser complained of since the last call: policy, scripts, other hosts."""
        found, self._faults = self._faults, []
        return found

    def tidy(self) -> None:
        """Close its pages."""
        for page in self.context.pages:
            page.close()

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type not in {"error", "warning"}:
            return
        if not (_ANSWERED.match(message.text) or _CUT_BY_LEAVING.match(message.text)):
            self._faults.append(f"{message.location.get('url', '')}: {message.text}")

    def _record(self, error: WebError) -> None:
        self._faults.append(str(error.error))

    def _watch(self, request: Request) -> None:
        if not request.url.startswith((self._address, "data:", "blob:")):
            self._faults.append(f"another host: {request.url}")


class Windows:
    """The windows of a run: each person's is opened once, signed in."""

    def __init__(self, browser: Browser, address: str) -> None:
        self._browser = browser
        self._address = address
        self._windows: dict[int | None, Window] = {}
        self._passing: list[Window] = []

    def of(self, person: User | None) -> Window:
        """The window of a person; None: a stranger's."""
        key = person.pk if person else None
        if key not in self._windows:
            self._windows[key] = Window(self._browser, self._address)
            if person:
                self._windows[key].come_in(person.email)
        return self._windows[key]

    def new(
        self,
        *,
        javascript: bool = True,
        width: int = 1280,
        storage_state: StorageState | None = None,
    ) -> Window:
        """A window that nobody has signed in, closed at the end of the test.

        With the state of another, it is that browser started again.
        """
        window = Window(
            self._browser, self._address,
            javascript=javascript, width=width, storage_state=storage_state,
        )  # fmt: skip
        self._passing.append(window)
        return window

    def faults(self) -> list[str]:
        """Those of all windows."""
        windows = [*self._windows.values(), *self._passing]
        return [fault for window in windows for fault in window.faults()]

    def tidy(self) -> None:
        """Close pages, and windows made for one test."""
        for window in self._windows.values():
            window.tidy()
        for window in self._passing:
            window.context.close()
        self._passing.clear()


def switch(page: Page, scheme: Scheme) -> None:
    """The system's colours from now on, not half-way."""
    page.emulate_media(color_scheme=scheme)
    page.evaluate(_SETTLE)


def violations(page: Page, scheme: Scheme) -> list[str]:
    """What axe finds on a page in a colour scheme, one line per rule and first places.

    Axe writes styles of its own, which the policy refuses: read `faults` before.
    """
    switch(page, scheme)
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(AXE_SCRIPT)
    answer = page.evaluate("(options) => axe.run(document, options)", _AXE_OPTIONS)
    return [
        f"{scheme} {found['id']} ×{len(found['nodes'])}: "
        + " | ".join(str(node["html"])[:160] for node in found["nodes"][:3])
        for found in answer["violations"]
    ]


def overflow(page: Page) -> int:
    """How many pixels the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))
