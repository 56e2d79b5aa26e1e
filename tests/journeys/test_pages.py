"""Every kind of page, on a phone in the dark and at a desk in the light: axe, width, policy."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.browsing import Windows, overflow, violations
from tests.journeys.measuring import at_hand
from tests.journeys.pages import ALICE, KINDS, REJANE, STRANGER, Kind
from tests.journeys.scene import Scene
from tests.journeys.test_declare import fill_declaration

# Customers' and public pages: the admin's stock lists and forms are the desk's own affair.
THEIRS = STRANGER.keys() | ALICE.keys() | REJANE.keys()


def inspect(windows: Windows, page: Page) -> None:
    """Nothing wrong at 360 in the dark and at 1280 in the light."""
    page.set_viewport_size({"width": 360, "height": 800})
    found = windows.faults()
    wide = overflow(page)
    found += [f"{wide} px too wide at 360"] if wide > 0 else []
    found += violations(page, "dark")
    page.set_viewport_size({"width": 1280, "height": 900})
    found += violations(page, "light")
    # Axe's own styles, refused by the policy, are no fault of the page.
    windows.faults()
    assert found == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_k_r3_every_page(
    kind: Kind, windows: Windows, scene: Scene, places: dict[str, str]
) -> None:
    """One visit for all that is looked at: opening a page is what costs."""
    page = windows.of(kind.whose(scene)).open(kind.path.format(**places), width=360)
    inspect(windows, page)
    if kind.name in THEIRS:
        page.set_viewport_size({"width": 360, "height": 900})
        assert at_hand(page) == {}


def test_k_a_declaration_refused(windows: Windows, scene: Scene) -> None:
    page = windows.of(scene.cast.alice).open("/incidents/declarer/")
    page.get_by_role("button", name="Envoyer l’incident").click()
    expect(page.locator("[data-errors]")).to_be_focused()
    inspect(windows, page)


def test_k_an_incident_just_declared(windows: Windows, scene: Scene) -> None:
    page = windows.of(scene.cast.bob).open("/incidents/declarer/")
    fill_declaration(page, "Juste déclaré")
    page.get_by_role("button", name="Envoyer l’incident").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Juste déclaré")
    inspect(windows, page)


def test_k_the_account_menu_open(windows: Windows, scene: Scene) -> None:
    page = windows.of(scene.cast.alice).open("/")
    page.locator(".menu summary").click()
    inspect(windows, page)


@pytest.mark.parametrize("pane", ["log-call", "wait-customer", "resolve"])
def test_k_the_composer_open(
    pane: str, windows: Windows, scene: Scene, places: dict[str, str]
) -> None:
    page = windows.of(scene.cast.ines).open("/admin{in_progress}".format(**places))
    page.locator(f"#actes details[hx-get*='/{pane}/'] summary").click()
    expect(page.locator(f"form.write-{pane}")).to_be_visible()
    inspect(windows, page)
