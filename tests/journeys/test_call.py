"""§2.5: somebody calls. The engineer finds them as they speak, types, and sends: keyboard alone."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from sla.enums import Severity
from tests.journeys.browsing import Windows
from tests.journeys.post import PostOffice, text_of
from tests.journeys.scene import Scene
from tickets.enums import Origin
from tickets.models import Ticket


def type_call(page: Page, title: str) -> None:
    """From the title, where the focus is, to the last field, by Tab and arrows."""
    keys = page.keyboard
    expect(page.get_by_label("Titre")).to_be_focused()
    keys.type(title)
    keys.press("Tab")
    expect(page.get_by_label("Produit")).to_be_focused()
    keys.type("Revit")
    keys.press("Tab")  # the site
    keys.press("Tab")  # the severities
    keys.press("Space")
    expect(page.locator("input[name=severity]:focus")).to_be_checked()
    keys.press("Tab")
    expect(page.get_by_label("Ce que dit le client")).to_be_focused()
    keys.type("Elle a redémarré, sans effet.")


def test_e14_a_call_from_the_number_to_the_mail_with_the_keyboard_alone(
    windows: Windows, scene: Scene, post: PostOffice
) -> None:
    title = "Le plan ne s’imprime plus, dit-elle au téléphone"
    page = windows.of(scene.cast.ines).open("/admin/incidents/appel/")
    expect(page.locator("#id_words")).to_be_focused()
    page.keyboard.type("acier")
    found = page.locator("[data-caller]")
    expect(found.nth(1)).to_be_visible()
    expect(page.locator("#appelants-dit")).to_have_text(re.compile("personnes trouvées"))

    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(found.nth(1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#id_words")).to_be_focused()
    page.keyboard.type(" alice")
    expect(found).to_have_count(1)
    page.keyboard.press("Enter")

    expect(page.locator("aside")).to_contain_text("Incidents ouverts")
    type_call(page, title)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".desk-messages")).to_contain_text("Appel enregistré")

    ticket = Ticket.objects.get(title=title)
    found_facts = (ticket.requester, ticket.origin, ticket.severity, ticket.product)
    assert found_facts == (scene.cast.alice, Origin.PHONE, Severity.BLOCKING, scene.revit)
    assert "noté par" in text_of(post.wait(scene.cast.alice, ticket.reference))


def test_e14_enter_before_the_list_has_come_asks_the_server(windows: Windows, scene: Scene) -> None:
    page = windows.of(scene.cast.ines).open("/admin/incidents/appel/")
    # What is typed and sent in one go: nothing of the list is waited for.
    page.locator("#id_words").evaluate("(field) => { field.value = 'charlie'; }")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Titre")).to_be_focused()
    expect(page.locator("aside")).to_contain_text("Béton Durand")


def test_e14_without_javascript_a_caller_is_found_too(windows: Windows, scene: Scene) -> None:
    window = windows.new(javascript=False)
    window.sign_in(scene.cast.ines.email)
    page = window.open("/admin/incidents/appel/")
    page.locator("#id_words").fill("acier")
    page.get_by_role("button", name="Chercher").click()
    page.get_by_role("link", name=re.compile("Alice")).click()
    expect(page.get_by_role("heading", name="Que se passe-t-il ?")).to_be_visible()
