"""What the journeys with files share: content, and a gate on the way to the server."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Literal

from playwright.sync_api import Error, FilePayload, Locator, Page, Route

from tests.journeys.browsing import MILLISECONDS, Windows

MIB = 1024 * 1024
# What the browser says of requests that a test cut, or that Chromium was offline for.
_CUT = re.compile(r"net::ERR_(FAILED|INTERNET_DISCONNECTED|CONNECTION_FAILED|ABORTED)")


def model(folder: Path, name: str = "maquette.rvt", *, mebibytes: int = 3) -> Path:
    """A file that passes for a large model: it leaves in several pieces of a mebibyte or more."""
    path = folder / name
    path.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + os.urandom(mebibytes * MIB - 8))
    return path


def payload(name: str, content: bytes, kind: str = "application/octet-stream") -> FilePayload:
    """A small file, made in memory."""
    return {"name": name, "mimeType": kind, "buffer": content}


def choose(page: Page, *files: Path | FilePayload) -> None:
    """Through the field of the page's first form that takes files."""
    page.locator("[data-uploads] input[type=file]").first.set_input_files(list(files))  # type: ignore[arg-type]


def line(page: Page, name: str) -> Locator:
    """The line of a file in the list."""
    return page.locator(".upload").filter(has=page.locator(".file-name", has_text=name))


def says(page: Page, name: str) -> Locator:
    """What the line of a file says of it."""
    return line(page, name).locator("[data-part=says]")


def forget_cuts(windows: Windows) -> None:
    """Requests that the test itself cut are no fault of the pages; anything else is."""
    assert [fault for fault in windows.faults() if not _CUT.search(fault)] == []


class Gate:
    """Stands before the server: some pieces go through, the next are held until told.

    `offsets` are those of the pieces that left the page, in order, whatever became of them.
    """

    def __init__(self, page: Page, *, passes: int = 1) -> None:
        self.offsets: list[int] = []
        self._page = page
        self._passes = passes
        self._held: list[Route] = []
        self._then: Literal["hold", "cut", "pass"] = "hold"
        page.route("**/fichiers/envois/*/", self._judge)

    def wait(self, pieces: int = 2) -> None:
        """Until so many pieces have left the page."""
        deadline = time.monotonic() + MILLISECONDS / 1000
        while len(self.offsets) < pieces:
            assert time.monotonic() < deadline, f"only {self.offsets}"
            self._page.wait_for_timeout(50)

    def open(self) -> None:
        """Let everything through, what is held included."""
        self._then = "pass"
        self._end(lambda route: route.continue_())

    def cut(self) -> None:
        """The connection is lost, for what is held and for what comes."""
        self._then = "cut"
        self._end(lambda route: route.abort("connectionfailed"))

    def _judge(self, route: Route) -> None:
        is_piece = route.request.method == "PATCH"
        if is_piece:
            self.offsets.append(int(route.request.headers["upload-offset"]))
        if self._then == "cut":
            route.abort("connectionfailed")
        elif self._then == "pass" or not is_piece or len(self.offsets) <= self._passes:
            route.continue_()
        else:
            self._held.append(route)

    def _end(self, how: Callable[[Route], None]) -> None:
        held, self._held = self._held, []
        for route in held:
            # The page may have given it up meanwhile.
            with suppress(Error):
                how(route)
