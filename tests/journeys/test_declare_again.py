"""A declaration sent from a page that « back » brought again, or after its session had ended."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.factories.accounts import PASSWORD
from tests.factories.cast import Cast
from tests.factories.files import PDF
from tests.journeys.browsing import Windows, on_a_phone
from tests.journeys.test_declare import fill_declaration
from tickets.models import Attachment, Ticket


def test_back_then_send_makes_one_incident(windows: Windows, cast: Cast, width: int) -> None:
    page = windows.of(cast.bob).open("/incidents/declarer/", width=width)
    title = f"Retour puis envoi {width}"
    fill_declaration(page, title)
    page.get_by_role("button", name="Envoyer l’incident").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    page.go_back()
    expect(page.locator("main")).to_contain_text("Vous avez déjà envoyé ce formulaire")
    fill_declaration(page, title)
    page.get_by_role("button", name="Envoyer l’incident").click()
    expect(page.locator("main")).to_contain_text("Vous venez de déclarer cet incident")
    assert Ticket.objects.filter(title=title).count() == 1


@on_a_phone
def test_back_then_send_without_javascript_too(windows: Windows, cast: Cast, width: int) -> None:
    window = windows.new(javascript=False, width=width)
    window.come_in(cast.bob.email)
    page = window.open("/incidents/declarer/", width=width)
    title = f"Retour sans JavaScript {width}"
    fill_declaration(page, title)
    page.get_by_role("button", name="Envoyer l’incident").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    page.go_back()
    fill_declaration(page, title)
    page.get_by_role("button", name="Envoyer l’incident").click()
    expect(page.locator("main")).to_contain_text("Vous venez de déclarer cet incident")
    assert Ticket.objects.filter(title=title).count() == 1


@on_a_phone
def test_files_chosen_in_a_session_that_ended_are_sent_after_signing_in_again(
    windows: Windows, cast: Cast, width: int
) -> None:
    window = windows.new(width=width)
    window.come_in(cast.bob.email)
    page = window.open("/incidents/declarer/", width=width)
    title = f"Session finie {width}"
    fill_declaration(page, title)
    page.locator("input[type=file]").set_input_files(
        {"name": "plan.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    window.context.clear_cookies(name=re.compile("session"))
    page.get_by_role("button", name="Envoyer l’incident").click()
    expect(page.get_by_text("Votre session a pris fin, rien n’est encore envoyé.")).to_be_visible()
    with window.context.expect_page() as opened:
        # The parts that refresh by themselves may have said so as well.
        notice = page.locator("[data-session-ended]")
        notice.get_by_role("link", name="reconnectez-vous dans un autre onglet").click()
    beside = opened.value
    beside.get_by_label("Adresse e-mail").fill(cast.bob.email)
    beside.get_by_label("Mot de passe").fill(PASSWORD)
    beside.get_by_role("button", name="Se connecter").click()
    expect(beside).not_to_have_url(re.compile("/connexion/"))
    page.get_by_role("button", name="Envoyer l’incident").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    assert Attachment.objects.get(message__ticket__title=title).file.name == "plan.pdf"
