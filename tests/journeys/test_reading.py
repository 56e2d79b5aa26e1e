"""§2.7: the licence park, the blog written in the admin, its feed, the charter."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from playwright.sync_api import Page, expect

from tests.factories.cast import Cast
from tests.journeys.browsing import Windows
from tests.journeys.scene import Scene


def test_the_park_shows_licences_contract_and_deadlines(alice: Page, width: int) -> None:
    alice.goto("/licences/")

    row = alice.get_by_role("row").filter(has_text="Revit")
    expect(row).to_contain_text("110-")
    expect(row.locator(".tag")).to_have_text(re.compile("active|expire"))
    terms = alice.locator(".terms")
    expect(terms).to_contain_text("CS-JOURNEYS")
    expect(terms.get_by_role("row").filter(has_text="Bloquant")).to_contain_text("30 min")
    row.get_by_role("link").first.click()
    expect(alice.get_by_role("heading", level=1)).to_contain_text("Revit")


def test_an_article_is_written_in_the_admin_then_read_by_everybody(
    windows: Windows, cast: Cast, width: int
) -> None:
    title = f"Purger une maquette ({width})"
    desk = windows.of(cast.ines).open("/admin/blog/article/add/", width=width)
    desk.get_by_label("Titre").fill(title)
    desk.get_by_label("Chapeau").fill("Trois gestes avant d’archiver.")
    desk.get_by_label("Texte").fill(
        "Ouvrez **Gérer**.\n\n<script>alert(1)</script>\n\n1. Purger\n2. Auditer"
    )
    desk.get_by_role("button", name="Enregistrer et publier").click()
    expect(desk.locator(".messagelist, .messages")).to_contain_text(title)

    page = windows.new(width=width).open("/blog/", width=width)
    page.get_by_role("link", name=title).click()
    expect(page.locator(".prose strong")).to_have_text("Gérer")
    expect(page.locator(".prose li")).to_have_count(2)
    expect(page.locator(".prose script")).to_have_count(0)
    feed = page.request.get("/blog/rss/")
    items = ET.fromstring(feed.text()).findall("./channel/item/title")  # noqa: S314  (ours)
    assert title in [item.text for item in items]


def test_the_charter_shows_hours_and_targets_in_force(windows: Windows, width: int) -> None:
    page = windows.of(None).open("/charte/", width=width)

    blocking = page.get_by_role("row").filter(has_text="Bloquant").first
    expect(blocking).to_contain_text("30 min")
    expect(blocking).to_contain_text("4 h")
    expect(page.locator("main")).to_contain_text(re.compile(r"9\sh.*18\sh", re.DOTALL))


def test_search_finds_ones_own_incidents_and_no_others(
    alice: Page, windows: Windows, scene: Scene, width: int
) -> None:
    reference = scene.forgotten.reference
    charlie = windows.of(scene.cast.charlie).open("/recherche/?q=occupe", width=width)
    expect(charlie.locator("main")).to_contain_text(reference)

    alice.goto("/recherche/?q=occupe")
    expect(alice.get_by_role("heading", level=1)).to_be_visible()
    expect(alice.locator("main")).not_to_contain_text(reference)
