"""A part of a page that is asked for after the session has ended: said, and nothing is lost."""

from __future__ import annotations

import re

from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from tests.factories.cast import Cast
from tests.journeys.browsing import Window, Windows, on_a_phone

TITLE = "Le problème en une phrase"


def of_bob(windows: Windows, cast: Cast, path: str, width: int) -> tuple[Window, Page]:
    """A page of Bob's, whose session has ended since."""
    window = windows.new(width=width)
    window.come_in(cast.bob.email)
    page = window.open(path, width=width)
    key = next(c["value"] for c in window.context.cookies() if "session" in (c.get("name") or ""))
    Session.objects.filter(session_key=key).delete()
    return window, page


@on_a_phone
def test_g5_suggestions_and_deadlines_tell_that_the_session_has_ended(
    windows: Windows, cast: Cast, width: int
) -> None:
    window, page = of_bob(windows, cast, "/incidents/declarer/", width)
    notice = page.locator("[data-live=ended]")
    expect(notice).to_be_hidden()
    with page.expect_response(re.compile("/suggestions/")) as answer:
        page.get_by_label(TITLE).press_sequentially("Session finie")
    assert answer.value.status == 401
    expect(notice).to_contain_text("Votre session a expiré.")
    expect(page.get_by_label(TITLE)).to_have_value("Session finie")

    # Signed in again beside it: the deadlines come back, the notice goes.
    window.come_in(cast.bob.email)
    page.bring_to_front()
    with page.expect_response(re.compile("/echeances/")) as deadlines:
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert deadlines.value.status == 200
    expect(notice).to_be_hidden()
    expect(page.get_by_label(TITLE)).to_have_value("Session finie")
    windows.faults()


@on_a_phone
def test_g5_files_and_parts_say_it_once(windows: Windows, cast: Cast, width: int) -> None:
    _window, page = of_bob(windows, cast, "/incidents/declarer/", width)
    ended = page.get_by_text(re.compile(r"Votre session a (expiré|pris fin)")).filter(visible=True)
    with page.expect_response(re.compile("/suggestions/")):
        page.get_by_label(TITLE).press_sequentially("Session finie")
    expect(ended).to_have_count(1)
    page.locator("input[type=file]").set_input_files(
        {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"une ligne"}
    )
    files = page.locator("[data-part=signed-out]")
    expect(files).to_be_visible()
    expect(files).to_contain_text("Votre texte reste ici.")
    expect(page.locator("[data-live=ended]")).to_be_hidden()
    page.get_by_role("button", name="Envoyer l’incident").click()
    expect(page.locator("[data-session-ended]")).to_be_visible()
    expect(files).to_be_hidden()
    expect(page.locator("[data-live=ended]")).to_be_hidden()
    windows.faults()


@on_a_phone
def test_g5_more_filters_lead_to_the_sign_in_and_back(
    windows: Windows, cast: Cast, width: int
) -> None:
    _window, page = of_bob(windows, cast, "/incidents/", width)
    page.get_by_role("link", name="Plus de filtres").click()
    expect(page).to_have_url(re.compile(r"/connexion/\?next=/incidents/"))
    windows.faults()
