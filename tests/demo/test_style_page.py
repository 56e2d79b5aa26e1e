"""`/demo/style/`: every component in every state, under the demo's addresses only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client, override_settings
from django.urls import NoReverseMatch, reverse
from pytest_django import DjangoDbBlocker

from foundation.templatetags import clockface, icons
from foundation.templatetags import drawn as kept
from portal.demo.style.views import SHEETS
from sla.enums import Severity
from tickets.enums import Status, Turn
from tickets.templatetags import badges, incident, lines

ROOT = Path(__file__).resolve().parents[2]
# What a component says, without its drawing: no component.
WORDS_ALONE = {"clock_face", "incident_url"}
# The same drawing as another tag, for one step or for a place that htmx fills.
SAME = {"thread_step", "step_files"}
# A part of a customer's page is a component too. What stands on no page as such is none: answers of
# the server that htmx takes apart, what is never seen, and what the printed file is made of.
PAGES = ("components", "files", "portal", "tickets")
NO_COMPONENTS = {
    "tickets/_deadlines.html", "tickets/_earlier.html", "tickets/_since.html",
    "tickets/_print_promise.html",
}  # fmt: skip
PARTS = (
    path for page in PAGES for path in sorted((ROOT / "templates" / page).glob("*.html"))
    if page == "components" or path.name.startswith("_")
)  # fmt: skip
COMPONENTS = [
    name for path in PARTS
    if (name := path.relative_to(ROOT / "templates").as_posix()) not in NO_COMPONENTS
]  # fmt: skip

pytestmark = pytest.mark.django_db


def of_the_demo(mailbox: Path) -> override_settings:
    """The demo's pages; no mail has left."""
    return override_settings(
        INSTALLED_APPS=["portal.demo", *settings.INSTALLED_APPS],
        ROOT_URLCONF="portal.demo.urls",
        PORTAL_MAILBOX_DIR=str(mailbox),
    )


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Client]:
    with of_the_demo(tmp_path):
        yield Client()


@pytest.fixture(scope="module")
def drawn(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[str, set[str | None]]:
    """The page and the names of the templates in it, drawn once: it is long.

    Parts that earlier tests left drawn would not be drawn again.
    """
    kept.forget()
    with (
        of_the_demo(tmp_path_factory.mktemp("mailbox")),
        django_db_blocker.unblock(),
        transaction.atomic(),
    ):
        answer = Client().get("/demo/style/")
        transaction.set_rollback(True)
    return answer.content.decode(), {template.name for template in answer.templates}


@pytest.fixture
def page(drawn: tuple[str, set[str | None]]) -> str:
    return drawn[0]


def test_everybody_reads_it(demo: Client) -> None:
    assert demo.get("/demo/style/").status_code == 200


def test_it_sets_no_cookie_and_takes_no_post(demo: Client) -> None:
    read, sent = demo.get("/demo/style/"), demo.post("/demo/style/")
    assert (dict(read.cookies), sent.status_code) == ({}, 405)


def test_the_portal_itself_has_no_such_page(client: Client) -> None:
    with pytest.raises(NoReverseMatch):
        reverse("demo:style")
    assert client.get("/demo/style/").status_code == 404


@pytest.mark.parametrize("component", COMPONENTS)
def test_it_draws_every_component(component: str, drawn: tuple[str, set[str | None]]) -> None:
    """A new component is shown here, or this fails."""
    assert component in drawn[1]


def test_what_is_no_component_is_a_template() -> None:
    assert [name for name in NO_COMPONENTS if not (ROOT / "templates" / name).exists()] == []


@pytest.mark.parametrize(
    "tag",
    [
        *badges.register.filters,
        *clockface.register.tags,
        *icons.register.tags,
        *incident.register.tags,
        *lines.register.tags,
    ],
)
def test_it_draws_every_component_that_is_a_tag(tag: str) -> None:
    """A list draws a hundred of these: they are functions instead of templates."""
    sources = (ROOT / "templates/demo/style").glob("*.html")
    words = "".join(path.read_text(encoding="utf-8") for path in sources)
    assert tag in WORDS_ALONE | SAME or re.search(rf"({{% |\|){tag}\b", words)


def _badges() -> Iterator[tuple[str, str]]:
    yield from ((f"badge-status status-{one.value}", str(one.label)) for one in Status)
    yield from ((f"severity severity-{one.value}", str(one.label)) for one in Severity)
    yield from ((f"turn turn-{one.value}", str(one.label)) for one in Turn)


@pytest.mark.parametrize(("css", "label"), list(_badges()))
def test_every_badge_says_its_word(css: str, label: str, page: str) -> None:
    assert re.search(rf'class="{css}">(?:<svg.*?</svg>)?{label}<', page, re.DOTALL)


@pytest.mark.parametrize(
    "state",
    ["en cours", "bientôt", "échéance passée", "suspendu", "tenu", "dépassé", "sans objet"],
)
def test_every_state_of_a_clock_is_there(state: str, page: str) -> None:
    assert re.search(rf'class="clock-state"><svg.*?</svg>{state}<', page, re.DOTALL)


def test_every_entry_of_the_contents_leads_to_a_section(page: str) -> None:
    contents = page.partition("style-contents")[2].partition("</ol>")[0]
    wanted = re.findall(r'href="#([\w-]+)"', contents)
    found = re.findall(r'<section class="style-section" aria-labelledby="([\w-]+)"', page)
    assert (wanted, len(wanted) > 10) == (found, True)


def test_no_id_is_given_twice(page: str) -> None:
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert sorted(ids) == sorted(set(ids))


def test_links_inside_the_page_lead_somewhere(page: str) -> None:
    ids = set(re.findall(r'\sid="([^"]+)"', page))
    assert {link for link in re.findall(r'href="#([^"]+)"', page) if link not in ids} == set()


@pytest.mark.parametrize(("theme", "scheme"), [("sombre", "dark"), ("clair", "light")])
def test_a_theme_is_chosen_by_a_link(theme: str, scheme: str, demo: Client) -> None:
    page = demo.get("/demo/style/", {"theme": theme}).content.decode()
    sheets = re.findall(r'href="(/demo/style/[^"]+\.css)"', page)
    read = {sheet: demo.get(sheet).content.decode() for sheet in sheets}
    assert len(sheets) == len(SHEETS)
    assert "prefers-color-scheme" not in "".join(read.values())
    assert f"color-scheme: {scheme};" in read[f"/demo/style/{theme}/portal.css"]


def test_an_unknown_theme_is_the_system_s(demo: Client) -> None:
    page = demo.get("/demo/style/", {"theme": "../../etc"}).content.decode()
    assert '<a href="/demo/style/" aria-current="page">' in page


@pytest.mark.parametrize("path", ["rose/portal.css", "sombre/mail.css", "sombre/absent.css"])
def test_no_other_sheet_is_served(path: str, demo: Client) -> None:
    assert demo.get(f"/demo/style/{path}").status_code == 404
