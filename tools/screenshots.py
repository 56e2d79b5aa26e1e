"""Takes the README's pictures and those of the review from a running demo, so that they stay true.

    python tools/screenshots.py [http://127.0.0.1:8000] [--only client,liste-768-sombre]

The README has one picture per kind of user, 1280 pixels wide, light colours. The review has the
customers' pages on a phone, on a tablet in dark colours and at a wide desk, as WebP: a phone's
picture shows the page to its end, up to two screens. It has the engineers' queue on two screens, in
both colours, a line chosen by the keyboard. All are written to docs/images/.
"""

from __future__ import annotations

import argparse
import base64
import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, Playwright, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
SYSTEM = Path("/usr/bin/chromium")
WIDTH = 1280
PASSWORD = "demo-portail"  # noqa: S105  (shown to everybody, demo only)
# README pages load over slow links too; and the repository is cloned whole.
MAX_BYTES = 200_000
MAX_BYTES_IN_ALL = 1_800_000
PHONE, TABLET, DESK = 360, 768, 1440
PHONE_SCREEN = 780
WEBP_QUALITY = 0.6


@dataclass(frozen=True)
class Picture:
    """Who looks at what. `go` starts on the home page, signed in; no e-mail: nobody signs in."""

    name: str
    email: str
    height: int
    go: Callable[[Page], None]
    width: int = WIDTH
    scheme: Literal["light", "dark"] = "light"
    # PNG for what the README shows, WebP for the rest.
    kind: Literal["png", "webp"] = "png"


def an_incident(page: Page) -> None:
    """The first of the customer's incidents on which both sides wrote; else the last one seen."""
    page.goto("/incidents/")
    addresses = [link.get_attribute("href") for link in page.locator(".incident-title").all()]
    for address in filter(None, addresses):
        page.goto(address)
        if page.locator(".entry").count() > 1 and page.locator(".entry-ours").count():
            break


def the_queue(page: Page) -> None:
    """Open incidents by next deadline."""
    page.goto("/admin/")


def the_queue_by_keyboard(page: Page) -> None:
    """The second line has the focus, and is selected."""
    page.goto("/admin/")
    page.locator("[data-queue=bar]").wait_for()
    for key in "jjx":
        page.keyboard.press(key)


def the_dashboard(page: Page) -> None:
    """What was kept this month, and twelve weeks of it."""
    page.goto("/pilotage/")
    top = page.locator("section").filter(has=page.locator("#mois"))
    top.evaluate("(section) => window.scrollTo(0, section.getBoundingClientRect().top - 16)")


def at(path: str) -> Callable[[Page], None]:
    """That page."""

    def go(page: Page) -> None:
        page.goto(path)

    return go


def a_refused_declaration(page: Page) -> None:
    """The form sent empty: what is missing comes first."""
    page.goto("/incidents/declarer/")
    page.get_by_role("button", name="Envoyer l’incident").click()
    page.locator("[data-errors]").wait_for()


def an_incident_that_waits_for_me(page: Page) -> None:
    """The first one whose turn is the customer's."""
    page.goto("/incidents/?tour=yours")
    page.goto(page.locator(".incident-title").first.get_attribute("href") or "/incidents/")


README = [
    Picture("client", "client@demo.example", 900, an_incident),
    Picture("ingenieur", "ingenieur@demo.example", 760, the_queue),
    Picture("responsable", "responsable@demo.example", 880, the_dashboard),
]
_CLIENT, _MANAGER = "client@demo.example", "referent@demo.example"
_REVIEWED: list[tuple[str, str, Callable[[Page], None]]] = [
    ("accueil-public", "", at("/")),
    ("accueil", _MANAGER, at("/")),
    ("liste", _MANAGER, at("/incidents/")),
    ("declarer", _CLIENT, at("/incidents/declarer/")),
    ("declarer-a-corriger", _CLIENT, a_refused_declaration),
    ("incident", _MANAGER, an_incident_that_waits_for_me),
]
_LOOKS: list[tuple[int, int, Literal["light", "dark"], str]] = [
    (PHONE, PHONE_SCREEN, "light", "360"),
    (TABLET, 900, "dark", "768-sombre"),
    (DESK, 900, "light", "1440"),
]
_SCREENS: list[tuple[int, Literal["light", "dark"], str]] = [
    (1280, "light", "1280"),
    (1280, "dark", "1280-sombre"),
    (1920, "light", "1920"),
    (1920, "dark", "1920-sombre"),
]
REVIEW = [
    *(
        Picture(f"{name}-{suffix}", email, height, go, width, scheme, "webp")
        for name, email, go in _REVIEWED
        for width, height, scheme, suffix in _LOOKS
    ),
    *(
        Picture(
            f"file-{suffix}",
            "ingenieur@demo.example",
            900,
            the_queue_by_keyboard,
            width,
            scheme,
            "webp",
        )
        for width, scheme, suffix in _SCREENS
    ),
]


