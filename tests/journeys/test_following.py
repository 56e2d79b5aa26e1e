"""The page of an incident while somebody types in it: news come in, nothing that is typed moves."""

from __future__ import annotations

import re

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from tests.factories.files import PNG
from tests.journeys.browsing import Windows, on_a_phone
from tests.journeys.scene import Scene
from tests.journeys.test_conversation import in_progress, open_workspace, write
from tickets import operations
from tickets.models import Ticket

# Who comes back to the page makes it ask at once; by itself it would some seconds later.
ASK = "document.dispatchEvent(new Event('visibilitychange'))"
_STILL = """() => {
  const [before, now] = [window.stoodAt, window.scrollY];
  window.stoodAt = now;
  return before === now;
}"""
TYPED = "Voici ce que je vois à l’écran"


def begin_to_answer(page: Page, ticket: Ticket) -> None:
    """Some words, some of them selected."""
    page.goto(ticket.get_absolute_url())
    field = page.get_by_label("Votre message")
    field.fill(TYPED)
    field.evaluate("(field) => { field.focus(); field.setSelectionRange(5, 11); }")
    # The browser brings it into view, gently.
    page.wait_for_function(_STILL, polling=200)


def selection(page: Page) -> list[object]:
    found: list[object] = page.evaluate(
        "() => { const f = document.activeElement;"
        " return [f.id, f.value, f.selectionStart, f.selectionEnd]; }"
    )
    return found


def test_an_answer_of_ours_appears_while_the_customer_types(
    ines: Page, alice: Page, scene: Scene, width: int
) -> None:
    ticket = in_progress(scene, f"En direct ({width})")
    begin_to_answer(alice, ticket)
    before = selection(alice)
    top = alice.evaluate("document.activeElement.getBoundingClientRect().top")

    open_workspace(ines, ticket)
    write(ines, "Réponse au client", "reply", "Essayez sans les greffons.", "Envoyer au client")
    expect(ines.locator(".desk-messages")).to_contain_text("le client la verra dans")
    # Its author can take it back until then.
    alice.wait_for_timeout(operations.TAKE_BACK.total_seconds() * 1000)
    alice.evaluate(ASK)

    expect(alice.locator(".thread")).to_contain_text("Essayez sans les greffons.")
    expect(alice.locator("#annonce")).to_contain_text("Nouveau message d’Inès")
    assert selection(alice) == before == ["id_body", TYPED, 5, 11]
    alice.wait_for_function(
        "(top) => Math.abs(document.activeElement.getBoundingClientRect().top - top) <= 1", arg=top
    )
    alice.evaluate(ASK)
    expect(alice.locator(".thread .entry-ours", has_text="Essayez sans")).to_have_count(1)

    alice.get_by_role("button", name="Envoyer").click()
    expect(alice.locator(".thread")).to_contain_text(TYPED)


def test_a_solution_does_not_take_the_place_of_a_reason_being_typed(
    alice: Page, scene: Scene, width: int
) -> None:
    ticket = in_progress(scene, f"Motif en cours ({width})")
    alice.goto(ticket.get_absolute_url())
    operations.resolve(
        ticket_id=ticket.pk, actor=scene.cast.ines, solution="Videz le cache.",
        at=ticket.last_event_at,
    )  # fmt: skip
    alice.evaluate(ASK)
    panel = alice.locator(".turn-panel")
    expect(panel).to_contain_text("Une solution vous est proposée")
    fold = panel.locator("details.reason-fold")
    fold.locator("summary").click()
    fold.get_by_role("textbox").fill("Le cache est vide.")
    operations.reopen(
        ticket_id=ticket.pk, actor=scene.cast.rejane, reason="Non.", at=ticket.last_event_at
    )
    alice.evaluate(ASK)
    expect(panel).to_contain_text("La page a changé depuis que vous avez commencé")
    expect(fold.get_by_role("textbox")).to_have_value("Le cache est vide.")
    fold.get_by_role("button", name="Refuser et rouvrir").click()
    # Said, not done, and not lost.
    expect(alice.locator("[data-errors]")).to_contain_text("relisez ce qui a changé")
    expect(alice.locator("main")).to_contain_text("Votre texte est repris ici")
    expect(alice.get_by_label("Votre message")).to_have_value("Le cache est vide.")


