"""R3: each page says where one is; the style page in each of its themes can be used by all."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from tests.journeys.browsing import Scheme, Windows, overflow, switch, violations
from tests.journeys.measuring import colours, moving, too_small
from tests.journeys.pages import KINDS
from tests.journeys.scene import Scene

SCHEMES: tuple[Scheme, ...] = ("light", "dark")
# The tabs that choose a theme: another one is the current one.
CHOICE = "[aria-label='Couleurs de la planche']"
_TITLE = re.compile(r"<title>\s*(.*?)\s*</title>", re.DOTALL)


def test_r3_the_measure_of_motion_sees_what_moves(windows: Windows) -> None:
    page = windows.of(None).open("/")
    page.emulate_media(reduced_motion="no-preference")
    assert moving(page) != []


def test_r3_each_page_has_a_title_of_its_own(
    windows: Windows, scene: Scene, places: dict[str, str]
) -> None:
    """Two addresses never have the same title; one address may be read by several people."""
    titles: dict[str, set[str]] = {}
    for kind in KINDS:
        path = kind.path.format(**places)
        answer = windows.of(kind.whose(scene)).context.request.get(path)
        found = _TITLE.search(answer.text())
        # Of whatever is missing there is one page; whoever must sign in reads that page.
        where = "" if answer.status == 404 else urlsplit(answer.url).path
        titles.setdefault(found[1] if found else "", set()).add(where)
    assert {title: paths for title, paths in titles.items() if len(paths) > 1} == {}
    assert [title for title in titles if not re.fullmatch(r".{3,} [·|] .{3,}", title)] == []


def fits(page: Page, windows: Windows) -> None:
    """Nothing too wide, too small to be touched or refused by the policy."""
    assert overflow(page) <= 0
    assert (too_small(page), windows.faults()) == ([], [])


def test_k_the_style_page(width: int, windows: Windows) -> None:
    page = windows.of(None).open("/demo/style/", width=width)
    fits(page, windows)
    for scheme in SCHEMES:
        assert violations(page, scheme) == []
    # Axe's own styles, refused by the policy, are no fault of the page.
    windows.faults()


@pytest.mark.parametrize(("theme", "scheme"), [("sombre", "dark"), ("clair", "light")])
def test_k_a_theme_of_the_style_page_has_the_colours_of_its_scheme(
    theme: str, scheme: Scheme, width: int, windows: Windows
) -> None:
    """Whatever the system says: what axe finds of the scheme is then true of the theme."""
    page = windows.of(None).open("/demo/style/", width=width)
    fits(page, windows)
    switch(page, scheme)
    expected = colours(page, aside=CHOICE)
    page.goto(f"/demo/style/?theme={theme}")
    fits(page, windows)
    for system in SCHEMES:
        switch(page, system)
        found = colours(page, aside=CHOICE)
        assert {one for one in found | expected if found.get(one) != expected.get(one)} == set()


@pytest.mark.parametrize(
    ("theme", "scheme", "ground"),
    [
        ("sombre", "light", "rgb(17, 22, 27)"),
        ("clair", "dark", "rgb(244, 246, 247)"),
        ("", "dark", "rgb(17, 22, 27)"),
        ("", "light", "rgb(244, 246, 247)"),
    ],
)
def test_k_the_theme_of_the_style_page_wins_over_the_system(
    theme: str, scheme: str, ground: str, windows: Windows
) -> None:
    page = windows.of(None).open(f"/demo/style/?theme={theme}")
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == ground