def take(browser: Browser, site: str, picture: Picture) -> Path:
    """Write one picture."""
    context = browser.new_context(
        base_url=site,
        viewport={"width": picture.width, "height": picture.height},
        locale="fr-FR",
        timezone_id="Europe/Paris",
        color_scheme=picture.scheme,
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto("/")
    if picture.email:
        _sign_in(page, picture.email)
    picture.go(page)
    page.wait_for_load_state("load")
    if picture.width == PHONE:
        _stretch(page)
    path = IMAGES / f"{picture.name}.{picture.kind}"
    if picture.kind == "png":
        page.screenshot(path=path, animations="disabled")
    else:
        path.write_bytes(_as_webp(browser, page.screenshot(animations="disabled")))
    context.close()
    return path


def _sign_in(page: Page, email: str) -> None:
    page.goto("/connexion/")
    page.get_by_label("Adresse e-mail").fill(email)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    page.wait_for_url(re.compile(r"^(?!.*/connexion/)"))


def _stretch(page: Page) -> None:
    """A phone as long as its page, two screens at most."""
    whole = int(page.evaluate("document.documentElement.scrollHeight"))
    height = min(max(whole, PHONE_SCREEN), 2 * PHONE_SCREEN)
    page.set_viewport_size({"width": PHONE, "height": height})
    page.evaluate("window.scrollTo(0, 0)")


def _as_webp(browser: Browser, png: bytes) -> bytes:
    """Chromium has the encoder: no other program or package is needed."""
    page = browser.new_page()
    data: str = page.evaluate(
        """async ([png, quality]) => {
          const image = new Image();
          image.src = `data:image/png;base64,${png}`;
          await image.decode();
          const canvas = document.createElement("canvas");
          canvas.width = image.naturalWidth;
          canvas.height = image.naturalHeight;
          canvas.getContext("2d").drawImage(image, 0, 0);
          return canvas.toDataURL("image/webp", quality);
        }""",
        [base64.b64encode(png).decode(), WEBP_QUALITY],
    )
    page.close()
    return base64.b64decode(data.partition(",")[2])


def main() -> int:
    """Take them; 1 when one is too heavy for a page, or all of them for the repository."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("site", nargs="?", default="http://127.0.0.1:8000")
    parser.add_argument("--only", default="", help="names, separated by commas")
    asked = parser.parse_args()
    wanted = set(filter(None, asked.only.split(",")))
    pictures = [one for one in (*README, *REVIEW) if not wanted or one.name in wanted]
    IMAGES.mkdir(parents=True, exist_ok=True)
    heavy = False
    with sync_playwright() as playwright:
        browser = _chromium(playwright)
        for picture in pictures:
            path = take(browser, asked.site.rstrip("/"), picture)
            heavy = heavy or path.stat().st_size > MAX_BYTES
            print(f"docs/images/{path.name}  {path.stat().st_size // 1000} kB")
        browser.close()
    in_all = sum(path.stat().st_size for path in IMAGES.iterdir())
    print(f"docs/images/  {in_all // 1000} kB in all")
    return int(heavy or in_all > MAX_BYTES_IN_ALL)


def _chromium(playwright: Playwright) -> Browser:
    # The browser's own words, on file fields, follow its language.
    french: dict[str, str | float | bool] = {
        **os.environ,
        "LANGUAGE": "fr",
        "LANG": "fr_FR.UTF-8",
    }
    program = SYSTEM if SYSTEM.exists() else None
    return playwright.chromium.launch(
        executable_path=program, args=["--no-sandbox", "--disable-gpu", "--lang=fr"], env=french
    )


if __name__ == "__main__":
    sys.exit(main())
