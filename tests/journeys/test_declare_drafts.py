"""Nothing typed is lost, and a newcomer declares from a phone without being told how."""

from __future__ import annotations

import re

from playwright.sync_api import FilePayload, Page, expect

from tests.factories.blog import make_article
from tests.factories.cast import Cast
from tests.factories.files import PNG
from tests.journeys.browsing import Window, Windows, on_a_phone, overflow, violations
from tests.journeys.scene import Scene
from tests.journeys.test_declare import fill_declaration
from tickets.models import Attachment, Copy, Draft, Ticket

PHOTO: FilePayload = {"name": "photo.png", "mimeType": "image/png", "buffer": PNG}
KEPT = re.compile(r"Enregistré à \d+\sh\s\d\d")


def of_bob(windows: Windows, cast: Cast, **facts: object) -> Window:
    window = windows.new(**facts)  # type: ignore[arg-type]  # the window's own keywords
    window.come_in(cast.bob.email)
    return window


def declare_with_a_photo(page: Page, title: str) -> None:
    """As somebody would who reads the page from top to bottom."""
    fill_declaration(page, title)
    page.locator("input[type=file]").set_input_files(PHOTO)
    page.get_by_role("button", name="Envoyer l’incident").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    assert Attachment.objects.get(message__ticket__title=title).file.name == "photo.png"


def test_a_newcomer_declares_with_a_photo_on_a_phone(windows: Windows, cast: Cast) -> None:
    page = of_bob(windows, cast, width=360).open("/", width=360)
    page.get_by_role("link", name="Déclarer un incident").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Déclarer un incident")
    assert overflow(page) <= 0
    declare_with_a_photo(page, "Photo depuis le chantier")


def test_a_newcomer_does_so_without_javascript(windows: Windows, cast: Cast) -> None:
    page = of_bob(windows, cast, width=360, javascript=False).open("/", width=360)
    page.get_by_role("link", name="Déclarer un incident").first.click()
    expect(page.get_by_label("Ce qui se passe")).to_be_hidden()
    declare_with_a_photo(page, "Photo sans JavaScript")
    assert "Photo sans JavaScript" not in {draft.title for draft in Draft.objects.all()}


def test_what_is_typed_is_kept_and_found_again_on_another_machine(
    windows: Windows, cast: Cast, width: int
) -> None:
    page = of_bob(windows, cast).open("/incidents/declarer/", width=width)
    title = f"Brouillon retrouvé {width}"
    page.get_by_label("Le problème en une phrase").fill(title)
    page.get_by_label("Ce qui se passe").fill("Je reprendrai demain.")
    expect(page.locator("[data-draft-text]")).to_have_text(KEPT)
    assert violations(page, "light") == []

    elsewhere = of_bob(windows, cast).open("/incidents/declarer/", width=width)
    offer = elsewhere.locator(".draft-row", has_text=title)
    offer.get_by_role("link", name="Le reprendre").click()
    expect(elsewhere.get_by_label("Ce qui se passe")).to_have_value("Je reprendrai demain.")
    fill_declaration(elsewhere, title)
    elsewhere.get_by_role("button", name="Envoyer l’incident").click()
    expect(elsewhere.get_by_role("heading", level=1)).to_have_text(title)
    assert title not in {draft.title for draft in Draft.objects.all()}


@on_a_phone
def test_a_reload_before_the_save_loses_nothing(windows: Windows, cast: Cast, width: int) -> None:
    page = of_bob(windows, cast).open("/incidents/declarer/", width=width)
    page.get_by_label("Ce qui se passe").fill("Tapé à l’instant.")
    page.reload()
    expect(page.get_by_label("Ce qui se passe")).to_have_value("Tapé à l’instant.")
    expect(page.locator("[data-draft-text]")).to_have_text(KEPT)
    Draft.objects.filter(person=cast.bob).delete()


@on_a_phone
def test_a_session_that_ended_is_said_and_the_text_stays(
    windows: Windows, cast: Cast, width: int
) -> None:
    window = of_bob(windows, cast)
    page = window.open("/incidents/declarer/", width=width)
    window.context.clear_cookies(name=re.compile("session"))
    page.get_by_label("Ce qui se passe").fill("Une longue réponse.")
    expect(page.locator("[data-draft-text]")).to_contain_text("Votre session a pris fin")
    expect(page.get_by_label("Ce qui se passe")).to_have_value("Une longue réponse.")


@on_a_phone
def test_a_lost_connection_is_said_and_the_text_stays(
    windows: Windows, cast: Cast, width: int
) -> None:
    window = of_bob(windows, cast)
    page = window.open("/incidents/declarer/", width=width)
    page.route("**/brouillon/**", lambda route: route.abort())
    page.get_by_label("Ce qui se passe").fill("Dans le train.")
    expect(page.locator("[data-draft-text]")).to_contain_text("Connexion perdue")
    page.unroute("**/brouillon/**")
    page.get_by_label("Ce qui se passe").fill("Dans le train, enfin sorti du tunnel.")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator("[data-draft-text]")).to_have_text(KEPT)
    Draft.objects.filter(person=cast.bob).delete()
    # The browser says so itself.
    window.faults()


def test_a_colleagues_incident_is_offered_and_followed(
    windows: Windows, scene: Scene, width: int
) -> None:
    cast = scene.cast
    title = f"Licence refusée au démarrage de Revit, poste {width}"
    page = windows.of(cast.alice).open("/incidents/declarer/", width=width)
    fill_declaration(page, title)
    page.get_by_role("button", name="Envoyer l’incident").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)

    page = of_bob(windows, cast).open("/incidents/declarer/", width=width)
    page.get_by_label("Logiciel concerné").select_option(label="Revit")
    page.get_by_label("Le problème en une phrase").press_sequentially(title[:40])
    offer = page.locator(".suggested .row-item", has_text=title)
    expect(offer).to_contain_text(cast.alice.full_name)
    assert overflow(page) <= 0
    assert violations(page, "dark") == []
    offer.get_by_role("button", name="Le suivre plutôt").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    assert Copy.objects.filter(ticket=Ticket.objects.get(title=title), user=cast.bob).exists()


@on_a_phone
def test_an_article_is_said_to_help_without_leaving_the_form(
    windows: Windows, scene: Scene, width: int
) -> None:
    make_article(title="Vider le cache des extensions IFC", author=scene.cast.ines)
    page = of_bob(windows, scene.cast).open("/incidents/declarer/", width=width)
    page.get_by_label("Le problème en une phrase").fill("Vider le cache des extensions IFC")
    page.get_by_role("button", name="Cet article m’a aidé").first.click()
    expect(page.get_by_text("Merci, votre avis est compté.")).to_be_visible()
    expect(page.get_by_label("Le problème en une phrase")).to_have_value(
        "Vider le cache des extensions IFC"
    )
