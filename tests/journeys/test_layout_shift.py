"""Nothing moves under the eyes of who reads: layout shift, as Chromium itself measures it."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from sla.enums import Severity
from tests.factories.tickets import make_ticket
from tests.journeys.browsing import Windows
from tests.journeys.scene import Scene

# Sum of the shifts of a page's life: a tenth of what Web Vitals call good.
MOST = 0.01
SETTLE_MS = 400
_WATCH = """
  window.shifted = 0;
  new PerformanceObserver((list) => {
    for (const shift of list.getEntries()) window.shifted += shift.value;
  }).observe({type: "layout-shift", buffered: true});
"""


@pytest.fixture(scope="module")
def paths(scene: Scene) -> list[str]:
    """Home, list, an incident with its clocks, the form."""
    ticket = make_ticket(
        requester=scene.cast.alice,
        product=scene.revit,
        severity=Severity.BLOCKING,
        title="Rien ne doit bouger ici",
        at=timezone.now(),
    )
    return ["/", "/incidents/", ticket.get_absolute_url(), "/incidents/declarer/"]


@pytest.fixture
def watched(windows: Windows, scene: Scene, width: int) -> Page:
    """A customer's page at this width that adds up its shifts."""
    page = windows.of(scene.cast.alice).context.new_page()
    page.set_viewport_size({"width": width, "height": 900})
    page.add_init_script(_WATCH)
    return page


def shifted(page: Page) -> float:
    """What has moved so far, once scripts have run, the bottom of the page included."""
    page.wait_for_load_state("load")
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    page.wait_for_timeout(SETTLE_MS)
    return float(page.evaluate("window.shifted"))


def test_nothing_moves_while_a_page_of_customers_settles(watched: Page, paths: list[str]) -> None:
    moved = {}
    for path in paths:
        answer = watched.goto(path)
        assert answer is not None
        assert answer.ok
        moved[path] = shifted(watched)
    assert {path: shift for path, shift in moved.items() if shift >= MOST} == {}


def test_a_banner_that_came_late_would_be_seen(watched: Page) -> None:
    watched.goto("/")
    watched.wait_for_timeout(SETTLE_MS)
    watched.evaluate(
        """document.body.prepend(Object.assign(document.createElement("p"), {
          textContent: "Trop tard", className: "panel panel-body page"}))"""
    )
    watched.wait_for_timeout(SETTLE_MS)
    assert float(watched.evaluate("window.shifted")) >= MOST