def test_an_open_ledger_stays_open_when_a_minute_passes(
    alice: Page, scene: Scene, width: int
) -> None:
    ticket = in_progress(scene, f"Décompte ouvert ({width})")
    alice.goto(ticket.get_absolute_url())
    fold = alice.locator("details.ledger-fold").last
    fold.locator("summary").click()
    expect(fold.locator("ol.ledger li").first).to_be_visible()
    watch = alice.locator("#suivi")
    version = watch.get_attribute("data-version") or ""
    # As if the page had been drawn a minute ago.
    before = re.sub(r"-(\d+)$", lambda found: f"-{int(found[1]) - 1}", version)
    watch.evaluate("(place, version) => { place.dataset.version = version; }", before)
    with alice.expect_response(re.compile("/depuis/")) as answer:
        alice.evaluate(ASK)
    assert answer.value.status == 200
    expect(watch).not_to_have_attribute("data-version", before)
    expect(fold.locator("ol.ledger li").first).to_be_visible()


@on_a_phone
def test_g5_a_session_that_ends_is_said_and_the_text_is_sent_after_all(
    windows: Windows, scene: Scene, width: int
) -> None:
    ticket = in_progress(scene, f"Session finie ({width})")
    window = windows.new(width=width)
    window.come_in(scene.cast.alice.email)
    page = window.open(ticket.get_absolute_url(), width=width)
    page.get_by_label("Votre message").fill(TYPED)
    key = next(c["value"] for c in window.context.cookies() if "session" in (c.get("name") or ""))
    Session.objects.filter(session_key=key).delete()
    page.evaluate(ASK)
    notice = page.locator("[data-live=ended]")
    expect(notice).to_contain_text("Votre session a expiré.")
    expect(page.get_by_label("Votre message")).to_have_value(TYPED)

    window.come_in(scene.cast.alice.email)
    page.bring_to_front()
    page.evaluate(ASK)
    expect(notice).to_be_hidden()
    page.get_by_role("button", name="Envoyer").click()
    expect(page.locator(".thread")).to_contain_text(TYPED)
    expect(page.locator(".alert-success")).to_contain_text("Message envoyé")


def test_a_colleague_is_put_in_copy_from_the_fold(alice: Page, scene: Scene, width: int) -> None:
    ticket = in_progress(scene, f"En copie ({width})")
    alice.goto(ticket.get_absolute_url())
    fold = alice.locator("details.copy-fold")
    fold.locator("summary").click()
    fold.get_by_role("combobox").select_option(label=scene.cast.rejane.full_name)
    fold.get_by_role("button", name="Ajouter").click()
    expect(alice.locator("#copies .people")).to_contain_text(scene.cast.rejane.full_name)


def test_the_file_is_printed_from_the_page(alice: Page, scene: Scene, width: int) -> None:
    ticket = in_progress(scene, f"Dossier ({width})")
    alice.goto(ticket.get_absolute_url())
    alice.get_by_role("link", name="Imprimer le dossier").click()
    expect(alice.get_by_role("heading", level=1)).to_contain_text(ticket.reference)
    alice.evaluate("window.print = () => { window.printed = true; }")
    alice.get_by_role("button", name="Imprimer ou enregistrer en PDF").click()
    assert alice.evaluate("window.printed")


@on_a_phone
@pytest.mark.parametrize("path", ["engagements/", "collegues/", "imprimer/"])
def test_without_javascript_every_part_is_a_page(
    windows: Windows, scene: Scene, width: int, path: str
) -> None:
    ticket = in_progress(scene, f"Sans script {path} ({width})")
    window = windows.new(javascript=False, width=width)
    window.come_in(scene.cast.alice.email)
    page = window.open(ticket.get_absolute_url(), width=width)
    if path == "imprimer/":
        page.get_by_role("link", name="Imprimer le dossier").click()
    else:
        kind = "ledger" if path == "engagements/" else "copy"
        fold = page.locator(f"details.{kind}-fold").first
        fold.locator("summary").click()
        fold.get_by_role("link").click()
    expect(page).to_have_url(re.compile(path))
    page.go_back()
    page.get_by_label("Votre message").fill(TYPED)
    page.locator("#repondre input[type=file]").set_input_files(
        {"name": "ecran.png", "mimeType": "image/png", "buffer": PNG}
    )
    page.get_by_role("button", name="Envoyer").click()
    expect(page.locator(".thread")).to_contain_text("ecran.png")
