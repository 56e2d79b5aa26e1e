"""Declaring and answering with the keyboard alone, and without JavaScript."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.factories.cast import Cast
from tests.factories.files import PDF
from tests.journeys.browsing import Windows, on_a_phone
from tests.journeys.post import PostOffice
from tests.journeys.test_declare import fill_declaration
from tickets.models import Message, Ticket

TABS = 60  # more than a form has stops


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is there, and visibly so."""
    for _ in range(TABS):
        page.keyboard.press("Tab")
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab never reaches {selector}")


def test_declaring_with_the_keyboard_alone(
    windows: Windows, cast: Cast, post: PostOffice, width: int
) -> None:
    # A list without lines: the way round the page does not grow with other journeys.
    page = windows.of(cast.alice).open("/incidents/?q=introuvable", width=width)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    tab_to(page, "a[href='/incidents/declarer/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/declarer/**")

    tab_to(page, "[name=product]")
    page.keyboard.type("Revit")
    tab_to(page, "[name=severity]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Space")
    tab_to(page, "[name=title]")
    page.keyboard.type(f"Au clavier seulement {width}")
    tab_to(page, "[name=body]")
    page.keyboard.type("Sans souris.")
    tab_to(page, "main form button[type=submit]")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Au clavier seulement {width}")
    ticket = Ticket.objects.get(title=f"Au clavier seulement {width}")
    assert ticket.product.name == "Revit"
    post.wait(cast.alice, ticket.reference, "Bien reçu")


def test_declaring_and_answering_without_javascript(
    windows: Windows, cast: Cast, width: int
) -> None:
    window = windows.new(javascript=False, width=width)
    window.come_in(cast.bob.email)
    page = window.open("/incidents/declarer/", width=width)
    title = f"Sans JavaScript {width}"
    expect(page.locator(".choice-due").first).to_contain_text("Prise en charge avant")
    fill_declaration(page, title)
    page.locator("input[type=file]").set_input_files(
        {"name": "plan.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    page.get_by_role("button", name="Envoyer l’incident").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    expect(page.locator(".thread")).to_contain_text("plan.pdf")

    page.get_by_label("Votre message").fill("Un détail de plus.")
    page.get_by_role("button", name="Envoyer").click()
    expect(page.locator(".thread")).to_contain_text("Un détail de plus.")
    assert Message.objects.filter(ticket__title=title).count() == 2


def test_c3_without_javascript_the_steps_are_told_and_a_refused_file_holds_the_form(
    windows: Windows, cast: Cast, width: int
) -> None:
    window = windows.new(javascript=False, width=width)
    window.sign_in(cast.bob.email)
    page = window.open("/incidents/declarer/", width=width)
    title = f"En deux étapes {width}"
    expect(page.locator(".declare-step")).to_contain_text("Étape 1 sur 2")
    fill_declaration(page, title)
    expect(page.locator(".declare-step")).to_contain_text("Étape 2 sur 2")
    answered = page.locator(".declare-answered > summary")
    expect(answered).to_contain_text(f"Revit · Bloquant · {title}")
    expect(page.get_by_label("Le problème en une phrase")).to_be_hidden()
    answered.click()
    expect(page.get_by_label("Le problème en une phrase")).to_have_value(title)
    answered.click()

    page.locator("input[type=file]").set_input_files(
        {"name": "virus.exe", "mimeType": "application/octet-stream", "buffer": b"MZ"}
    )
    page.get_by_role("button", name="Envoyer l’incident").click()
    expect(page.locator(".files-field")).to_contain_text("ce type de fichier n’est pas accepté")
    expect(page.locator(".files-field")).to_contain_text("envoyez de nouveau pour continuer sans")
    expect(page.get_by_label("Ce qui se passe")).not_to_be_empty()
    page.get_by_role("button", name="Envoyer l’incident").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def test_without_javascript_the_menu_of_a_phone_opens(windows: Windows, cast: Cast) -> None:
    window = windows.new(javascript=False, width=360)
    window.come_in(cast.bob.email)
    page = window.open("/", width=360)
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Incidents", exact=True).click()
    page.wait_for_url("**/incidents/")


@on_a_phone
def test_m_a_double_submit_makes_one_incident(windows: Windows, cast: Cast, width: int) -> None:
    """Without JavaScript nothing holds the second click back: the server must."""
    window = windows.new(javascript=False, width=width)
    window.come_in(cast.bob.email)
    page = window.open("/incidents/declarer/", width=width)
    title = f"Envoyé deux fois {width}"
    fill_declaration(page, title)
    page.get_by_role("button", name="Envoyer l’incident").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    assert Ticket.objects.filter(title=title).count() == 1


@on_a_phone
def test_with_javascript_a_double_click_makes_one_incident(
    windows: Windows, cast: Cast, width: int
) -> None:
    page = windows.of(cast.bob).open("/incidents/declarer/", width=width)
    title = f"Cliqué deux fois {width}"
    fill_declaration(page, title)
    page.get_by_role("button", name="Envoyer l’incident").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    assert Ticket.objects.filter(title=title).count() == 1
