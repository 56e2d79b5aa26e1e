"""§2.4: resolve, refuse with a reason (a new cycle), resolve again, accept, reopen in time."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.journeys.post import PostOffice, text_of
from tests.journeys.scene import Scene
from tests.journeys.test_conversation import in_progress, open_workspace, write


def give_reason(page: Page, summary: str, reason: str, button: str) -> None:
    """Open the fold of an act, say why, do it."""
    fold = page.locator("details.reason-fold").filter(has_text=summary)
    fold.locator("summary").click()
    fold.get_by_role("textbox").fill(reason)
    fold.get_by_role("button", name=button).click()


def test_s9_refused_once_then_accepted(
    ines: Page, alice: Page, scene: Scene, post: PostOffice, width: int
) -> None:
    ticket = in_progress(scene, f"Refusée puis acceptée ({width})")
    open_workspace(ines, ticket)
    write(ines, "Résoudre", "resolve", "Videz le cache de Revit.", "Envoyer la solution")
    expect(ines.locator(".desk-messages")).to_contain_text("Solution envoyée")
    mail = text_of(post.wait(scene.cast.alice, ticket.reference, "Solution proposée"))
    assert "Videz le cache de Revit." in mail

    alice.goto(ticket.get_absolute_url())
    expect(alice.locator(".thread")).to_contain_text("Videz le cache de Revit.")
    give_reason(alice, "la refuser", "Le cache est vide, rien ne change.", "Refuser et rouvrir")
    expect(alice.locator(".thread")).to_contain_text("Vous avez refusé la solution")
    expect(alice.get_by_text("Engagements avant la réouverture")).to_be_visible()
    assert "rien ne change" in text_of(post.wait(scene.cast.ines, ticket.reference, "ouvert"))

    ines.reload()
    expect(ines.locator(".ticket-state")).to_contain_text("rouvert")
    ines.get_by_role("button", name="Prendre en charge").click()
    expect(ines.locator(".desk-messages")).to_contain_text("Vous avez pris en charge")
    write(ines, "Résoudre", "resolve", "Installez le correctif 2027.1.", "Envoyer la solution")
    expect(ines.locator(".desk-messages")).to_contain_text("Solution envoyée")

    alice.reload()
    alice.get_by_role("button", name="Accepter la solution").click()
    expect(alice.locator(".turn-panel h2")).to_contain_text("Incident clos")
    post.wait(scene.cast.ines, ticket.reference, "Solution acceptée")

    give_reason(alice, "Rouvrir l’incident", "Revenu aussitôt.", "Rouvrir l’incident")
    expect(alice.locator(".thread")).to_contain_text("Vous avez rouvert l’incident")
    expect(alice.locator(".turn-panel h2")).to_contain_text("attend sa prise en charge")
