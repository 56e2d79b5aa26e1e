"""Takes the README's pictures from a running demo, so that they stay true.

    python tools/screenshots.py [http://127.0.0.1:8000]

One picture per kind of user, 1280 pixels wide, light colours, written to docs/images/.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
SYSTEM = Path("/usr/bin/chromium")
WIDTH = 1280
PASSWORD = "demo-portail"  # noqa: S105  (shown to everybody, demo only)
# README pages load over slow links too.
MAX_BYTES = 200_000


@dataclass(frozen=True)
class Picture:
    """Who looks at what. `go` starts on the home page, signed in."""

    name: str
    email: str
    height: int
    go: Callable[[Page], None]


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


def the_dashboard(page: Page) -> None:
    """What was kept this month, and twelve weeks of it."""
    page.goto("/pilotage/")
    top = page.locator("section").filter(has=page.locator("#mois"))
    top.evaluate("(section) => window.scrollTo(0, section.getBoundingClientRect().top - 16)")


PICTURES = [
    Picture("client", "client@demo.example", 900, an_incident),
    Picture("ingenieur", "ingenieur@demo.example", 800, the_queue),
    Picture("responsable", "responsable@demo.example", 880, the_dashboard),
]


def take(browser: Browser, site: str, picture: Picture) -> int:
    """Write one picture; gives its size in bytes."""
    context = browser.new_context(
        base_url=site,
        viewport={"width": WIDTH, "height": picture.height},
        locale="fr-FR",
        timezone_id="Europe/Paris",
        color_scheme="light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto("/connexion/")
    page.get_by_label("Adresse e-mail").fill(picture.email)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    page.wait_for_url(re.compile(r"^(?!.*/connexion/)"))
    picture.go(page)
    page.wait_for_load_state("load")
    path = IMAGES / f"{picture.name}.png"
    page.screenshot(path=path, animations="disabled")
    context.close()
    return path.stat().st_size


def main() -> int:
    """Take them all; 1 when one is too heavy for a README."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("site", nargs="?", default="http://127.0.0.1:8000")
    site = parser.parse_args().site.rstrip("/")
    IMAGES.mkdir(parents=True, exist_ok=True)
    heavy = False
    with sync_playwright() as playwright:
        # The browser's own words, on file fields, follow its language.
        french: dict[str, str | float | bool] = {
            **os.environ,
            "LANGUAGE": "fr",
            "LANG": "fr_FR.UTF-8",
        }
        program = SYSTEM if SYSTEM.exists() else None
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu", "--lang=fr"], env=french
        )
        for picture in PICTURES:
            size = take(browser, site, picture)
            heavy = heavy or size > MAX_BYTES
            print(f"docs/images/{picture.name}.png  {size // 1000} kB")
        browser.close()
    return int(heavy)


if __name__ == "__main__":
    sys.exit(main())
