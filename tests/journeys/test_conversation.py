"""§2.3: messages both ways, internal notes, « En attente client »."""

from __future__ import annotations

from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.factories.files import PNG
from tests.journeys.post import PostOffice, plain, text_of
from tests.journeys.scene import Scene
from tests.journeys.test_desk import declared
from tickets import operations
from tickets.models import Ticket

NOTE = "Ce client a déjà eu ce souci : voir avec Hugo."
AWAITED = "Merci d’envoyer le fichier journal.txt du poste."


def in_progress(scene: Scene, title: str) -> Ticket:
    """An incident of Alice's that Inès works on."""
    ticket = declared(scene, title)
    return operations.acknowledge(ticket_id=ticket.pk, actor=scene.cast.ines, at=timezone.now())


def open_workspace(page: Page, ticket: Ticket) -> None:
    page.goto(f"/admin/incidents/{ticket.reference}/")


def write(page: Page, tab: str, pane: str, text: str, button: str) -> None:
    """Fill one form of the composer and send it; all but two open with their fold."""
    form = page.locator(f"form.write-{pane}")
    if pane not in {"reply", "note"}:
        page.locator("#actes summary").filter(has_text=tab).click()
    form.get_by_role("textbox").first.fill(text)
    form.get_by_role("button", name=button).click()


def test_waiting_for_the_customer_then_the_answer(
    ines: Page, alice: Page, scene: Scene, post: PostOffice, width: int
) -> None:
    ticket = in_progress(scene, f"Attente et réponse ({width})")
    open_workspace(ines, ticket)
    write(ines, "Note interne", "note", NOTE, "Enregistrer la note")
    expect(ines.locator(".entry-note")).to_contain_text(NOTE)
    write(ines, "Attente client", "wait-customer", AWAITED, "Mettre en attente client")
    expect(ines.locator(".desk-messages")).to_contain_text("la résolution est suspendue")

    mail = text_of(post.wait(scene.cast.alice, ticket.reference, "Une réponse est attendue"))
    assert AWAITED in mail
    assert "Le délai de résolution est suspendu" in mail
    alice.goto(ticket.get_absolute_url())
    expect(alice.locator(".turn-panel")).to_contain_text(AWAITED)
    resolution = alice.locator(".clock").filter(has_text="Résolution")
    expect(resolution.locator(".clock-state")).to_have_text("suspendu")

    alice.get_by_label("Votre message").fill("Le voici.")
    alice.locator("#repondre input[type=file]").set_input_files(
        {"name": "journal.png", "mimeType": "image/png", "buffer": PNG}
    )
    alice.get_by_role("button", name="Envoyer").click()
    expect(alice.locator(".thread")).to_contain_text("journal.png")
    expect(resolution.locator(".clock-state")).to_have_text("en cours")
    seen = plain(alice.content())
    assert NOTE not in seen
    assert "note interne" not in seen.lower()

    told = text_of(post.wait(scene.cast.ines, ticket.reference, "Réponse du client"))
    assert "le délai de résolution court à nouveau" in told
    ines.reload()
    expect(ines.locator(".thread")).to_contain_text("journal.png")
    assert all(NOTE not in text_of(found) for found in post.to(scene.cast.alice))


def test_an_answer_of_ours_reaches_the_customer(
    ines: Page, alice: Page, scene: Scene, post: PostOffice, width: int
) -> None:
    ticket = in_progress(scene, f"Réponse du support ({width})")
    open_workspace(ines, ticket)
    write(ines, "Réponse au client", "reply", "Essayez sans les greffons.", "Envoyer au client")
    expect(ines.locator(".desk-messages")).to_contain_text("le client la verra dans")

    mail = text_of(post.wait(scene.cast.alice, ticket.reference, "Nouveau message"))
    assert "Essayez sans les greffons." in mail
    alice.goto(ticket.get_absolute_url())
    expect(alice.locator(".entry-ours")).to_contain_text("Essayez sans les greffons.")
