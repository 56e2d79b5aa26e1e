"""The queue while somebody looks at it: by the keyboard alone, and kept up to date (E1, E2)."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from tests.factories.accounts import make_company, make_contact
from tests.factories.tickets import make_ticket
from tests.journeys.browsing import Scheme, Windows, violations
from tests.journeys.scene import Scene
from tickets import operations
from tickets.enums import Status
from tickets.models import Ticket

# Who comes back to the page makes it ask at once; by itself it would some seconds later.
ASK = "document.dispatchEvent(new Event('visibilitychange'))"
TO_TAKE = "/admin/?onglet=a-prendre"
# Where something is taken: its own incidents alone, nobody else's story.
OWN = f"{TO_TAKE}&q=suite"


@pytest.fixture
def hugo(windows: Windows, scene: Scene) -> Page:
    """An engineer's page on the incidents to take, as wide as a desk's screen."""
    # No more than are missing: a page of the queue holds fifty, other journeys' included.
    present = Ticket.objects.filter(title__startswith="À la suite", status=Status.DECLARED)
    for number in range(present.count(), 3):
        make_ticket(
            requester=scene.cast.alice, product=scene.revit, title=f"À la suite {number}",
            at=timezone.now(),
        )  # fmt: skip
    return windows.of(scene.hugo).open(TO_TAKE, width=1280)


def boxes(page: Page) -> Locator:
    return page.locator("#file [name=ticket]")


def references(page: Page) -> list[str]:
    found: list[str] = boxes(page).evaluate_all("boxes => boxes.map((box) => box.value)")
    return found


def focused(page: Page) -> str:
    """The reference of the line that has the focus; empty elsewhere."""
    found: str = page.evaluate(
        "document.activeElement.closest('#file tbody tr')?.querySelector('[name=ticket]').value"
        " ?? ''"
    )
    return found


def at(page: Page, reference: str) -> Locator:
    """What has the focus of who stands on the line of `reference`."""
    return page.locator(f"#file tr:has([value={reference}]) th a")


def test_e1_lines_are_walked_opened_and_selected_by_the_keyboard(hugo: Page) -> None:
    lines = references(hugo)
    hugo.keyboard.press("j")
    assert focused(hugo) == lines[0]
    hugo.keyboard.press("j")
    hugo.keyboard.press("ArrowDown")
    hugo.keyboard.press("k")
    assert focused(hugo) == lines[1]
    hugo.keyboard.press("x")
    expect(hugo.locator("[data-count]")).to_have_text("1 sélectionné")
    hugo.keyboard.press("Enter")
    expect(hugo).to_have_url(re.compile(f"/admin/incidents/{lines[1]}/"))


def test_e2_a_key_takes_the_line_in_charge_and_one_stays_in_place(hugo: Page) -> None:
    hugo.goto(OWN)
    lines = references(hugo)
    hugo.keyboard.press("j")
    hugo.keyboard.press("j")
    hugo.keyboard.press("p")
    expect(hugo.locator(".desk-messages")).to_contain_text("Vous avez pris en charge")
    assert lines[1] not in references(hugo)
    # The script puts one back on the line once the page that came is read.
    expect(at(hugo, lines[2])).to_be_focused()
    assert Ticket.objects.get(reference=lines[1]).assignee is not None


def test_e14_a_key_begins_a_call(hugo: Page) -> None:
    hugo.keyboard.press("a")
    expect(hugo).to_have_url(re.compile("/admin/incidents/appel/"))


def test_a_question_mark_shows_the_keys_and_they_can_be_switched_off(hugo: Page) -> None:
    hugo.keyboard.press("?")
    dialog = hugo.get_by_role("dialog", name="Raccourcis clavier")
    expect(dialog).to_contain_text("prendre en charge")
    dialog.get_by_label("Raccourcis d’une seule touche").uncheck()
    dialog.get_by_role("button", name="Fermer").click()
    hugo.keyboard.press("j")
    assert focused(hugo) == ""
    hugo.get_by_role("button", name="Raccourcis clavier").click()
    dialog.get_by_label("Raccourcis d’une seule touche").check()
    hugo.keyboard.press("Escape")
    hugo.keyboard.press("j")
    assert focused(hugo) != ""


def test_a_key_typed_in_a_field_is_a_letter(hugo: Page) -> None:
    field = hugo.get_by_role("searchbox")
    field.press_sequentially("jxp?")
    expect(field).to_have_value("jxp?")
    expect(hugo.get_by_role("dialog")).to_be_hidden()


def test_all_lines_are_selected_at_once(hugo: Page) -> None:
    hugo.get_by_role("checkbox", name="Tout sélectionner").check()
    number = boxes(hugo).count()
    expect(hugo.locator("[data-count]")).to_have_text(f"{number} sélectionnés")
    expect(boxes(hugo).last).to_be_checked()


def test_news_come_in_and_selection_focus_and_scrolling_stay(hugo: Page, scene: Scene) -> None:
    hugo.goto(OWN)
    # Four lines are higher than this.
    hugo.set_viewport_size({"width": 1280, "height": 300})
    lines = references(hugo)
    hugo.keyboard.press("j")
    hugo.keyboard.press("j")
    hugo.keyboard.press("x")
    hugo.evaluate("window.scrollTo(0, 120)")
    hugo.evaluate("window.stood = document.activeElement")
    taken = Ticket.objects.filter(title__startswith="À la suite", status=Status.DECLARED).latest(
        "pk"
    )
    operations.acknowledge(ticket_id=taken.pk, actor=scene.cast.ines, at=timezone.now())
    fresh = make_ticket(requester=scene.cast.alice, title="Juste arrivé, suite", at=timezone.now())
    hugo.evaluate(ASK)

    expect(hugo.get_by_role("link", name="Juste arrivé")).to_be_visible()
    expect(hugo.locator("[data-queue=news]")).to_contain_text("1 incident de plus")
    assert fresh.reference in references(hugo)
    assert taken.reference not in references(hugo)
    assert focused(hugo) == lines[1]
    assert hugo.evaluate("window.stood === document.activeElement")
    assert hugo.evaluate("window.scrollY") == 120
    expect(boxes(hugo).and_(hugo.locator(f"[value={lines[1]}]"))).to_be_checked()


def test_a_key_meant_for_a_line_that_has_gone_takes_no_other(hugo: Page, scene: Scene) -> None:
    hugo.goto(OWN)
    lines = references(hugo)
    hugo.keyboard.press("j")
    hugo.keyboard.press("j")
    taken = Ticket.objects.get(reference=lines[1])
    operations.acknowledge(ticket_id=taken.pk, actor=scene.cast.ines, at=timezone.now())
    # However slow the machine is: the key comes at the very instant at which the line goes.
    hugo.clock.set_fixed_time(timezone.now())
    hugo.evaluate(ASK)
    expect(boxes(hugo)).to_have_count(len(lines) - 1)
    expect(at(hugo, lines[2])).to_be_focused()
    hugo.keyboard.press("p")
    assert Ticket.objects.get(reference=lines[2]).assignee is None
    expect(hugo).to_have_url(re.compile("a-prendre"))


def test_a_page_left_open_says_that_its_session_has_ended(hugo: Page) -> None:
    # What a poll reads then (tests/tickets/test_queue_refresh.py).
    hugo.route(re.compile("/incidents/file/"), lambda route: route.fulfill(status=401))
    hugo.evaluate(ASK)
    expect(hugo.get_by_role("alert")).to_contain_text("Votre session est terminée")


def test_a_company_is_told_of_on_focus_and_goes_on_escape(hugo: Page, scene: Scene) -> None:
    company = make_company(name="Béton Tardif", alert_note="Prévenir Marc avant d’appeler.")
    make_ticket(requester=make_contact(company), title="Alerte à lire", at=timezone.now())
    hugo.goto(f"{TO_TAKE}&q=alerte")
    link = hugo.get_by_role("link", name="Béton Tardif")
    expect(link).to_contain_text("alerte")
    link.focus()
    card = hugo.get_by_role("tooltip")
    expect(card).to_contain_text("Prévenir Marc avant d’appeler.")
    expect(card).to_contain_text("aucun en cours")
    expect(link).to_have_attribute("aria-describedby", "fiche")
    hugo.keyboard.press("Escape")
    expect(card).to_be_hidden()
    hugo.get_by_role("link", name="Alerte à lire").focus()
    link.hover()
    expect(card).to_contain_text("Prévenir Marc avant d’appeler.")


def test_e16_a_filter_gets_a_name_and_is_one_click_away(hugo: Page) -> None:
    hugo.goto("/admin/?criticite=blocking")
    hugo.get_by_text("Enregistrer cette vue").click()
    hugo.get_by_label("Nom de la vue").fill("Bloquants du matin")
    hugo.get_by_label("Partager avec tout le support").check()
    hugo.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(hugo.locator(".desk-messages")).to_contain_text("enregistrée")
    hugo.goto("/admin/")
    hugo.get_by_text("Vues enregistrées").click()
    hugo.get_by_role("link", name="Bloquants du matin").click()
    expect(hugo.get_by_label("Filtres appliqués")).to_contain_text("Bloquant")
    hugo.get_by_text("Vue\u00a0: Bloquants du matin").click()
    hugo.get_by_role("link", name="Toutes les vues").click()
    hugo.get_by_text("Modifier Bloquants du matin").click()
    hugo.get_by_role("button", name="Supprimer Bloquants du matin").click()
    expect(hugo.locator(".desk-messages")).to_contain_text("supprimée")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_k_what_opens_above_the_queue_is_clean(
    hugo: Page, windows: Windows, scheme: Scheme
) -> None:
    hugo.goto("/admin/?criticite=blocking")
    hugo.get_by_text("Enregistrer cette vue").click()
    found = violations(hugo, scheme)
    hugo.keyboard.press("Escape")
    hugo.locator("#file tbody td:nth-child(4) > a").first.focus()
    expect(hugo.get_by_role("tooltip")).to_be_visible()
    found += violations(hugo, scheme)
    hugo.keyboard.press("?")
    expect(hugo.get_by_role("dialog")).to_be_visible()
    found += violations(hugo, scheme)
    # Axe's own styles, refused by the policy, are no fault of the page.
    windows.faults()
    assert found == []
