"""§2.3, E6, G2–G4: an engineer's page of an incident while others act on it."""

from __future__ import annotations

from uuid import uuid4

from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.journeys.browsing import Windows
from tests.journeys.scene import Scene
from tests.journeys.test_conversation import in_progress, open_workspace
from tests.journeys.test_following import ASK
from tickets import operations
from tickets.enums import Sequel
from tickets.models import Canned, Ticket

TYPED = "Voici la marche à suivre"


def says(ticket: Ticket, scene: Scene, text: str) -> None:
    """Alice writes."""
    operations.post_message(
        ticket_id=ticket.pk, actor=scene.cast.alice, body=text, at=timezone.now(),
        form_token=uuid4(),
    )  # fmt: skip


def begin_to_answer(page: Page, ticket: Ticket) -> None:
    open_workspace(page, ticket)
    page.locator("form.write-reply textarea").fill(TYPED)


def test_g4_a_message_appears_while_the_answer_is_typed_and_must_be_read_first(
    ines: Page, scene: Scene, width: int
) -> None:
    ticket = in_progress(scene, f"Au même moment ({width})")
    begin_to_answer(ines, ticket)
    says(ticket, scene, "Inutile, c’est réglé.")
    ines.evaluate(ASK)
    expect(ines.locator("#fil")).to_contain_text("Inutile, c’est réglé.")
    expect(ines.locator("#annonce")).to_contain_text("Nouveau message d’Alice")
    expect(ines.locator("form.write-reply textarea")).to_have_value(TYPED)

    ines.get_by_role("button", name="Envoyer au client").click()
    expect(ines.locator("form.write-reply [data-errors]")).to_contain_text("Un message est arrivé")
    expect(ines.locator(".arrived")).to_contain_text("Inutile, c’est réglé.")
    expect(ines.locator("form.write-reply textarea")).to_have_value(TYPED)
    ines.get_by_role("button", name="Envoyer au client").click()
    expect(ines.locator(".desk-messages")).to_contain_text("le client la verra dans")


def test_e8_two_engineers_read_that_they_are_two(
    ines: Page, windows: Windows, scene: Scene, width: int
) -> None:
    ticket = in_progress(scene, f"Deux sur la page ({width})")
    open_workspace(ines, ticket)
    hugo = windows.of(scene.hugo).open(f"/admin/incidents/{ticket.reference}/", width=width)
    expect(hugo.locator("#presents")).to_contain_text(scene.cast.ines.full_name)
    hugo.locator("form.write-reply textarea").fill("Je réponds")
    hugo.evaluate(ASK)
    expect(hugo.locator("#suivi")).to_be_attached()
    ines.evaluate(ASK)
    expect(ines.locator("#presents")).to_contain_text(f"{scene.hugo.full_name} écrit en ce moment")


def test_an_act_opens_under_the_composer_and_waits_for_what_is_typed_elsewhere(
    ines: Page, scene: Scene, width: int
) -> None:
    ticket = in_progress(scene, f"Attente depuis le pli ({width})")
    begin_to_answer(ines, ticket)
    ines.locator("#actes summary").filter(has_text="Attente client").click()
    form = ines.locator("form.write-wait-customer")
    form.get_by_role("textbox").first.fill("Le journal.")
    says(ticket, scene, "Un détail.")
    ines.evaluate(ASK)
    expect(ines.locator("#fil")).to_contain_text("Un détail.")
    expect(form.get_by_role("textbox").first).to_have_value("Le journal.")
    expect(ines.locator("#actes [data-changed]")).to_contain_text("L’incident a changé")


def test_e7_an_answer_is_taken_back_and_the_customer_never_sees_it(
    ines: Page, alice: Page, scene: Scene, width: int
) -> None:
    ticket = in_progress(scene, f"Reprise en dix secondes ({width})")
    begin_to_answer(ines, ticket)
    ines.get_by_role("button", name="Envoyer au client").click()
    ines.get_by_role("button", name="Reprendre ma réponse").click()
    expect(ines.locator(".desk-messages")).to_contain_text("Réponse reprise")
    expect(ines.locator("form.write-reply textarea")).to_have_value(TYPED)
    expect(ines.locator(".entry-withdrawn")).to_contain_text("jamais montrée au client")
    alice.goto(ticket.get_absolute_url())
    expect(alice.locator(".thread")).to_contain_text("a pris l’incident en charge")
    expect(alice.locator(".thread")).not_to_contain_text(TYPED)


def test_e9_a_macro_by_the_keyboard_alone(ines: Page, scene: Scene, width: int) -> None:
    Canned.objects.get_or_create(
        name="Demander le journal",
        defaults={
            "body": "Bonjour {contact}, envoyez le journal.",
            "sequel": Sequel.WAIT_CUSTOMER,
            "reason": "Le journal de {produit}",
        },
    )
    ticket = in_progress(scene, f"Macro ({width})")
    begin_to_answer(ines, ticket)
    ines.locator(".canned-fold summary").press("Enter")
    ines.get_by_role("button", name="Demander le journal").press("Enter")
    text = ines.locator("form.write-reply textarea[name=body]")
    expect(text).to_have_value(f"{TYPED}\n\nBonjour {scene.cast.alice}, envoyez le journal.")
    expect(ines.locator(".sequel")).to_contain_text("mettre en attente client")
    ines.get_by_role("button", name="Envoyer au client").press("Enter")
    expect(ines.locator(".awaited")).to_contain_text("Le journal de Revit")
    expect(ines.locator(".ticket-state")).to_contain_text("En attente client")


def test_e23_a_known_solution_is_found_while_the_answer_stays(
    ines: Page, scene: Scene, width: int
) -> None:
    old = in_progress(scene, f"Le plan se ferme tout seul ({width})")
    operations.resolve(
        ticket_id=old.pk, actor=scene.cast.ines, solution="Videz le cache.", at=timezone.now()
    )
    ticket = in_progress(scene, f"Un plan perdu ({width})")
    begin_to_answer(ines, ticket)
    ines.locator("summary", has_text="Solutions connues").click()
    words = ines.locator("#solutions-q")
    # As fast as somebody types: htmx takes a moment to know a field that has just come.
    words.fill("")
    words.press_sequentially("tout seul", delay=40)
    expect(words).to_have_value("tout seul")
    expect(ines.locator(".solved").first).to_contain_text("Le plan se ferme tout seul")
    ines.locator(".solved summary").first.click()
    expect(ines.locator(".solved").first).to_contain_text("Videz le cache.")
    expect(ines.locator("form.write-reply textarea[name=body]")).to_have_value(TYPED)
