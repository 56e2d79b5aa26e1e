"""§2.1: a customer declares an incident."""

from __future__ import annotations

import re
import time

from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.factories.cast import Cast
from tests.factories.files import PDF
from tests.journeys.post import PostOffice, plain, text_of
from tickets.models import Ticket


def test_s16_both_deadlines_are_read_before_declaring(alice: Page, width: int) -> None:
    alice.goto("/incidents/declarer/")

    for card in alice.locator(".choice").all():
        expect(card).to_contain_text("Prise en charge avant")
        expect(card).to_contain_text("Résolution avant")


def test_declaring_gives_number_instant_deadlines_here_and_by_mail(
    alice: Page, cast: Cast, post: PostOffice, width: int
) -> None:
    title = f"La maquette ne s’ouvre plus ({width})"
    let_the_minute_begin()
    alice.goto("/incidents/declarer/")
    fill_declaration(alice, title)
    alice.locator("input[type=file]").set_input_files(
        {"name": "journal.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    promised = alice.locator(".choice", has_text="Bloquant").locator(".choice-due strong")
    promised_texts = [plain(text) for text in promised.all_inner_texts()]
    alice.get_by_role("button", name="Envoyer l’incident").click()

    expect(alice.get_by_role("heading", level=1)).to_have_text(title)
    reference = alice.locator(".trail .reference").inner_text()
    page = plain(alice.locator("main").inner_text())
    assert f"enregistré sous le numéro {reference}" in page
    assert "journal.pdf" in page
    assert re.search(r"Reçu .* à \d+ h \d\d", page)
    assert all(text in page for text in promised_texts)

    mail = text_of(post.wait(cast.alice, reference, "Bien reçu"))
    ticket = Ticket.objects.get(reference=reference)
    assert f"sous le numéro {reference}" in mail
    assert "Prise en charge" in mail
    assert "Résolution" in mail
    assert ticket.title == title


def let_the_minute_begin() -> None:
    """Promises are said to the minute: one that ends between the page and the click moves them."""
    second = timezone.now().second
    if second > 45:
        time.sleep(60 - second)


def fill_declaration(page: Page, title: str) -> None:
    """All that must be typed, « bloquant »; in two pages without JavaScript."""
    page.get_by_label("Logiciel concerné").select_option(label="Revit")
    page.get_by_label("Bloquant").check()
    page.get_by_label("Le problème en une phrase").fill(title)
    if page.get_by_role("button", name="Continuer").count():
        page.get_by_role("button", name="Continuer").click()
    page.get_by_label("Ce qui se passe").fill("Depuis ce matin, plus rien ne s’ouvre.")
